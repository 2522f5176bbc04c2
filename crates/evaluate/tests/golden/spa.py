#!/usr/bin/env python3
"""Writes spa.json.gz: tests for superior predictive ability on artificial histories whose blocks are written beside them.

The rows of every artificial history come from the stationary bootstrap of arch, so the test of this crate can be run on the same
ones. The unscaled p-values and the long-run variances are arch's own. arch 8.0.0 simulates unscaled means even with
studentize=True, so the scaled p-values are computed here from the same rows, by the definition of Hansen (2005).

    python3 -m venv .venv && .venv/bin/pip install arch==8.0.0 numpy==2.4.6
    .venv/bin/python crates/evaluate/tests/golden/spa.py
"""

import gzip
import json
import pathlib

import arch
import numpy as np
from arch.bootstrap import RealityCheck, StationaryBootstrap

HERE = pathlib.Path(__file__).resolve().parent
CASES = [  # name, rows, models, mean block, resamples, advantage of the first model, standard deviation of the last one
    ("one model", 60, 1, 3, 200, 0.25, 1.0),
    ("five models, one good, one wild", 80, 5, 4, 200, 0.4, 4.0),
    ("eight models, none good", 100, 8, 6, 150, 0.0, 2.0),
    ("poor models", 70, 4, 2, 200, 0.1, 1.0),
]


def blocks_of(rows: np.ndarray, count: int) -> list[list[int]]:
    """Runs of consecutive rows, the first row following the last: [start, length] each."""
    blocks: list[list[int]] = []
    for row in rows.tolist():
        if blocks and row == (blocks[-1][0] + blocks[-1][1]) % count:
            blocks[-1][1] += 1
        else:
            blocks.append([row, 1])
    return blocks


def hansen(advantage: np.ndarray, variance: np.ndarray, drawn: list[np.ndarray]) -> dict[str, object]:
    n = len(advantage)
    mean, omega = advantage.mean(0), np.sqrt(variance)
    statistic = max(0.0, float(np.max(np.sqrt(n) * mean / omega)))
    threshold = -omega * np.sqrt(2.0 * np.log(np.log(n)) / n)
    centres = {
        "lower": np.maximum(mean, 0.0),
        "consistent": np.where(mean >= threshold, mean, 0.0),
        "upper": mean,
    }
    exceedances = {name: 0 for name in centres}
    for rows in drawn:
        star = advantage[rows].mean(0)
        for name, centre in centres.items():
            exceedances[name] += int(max(0.0, np.max(np.sqrt(n) * (star - centre) / omega)) > statistic)
    return {"statistic": statistic, "exceedances": exceedances}


def case(seed: int, name: str, rows: int, models: int, block: int, resamples: int, gain: float, wild: float) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    benchmark = np.round(rng.standard_normal(rows) + 2.0, 6)
    losses = np.round(0.5 * benchmark[:, None] + rng.standard_normal((rows, models)) + 1.0, 6)
    losses[:, 0] -= gain
    losses[:, -1] = np.round((losses[:, -1] - 2.0) * wild + (2.0 if name != "poor models" else 3.5), 6)
    losses = np.round(losses, 6)
    check = RealityCheck(benchmark, losses, block_size=block, reps=resamples, seed=seed)
    check.compute()
    # The same rows again: arch resets its bootstrap to the seed.
    bootstrap = StationaryBootstrap(block, np.arange(rows), seed=seed)
    drawn = [data[0][0].astype(int) for data in bootstrap.bootstrap(resamples)]
    advantage = benchmark[:, None] - losses
    best = float(advantage.mean(0).max())
    assert best > 0.0, "arch compares with a negative maximum, Hansen with zero"
    upper = np.mean([np.max(advantage[rows].mean(0) - advantage.mean(0)) > best for rows in drawn])
    assert upper == check.pvalues["upper"], "the rows are not those of the test"
    return {
        "name": name,
        "benchmark": benchmark.tolist(),
        "models": losses.T.tolist(),
        "mean_block": block,
        "histories": [blocks_of(rows_of, rows) for rows_of in drawn],
        "variances": check._loss_diff_var.tolist(),
        "reality_check": {
            "statistic": float(np.sqrt(rows)) * best,
            "exceedances": {key: round(float(p) * resamples) for key, p in check.pvalues.items()},
        },
        "superior_predictive_ability": hansen(advantage, check._loss_diff_var, drawn),
    }


cases = [case(11 + i, *parameters) for i, parameters in enumerate(CASES)]
document = {"libraries": {"arch": arch.__version__, "numpy": np.__version__}, "cases": cases}
text = json.dumps(document, separators=(",", ":")) + "\n"
(HERE / "spa.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
for made in cases:
    print(made["name"], made["reality_check"], made["superior_predictive_ability"])
