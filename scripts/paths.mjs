/** Where things lie: the checkout, and the folder for what is costly to make again. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** What is built, ready for any static host. */
export const DIST = path.join(ROOT, 'dist');

const outside = process.env.CHANNELWISE_CACHE;

/** `CHANNELWISE_CACHE` keeps compiled dependencies outside the checkout, so that a fresh clone finds them. */
export const CACHE = outside
  ? {
      targetNative: path.resolve(outside, 'target-native'),
      targetWasm: path.resolve(outside, 'target-wasm'),
      bindgen: path.resolve(outside, 'bindgen'),
      tools: path.resolve(outside, 'tools'),
    }
  : {
      targetNative: path.join(ROOT, 'target'),
      targetWasm: path.join(ROOT, 'target', 'wasm'),
      bindgen: path.join(ROOT, 'target', 'bindgen'),
      tools: path.join(ROOT, '.tools'),
    };
