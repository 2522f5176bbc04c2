#!/usr/bin/env python3
"""Writes overlapping.json: covariances from overlapping sums of returns of real assets, from their definition, with numpy.

The windows are taken from the returns as they are, and k times the mean is removed from each sum.

    python3 crates/risk/tests/golden/overlapping.py
"""

import csv
import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parents[3] / "data"
ASSETS = {
    "stocks_2010_2019": ["AAPL", "AMD", "BAC", "WMT", "XOM", "SP500_INDEX"],
    "mixed_1999_2005": ["SP500_INDEX", "NASDAQ", "UST10Y_TR", "UST2Y_TR", "EURUSD", "WTI"],
}
SETTINGS = [(1, 250), (1, None), (2, 60), (5, 12), (5, 250), (5, None), (21, None)]


def returns_of(data: str, names: list[str]) -> np.ndarray:
    with open(DATA / f"{data}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    prices = np.array([[float(row[name]) for name in names] for row in rows])
    return prices[1:] / prices[:-1] - 1.0


def overlapping(x: np.ndarray, k: int) -> np.ndarray:
    t = len(x)
    sums = np.lib.stride_tricks.sliding_window_view(x, k, axis=0).sum(axis=-1) - k * x.mean(axis=0)
    return sums.T @ sums / (k * (t - k + 1) * (1.0 - k / t))


def main() -> None:
    cases = []
    for data, names in ASSETS.items():
        returns = returns_of(data, names)
        for periods, first in SETTINGS:
            matrix = overlapping(returns[:first], periods)
            cases.append(
                {
                    "id": f"{data}/k{periods}/first{first or 'all'}",
                    "inputs": {"data": data, "assets": names, "first_n_returns": first, "periods": periods},
                    "expected": {"covariance": matrix.tolist()},
                }
            )
    golden = {
        "schema": "golden/1",
        "suite": "overlapping",
        "libraries": {"numpy": np.__version__},
        "definitions": {
            "covariance": "sum of y y' / (k (T - k + 1) (1 - k/T)), y the sums of k consecutive returns less k times the mean; per period"
        },
        "cases": cases,
    }
    (HERE / "overlapping.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
