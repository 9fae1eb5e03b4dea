/**
 * Which devices this browser offers.
 *
 * @typedef {import('./types').DeviceProbe} DeviceProbe
 */
import { base } from './channel.js';

/** A wasm module whose one function holds a SIMD instruction: valid only where SIMD is there. */
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/**
 * @typedef {{ available: true; name: string; software: boolean } | { available: false; code: string; reason: string }} Adapter
 */

/** Looks for a GPU adapter that burn can train on. @returns {Promise<Adapter>} */
export async function findAdapter() {
  const gpu = /** @type {any} */ (navigator).gpu;
  if (!gpu) return { available: false, code: 'no-webgpu', reason: 'This browser has no WebGPU.' };
  let adapter;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch {
    return { available: false, code: 'webgpu-refused', reason: 'The browser refused WebGPU.' };
  }
  if (!adapter) return { available: false, code: 'no-adapter', reason: 'The browser has WebGPU, but no GPU adapter.' };
  // burn's runtime panics on a device without timestamps (cubecl-wgpu 0.11), so such a GPU is not used.
  if (!adapter.features.has('timestamp-query')) {
    const reason = 'The GPU adapter lacks timestamp queries, which training needs.';
    return { available: false, code: 'no-timestamps', reason };
  }
  const info = adapter.info ?? {};
  const name = info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'GPU';
  const software = Boolean(info.isFallbackAdapter ?? adapter.isFallbackAdapter)
    || /swiftshader|llvmpipe|software|basic render/i.test(`${name} ${info.device ?? ''} ${info.architecture ?? ''}`);
  return { available: true, name, software };
}

/** Whether the WebGPU half is there: a server may still be building it. @returns {Promise<boolean>} */
export async function gpuBuildReady() {
  try {
    const answer = await fetch(new URL('wasm/status.json', base), { cache: 'no-store' });
    return answer.ok && (await answer.json()).gpu === 'ready';
  } catch {
    return false;
  }
}

/** @returns {Promise<DeviceProbe>} */
export async function probeDevices() {
  const adapter = await findAdapter();
  return {
    webgpu: adapter.available
      ? {
          available: true,
          name: adapter.name,
          ...(adapter.software && { reasonCode: 'software-adapter', reason: 'This is a software adapter: the CPU is faster.' }),
        }
      : { available: false, reasonCode: adapter.code, reason: adapter.reason },
    cpu: { simd: WebAssembly.validate(SIMD_MODULE) },
  };
}
