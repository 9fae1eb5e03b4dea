/** What the commands tell the person at the terminal: lines that stay, and one that moves. */

const terminal = process.stdout.isTTY === true && !process.env.CI;
/** How often a long task without a terminal says that it is still at work. */
const HEARTBEAT_MS = 20_000;

/** @type {Map<symbol, { title: string, note: string, since: number }>} */
const running = new Map();
/** @type {NodeJS.Timeout | undefined} */
let timer;

/** An error whose message is all that needs to be said: no stack is shown. */
export class Told extends Error {
  /**
   * @param {string} message one clear sentence
   * @param {string} [output] what the failing tool printed
   */
  constructor(message, output) {
    super(message);
    this.name = 'Told';
    this.output = output;
  }
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Prints a line that stays. @param {string} text */
export function say(text) {
  if (terminal && running.size > 0) process.stdout.write('\r\x1b[K');
  process.stdout.write(`${text}\n`);
}

function describeRunning() {
  const now = Date.now();
  return [...running.values()]
    .map(({ title, note, since }) => `${title}${note ? `: ${note}` : ''} (${duration(now - since)})`)
    .join(' | ');
}

function beat() {
  if (running.size === 0) return;
  if (terminal) {
    const width = process.stdout.columns ?? 80;
    process.stdout.write(`\r\x1b[K${describeRunning().slice(0, width - 1)}`);
  } else {
    process.stdout.write(`  … ${describeRunning()}\n`);
  }
}

/**
 * Runs `work` under a title: says that it is at work while it lasts, and how long it took.
 * @template T
 * @param {string} title
 * @param {(note: (text: string) => void) => Promise<T>} work its argument replaces the note beside the title
 * @returns {Promise<T>}
 */
export async function task(title, work) {
  const key = Symbol(title);
  const entry = { title, note: '', since: Date.now() };
  if (!terminal) say(`${title} …`);
  running.set(key, entry);
  timer ??= setInterval(beat, terminal ? 500 : HEARTBEAT_MS);
  const end = (/** @type {string} */ mark) => {
    if (terminal) process.stdout.write('\r\x1b[K');
    running.delete(key);
    if (running.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    say(`${mark} ${title} (${duration(Date.now() - entry.since)})`);
  };
  try {
    const result = await work((text) => {
      entry.note = text;
    });
    end('✓');
    return result;
  } catch (error) {
    end('✗');
    throw error;
  }
}

/** How many lines of a failing tool's output are shown. */
const SHOWN_LINES = 200;

/** Prints an error for a person: a sentence where we have one, the stack where we don't. @param {unknown} error */
export function complain(error) {
  if (error instanceof Told) {
    if (error.output) say(error.output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n'));
    say(error.message);
  } else {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/** Runs a command's main function and turns what it throws into an exit status. @param {() => Promise<void>} main */
export async function command(main) {
  try {
    await main();
  } catch (error) {
    complain(error);
    process.exit(1);
  }
}
