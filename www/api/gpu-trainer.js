/**
 * The second worker: WebGPU. Fetched only when it is to be used, since it is five times the download.
 *
 * @typedef {import('./types').Hooks} Hooks
 * @typedef {import('./types').TrainOptions} TrainOptions
 */
import { WorkerChannel } from './channel.js';
import { findAdapter, gpuBuildReady } from './devices.js';
import { ChannelwiseError } from './errors.js';

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
   * Milliseconds that a step of this very model takes on each device, measured on a few steps of every n-th row,
   * and what finding out took: `measured` (under half a second, unless the GPU is so slow that steps of eight and sixteen
   * rows take longer), and beside it `ready`: data onto the device, and compiling, which the first run on a GPU has to
   * wait for as well, and first steps.
   * @param {TrainOptions} options
   * @param {import('./session').WorkerSession} session
   * @param {Hooks} hooks
   * @returns {Promise<{ webgpu: number; cpu: number; measured: number; ready: number }>}
   */
  async trial(options, session, { signal }) {
    await this.hold(session);
    const { webgpu, cpu } = await this.#channel().call('trial', { options }, { signal });
    return {
      webgpu: webgpu.stepMs,
      cpu: cpu.stepMs,
      measured: webgpu.measuredMs + cpu.measuredMs,
      ready: webgpu.readyMs + cpu.readyMs,
    };
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
