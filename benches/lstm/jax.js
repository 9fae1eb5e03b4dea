// @ts-nocheck: what it imports is there only when the benchmark serves it.
/** jax-js: one compiled function for loss, gradients and Adam, unrolled over time. */

const RATE_DECAY = [0.9, 0.999];
const EPSILON = 1e-8;

/**
 * @param {typeof import('@jax-js/jax')} jax
 * @param {'cpu' | 'webgpu'} device
 * @param {import('./network.js').Network} network
 */
export async function jaxTraining(jax, device, { batch, steps, vocabulary, width, hidden, weights, codes, outcomes, rate }) {
  const { numpy: np, nn, jit, valueAndGrad, blockUntilReady, init, defaultDevice } = jax;
  const backend = device === 'webgpu' ? 'webgpu' : 'wasm';
  const ready = await init(backend);
  if (!ready.includes(backend)) throw new Error(`jax-js has no ${backend}`);
  defaultDevice(backend);

  const array = (values, shape) => np.array(Float32Array.from(values)).reshape(shape);
  const gates = 4 * hidden;
  let parameters = {
    embedding: array(weights.embedding, [vocabulary, width]),
    input: array(weights.input, [width, gates]),
    hidden: array(weights.hidden, [hidden, gates]),
    bias: array(weights.bias, [gates]),
    dense: array(weights.dense, [hidden, 1]),
    last: array(weights.last, [1]),
  };
  const names = Object.keys(parameters);
  const zeros = () => Object.fromEntries(names.map((name) => [name, np.zeros(parameters[name].shape)]));
  let first = zeros();
  let second = zeros();
  // Time-major, so that a step is a slice; one-hot, since a product's gradient is cheaper here than a gather's.
  const oneHot = new Float32Array(steps * batch * vocabulary);
  for (let row = 0; row < batch; row++) {
    for (let step = 0; step < steps; step++) oneHot[(step * batch + row) * vocabulary + codes[row * steps + step]] = 1;
  }
  const x = array(oneHot, [steps * batch, vocabulary]);
  const y = array(outcomes, [batch]);

  /** Mean log-loss of the batch. Every use of an array but its last goes by `ref`. */
  const loss = (p, x, y) => {
    const projected = np.matmul(np.matmul(x, p.embedding), p.input).add(p.bias);
    const each = np.split(projected, steps, 0);
    let h = np.zeros([batch, hidden]);
    let c = np.zeros([batch, hidden]);
    for (const input of each) {
      const [i, f, g, o] = np.split(input.add(np.matmul(h, p.hidden.ref)), 4, 1);
      c = nn.sigmoid(f).mul(c).add(nn.sigmoid(i).mul(np.tanh(g)));
      h = nn.sigmoid(o).mul(np.tanh(c.ref));
    }
    c.dispose();
    p.hidden.dispose();
    const z = np.matmul(h, p.dense).reshape([batch]).add(p.last);
    return np.mean(nn.softplus(z.ref).sub(y.mul(z)));
  };
  const update = jit((p, m, v, x, y, scales) => {
    const [value, gradient] = valueAndGrad(loss)(tree(p, (array) => array.ref), x, y);
    const [firstScale, secondScale] = np.split(scales, 2, 0);
    const next = { p: {}, m: {}, v: {} };
    for (const name of names) {
      const g = gradient[name];
      const nextFirst = m[name].mul(RATE_DECAY[0]).add(g.ref.mul(1 - RATE_DECAY[0]));
      const nextSecond = v[name].mul(RATE_DECAY[1]).add(g.ref.mul(g).mul(1 - RATE_DECAY[1]));
      const step = nextFirst.ref.mul(firstScale.ref).div(np.sqrt(nextSecond.ref.mul(secondScale.ref)).add(EPSILON));
      next.p[name] = p[name].sub(step.mul(rate));
      next.m[name] = nextFirst;
      next.v[name] = nextSecond;
    }
    firstScale.dispose();
    secondScale.dispose();
    return [value, next.p, next.m, next.v];
  });
  let time = 0;
  return {
    device: backend,
    /** So many updates; the loss before the last of them. @param {number} count */
    async run(count) {
      let value;
      for (let step = 0; step < count; step++) {
        time++;
        const scales = np.array(Float32Array.from(RATE_DECAY, (decay) => 1 / (1 - decay ** time)));
        value?.dispose();
        [value, parameters, first, second] = update(parameters, first, second, x.ref, y.ref, scales);
        await blockUntilReady(parameters);
      }
      return (await value.data())[0];
    },
    close() {
      for (const part of [parameters, first, second]) for (const name of names) part[name].dispose();
      x.dispose();
      y.dispose();
      update.dispose();
    },
  };
}

/** @param {object} of @param {(value: any) => any} make */
function tree(of, make) {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, make(value)]));
}
