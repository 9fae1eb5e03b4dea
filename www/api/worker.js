/**
 * The worker: loads one WebAssembly file, makes its engine (or trainer), and answers commands one at a
 * time. Signals are heard between the turns of a running job.
 *
 * @typedef {import('./protocol').Command} Command
 * @typedef {import('./protocol').Answer} Answer
 * @typedef {import('./protocol').Failure} Failure
 */
import { ChannelwiseError } from './errors.js';
import { isParquet } from './parquet-mark.js';
import { workbookReader } from './workbooks.js';

/** @type {any} the wasm-bindgen module */
let wasm;
/** @type {any} */
let engine;
/** @type {any} */
let trainer;

/** Where the files of the program are. */
let place = '';

/** Jobs by the id of their command, made as soon as the command arrives so that a signal finds them.
 * @type {Map<number, any>} */
const jobs = new Map();

/** What tells JavaScript that a call was given up while it waits or is itself at work. @type {Map<number, AbortController>} */
const controls = new Map();

/** @type {Promise<void>} */
let queue = Promise.resolve();

/**
 * @param {Answer} answer
 * @param {Transferable[]} [transfer]
 */
function post(answer, transfer = []) {
  postMessage(answer, { transfer });
}

/**
 * @param {string} base
 * @param {string} build
 */
async function open(base, build) {
  place = base;
  const folder = new URL(`wasm/${build}/`, base);
  wasm = await import(/* webpackIgnore: true */ new URL('channelwise.js', folder).href);
  await wasm.default({ module_or_path: new URL('channelwise_bg.wasm', folder) });
  engine = new wasm.Engine();
}

/**
 * What the engine can read of a file: itself, or the rows of a Parquet file as text.
 * @param {Blob} source
 * @param {(progress: any) => void} report
 * @param {number} id of the call
 */
async function readable(source, report, id) {
  if (!(await isParquet(source))) return { text: source, parquet: false };
  const { parquetToCsv } = await import('./parquet.js').catch((error) => {
    throw new ChannelwiseError(
      'reader-not-loaded',
      'The part of Channelwise that reads such files could not be loaded. What was loaded before is still there.',
      String(error),
    );
  });
  return { text: await parquetToCsv(source, report, () => controls.get(id)?.signal.aborted ?? false), parquet: true };
}

/** @type {{ [Name in import('./protocol').CallName]: (args: any, job: any, report: (progress: any) => void, id: number) => unknown }} */
const calls = {
  load: async ({ source, options }, job, report, id) => {
    const { text, parquet } = await readable(source, report, id);
    const summary = await engine.load(text, options, job, report);
    return parquet ? { ...summary, format: 'parquet', bytes: source.size } : summary;
  },
  look: async ({ source, options }, job, report, id) => {
    const file = source && (await readable(source, report, id));
    const seen = await engine.look(file?.text, options, job, report);
    return file?.parquet ? { ...seen, table: { ...seen.table, format: 'parquet', bytes: source.size } } : seen;
  },
  join: async ({ source, options }, job, report, id) =>
    engine.join(source && (await readable(source, report, id)).text, options, job, report),
  unjoin: () => engine.unjoin(),
  costs: async ({ source, options }, job, report, id) =>
    engine.costs(source && (await readable(source, report, id)).text, options, job, report),
  describe: ({ options }) => engine.describe(options),
  prepare: ({ options, testRows }, job, report) => engine.prepare(options, testRows, job, report),
  train: ({ options, deviceReason }, job, report) => engine.train(options, deviceReason, job, report),
  trainingData: () => engine.trainingData(),
  reserveRun: () => engine.reserveRun(),
  adopt: ({ fit, runId, dataset, device, deviceReason }, job, report) =>
    engine.adopt(fit, runId, dataset, device, deviceReason, job, report),
  controls: ({ runId }, job, report) => engine.controls(runId, job, report),
  contrast: ({ runId, otherId }, job, report) => engine.contrast(runId, otherId, job, report),
  runs: () => engine.runs(),
  compare: ({ options }, job, report) => engine.compare(options, job, report),
  plan: ({ options }) => engine.plan(options),
  selfTest: ({ options }, job, report) => engine.selfTest(options, job, report),
  predict: async ({ runId, source }, job, report, id) =>
    engine.predict(runId, source && (await readable(source, report, id)).text, job, report),
  exportRun: ({ runId, format }) => engine.exportRun(runId, format),
  sample: ({ options }) => engine.sample(options),
  startGpu: async () => {
    trainer ??= await wasm.Trainer.webgpu();
  },
  hold: (arrays) => trainer.hold(arrays),
  fit: ({ options, runId }, job, report) => trainer.fit(options, runId, job, report),
  trial: ({ options }, job, report) => trainer.trial(options, job, report),
  diagnose: async ({ crash, lstm, network }) => {
    if (crash) await wasm.crash();
    if (lstm) return 'projected' in lstm ? trainer.runLstm(lstm) : trainer.checkLstm(lstm);
    if (network) return trainer.checkNetwork(network);
    return { constructorRuns: wasm.constructorRuns(), memoryBytes: wasm.memoryBytes() };
  },
};

/** @returns {Failure} what a trap in WebAssembly is told as; what it says may hold user data */
function crashed(/** @type {unknown} */ error) {
  return {
    code: 'crashed',
    message: 'Something went wrong inside Channelwise. The file must be loaded again.',
    detail: wasm?.lastPanic?.() ?? String(error),
  };
}

/**
 * What was thrown, as it crosses: the Rust side throws `{ code, message, figures, columns, detail }`.
 * @param {any} error
 * @returns {Failure}
 */
function failure(error) {
  if (error instanceof WebAssembly.RuntimeError) return crashed(error);
  if (error instanceof ChannelwiseError) return { code: error.code, message: error.message, detail: error.detail };
  if (typeof error?.code === 'string' && typeof error?.message === 'string' && !(error instanceof Error)) {
    const { code, message, figures, columns, detail } = error;
    return { code, message, figures, columns, detail };
  }
  return { code: 'unexpected', message: 'The call could not be carried out.', detail: String(error) };
}

/**
 * The buffers of a result that can move instead of being copied.
 * @param {any} value
 * @returns {Transferable[]}
 */
function buffers(value) {
  if (value === null || typeof value !== 'object') return [];
  return [value, ...Object.values(value)]
    .filter((part) => ArrayBuffer.isView(part))
    .map((view) => /** @type {ArrayBuffer} */ (view.buffer));
}

/** @param {Extract<Command, { type: 'call' }>} command */
async function answer({ id, name, args }) {
  const job = jobs.get(id);
  try {
    const value = await calls[name](args, job, (progress) => post({ type: 'progress', id, progress }), id);
    post({ type: 'result', id, value }, buffers(value));
  } catch (error) {
    post({ type: 'failed', id, failure: failure(error) });
  } finally {
    jobs.delete(id);
    controls.delete(id);
    try {
      job.free();
    } catch {
      // After a crash there is nothing left to free.
    }
  }
}

/** @param {Extract<Command, { type: 'open' }>} command */
async function opened({ id, base, build }) {
  try {
    await open(base, build);
    post({ type: 'result', id, value: null });
  } catch (error) {
    post({
      type: 'failed',
      id,
      failure: {
        code: 'not-loaded',
        message: `The ${build === 'gpu' ? 'WebGPU' : 'CPU'} part of Channelwise could not be loaded.`,
        detail: String(error),
      },
    });
  }
}

// A trap in an asynchronous call never settles its promise: it surfaces here.
addEventListener('error', (event) => {
  event.preventDefault();
  const [id] = jobs.keys();
  if (id !== undefined) post({ type: 'failed', id, failure: crashed(event.message) });
});

addEventListener('message', (/** @type {MessageEvent<Command>} */ { data: command }) => {
  switch (command.type) {
    case 'open':
      queue = queue.then(() => opened(command));
      break;
    case 'call': {
      const control = new AbortController();
      controls.set(command.id, control);
      // What the engine calls when it meets a workbook.
      jobs.set(command.id, new wasm.Job(() => workbookReader(place, control.signal)));
      queue = queue.then(() => answer(command));
      break;
    }
    case 'signal':
      if (command.signal === 'cancel') controls.get(command.id)?.abort();
      jobs.get(command.id)?.[command.signal]();
      break;
  }
});
