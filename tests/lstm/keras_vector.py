"""Makes keras_vector.json: an LSTM of Keras on JAX, its states and all gradients.

Run once: pip install keras jax numpy; KERAS_BACKEND=jax python tests/lstm/keras_vector.py

Keras' gates lie in the order input, forget, candidate, output, its recurrent kernel is
[hidden, 4 x hidden], its bias one vector: as in Channelwise. PyTorch has the same order, with
weights [4 x hidden, hidden] and two biases. The kernel is the identity here, so that the inputs
are the projected inputs themselves; rows end early by a mask.
"""
import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
import jax
import jax.numpy as jnp
import keras
import numpy as np

STEPS, ROWS, HIDDEN = 6, 5, 4
rng = np.random.default_rng(20240601)
draw = lambda *shape: np.round(rng.uniform(-1, 1, shape), 4).astype(np.float32)
projected = draw(ROWS, STEPS, 4 * HIDDEN) * 2
weights, state, cell = draw(HIDDEN, 4 * HIDDEN), draw(ROWS, HIDDEN), draw(ROWS, HIDDEN)
weighing, weighing_last = draw(ROWS, STEPS, HIDDEN), draw(ROWS, HIDDEN)
lengths = np.array([6, 3, 1, 5, 6], dtype=np.int32)
mask = np.arange(STEPS)[None, :] < lengths[:, None]

layer = keras.layers.LSTM(HIDDEN, return_sequences=True, return_state=True, unit_forget_bias=False)
layer.build((ROWS, STEPS, 4 * HIDDEN))


def run(projected, weights, state, cell):
    variables = [jnp.eye(4 * HIDDEN), weights, jnp.zeros(4 * HIDDEN)]
    (every, last, _), _ = layer.stateless_call(
        variables, [v.value for v in layer.non_trainable_variables],
        projected, initial_state=[state, cell], mask=jnp.asarray(mask))
    return every, last


def loss(*inputs):
    every, last = run(*inputs)
    return (every * weighing).sum() + (last * weighing_last).sum()


inputs = [jnp.asarray(a) for a in (projected, weights, state, cell)]
every, last = run(*inputs)
gradients = jax.grad(loss, argnums=(0, 1, 2, 3))(*inputs)
major = lambda a: np.swapaxes(np.asarray(a), 0, 1)  # time first, as Channelwise has it
flat = lambda a: [float(f"{x:.8g}") for x in np.asarray(a).ravel()]
out = {
    "keras": keras.__version__, "jax": jax.__version__,
    "steps": STEPS, "rows": ROWS, "hidden": HIDDEN, "lengths": lengths.tolist(),
    "projected": flat(major(projected)), "weights": flat(weights), "state": flat(state), "cell": flat(cell),
    "weighing": flat(major(weighing)), "weighingLast": flat(weighing_last),
    "every": flat(major(every)), "last": flat(last),
    "dProjected": flat(major(gradients[0])), "dWeights": flat(gradients[1]),
    "dState": flat(gradients[2]), "dCell": flat(gradients[3]),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
