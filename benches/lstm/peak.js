// @ts-nocheck: what a WebAssembly module exports has no type.
/** What one thread of WebAssembly can multiply and add at most: twelve independent chains of four numbers. */

const CHAINS = 12;

/** An unsigned number as LEB128. */
function leb(value) {
  const bytes = [];
  do {
    const byte = value & 0x7f;
    value >>>= 7;
    bytes.push(value ? byte | 0x80 : byte);
  } while (value);
  return bytes;
}

const section = (id, bytes) => [id, ...leb(bytes.length), ...bytes];
const simd = (opcode) => [0xfd, ...leb(opcode)];
const splat = (value) => [0x43, ...new Uint8Array(new Float32Array([value]).buffer), ...simd(0x13)];

/** `run(n: i32) -> f32`: n rounds of `chain = chain · a + b` for every chain. */
function program() {
  const [a, b] = [1, 2];
  const chain = (at) => 3 + at;
  const body = [...splat(0.999), 0x21, a, ...splat(0.001), 0x21, b];
  for (let at = 0; at < CHAINS; at++) body.push(...splat(at + 1), 0x21, chain(at));
  body.push(0x03, 0x40);
  for (let at = 0; at < CHAINS; at++) body.push(0x20, chain(at), 0x20, a, ...simd(0xe6), 0x20, b, ...simd(0xe4), 0x21, chain(at));
  // n − 1, and round again unless it is 0.
  body.push(0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b);
  body.push(0x20, chain(0));
  for (let at = 1; at < CHAINS; at++) body.push(0x20, chain(at), ...simd(0xe4));
  body.push(...simd(0x1f), 0, 0x0b);
  const locals = [1, ...leb(2 + CHAINS), 0x7b];
  const code = [...locals, ...body];
  return new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, 0x72, 0x75, 0x6e, 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

/** Thousand millions of multiplications and additions a second: the best of five. */
export async function simdPeak() {
  const { instance } = await WebAssembly.instantiate(program());
  const run = instance.exports.run;
  const rounds = 20_000_000;
  run(rounds / 10);
  let best = Infinity;
  for (let repeat = 0; repeat < 5; repeat++) {
    const started = performance.now();
    run(rounds);
    best = Math.min(best, performance.now() - started);
  }
  return (rounds * CHAINS * 8) / (best * 1e6);
}
