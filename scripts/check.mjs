/** `npm run check`: what takes seconds once the dependencies are compiled, for use while writing. */
import { parseArgs } from 'node:util';

parseArgs({ options: {} });
process.argv.push('--only', 'fmt,crates,types,unit,clippy');
await import('./test.mjs');
