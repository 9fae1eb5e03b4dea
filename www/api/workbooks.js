/**
 * Excel workbooks: read by a WebAssembly file of its own, fetched when the first one comes. It calls nothing, and
 * every workbook gets a fresh instance, whose memory goes with it. The engine calls it (src/web/workbooks.rs); what
 * the numbers say stands in src/workbook/exports.rs.
 *
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {(length: number) => number} room
 * @property {() => number} format
 * @property {() => number} output
 * @property {(mostBytes: number, mostStrings: number) => number} open
 * @property {(named: number) => number} choose
 * @property {() => number} next
 */

/** What the reader answers where a workbook is larger than the memory that there is. */
const TOO_LARGE = -1;
/** A trap with so much memory in use is one for want of more. */
const FULL_BYTES = 2 ** 30;
/** How long the reader is waited for. */
const PATIENCE_MS = 120_000;

/** One workbook. */
class Reader {
  /** @type {Exports} */
  #exports;
  #length = 0;

  /** @param {WebAssembly.Instance} instance */
  constructor(instance) {
    this.#exports = /** @type {any} */ (instance.exports);
  }

  /** In which form it hands out cells. */
  format() {
    return this.#exports.format();
  }

  /** @param {Uint8Array} bytes @returns {number} 0, or that there is no room for them */
  put(bytes) {
    const { memory, room } = this.#exports;
    const at = room(bytes.length) >>> 0;
    if (at === 0) return TOO_LARGE;
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
    return 0;
  }

  /** @param {() => number} work */
  #answer(work) {
    try {
      const answered = work();
      this.#length = Math.max(answered, 0);
      return answered;
    } catch (error) {
      if (this.#exports.memory.buffer.byteLength >= FULL_BYTES) return TOO_LARGE;
      throw error;
    }
  }

  /** @param {number} mostBytes @param {number} mostStrings */
  open(mostBytes, mostStrings) {
    return this.#answer(() => this.#exports.open(mostBytes, mostStrings));
  }

  /** @param {string} [wanted] the sheet's name */
  choose(wanted) {
    if (wanted !== undefined && this.put(new TextEncoder().encode(wanted)) < 0) return TOO_LARGE;
    return this.#answer(() => this.#exports.choose(wanted === undefined ? 0 : 1));
  }

  next() {
    return this.#answer(() => this.#exports.next());
  }

  /** The last answer: it has to be copied before the next is asked for. */
  output() {
    const { memory, output } = this.#exports;
    return new Uint8Array(memory.buffer, output() >>> 0, this.#length);
  }
}

/** @param {string} base where the files of the program are @param {AbortSignal} signal */
async function fetched(base, signal) {
  const response = await fetch(new URL('wasm/workbook/workbook.wasm', base), { signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]) });
  if (!response.ok) throw new TypeError(`${new URL(response.url).pathname}: ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
}

/**
 * In place of what the module names and never calls (wasm-bindgen leaves a name behind).
 * @param {WebAssembly.Module} module
 */
function nothing(module) {
  const never = () => {
    throw new TypeError('The reader of workbooks calls nothing.');
  };
  /** @type {WebAssembly.Imports} */
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = never;
  return imports;
}

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;

/**
 * A reader for one workbook.
 * @param {string} base where the files of the program are
 * @param {AbortSignal} signal of the call that waits for it
 */
export async function workbookReader(base, signal) {
  compiled ??= fetched(base, signal);
  try {
    const module = await compiled;
    return new Reader(await WebAssembly.instantiate(module, nothing(module)));
  } catch (error) {
    // The next workbook may have more luck.
    compiled = undefined;
    throw error;
  }
}
