"""Times exact SHAP values of LightGBM models against LightGBM's own `pred_contrib`, in one run, with one thread each.

    benches/peers/run.sh shap

Both sides explain the same rows of the same text model, by data count. The script fails when a value differs by more than 1e-9.
Times are the best of several runs, in processor time.
"""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import lightgbm as lgb
import numpy as np

ROWS = 2000
REPEATS = 3


def friedman(rows, features, seed):
    """Friedman (1991), the first function, with noise of unit variance."""
    noise = np.random.default_rng(seed)
    x = noise.random((rows, features))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, y + noise.standard_normal(rows)


def weak(rows, features, seed):
    """Rank features of which three say a little of the target, as in a panel of returns."""
    noise = np.random.default_rng(seed)
    x = noise.uniform(-1, 1, (rows, features))
    return x, 0.05 * x[:, 0] + 0.05 * x[:, 1] * x[:, 2] + noise.standard_normal(rows)


def train(data, rounds, rate, leaves, least):
    x, y = data
    options = {"objective": "regression", "learning_rate": rate, "num_leaves": leaves, "min_data_in_leaf": least,
               "num_threads": 1, "seed": 7, "verbosity": -1, "deterministic": True}
    return lgb.train(options, lgb.Dataset(x, y), rounds)


def compare(name, model, rows):
    with tempfile.TemporaryDirectory() as folder:
        text, source, result = Path(folder, "model.txt"), Path(folder, "rows"), Path(folder, "shap")
        model.save_model(text)
        rows.astype("<f8").tofile(source)
        ours, theirs = float("inf"), float("inf")
        # In turns, so that a busy moment of the machine does not fall on one side only.
        for _ in range(REPEATS):
            out = subprocess.run([os.environ["PEERS_PROGRAM"], text, source, str(rows.shape[1]), result], check=True,
                                 capture_output=True, text=True)
            told = json.loads(out.stdout)
            ours = min(ours, told["ns"] / 1e9)
            start = time.process_time()
            values = model.predict(rows, pred_contrib=True, num_threads=1)
            theirs = min(theirs, time.process_time() - start)
        found = np.fromfile(result).reshape(values.shape)
    off = np.abs(found - values).max()
    assert off < 1e-9, f"{name}: a value differs by {off}"
    additive = np.abs(values.sum(axis=1) - model.predict(rows, raw_score=True)).max()
    per_second = len(rows) / ours, len(rows) / theirs
    print(f"| {name} | {per_second[0]:,.0f} | {per_second[1]:,.0f} | {theirs / ours:.1f} | {off:.0e} "
          f"| {told['additivity_error']:.0e} | {additive:.0e} |")


def main():
    print(f"LightGBM {lgb.__version__}, {ROWS} rows, one thread each\n")
    print("| model | ours, rows/s | LightGBM, rows/s | ratio | largest difference | our additivity error | LightGBM's |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    strong = friedman(50_000, 20, 1)
    compare("20 features, 300 trees of 31 leaves", train(strong, 300, 0.1, 31, 20), friedman(ROWS, 20, 2)[0])
    compare("20 features, 100 trees of 127 leaves", train(strong, 100, 0.1, 127, 20), friedman(ROWS, 20, 2)[0])
    compare("30 features, 200 trees of 8 leaves", train(weak(40_000, 30, 3), 200, 0.02, 8, 500), weak(ROWS, 30, 4)[0])


if __name__ == "__main__":
    main()
