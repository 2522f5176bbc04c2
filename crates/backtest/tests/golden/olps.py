"""Golden wealth of constant portfolios, computed apart from this repository.

    python3 crates/backtest/tests/golden/olps.py fetch     # writes .cache/olps/*.csv, which the test then reads
    python3 crates/backtest/tests/golden/olps.py golden    # writes wealth.json beside this file; needs numpy 2.3 and the fetched files

The six sets of online portfolio selection (NYSE old and new, TSE, MSCI, DJIA, S&P 500) are in the package
universal-portfolios 0.4.17. Its licence file is the "Feedback MIT License", which is the MIT licence and one condition more: whoever
obtains a copy returns feedback to the authors. So the files are fetched, and not shipped. What is shipped are figures computed from
them: their wealth, and the weights of the best constant portfolio. The same figures of data/stocks_2010_2019.csv are
tested without fetching anything.

Rules: every portfolio begins invested, without a cost; a rebalanced one returns to its weights at the end of every period, the
last one included. With cost rate c a side, positions x worth S and weights t, the value S' after trading solves
S' = S - c * sum |S' t - x|.
"""

import csv
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]
CACHE = ROOT / ".cache" / "olps"
PACKAGE = "universal-portfolios==0.4.17"
WHEEL_SHA256 = "5da294f188c08a911815f5e406907563fbdf0319890da47aaf4134473845ac67"
SETS = ["nyse_o", "nyse_n", "tse", "msci", "djia", "sp500"]


def fetch():
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "-d", folder, PACKAGE]
        subprocess.run(command, check=True)
        wheel = next(Path(folder).glob("*.whl")).read_bytes()
    if hashlib.sha256(wheel).hexdigest() != WHEEL_SHA256:
        sys.exit("the wheel is not the one that the figures were computed from")
    CACHE.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        for name in SETS:
            (CACHE / f"{name}.csv").write_bytes(archive.read(f"universal/data/{name}.csv"))


def prices_of(path):
    """Prices, one row per period; the files begin after the first period, at prices relative to its beginning."""
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [[float(cell) for cell in row] for row in rows]


def stocks():
    with open(ROOT / "data" / "stocks_2010_2019.csv", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [[float(cell) for cell in row[1:-1]] for row in rows]


def rebalanced(relatives, weights, cost):
    import numpy as np

    value = 1.0
    for x in relatives:
        positions = value * weights * x
        total = positions.sum()
        value = total
        for _ in range(20 if cost else 0):
            # Each step divides the error by at least 1 / (2 * cost).
            value = total - cost * np.abs(value * weights - positions).sum()
    return float(value)


def best_constant(relatives):
    """Newton steps on the assets with weight, until no other asset would raise the growth rate."""
    import numpy as np

    growth = np.log(relatives).sum(axis=0)
    active = [int(growth.argmax())]
    weights = np.ones(1)
    for _ in range(200):
        x = relatives[:, active]
        for _ in range(200):
            ratio = x / (x @ weights)[:, None]
            gradient, hessian = ratio.mean(axis=0), ratio.T @ ratio / len(ratio)
            k = len(active)
            system = np.block([[hessian, np.ones((k, 1))], [np.ones((1, k)), np.zeros((1, 1))]])
            step = np.linalg.solve(system, np.append(gradient, 0.0))[:k]
            falls = step < 0
            room = min(1.0, float((weights[falls] / -step[falls]).min())) if falls.any() else 1.0
            weights = weights + room * step
            if room < 1.0 and weights.min() < 1e-14:
                keep = weights > 1e-14
                active, weights = [a for a, kept in zip(active, keep) if kept], weights[keep] / weights[keep].sum()
                x = relatives[:, active]
                continue
            if np.abs(step).max() < 1e-15:
                break
        slope = (relatives / (x @ weights)[:, None]).mean(axis=0)
        worst = int(slope.argmax())
        if slope[worst] < 1.0 + 1e-13 or worst in active:
            break
        active, weights = active + [worst], np.append(weights * (1 - 1e-6), 1e-6)
    full = np.zeros(relatives.shape[1])
    full[active] = weights
    return full / full.sum(), float(slope.max())


def figures(relatives):
    import numpy as np

    relatives = np.array(relatives)
    periods, assets = relatives.shape
    uniform = np.full(assets, 1.0 / assets)
    grown = relatives.prod(axis=0)
    weights, slope = best_constant(relatives)
    return {
        "periods": periods,
        "assets": assets,
        "hold": float(grown.mean()),
        "best": float(grown.max()),
        "uniform": rebalanced(relatives, uniform, 0.0),
        "uniform_25_bp": rebalanced(relatives, uniform, 0.0025),
        "best_constant": rebalanced(relatives, weights, 0.0),
        # No constant portfolio has more than this times the wealth of these weights.
        "best_constant_bound": float(slope**periods),
        "best_constant_weights": [float(w) for w in weights],
    }


def golden():
    sets = {}
    for name in SETS:
        path = CACHE / f"{name}.csv"
        prices = prices_of(path)
        relatives = [prices[0]] + [[b / a for a, b in zip(p, q)] for p, q in zip(prices, prices[1:])]
        sets[name] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), **figures(relatives)}
    prices = stocks()
    sets["stocks_2010_2019"] = figures([[b / a for a, b in zip(p, q)] for p, q in zip(prices, prices[1:])])
    text = json.dumps({"package": PACKAGE, "sets": sets}, indent=1)
    (HERE / "wealth.json").write_text(text + "\n")


if __name__ == "__main__":
    {"fetch": fetch, "golden": golden}[sys.argv[1] if len(sys.argv) > 1 else "fetch"]()
