/** Compiles burn's own LSTM for the benchmark, with the project's toolchain, and makes its glue. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE } from '../../scripts/paths.mjs';
import { CARGO_PROGRESS, cargoProgress, run } from '../../scripts/run.mjs';
import { task } from '../../scripts/say.mjs';
import { WASM_TARGET, wasmBindgen, wasmToolchain } from '../../scripts/toolchain.mjs';

const CRATE = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'stock-burn');

/**
 * @param {boolean} webgpu with burn's WebGPU backend as well, which takes several times as long
 * @returns {Promise<string>} the folder with `stock_burn.js` and `stock_burn_bg.wasm`
 */
export async function buildStock(webgpu) {
  const toolchain = await wasmToolchain();
  await task(`Compiling burn's own LSTM${webgpu ? ' with WebGPU' : ''} with ${toolchain.name}`, (note) =>
    run(toolchain.cargo, ['build', '--release', '--locked', ...toolchain.flags, ...(webgpu ? ['--features', 'webgpu'] : [])], {
      cwd: CRATE,
      env: { ...toolchain.env, ...CARGO_PROGRESS },
      onLine: cargoProgress(note),
      otherwise: "burn's own LSTM did not compile.",
    }),
  );
  const folder = path.join(CACHE.bindgen, `stock-burn-${webgpu ? 'gpu' : 'cpu'}`);
  const wasm = path.join(CACHE.targetWasm, WASM_TARGET, 'release', 'stock_burn.wasm');
  await run(await wasmBindgen(), ['--target', 'web', '--no-typescript', '--out-dir', folder, '--out-name', 'stock_burn', wasm], {
    otherwise: "wasm-bindgen could not make the glue of burn's own LSTM.",
  });
  return folder;
}
