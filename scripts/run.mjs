/** Starting other programs. They never get our standard input: nothing may wait for an answer. */
import { spawn } from 'node:child_process';
import { Told } from './say.mjs';

/**
 * @typedef {object} RunOptions
 * @property {Record<string, string | undefined>} [env] laid over our own environment; `undefined` removes a variable
 * @property {string} [cwd]
 * @property {number} [timeout] milliseconds, after which the program is ended
 * @property {(line: string) => void} [onLine] called for each line (or rewritten line) of output as it comes
 * @property {boolean} [show] passes the output through to ours as well
 */

/** @typedef {{ code: number, output: string, stdout: string, timedOut: boolean }} Finished */

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill();
});
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

/**
 * Runs a program to its end, whatever its exit status; 127 where there is no such program.
 * @param {string} program
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Finished>}
 */
export function attempt(program, args, { env = {}, cwd, timeout, onLine, show = false } = {}) {
  return new Promise((resolve) => {
    const merged = { ...process.env, ...env };
    for (const name of Object.keys(merged)) if (merged[name] === undefined) delete merged[name];
    const child = spawn(program, args, { cwd, env: merged, stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    /** @type {Buffer[]} */
    const all = [];
    /** @type {Buffer[]} */
    const out = [];
    let pending = '';
    let timedOut = false;
    const clock = timeout
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, timeout)
      : undefined;
    const take = (/** @type {Buffer} */ chunk) => {
      all.push(chunk);
      if (show) process.stdout.write(chunk);
      if (!onLine) return;
      const lines = (pending + chunk.toString()).split(/[\r\n]+/);
      pending = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    };
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
      out.push(chunk);
      take(chunk);
    });
    child.stderr.on('data', take);
    const finish = (/** @type {number} */ code, /** @type {string} */ extra) => {
      clearTimeout(clock);
      children.delete(child);
      if (onLine && pending) onLine(pending);
      const output = Buffer.concat(all).toString() + extra;
      resolve({ code, output, stdout: Buffer.concat(out).toString(), timedOut });
    };
    child.on('error', (error) => finish(127, error.message));
    child.on('close', (code, signal) => finish(code ?? 1, signal ? `\n${program} was ended by ${signal}.\n` : ''));
  });
}

/**
 * Runs a program that has to succeed.
 * @param {string} program
 * @param {string[]} args
 * @param {RunOptions & { otherwise?: string }} [options] `otherwise` is the sentence to say where it fails
 * @returns {Promise<Finished>}
 */
export async function run(program, args, { otherwise, ...options } = {}) {
  const finished = await attempt(program, args, options);
  if (finished.code !== 0) {
    throw new Told(otherwise ?? `\`${[program, ...args].join(' ')}\` failed.`, options.show ? '' : finished.output);
  }
  return finished;
}

/**
 * What a program prints for `args`, trimmed; `undefined` where it can't be run or fails.
 * @param {string} program
 * @param {string[]} args
 */
export async function ask(program, args) {
  const finished = await attempt(program, args, { timeout: 30_000 });
  return finished.code === 0 ? finished.stdout.trim() : undefined;
}

/**
 * Reads cargo's progress bar, for which `CARGO_PROGRESS` asks where there is no terminal either.
 * @param {(text: string) => void} note
 * @returns {(line: string) => void}
 */
export function cargoProgress(note) {
  return (line) => {
    const bar = /\] (\d+)\/(\d+)/.exec(line);
    if (bar) {
      const left = Number(bar[2]) - Number(bar[1]);
      note(left <= 1 ? 'the last of it, which takes longest' : `${bar[1]} of ${bar[2]} parts`);
    } else if (/Blocking waiting for file lock/.test(line)) {
      note('waiting for another build to end');
    }
  };
}

/** @type {Record<string, string>} */
export const CARGO_PROGRESS = {
  CARGO_TERM_PROGRESS_WHEN: 'always',
  CARGO_TERM_PROGRESS_WIDTH: '100',
  CARGO_TERM_COLOR: 'never',
};

/** Takes cargo's progress bars out of what it printed. @param {string} output */
export function withoutProgress(output) {
  return output
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1).replace(/\x1b\[K/g, ''))
    .filter((line) => !/^\s*Building \[/.test(line))
    .join('\n');
}
