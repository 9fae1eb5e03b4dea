// @ts-nocheck: what it imports is there only when the benchmark serves it.
/** Channelwise, through its public API. */
import { openSession } from '/dist/channelwise.js';
import { EMBEDDING, RATE, journeys, touchesCsv } from './network.js';

/** Journeys that are held back, since a data set has to have some. */
const HELD = 20;

/**
 * A session for one shape: the rows of one batch come first, then as many as `batches` hold.
 * @param {{ batch: number, steps: number, hidden: number, batches: number, device: 'cpu' | 'webgpu' }} input
 */
export async function channelwiseTraining({ batch, steps, hidden, batches, device }) {
  const data = journeys(batch * batches + HELD, steps);
  const session = await openSession({ device });
  const roles = { user: 'user', time: 'time', channel: 'channel', label: 'converted' };
  await session.load(new Blob([touchesCsv(data)]), { layout: 'events', roles, types: { user: 'text' } });
  const options = {
    // Of this preset for its constant rate; all else is set.
    model: 'journey', preset: 'article', embedding: EMBEDDING, hidden, dropout: 0, recurrentDropout: 0, timeGaps: false, staticFeatures: false,
    earlyStopping: null, controls: false, seed: 1,
  };
  /** Trains on the first rows alone, so many. */
  const prepare = async (/** @type {number} */ rows) => {
    const testRows = Uint32Array.from({ length: data.length - rows }, (_, at) => rows + at);
    await session.prepare({ split: { by: 'row', testRows, validation: 0 } });
  };
  const train = async (on, more) => {
    const run = await session.train({ ...options, optimizer: { kind: 'adam', learningRate: RATE }, device: on, ...more });
    if (!run.device.startsWith(on)) throw new Error(`asked for ${on}, trained on ${run.device}: ${run.deviceReason}`);
    return run;
  };

  await prepare(batch);
  // A rate that changes nothing leaves the first weights as they are, to be handed to all others.
  const untouched = await train('cpu', { batchSize: 0, epochs: 1, optimizer: { kind: 'adam', learningRate: 1e-30 } });
  const { parameters, journey } = JSON.parse(await (await session.exportRun(untouched.id, 'json')).text());
  const array = (name) => Float32Array.from(parameters.find((one) => one.name === name).values);
  const entry = new Map(journey.inputs.channels.map((name, at) => [name, at + 1]));
  const own = data.slice(0, batch);
  /** @type {import('./network.js').Network} */
  const network = {
    batch, steps, hidden, width: EMBEDDING, vocabulary: journey.inputs.channels.length + 1, rate: RATE,
    codes: Int32Array.from(own.flatMap(({ touches }) => touches.map((channel) => entry.get(`c${channel}`)))),
    outcomes: Int32Array.from(own, ({ converted }) => converted),
    weights: {
      embedding: array('embedding.channel'), input: array('lstm.0.forward.weight_input'), hidden: array('lstm.0.forward.weight_hidden'),
      bias: array('lstm.0.forward.bias'), dense: array('dense.weight'), last: array('dense.bias'),
    },
  };
  // The first run on a device compiles what it needs; one step of all rows.
  const started = performance.now();
  await train(device, { batchSize: 0, epochs: 1 });
  const first = performance.now() - started;
  // An epoch of one batch is an update: its losses are those before each update.
  const same = await train(device, { batchSize: 0, epochs: 3 });
  const losses = same.epochs.map(({ trainLoss }) => trainLoss);
  await prepare(batch * batches);
  return {
    network, first, losses, device: same.device,
    /** Milliseconds of a step in an epoch of all batches. */
    async round(on = device) {
      const run = await train(on, { batchSize: batch, epochs: 1 });
      if (run.steps !== batches) throw new Error(`${run.steps} steps, not ${batches}`);
      return run.stepMs;
    },
    /** What `auto` would choose, and how long it took to find out. */
    choose: () => session.diagnose({ trial: { ...options, batchSize: batch, optimizer: { kind: 'adam', learningRate: RATE } } }),
    close: () => session.close(),
  };
}
