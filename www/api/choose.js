/**
 * Which device trains, and why.
 *
 * @typedef {import('./types').Session['device']} SessionDevice
 * @typedef {import('./types').DeviceKind} DeviceKind
 * @typedef {import('./types').TrainOptions} TrainOptions
 */
import { findAdapter, gpuBuildReady } from './devices.js';
import { journeyWork } from './work.js';

/** Multiplications below which a GPU cannot pay for its start: a fraction of a second on the CPU. */
const WORTH_A_GPU = 2e9;
/** The same of journeys, whose steps keep the CPU busier: seconds. */
const JOURNEYS_WORTH_A_GPU = 4e10;
/** Passes assumed where the options name none. */
const USUAL_EPOCHS = 50;

/**
 * @param {string} reasonCode
 * @param {string} reason
 * @param {{ [name: string]: number }} [figures]
 * @returns {SessionDevice}
 */
export function onCpu(reasonCode, reason, figures) {
  return { kind: 'cpu', name: 'CPU', reason, reasonCode, ...(figures && { figures }) };
}

/**
 * @param {string} name
 * @param {string} reasonCode
 * @param {string} reason
 * @param {{ [name: string]: number }} [figures]
 * @returns {SessionDevice}
 */
function onGpu(name, reasonCode, reason, figures) {
  return { kind: 'webgpu', name, reason, reasonCode, ...(figures && { figures }) };
}

/**
 * What a new session says of its device. Only where the GPU was asked for by name is its half of the code
 * fetched now; `auto` waits for work that is worth it.
 *
 * @param {'auto' | DeviceKind} wish
 * @param {import('./gpu-trainer').GpuTrainer} gpu
 * @returns {Promise<SessionDevice>}
 */
export async function deviceAtOpening(wish, gpu) {
  if (wish === 'cpu') return onCpu('asked-cpu', 'The CPU was asked for.');
  if (wish === 'webgpu') return startedGpu(gpu);
  return (await inReserve()).device;
}

/**
 * Which device trains with these options.
 *
 * @param {'auto' | DeviceKind} wish
 * @param {boolean} insist whether this very call named the GPU: then its absence is an error
 * @param {TrainOptions} options
 * @param {import('./session').WorkerSession} session
 * @param {import('./types').Hooks} hooks
 * @returns {Promise<SessionDevice>}
 */
export async function deviceFor(wish, insist, options, session, hooks) {
  if (wish === 'cpu') return onCpu('asked-cpu', 'The CPU was asked for.');
  const journeys = options.model === 'journey';
  const kernels = journeys ? onGpuAtAll(options) : options.model === undefined || options.model === 'logistic';
  const notOnGpu = () => onCpu('not-on-gpu', 'Only one LSTM of at most 256 units that reads forward is trained on a GPU.');
  // Where the session as a whole wished for the GPU, a model that it can't train is no error.
  if (wish === 'webgpu' && !insist && !kernels) return notOnGpu();
  if (wish === 'webgpu') {
    if (insist) await session.gpu.start();
    return startedGpu(session.gpu);
  }
  if (session.gpu.givenUp) return onCpu('gpu-failed', session.gpu.givenUp);
  const { device, usable } = await inReserve();
  if (!usable) return device;
  if (!journeys && kernels && (options.optimizer?.kind ?? 'lbfgs') === 'lbfgs') {
    return onCpu('lbfgs', 'L-BFGS, which needs the fewest passes for this model, runs on the CPU.');
  }
  if (!kernels) return notOnGpu();
  const work = journeys ? journeyWork(options, session.touches) : session.cells * (options.epochs ?? USUAL_EPOCHS);
  if (work < (journeys ? JOURNEYS_WORTH_A_GPU : WORTH_A_GPU)) {
    return onCpu('small-model', 'The model is small: the CPU is done before a GPU has started.');
  }
  return faster(options, session, hooks);
}

/** Whether the GPU has kernels for a journey model. @param {TrainOptions} options */
function onGpuAtAll({ layers = 1, bidirectional = false, hidden = 32 }) {
  return layers === 1 && !bidirectional && hidden <= 256;
}

/**
 * The faster of the two devices for this very model, measured. What it takes to have a GPU at all is no part of the
 * measurement: the download of its half, its self-test, compiling.
 *
 * @param {TrainOptions} options
 * @param {import('./session').WorkerSession} session
 * @param {import('./types').Hooks} hooks
 * @returns {Promise<SessionDevice>}
 */
export async function faster(options, session, hooks) {
  const { gpu } = session;
  try {
    await gpu.start();
    const figures = await gpu.trial(options, session, hooks);
    const times = `${figures.webgpu.toFixed(1)} ms a step on the GPU, ${figures.cpu.toFixed(1)} ms on the CPU.`;
    return figures.webgpu < figures.cpu
      ? onGpu(gpu.name, 'gpu-faster', `Measured on this model: ${times}`, figures)
      : onCpu('cpu-faster', `Measured on this model: ${times}`, figures);
  } catch (error) {
    const { code, message } = /** @type {import('./errors').ChannelwiseError} */ (error);
    // What is wrong with the options or the data is wrong on the CPU as well.
    if (!gpu.lost(error) && !code?.startsWith('webgpu-')) throw error;
    return onCpu(code, message);
  }
}

/**
 * @param {import('./gpu-trainer').GpuTrainer} gpu
 * @returns {Promise<SessionDevice>}
 */
async function startedGpu(gpu) {
  try {
    await gpu.start();
    return onGpu(gpu.name, 'asked-webgpu', 'WebGPU was asked for, and passed its self-test.');
  } catch (error) {
    const { code, message } = /** @type {import('./errors').ChannelwiseError} */ (error);
    return onCpu(code, `WebGPU was asked for, but: ${message}`);
  }
}

/** What `auto` may count on. @returns {Promise<{ device: SessionDevice; usable: boolean }>} */
async function inReserve() {
  const adapter = await findAdapter();
  if (!adapter.available) return { device: onCpu(adapter.code, adapter.reason), usable: false };
  if (adapter.software) {
    const reason = `The only GPU adapter (${adapter.name}) is software: the CPU is faster.`;
    return { device: onCpu('software-adapter', reason), usable: false };
  }
  if (!(await gpuBuildReady())) {
    const reason = `A GPU is there (${adapter.name}), but the WebGPU part of Channelwise is not yet.`;
    return { device: onCpu('webgpu-building', reason), usable: false };
  }
  const reason = `A GPU is there (${adapter.name}); it trains when a model is large enough to gain from it.`;
  return { device: onCpu('gpu-in-reserve', reason), usable: true };
}
