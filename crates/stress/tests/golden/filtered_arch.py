"""Filtered historical simulation by arch: writes filtered_arch.json.

Each series is one column of data/mixed_1999_2005.csv: its log-returns less their mean, times 100. arch fits a constant mean and
GARCH(1,1) with normal innovations. The residuals of its fit, centred and scaled to variance one, are what its simulation draws from, as
`stress::FilteredHistorical` does. The figures are those of the sum of log-returns over 1, 10 and 21 days.

    pip install arch==8.0.0 numpy==2.4.6
    python3 crates/stress/tests/golden/filtered_arch.py
"""

import csv
import json
import pathlib

import arch
import numpy as np

HERE = pathlib.Path(__file__).parent
PATHS = 400_000
HORIZONS = [1, 10, 21]
SERIES = ["NASDAQ", "UST10Y_TR", "WTI", "EURUSD"]


def series():
    with open(HERE.parents[3] / "data" / "mixed_1999_2005.csv", newline="") as file:
        rows = list(csv.reader(file))
    return rows[0][1:], np.array([[float(x) for x in row[1:]] for row in rows[1:]])


def case(name, prices, seed):
    logs = np.diff(np.log(prices))
    logs = 100 * (logs - logs.mean())
    fit = arch.arch_model(logs, mean="Constant", vol="GARCH", p=1, q=1, dist="normal", rescale=False).fit(
        disp="off", tol=1e-12, options={"maxiter": 2000}
    )
    residuals = fit.resid / fit.conditional_volatility
    residuals = (residuals - residuals.mean()) / residuals.std()
    source = np.random.Generator(np.random.SFC64(seed))
    forecast = fit.forecast(
        horizon=HORIZONS[-1],
        method="simulation",
        simulations=PATHS,
        reindex=False,
        rng=lambda size: source.choice(residuals, size=size),
    )
    # The path of a day is its residual: without the mean, as our law is centred.
    sums = np.cumsum(forecast.simulations.residuals[0], axis=1) / 100
    figures = []
    for day in HORIZONS:
        x = np.sort(sums[:, day - 1])
        tail = x[: PATHS // 20]
        figures.append(
            {
                "day": day,
                "mean": float(x.mean()),
                "standard_deviation": float(x.std()),
                "quantile_05": float(x[PATHS // 20 - 1]),
                "quantile_01": float(x[PATHS // 100 - 1]),
                "tail_mean_05": float(tail.mean()),
                "tail_deviation_05": float(tail.std()),
            }
        )
    return {
        "series": name,
        "omega": float(fit.params["omega"]) / 1e4,
        "alpha": float(fit.params["alpha[1]"]),
        "beta": float(fit.params["beta[1]"]),
        "next_variance": float(forecast.variance.iloc[0, 0]) / 1e4,
        "figures": figures,
    }


def main():
    names, values = series()
    cases = [case(name, values[:, names.index(name)], 7 + i) for i, name in enumerate(SERIES)]
    out = {"arch": arch.__version__, "paths": PATHS, "cases": cases}
    (HERE / "filtered_arch.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
