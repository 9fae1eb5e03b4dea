/**
 * The second worker: WebGPU. Fetched only when it is to be used, since it is five times the download.
 *
 * @typedef {import('./types').Hooks} Hooks
 * @typedef {import('./types').TrainOptions} TrainOptions
 */
import { WorkerChannel } from './channel.js';
import { findAdapter, gpuBuildReady } from './devices.js';
import { journeyWork } from './work.js';
import { ChannelwiseError } from './errors.js';

/** Steps of the trial that decides between the devices. */
const TRIAL_STEPS = 4;
/** Rows per step of the trial where no batch size was asked for: what large data gets by default. */
const TRIAL_BATCH = 1024;

/** Multiplications of a CPU step in the trial: a few hundredths of a second. */
const TRIAL_WORK = 2e8;

/**
 * Rows per step where none are asked for.
 * @param {TrainOptions} options
 * @param {number} rows that there are to train on
 */
function usualBatch({ model, preset }, rows) {
  if (model !== 'journey') return TRIAL_BATCH;
  if (preset === 'article') return 32;
  return Math.min(512, Math.max(32, 2 ** Math.ceil(Math.log2(Math.max(1, rows / 100)))));
}

/**
 * Rows that the CPU can be expected to take in a step of the trial.
 * @param {TrainOptions} options
 * @param {{ touches: number; rows: number }} session
 */
function rowsInTime(options, { touches, rows }) {
  if (options.model !== 'journey') return Infinity;
  return Math.max(16, Math.floor((TRIAL_WORK * rows) / (journeyWork({ ...options, epochs: 1 }, touches) + 1)));
}

export class GpuTrainer {
  constructor() {
    /** @type {WorkerChannel | undefined} */
    this.channel = undefined;
    /** @type {Promise<void> | undefined} */
    this.starting = undefined;
    this.name = 'GPU';
    this.software = false;
    /** Why the GPU is not used any more in this session. */
    this.givenUp = '';
    this.closed = false;
    /** The number of the data set that the worker holds. */
    this.held = -1;
  }

  /**
   * Starts the worker and the GPU, once.
   * @returns {Promise<void>} rejects with the reason where there is none to be had
   */
  start() {
    this.starting ??= this.#start().catch((error) => {
      this.channel?.close();
      this.channel = undefined;
      // A build still under way may be there the next time; anything else will fail again.
      if (error.code !== 'webgpu-building') this.givenUp = error.message;
      this.starting = undefined;
      throw error;
    });
    return this.starting;
  }

  async #start() {
    const adapter = await findAdapter();
    if (!adapter.available) throw new ChannelwiseError('webgpu-unavailable', adapter.reason);
    this.name = adapter.name;
    this.software = adapter.software;
    if (!(await gpuBuildReady())) {
      throw new ChannelwiseError('webgpu-building', 'The WebGPU part of Channelwise is not there yet.');
    }
    if (this.closed) throw new ChannelwiseError('closed', 'The session is closed.');
    this.channel = new WorkerChannel('gpu');
    await this.channel.ready;
    await this.channel.call('startGpu', {});
  }

  /**
   * Hands the session's data set over, unless it is there already.
   * @param {import('./session').WorkerSession} session
   * @returns {Promise<{ runId: string; dataset: number }>} the id reserved for the run, and the number of the
   *   data set it is trained on
   */
  async hold(session) {
    const { runId, dataset } = await session.engine.call('reserveRun', {});
    if (this.held !== dataset) await this.#hold(session);
    return { runId, dataset: this.held };
  }

  /** @param {import('./session').WorkerSession} session */
  async #hold(session) {
    const { dataset, ...arrays } = await session.engine.call('trainingData', {});
    const buffers = Object.values(arrays).flatMap((part) => (ArrayBuffer.isView(part) ? [part.buffer] : []));
    await this.#channel().call('hold', arrays, {}, /** @type {ArrayBuffer[]} */ (buffers));
    this.held = dataset;
  }

  /**
   * @param {TrainOptions} options
   * @param {string} runId
   * @param {import('./channel').CallHooks} hooks
   */
  fit(options, runId, hooks) {
    return this.#channel().call('fit', { options: { ...options, device: 'webgpu' }, runId }, hooks);
  }

  /**
   * Milliseconds that a step of this very model takes on each device, measured on a few steps; the first
   * steps, which compile, are not counted.
   * @param {TrainOptions} options
   * @param {import('./session').WorkerSession} session
   * @param {Hooks} hooks
   */
  async trial(options, session, { signal }) {
    await this.hold(session);
    const { batchSize = usualBatch(options, session.rows) } = options;
    const fullBatch = batchSize === 0;
    const short = { ...options, epochs: fullBatch ? TRIAL_STEPS : 1, earlyStopping: null };
    /** @param {'webgpu' | 'cpu'} on @param {number} rows */
    const measure = async (on, rows) => {
      const trialRows = fullBatch ? undefined : TRIAL_STEPS * rows;
      const args = { options: { ...short, batchSize: rows, device: on }, runId: 'trial', trialRows };
      return (await this.#channel().call('fit', args, { signal })).stepMs;
    };
    // Compiles.
    await measure('webgpu', batchSize);
    const webgpu = await measure('webgpu', batchSize);
    // On the CPU time goes with the rows, so fewer of them tell as much and sooner.
    const rows = fullBatch ? 0 : Math.min(batchSize, rowsInTime(options, session));
    return { webgpu, cpu: (await measure('cpu', rows)) * (fullBatch ? 1 : batchSize / rows) };
  }

  /**
   * Whether an error means that the GPU can't be used any more; if so, it is given up.
   * @param {any} error
   */
  lost(error) {
    if (!['webgpu-failed', 'crashed', 'not-loaded', 'closed'].includes(error?.code)) return false;
    this.givenUp = error.message;
    this.#drop();
    return true;
  }

  /** @param {'pause' | 'resume' | 'stop'} signal */
  signal(signal) {
    this.channel?.signal(signal);
  }

  /** @param {import('./protocol').DiagnosticCalls['diagnose']} [options] */
  async diagnose(options = {}) {
    return this.channel?.call('diagnose', options);
  }

  /** What the worker holds is of an engine that is no more. */
  forget() {
    this.held = -1;
  }

  /** For good: nothing is started any more. */
  close() {
    this.closed = true;
    this.#drop();
  }

  #drop() {
    this.channel?.close();
    this.channel = undefined;
    this.starting = undefined;
    this.held = -1;
  }

  #channel() {
    if (!this.channel) throw new ChannelwiseError('webgpu-failed', 'The GPU is not there any more.');
    return this.channel;
  }
}
