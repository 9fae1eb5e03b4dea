/**
 * Looks into a WebAssembly module for a costly mistake that nothing else shows.
 *
 * Where nobody calls `__wasm_call_ctors`, wasm-ld takes the module for a command that starts anew at each
 * call and puts a wrapper before every export: a function that calls the constructors, hands its arguments
 * on, and returns. Registrations then repeat on every call from JavaScript, which cost a factor of 1.3 to 6.
 * Names are stripped from our files, so the wrappers are known by their shape: a function that begins by
 * calling some F: () -> (), then loads all its parameters in order, calls one other function, and ends;
 * and several exports share one F.
 */

const OPCODE = { end: 0x0b, call: 0x10, localGet: 0x20 };
const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 };
const IMPORT = { function: 0, table: 1, memory: 2, global: 3, tag: 4 };

/** Reads the numbers of the binary format one after another. */
class Reader {
  /** @param {Uint8Array} bytes @param {number} [at] */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new Error('The module ends too early.');
    return value;
  }

  /** An unsigned LEB128 number. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  skipName() {
    const length = this.number();
    this.at += length;
  }

  /** Limits of a table or memory. */
  skipLimits() {
    const flags = this.number();
    this.number();
    if (flags & 1) this.number();
  }
}

/** @typedef {{ parameters: number, results: number }} Signature */

/** @param {Reader} reader @returns {Signature[]} */
function readTypes(reader) {
  return Array.from({ length: reader.number() }, () => {
    if (reader.byte() !== 0x60) throw new Error('A type that is no function.');
    const parameters = reader.number();
    reader.at += parameters;
    const results = reader.number();
    reader.at += results;
    return { parameters, results };
  });
}

/** The types of the imported functions. @param {Reader} reader */
function readImports(reader) {
  /** @type {number[]} */
  const types = [];
  for (let left = reader.number(); left > 0; left--) {
    reader.skipName();
    reader.skipName();
    const kind = reader.byte();
    if (kind === IMPORT.function) types.push(reader.number());
    else if (kind === IMPORT.table) {
      reader.byte();
      reader.skipLimits();
    } else if (kind === IMPORT.memory) reader.skipLimits();
    else if (kind === IMPORT.global) reader.at += 2;
    else if (kind === IMPORT.tag) {
      reader.byte();
      reader.number();
    } else throw new Error(`An import of unknown kind ${kind}.`);
  }
  return types;
}

/** The indices of the exported functions. @param {Reader} reader */
function readExports(reader) {
  /** @type {Set<number>} */
  const functions = new Set();
  for (let left = reader.number(); left > 0; left--) {
    reader.skipName();
    const kind = reader.byte();
    const index = reader.number();
    if (kind === IMPORT.function) functions.add(index);
  }
  return functions;
}

/**
 * What a wrapper calls first, or `undefined` for a body that isn't shaped like one.
 * @param {Reader} reader at the body's local declarations
 * @param {number} parameters how many the function takes
 */
function calledFirst(reader, parameters) {
  if (reader.number() !== 0 || reader.byte() !== OPCODE.call) return undefined;
  const first = reader.number();
  for (let i = 0; i < parameters; i++) {
    if (reader.byte() !== OPCODE.localGet || reader.number() !== i) return undefined;
  }
  if (reader.byte() !== OPCODE.call) return undefined;
  reader.number();
  return reader.byte() === OPCODE.end ? first : undefined;
}

/**
 * The names of what a module imports.
 * @param {Uint8Array} module
 */
export function importNames(module) {
  return WebAssembly.Module.imports(new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (module))).map(({ name }) => name);
}

/**
 * The share of a module's exported functions that are shaped like wasm-ld's command wrappers around one
 * and the same constructor call: next to none where constructors run once, nearly all otherwise.
 * @param {Uint8Array} module
 * @returns {number} 0 to 1
 */
export function commandWrapperShare(module) {
  const reader = new Reader(module, 8);
  /** @type {Signature[]} */
  let types = [];
  /** @type {number[]} */
  let functions = [];
  let imported = 0;
  /** @type {Set<number>} */
  let exported = new Set();
  /** @type {Map<number, number>} */
  const wrappers = new Map();
  const signature = (/** @type {number} */ index) => types[functions[index] ?? -1];
  while (reader.at < module.length) {
    const id = reader.byte();
    const length = reader.number();
    const end = reader.at + length;
    if (id === SECTION.type) types = readTypes(reader);
    else if (id === SECTION.import) functions = readImports(reader);
    else if (id === SECTION.function) {
      imported = functions.length;
      for (let left = reader.number(); left > 0; left--) functions.push(reader.number());
    } else if (id === SECTION.export) exported = readExports(reader);
    else if (id === SECTION.code) {
      const count = reader.number();
      for (let index = imported; index < imported + count; index++) {
        const next = reader.number() + reader.at;
        const first = exported.has(index) ? calledFirst(reader, signature(index)?.parameters ?? 0) : undefined;
        const called = first === undefined ? undefined : signature(first);
        if (first !== undefined && called?.parameters === 0 && called.results === 0) {
          wrappers.set(first, (wrappers.get(first) ?? 0) + 1);
        }
        reader.at = next;
      }
    }
    reader.at = end;
  }
  return Math.max(0, ...wrappers.values()) / Math.max(1, exported.size);
}
