import { openSession, probeDevices } from '../api/index.js';
import { failure } from './job.js';

/**
 * @import { DeviceProbe, Session } from '../api/types.js'
 * @import { Failure } from './job.js'
 */

/** The one session: opened when it is first needed, asked for one thing at a time. */
export class Connection {
  /** @type {Session | null} */
  session = null;
  /** @type {Failure | null} */
  error = null;
  /** @type {DeviceProbe | null} */
  probe = null;
  /** @type {Promise<Session> | null} */
  #opening = null;
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve();
  #changed;

  /** @param {() => void} changed told when one of the above is different */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Opens the session, or hands out the one that is open. */
  open() {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open() {
    try {
      this.error = null;
      await /** @type {any} */ (globalThis).channelwiseCovered; // see register.js
      this.session = await openSession({ device: 'auto' });
      this.#changed();
      probeDevices().then(
        (probe) => {
          this.probe = probe;
          this.#changed();
        },
        () => undefined,
      );
      return this.session;
    } catch (error) {
      this.#opening = null;
      this.error = failure(error);
      this.#changed();
      throw error;
    }
  }

  /** Frees the worker. */
  async close() {
    const opening = this.#opening;
    this.#opening = null;
    this.session = null;
    await opening?.then((session) => session.close()).catch(() => undefined);
  }

  /**
   * One call of the session at a time, in order.
   * @template T
   * @param {(session: Session) => Promise<T>} call
   * @returns {Promise<T>}
   */
  inTurn(call) {
    const mine = this.#turn.then(() => this.open()).then(call);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}
