/**
 * The page's end of a worker: calls as promises, with progress, signals and abort.
 *
 * @typedef {import('./protocol').Command} Command
 * @typedef {import('./protocol').Answer} Answer
 * @typedef {import('./types').Hooks} Hooks
 */
import { ChannelwiseError, aborted, fromFailure } from './errors.js';

/** Where the files beside this module are: `wasm/cpu/…`, `wasm/gpu/…`. */
export const base = new URL('.', import.meta.url).href;

/** @param {string} detail */
function notStarted(detail) {
  return new ChannelwiseError('not-loaded', 'The worker could not be started.', detail);
}

/** @param {string} detail */
function crashed(detail) {
  return new ChannelwiseError('crashed', 'Something went wrong inside Channelwise. The file must be loaded again.', detail);
}

/**
 * What a call may bring beside the public hooks.
 * @typedef {Hooks & { sent?: (signal: (signal: 'pause' | 'resume' | 'stop') => void) => void }} CallHooks
 *   `sent` is handed the way to steer this very call, as soon as it is on its way
 */

/**
 * @template {import('./protocol').CallName} Name
 * @typedef {import('./protocol').Calls[Name]} Args
 */

export class WorkerChannel {
  /** @param {import('./protocol').Build} build */
  constructor(build) {
    this.worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: `channelwise-${build}` });
    /** @type {Map<number, { resolve: (value: any) => void; reject: (error: unknown) => void; hooks: CallHooks }>} */
    this.pending = new Map();
    this.nextId = 1;
    /** @type {ChannelwiseError | undefined} set when the worker can no longer answer */
    this.broken = undefined;
    let opened = false;
    this.worker.addEventListener('message', ({ data }) => this.receive(data));
    this.worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.close(opened ? crashed(event.message) : notStarted(event.message));
    });
    /** Resolves when the WebAssembly file is ready. @type {Promise<void>} */
    this.ready = this.send((id) => ({ type: 'open', id, build, base }), {});
    this.ready.then(() => (opened = true), () => {});
  }

  /**
   * @template {import('./protocol').CallName} Name
   * @param {Name} name
   * @param {Args<Name>} args
   * @param {CallHooks} [hooks]
   * @param {Transferable[]} [transfer]
   * @returns {Promise<any>}
   */
  async call(name, args, hooks = {}, transfer = []) {
    if (hooks.signal?.aborted) throw aborted();
    await this.ready;
    return this.send((id) => /** @type {Command} */ ({ type: 'call', id, name, args }), hooks, transfer);
  }

  /**
   * Steers every call under way that can be steered.
   * @param {'pause' | 'resume' | 'stop'} signal
   */
  signal(signal) {
    for (const [id, { hooks }] of this.pending) {
      if (hooks.sent) this.worker.postMessage({ type: 'signal', id, signal });
    }
  }

  /** @param {ChannelwiseError} [error] what calls under way are told */
  close(error = new ChannelwiseError('closed', 'The session is closed.')) {
    this.worker.terminate();
    this.fail(error);
  }

  /**
   * @param {(id: number) => Command} command
   * @param {CallHooks} hooks
   * @param {Transferable[]} [transfer]
   * @returns {Promise<any>}
   */
  send(command, hooks, transfer = []) {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      if (this.broken) return reject(this.broken);
      const { signal } = hooks;
      if (signal?.aborted) return reject(aborted());
      try {
        this.worker.postMessage(command(id), transfer);
      } catch (error) {
        // A function among the options, or an array whose buffer has been handed away.
        return reject(new ChannelwiseError('invalid-option', 'Something in the options cannot be handed to a worker.', String(error)));
      }
      /** @param {'pause' | 'resume' | 'stop' | 'cancel'} what */
      const steer = (what) => this.worker.postMessage({ type: 'signal', id, signal: what });
      const abort = () => steer('cancel');
      signal?.addEventListener('abort', abort, { once: true });
      const settled = () => signal?.removeEventListener('abort', abort);
      this.pending.set(id, {
        resolve: (value) => (settled(), resolve(value)),
        reject: (error) => (settled(), reject(error)),
        hooks,
      });
      hooks.sent?.(steer);
    });
  }

  /** @param {Answer} answer */
  receive(answer) {
    const call = this.pending.get(answer.id);
    if (!call) return;
    if (answer.type === 'progress') {
      call.hooks.onProgress?.(answer.progress);
      return;
    }
    this.pending.delete(answer.id);
    if (answer.type === 'result') {
      call.resolve(answer.value);
      return;
    }
    const error = fromFailure(answer.failure);
    call.reject(error);
    if (error.code === 'crashed') this.close(error);
  }

  /** @param {ChannelwiseError} error */
  fail(error) {
    this.broken ??= error;
    for (const call of this.pending.values()) call.reject(error);
    this.pending.clear();
  }
}
