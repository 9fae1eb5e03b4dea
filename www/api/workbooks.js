/**
 * Excel workbooks: read by a WebAssembly file of its own, fetched when the first one comes. It calls nothing, and
 * every workbook gets a fresh instance, whose memory goes with it. The engine calls it (src/web/workbooks.rs); what
 * the numbers say stands in src/workbook/exports.rs.
 *
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {(length: number) => number} room
 * @property {() => number} output
 * @property {(mostBytes: number, mostStrings: number) => number} open
 * @property {(named: number) => number} choose
 * @property {() => number} next
 */

/** What the reader answers where a workbook is larger than the memory that there is. */
const TOO_LARGE = -1;

/** One workbook. */
class Reader {
  /** @type {Exports} */
  #exports;
  #length = 0;

  /** @param {WebAssembly.Instance} instance */
  constructor(instance) {
    this.#exports = /** @type {any} */ (instance.exports);
  }

  /** @param {Uint8Array} bytes whether there is room for them */
  #put(bytes) {
    const { memory, room } = this.#exports;
    const at = room(bytes.length) >>> 0;
    if (at === 0) return false;
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
    return true;
  }

  /** @param {number} answered */
  #answer(answered) {
    this.#length = Math.max(answered, 0);
    return answered;
  }

  /** @param {Uint8Array} bytes @param {number} mostBytes @param {number} mostStrings */
  open(bytes, mostBytes, mostStrings) {
    return this.#put(bytes) ? this.#answer(this.#exports.open(mostBytes, mostStrings)) : TOO_LARGE;
  }

  /** @param {string} [wanted] the sheet's name */
  choose(wanted) {
    if (wanted !== undefined && !this.#put(new TextEncoder().encode(wanted))) return TOO_LARGE;
    return this.#answer(this.#exports.choose(wanted === undefined ? 0 : 1));
  }

  next() {
    return this.#answer(this.#exports.next());
  }

  /** The last answer: it has to be copied before the next is asked for. */
  output() {
    const { memory, output } = this.#exports;
    return new Uint8Array(memory.buffer, output() >>> 0, this.#length);
  }
}

/** @param {string} base where the files of the program are */
async function fetched(base) {
  const response = await fetch(new URL('wasm/workbook/workbook.wasm', base));
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
 */
export async function workbookReader(base) {
  compiled ??= fetched(base);
  try {
    const module = await compiled;
    return new Reader(await WebAssembly.instantiate(module, nothing(module)));
  } catch (error) {
    // The next workbook may have more luck.
    compiled = undefined;
    throw error;
  }
}
