"""Keras 3 on JAX on the Criteo journeys, beside `benches/journeys.mjs` and `tests/journey_criteo.rs` on the same rows.

usage: KERAS_BACKEND=jax python benches/peers/journey_keras.py FILE [EPOCHS] [RATE ...]

Needs `pip install keras jax scikit-learn`. FILE is criteo_journeys_train.csv.gz. Journeys of users with `user % 5 == 4`
test, all others train; none are held back for validation. The last 20 touches of each, padded in front to 20; Embedding
8 -> LSTM 32 with log(1 + gap in hours), batch 512, Adam, 12 epochs. Prints, for each learning rate, seconds and figures on
the test part.
"""

import csv
import gzip
import os
import sys
import time

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
import keras
import numpy as np
from keras import layers
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

LONGEST = 20


def load(path):
    journeys = {}
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            journeys.setdefault(row["journey_id"], []).append(row)
    count = len(journeys)
    codes = np.zeros((count, LONGEST), "int32")
    gaps = np.zeros((count, LONGEST, 1), "float32")
    y, users = np.zeros(count, "float32"), np.zeros(count, "int64")
    for at, touches in enumerate(journeys.values()):
        times = np.array([float(touch["time_s"]) for touch in touches])
        hours = np.log1p(np.diff(times, prepend=times[0]) / 3600)
        kept = min(len(touches), LONGEST)
        codes[at, -kept:] = [int(touch["campaign"]) + 1 for touch in touches][-kept:]
        gaps[at, -kept:, 0] = hours[-kept:]
        y[at], users[at] = int(touches[0]["converted"]), int(touches[0]["user_id"])
    return codes, gaps, y, users


def main():
    epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    rates = [float(rate) for rate in sys.argv[3:]] or [1e-3, 3e-3, 1e-2]
    data = load(sys.argv[1])
    for rate in rates:
        learn(*data, epochs, rate)


def learn(codes, gaps, y, users, epochs, rate):
    test = users % 5 == 4
    train = ~test
    keras.utils.set_random_seed(0)
    channel, gap = layers.Input((LONGEST,), dtype="int32"), layers.Input((LONGEST, 1))
    x = layers.Embedding(int(codes.max()) + 1, 8, mask_zero=True)(channel)
    x = layers.LSTM(32)(layers.Concatenate()([x, gap]))
    model = keras.Model([channel, gap], layers.Dense(1, activation="sigmoid")(x))
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy")
    # The file is sorted by outcome; fit shuffles the training part by itself.
    started, used = time.time(), time.process_time()
    model.fit([codes[train], gaps[train]], y[train], batch_size=512, epochs=epochs, verbose=0)
    seconds, used = time.time() - started, time.process_time() - used
    p = model.predict([codes[test], gaps[test]], batch_size=4096, verbose=0)[:, 0]
    print(
        f"{train.sum()} train, {test.sum()} test; {model.count_params()} parameters, {epochs} epochs at {rate}, "
        f"{seconds:.1f} s ({used:.1f} s of processor time); test AUC {roc_auc_score(y[test], p):.4f}, "
        f"log-loss {log_loss(y[test], p):.4f}, accuracy {accuracy_score(y[test], p >= 0.5):.4f}",
        flush=True,
    )


main()
