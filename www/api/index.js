/**
 * The public API of Channelwise. What it promises is in `types.d.ts`.
 *
 * @typedef {import('./types').Session} Session
 */
import { probeDevices } from './devices.js';
import { ChannelwiseError } from './errors.js';
import { WorkerSession } from './session.js';

export { ChannelwiseError, probeDevices };

/**
 * Opens a session: a worker of its own, holding no data yet.
 *
 * @param {{ device?: 'auto' | 'webgpu' | 'cpu' }} [options]
 * @returns {Promise<Session>}
 */
export async function openSession({ device = 'auto' } = {}) {
  if (!['auto', 'webgpu', 'cpu'].includes(device)) {
    throw new ChannelwiseError('invalid-option', "device has to be 'auto', 'webgpu' or 'cpu'.");
  }
  return new WorkerSession(device).open();
}
