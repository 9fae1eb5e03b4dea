/** @import { Hooks, Progress } from '../api/types.js' */

/** @typedef {{ code: string, message: string, figures?: { [name: string]: number }, columns?: string[], detail?: unknown }} Failure */

/**
 * Whatever was thrown, in the shape the page shows.
 * @param {unknown} error
 * @returns {Failure}
 */
export function failure(error) {
  const { code, message, figures, columns, detail } = /** @type {Partial<Failure>} */ (error ?? {});
  return {
    code: typeof code === 'string' ? code : 'unexpected',
    message: typeof message === 'string' && message ? message : String(error),
    ...(figures ? { figures } : {}),
    ...(columns ? { columns } : {}),
    detail,
  };
}

/**
 * Whether an error says that the memory behind what is shown is gone: the worker crashed, or did so before and
 * the one after it knows nothing yet.
 * @param {Failure} error
 */
export function isMemoryLost({ code }) {
  return ['crashed', 'too-early', 'unknown-run'].includes(code);
}

/**
 * One kind of work and how it stands. A new start gives up the one before; what failed or was cancelled
 * leaves everything else as it was.
 */
export class Job {
  /** @type {'idle' | 'running' | 'done' | 'failed'} */
  status = 'idle';
  /** @type {Progress | null} */
  progress = null;
  /** @type {Failure | null} */
  error = null;
  startedAt = 0;
  /** @type {AbortController | null} */
  #controller = null;
  #changed;

  /** @param {(progress: Progress | null) => void} changed told of every change; of progress, with it */
  constructor(changed) {
    this.#changed = changed;
  }

  get running() {
    return this.status === 'running';
  }

  /**
   * Runs the work. Resolves to its result, or to `undefined` where it failed or was cancelled.
   * @template T
   * @param {(hooks: Hooks) => Promise<T>} work
   * @returns {Promise<T | undefined>}
   */
  async run(work) {
    const before = this.status === 'running' ? 'idle' : this.status;
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    const { signal } = controller;
    this.status = 'running';
    this.progress = null;
    this.error = null;
    this.startedAt = performance.now();
    this.#changed(null);
    try {
      const result = await work({ signal, onProgress: (progress) => this.#report(controller, progress) });
      if (signal.aborted) return undefined;
      this.#settle(controller, 'done', null);
      return result;
    } catch (error) {
      if (signal.aborted) this.#settle(controller, before === 'failed' ? 'idle' : before, null);
      else this.#settle(controller, 'failed', failure(error));
      return undefined;
    }
  }

  /** Gives the work up, at once for whoever looks. */
  cancel() {
    if (!this.#controller || !this.running) return;
    const controller = this.#controller;
    controller.abort();
    this.#settle(controller, 'idle', null);
  }

  /** Forgets the last result or failure. */
  reset() {
    this.cancel();
    this.status = 'idle';
    this.error = null;
    this.progress = null;
  }

  /**
   * @param {AbortController} controller
   * @param {Progress} progress
   */
  #report(controller, progress) {
    if (this.#controller !== controller || controller.signal.aborted) return;
    this.progress = progress;
    this.#changed(progress);
  }

  /**
   * @param {AbortController} controller
   * @param {Job['status']} status
   * @param {Failure | null} error
   */
  #settle(controller, status, error) {
    if (this.#controller !== controller) return;
    this.#controller = null;
    this.status = status;
    this.progress = null;
    this.error = error;
    this.#changed(null);
  }
}
