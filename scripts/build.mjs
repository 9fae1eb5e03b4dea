/**
 * `npm run build`: dist/, to be copied to any static host, under any path.
 *
 *   npm run build -- --cpu   without the GPU half
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';
import { checkNode, ensureNodeModules } from './packages.mjs';
import { DIST } from './paths.mjs';
import { command, say } from './say.mjs';
import { makeWasm, writeStatus } from './wasm.mjs';

command(async () => {
  checkNode();
  const { values } = parseArgs({ options: { cpu: { type: 'boolean' } } });
  await ensureNodeModules();
  await bundle();
  await makeWasm('cpu');
  if (values.cpu) await rm(path.join(DIST, 'wasm', 'gpu'), { recursive: true, force: true });
  else await makeWasm('gpu');
  await writeStatus({ cpu: 'ready', gpu: values.cpu ? 'absent' : 'ready' });
  say('dist/ is complete.');
});
