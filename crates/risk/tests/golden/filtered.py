#!/usr/bin/env python3
"""Writes filtered.json: filtered historical VaR and CVaR of real series, from their definition, with numpy.

The variances are explicit weighted sums instead of a recursion, VaR is numpy's inverted distribution function, and CVaR is the
value of the Rockafellar-Uryasev objective at the VaR.

    python3 crates/risk/tests/golden/filtered.py
"""

import csv
import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parents[3] / "data"
SERIES = {
    "stocks_2010_2019": ["AAPL", "AMD", "BAC", "WMT", "XOM", "SP500_INDEX"],
    "mixed_1999_2005": ["NASDAQ", "UST10Y_TR", "WTI", "EURUSD", "SP500_INDEX"],
}
SETTINGS = [(0.94, 75, None), (0.97, 100, None), (0.94, 75, 150)]
LEVELS = [0.95, 0.99]


def returns_of(data: str) -> dict[str, np.ndarray]:
    with open(DATA / f"{data}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "date"]
    prices = {name: np.array([float(row[name]) for row in rows]) for name in names}
    return {name: p[1:] / p[:-1] - 1.0 for name, p in prices.items()}


def filtered(r: np.ndarray, decay: float, warm_up: int) -> tuple[np.ndarray, float]:
    """Returns after the warm-up, rescaled to the volatility known after the last of them, and that volatility."""
    start = np.average(r[:warm_up] ** 2, weights=decay ** np.arange(warm_up - 1, -1, -1.0))
    later = r[warm_up:]

    def variance_after(days: int) -> float:
        weights = (1.0 - decay) * decay ** np.arange(days - 1, -1, -1.0)
        return decay**days * start + float(weights @ later[:days] ** 2)

    deviations = np.sqrt([variance_after(days) for days in range(len(later) + 1)])
    return later / deviations[:-1] * deviations[-1], float(deviations[-1])


def tail(x: np.ndarray, level: float) -> dict[str, float]:
    losses, alpha = -x, 1.0 - level
    value_at_risk = -float(np.quantile(x, round(alpha, 12), method="inverted_cdf"))
    excess = np.maximum(losses - value_at_risk, 0.0).mean() / alpha
    return {"value_at_risk": value_at_risk, "conditional_value_at_risk": value_at_risk + float(excess)}


def main() -> None:
    cases = []
    for data, names in SERIES.items():
        returns = returns_of(data)
        for name in names:
            for decay, warm_up, first in SETTINGS:
                series, volatility = filtered(returns[name][:first], decay, warm_up)
                for level in LEVELS:
                    cases.append(
                        {
                            "id": f"{data}/{name}/decay{decay}/first{first or 'all'}/{level}",
                            "inputs": {
                                "data": data,
                                "asset": name,
                                "first_n_returns": first,
                                "decay": decay,
                                "warm_up": warm_up,
                                "level": level,
                            },
                            "expected": {"volatility": volatility, "observations": len(series), **tail(series, level)},
                        }
                    )
    golden = {
        "schema": "golden/1",
        "suite": "filtered",
        "libraries": {"numpy": np.__version__},
        "definitions": {
            "volatility": "of the period after the last return: weighted sum of squared returns, not annualised",
            "value_at_risk": "minus numpy.quantile(x, 1 - level, method='inverted_cdf') of x_t = r_t sigma_{T+1} / sigma_t",
            "conditional_value_at_risk": "VaR + mean(max(-x - VaR, 0)) / (1 - level)",
        },
        "cases": cases,
    }
    (HERE / "filtered.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
