/**
 * Spoiled and arbitrary bytes through every reader of files, for a minute each or as long as asked:
 * `npm run fuzz -- 3600`. `npm test` does the same for less than a second each.
 */
import { spawnSync } from 'node:child_process';

const seconds = Number(process.argv[2] ?? 60);
if (!(seconds > 1)) throw new Error('Give the seconds for each reader, more than 1.');
const { status } = spawnSync('cargo', ['test', '--test', 'ingest_any_bytes', '--no-fail-fast'], {
  stdio: 'inherit',
  env: { ...process.env, CHANNELWISE_FUZZ_SECONDS: String(seconds) },
});
process.exitCode = status ?? 1;
