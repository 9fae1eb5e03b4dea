/**
 * A session: one worker that owns the data and the runs, and, where a GPU trains, a second that is handed
 * the prepared arrays and hands fitted models back.
 *
 * @typedef {import('./types').Session} Session
 * @typedef {import('./types').Hooks} Hooks
 * @typedef {import('./types').Source} Source
 * @typedef {import('./types').TrainOptions} TrainOptions
 * @typedef {import('./types').DeviceKind} DeviceKind
 */
import { WorkerChannel } from './channel.js';
import { deviceAtOpening, deviceFor, faster, onCpu } from './choose.js';
import { ChannelwiseError } from './errors.js';
import { GpuTrainer } from './gpu-trainer.js';

/** A file from this size on leaves memory behind that is worth giving back. */
const LARGE_BYTES = 8 << 20;

/**
 * @param {Source} source
 * @returns {Blob}
 */
function asBlob(source) {
  if (source instanceof Blob) return source;
  if (typeof source === 'string' || source instanceof ArrayBuffer) return new Blob([source]);
  throw new ChannelwiseError('bad-source', 'Give the data as a Blob, an ArrayBuffer or a string.');
}

/** @implements {Session} */
export class WorkerSession {
  /** @param {'auto' | DeviceKind} wish */
  constructor(wish) {
    this.wish = wish;
    this.gpu = new GpuTrainer();
    /** Rows to train on times columns, of the data set prepared last. */
    this.cells = 0;
    /** Touches of its journeys. */
    this.touches = 0;
    /** Rows to train on. */
    this.rows = 0;
    /** @type {Session['device']} */
    this.device = onCpu('opening', 'The session is being opened.');
    this.#engine = new WorkerChannel('cpu');
  }

  /** @type {WorkerChannel} */
  #engine;

  /** Whether the worker holds a table, and what was made of it. */
  #holds = false;

  /** How many trainings are under way. */
  #training = 0;

  /** What the trainings under way were last asked to do. @type {'pause' | 'stop' | undefined} */
  #wanted;

  /** The worker that owns the data; after a crash, a new and empty one. */
  get engine() {
    if (this.#engine.broken?.code === 'crashed') {
      this.#startAnew();
    }
    return this.#engine;
  }

  #startAnew() {
    this.#engine = new WorkerChannel('cpu');
    this.#holds = false;
    // The new engine counts its data sets from the start.
    this.gpu.forget();
  }

  /**
   * After a load that came to nothing: WebAssembly's memory never shrinks, so where nothing is kept in it a new
   * worker takes the place of the old one.
   * @param {Blob} blob what was read
   */
  #giveBack(blob) {
    if (this.#holds || blob.size < LARGE_BYTES || this.#engine.broken || this.#engine.pending.size > 0) return;
    this.#engine.close();
    this.#startAnew();
  }

  async open() {
    const [, device] = await Promise.all([this.engine.ready, deviceAtOpening(this.wish, this.gpu)]);
    this.device = device;
    return this;
  }

  /**
   * @param {Source} source
   * @param {import('./types').LoadOptions} [options]
   * @param {Hooks} [hooks]
   */
  async load(source, options = {}, hooks = {}) {
    const blob = asBlob(source);
    const name = options.name ?? /** @type {File} */ (blob).name;
    try {
      const summary = await this.engine.call('load', { source: blob, options: { ...options, name } }, hooks);
      this.#holds = true;
      return { name, ...summary };
    } catch (error) {
      this.#giveBack(blob);
      throw error;
    }
  }

  /**
   * @param {Source | null} source
   * @param {import('./types').JoinOptions} [options]
   * @param {Hooks} [hooks]
   */
  async look(source, options = {}, hooks = {}) {
    const seen = await this.engine.call('look', { source: source === null ? undefined : asBlob(source), options }, hooks);
    const name = options.load?.name ?? /** @type {File | null} */ (source)?.name;
    return { ...seen, table: { name, ...seen.table } };
  }

  /**
   * @param {Source | null} source
   * @param {import('./types').JoinOptions} [options]
   * @param {Hooks} [hooks]
   */
  async join(source, options = {}, hooks = {}) {
    return this.engine.call('join', { source: source === null ? undefined : asBlob(source), options }, hooks);
  }

  async unjoin() {
    return this.engine.call('unjoin', {});
  }

  /**
   * @param {Source | null} source
   * @param {import('./types').SpendOptions} [options]
   * @param {Hooks} [hooks]
   */
  async costs(source, options = {}, hooks = {}) {
    return this.engine.call('costs', { source: source === null ? undefined : asBlob(source), options }, hooks);
  }

  /**
   * The table's summary under other roles and types, without preparing anything.
   * @param {import('./types').PrepareOptions} [options]
   */
  async describe(options = {}) {
    return this.engine.call('describe', { options: withoutRows(options) });
  }

  /**
   * @param {import('./types').PrepareOptions} [options]
   * @param {Hooks} [hooks]
   */
  async prepare(options = {}, hooks = {}) {
    const testRows = options.split?.testRows;
    if (testRows !== undefined && !(testRows instanceof Uint32Array)) {
      throw new ChannelwiseError('invalid-option', 'split.testRows has to be a Uint32Array.');
    }
    const summary = await this.engine.call('prepare', { options: withoutRows(options), testRows }, hooks);
    this.cells = summary.train * summary.features.length;
    // What became of paths is not told; four touches are usual.
    this.touches = summary.touches?.used ?? 4 * (summary.journeys ?? 0);
    this.rows = summary.train;
    return summary;
  }

  /**
   * @param {TrainOptions} [options]
   * @param {Hooks} [hooks]
   */
  async train(options = {}, hooks = {}) {
    const { device: wish = this.wish, ...others } = options;
    // Absent is the default; for some options `null` means off.
    const rest = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
    if (!['auto', 'cpu', 'webgpu'].includes(wish)) {
      throw new ChannelwiseError('invalid-option', "device has to be 'auto', 'webgpu' or 'cpu'.");
    }
    this.#training++;
    try {
      const steered = {
        ...hooks,
        // What was asked for before the training was on its way.
        sent: (/** @type {(signal: 'pause' | 'stop') => void} */ steer) => this.#wanted && steer(this.#wanted),
      };
      const run = await this.#train(wish, options.device === 'webgpu', rest, steered);
      return await this.#withControls(run, steered);
    } finally {
      if (--this.#training === 0) this.#wanted = undefined;
    }
  }

  /**
   * The run with what stands beside it, where that was asked for. The run itself is not lost if the rest fails
   * or is given up.
   *
   * @param {import('./types').Run} run
   * @param {import('./channel').CallHooks & Hooks} hooks
   * @returns {Promise<import('./types').Run>}
   */
  async #withControls(run, hooks) {
    if (!run.options.controls || run.ended === 'stopped') return run;
    hooks.onRun?.(run);
    try {
      return await this.engine.call('controls', { runId: run.id }, hooks);
    } catch (error) {
      if (this.#engine.broken) throw error;
      return run;
    }
  }

  /**
   * @param {string} runId
   * @param {Hooks} [hooks]
   */
  async controls(runId, hooks = {}) {
    checkRunId(runId);
    this.#training++;
    try {
      return await this.engine.call('controls', { runId }, hooks);
    } finally {
      if (--this.#training === 0) this.#wanted = undefined;
    }
  }

  /**
   * @param {string} runId
   * @param {string} otherId
   * @param {Hooks} [hooks]
   */
  async contrast(runId, otherId, hooks = {}) {
    checkRunId(runId);
    checkRunId(otherId);
    return this.engine.call('contrast', { runId, otherId }, hooks);
  }

  /**
   * @param {'auto' | DeviceKind} wish
   * @param {boolean} insist whether this very call named the GPU
   * @param {TrainOptions} options
   * @param {import('./channel').CallHooks} hooks
   */
  async #train(wish, insist, options, hooks) {
    this.device = await deviceFor(wish, insist, options, this, hooks);
    if (this.device.kind === 'webgpu') {
      try {
        return await this.#trainOnGpu(options, hooks);
      } catch (error) {
        if (!this.gpu.lost(error)) throw error;
        this.device = onCpu('gpu-failed', `The GPU failed, so the CPU trained instead. ${/** @type {Error} */ (error).message}`);
      }
    }
    const args = { options: { ...options, device: 'cpu' }, deviceReason: this.device.reason };
    return this.engine.call('train', args, hooks);
  }

  /**
   * @param {TrainOptions} options
   * @param {import('./channel').CallHooks} hooks
   */
  async #trainOnGpu(options, hooks) {
    const { name, reason } = this.device;
    const { runId, dataset } = await this.gpu.hold(this);
    const fit = await this.gpu.fit(options, runId, hooks);
    const args = { fit, runId, dataset, device: `webgpu · ${name}`, deviceReason: reason };
    return this.engine.call('adopt', args, { signal: hooks.signal, onProgress: hooks.onProgress });
  }

  /**
   * @param {import('./types').CompareOptions} [options]
   * @param {Hooks} [hooks]
   */
  async compare(options = {}, hooks = {}) {
    // Absent is the default; for some options `null` means off.
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    return this.engine.call('compare', { options: given }, hooks);
  }

  /**
   * @param {import('./types').SelfTestOptions} [options]
   * @param {Hooks} [hooks]
   */
  async selfTest(options = {}, hooks = {}) {
    return this.engine.call('selfTest', { options }, hooks);
  }

  /** @param {import('./types').PlanOptions} options */
  async plan(options) {
    return this.engine.call('plan', { options });
  }

  /**
   * @param {string} runId
   * @param {Source} [source]
   * @param {Hooks} [hooks]
   */
  async predict(runId, source, hooks = {}) {
    checkRunId(runId);
    return this.engine.call('predict', { runId, source: source === undefined ? undefined : asBlob(source) }, hooks);
  }

  /**
   * @param {string} runId
   * @param {'safetensors' | 'json'} format
   */
  async exportRun(runId, format) {
    checkRunId(runId);
    if (format !== 'json' && format !== 'safetensors') {
      throw new ChannelwiseError('invalid-option', "format has to be 'safetensors' or 'json'.");
    }
    const bytes = await this.engine.call('exportRun', { runId, format });
    return new Blob([bytes], { type: format === 'json' ? 'application/json' : 'application/octet-stream' });
  }

  async runs() {
    return this.engine.call('runs', {});
  }

  /** @param {import('./types').SampleOptions} [options] */
  async sample(options = {}) {
    const { name, csv, truth } = await this.engine.call('sample', { options });
    return { name, csv: new File([csv], name, { type: 'text/csv' }), truth };
  }

  async pause() {
    this.signal('pause');
  }

  async resume() {
    this.signal('resume');
  }

  async stop() {
    this.signal('stop');
  }

  /** @param {'pause' | 'resume' | 'stop'} signal */
  signal(signal) {
    if (this.#training > 0) this.#wanted = signal === 'resume' ? undefined : signal;
    this.engine.signal(signal);
    this.gpu.signal(signal);
  }

  /**
   * Figures about the workers themselves, for tests; or what `auto` would measure and choose for a model, whatever
   * adapter there is.
   * @param {import('./protocol').DiagnosticCalls['diagnose'] & { trial?: TrainOptions }} [options]
   * @returns {Promise<any>}
   */
  async diagnose({ trial, ...options } = {}) {
    if (trial) return faster(trial, this, {});
    if (options.lstm || options.network) return this.gpu.diagnose(options);
    return { engine: await this.engine.call('diagnose', options), gpu: await this.gpu.diagnose() };
  }

  async close() {
    this.engine.close();
    this.gpu.close();
  }
}

/**
 * @param {import('./types').PrepareOptions} options
 * @returns {object} the options that cross as they are; `testRows` crosses as an array of its own
 */
function withoutRows({ split, ...rest }) {
  if (!split) return rest;
  const { testRows, ...others } = split;
  return { ...rest, split: others };
}

/** @param {unknown} runId */
function checkRunId(runId) {
  if (typeof runId !== 'string') throw new ChannelwiseError('unknown-run', 'There is no run with that id.');
}
