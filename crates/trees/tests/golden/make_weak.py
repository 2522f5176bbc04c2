#!/usr/bin/env python3
"""LightGBM on the weak panel of the tests: R² out of sample on five seeds.

    cargo run --release -p trees --example weak_panel FOLDER
    python3 crates/trees/tests/golden/make_weak.py FOLDER    # with lightgbm 4.7.0 and numpy

Writes weak.json next to it. One thread and the settings of the example.
"""

import json
import sys
from pathlib import Path

import lightgbm
import numpy

FEATURES, TRAINED = 30, 40_000
SETTINGS = {
    "objective": "regression",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 500,
    "min_sum_hessian_in_leaf": 0,
    "num_threads": 1,
    "deterministic": True,
    "verbose": -1,
}


def main(folder):
    found = []
    for seed in range(5):
        rows = numpy.fromfile(folder / f"rows{seed}").reshape(-1, FEATURES)
        targets = numpy.fromfile(folder / f"targets{seed}")
        data = lightgbm.Dataset(rows[:TRAINED], targets[:TRAINED])
        told = lightgbm.train(SETTINGS, data, 100).predict(rows[TRAINED:])
        came = targets[TRAINED:]
        found.append(1 - float(((came - told) ** 2).sum() / (came**2).sum()))
    out = {"lightgbm": lightgbm.__version__, "r_squared": found}
    (Path(__file__).parent / "weak.json").write_text(json.dumps(out) + "\n")
    print(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
