"""Replays policies by this repository and by Python libraries: wealth has to agree before anything is timed. Then the cases with a goal.

    make bench-peers             after the other tables
    make bench-peers PEERS=backtest

The twenty stocks of `data/stocks_1990_2022.csv.gz` from 2010 to 2019, with the year before as history; no costs. The best of several calls, in
wall time.

| policy | rule |
| --- | --- |
| daily, monthly | every stock at a twentieth, on each day or on the first day of each month |
| band | every stock back to a twentieth on a day on which one is more than a percentage point away |
| least variance | on the first day of each month the long-only weights of least variance over the last 252 returns, drifting until the next |
| walk-forward | the same weights for windows of 21 days, constant inside each, which is rebalancing on each day |

- ours: the whole answer of a replay, with every trade booked to the cent, figures and intervals; `replay_splits` for the walk-forward
- bt: `RunDaily`, `RunMonthly`, `RunIfOutOfBounds`, `SelectAll`, `WeighEqually`, `WeighSpecified`, `Rebalance`, in fractions of shares; weights of
  least variance are those of skfolio's `MeanRisk`, in an algo of its own
- vectorbt: `Portfolio.from_orders` with target percents, cash shared by all columns; the days of the band are found in NumPy, weights by `MeanRisk`
- skfolio: `EqualWeighted` or `MeanRisk` under `WalkForward` and `cross_val_predict`

The definitions are a few lines of NumPy, and the weights of least variance in them are those of non-negative least squares. Wealth has to agree
with them to 1e-6, and to 1e-4 where the weights are skfolio's, whose solver stops earlier.
"""

import gzip
import json
import math
import os
import subprocess
import tempfile
import time
import warnings
from functools import cache
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import nnls

ROOT = Path(__file__).resolve().parents[2]
CALLS = 3
# Returns of an optimisation, days of a window of the walk-forward, and half-width of the band.
YEAR = 252
WINDOW = 21
WIDTH = 0.01
# Configurations and blocks of the probability of overfitting.
CONFIGURATIONS = 100
BLOCKS = 16
CLOSE = 1e-6
CLOSE_BY_SKFOLIO = 1e-4


def prices():
    with gzip.open(ROOT / "data" / "stocks_1990_2022.csv.gz", "rt") as file:
        frame = pd.read_csv(file, index_col=0, parse_dates=True)
    frame = frame.drop(columns=[name for name in frame.columns if name == "SP500_INDEX"])
    first = int(np.argmax(frame.index >= "2010-01-01"))
    return frame.iloc[first - YEAR : int(np.argmax(frame.index >= "2020-01-01"))]


def best(call):
    """Shortest of a few calls in seconds, and what the last one gave."""
    shortest, result = float("inf"), None
    for _ in range(CALLS):
        start = time.perf_counter()
        result = call()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def firsts(index):
    """Whether each day is the first of the frame or of its month."""
    months = index.to_period("M")
    return np.append(True, months[1:] != months[:-1])


def band_days(matrix):
    """Whether each day is one on which a stock is outside its band, every stock being at a twentieth after it."""
    due = np.zeros(len(matrix), bool)
    due[0] = True
    base = matrix[0]
    for row in range(1, len(matrix)):
        grown = matrix[row] / base
        if np.abs(grown / grown.sum() - 1.0 / len(grown)).max() > WIDTH:
            due[row], base = True, matrix[row]
    return due


def least_variance(returns):
    """Long-only weights of least variance: the direction of the non-negative x with the least |A x|² + (1'x − 1)²."""
    centred = 100.0 * (returns - returns.mean(axis=0)) / math.sqrt(len(returns) - 1.0)
    stocks = centred.shape[1]
    found, _ = nnls(np.vstack([centred, np.ones(stocks)]), np.append(np.zeros(len(centred)), 1.0), maxiter=100 * stocks)
    return found / found.sum()


def by_skfolio_weights(returns):
    from skfolio.optimization import MeanRisk

    return MeanRisk().fit(returns).weights_


def equal(stocks):
    return np.full(stocks, 1.0 / stocks)


def monthly_weights(frame, weigh):
    """The weights of each day from the 253rd on, `nan` on days without a trade."""
    returns = frame.pct_change().iloc[1:]
    days = frame.iloc[YEAR:]
    table = np.full(days.shape, np.nan)
    for row in np.flatnonzero(firsts(days.index)):
        table[row] = weigh(returns.iloc[row : row + YEAR].to_numpy())
    return table


def held(matrix, weights):
    """Wealth at the end: units are held from one row of weights to the next."""
    wealth, units = 1.0, None
    for prices_of, target in zip(matrix, weights):
        if units is not None:
            wealth = units @ prices_of
        if not np.isnan(target[0]):
            units = wealth * target / prices_of
    return wealth


def windows(frame):
    """The walk-forward windows: rows of the training and of the test among the returns."""
    returns = frame.pct_change().iloc[1:].to_numpy()
    for start in range(YEAR, len(returns), WINDOW):
        yield returns[start - YEAR : start], returns[start : start + WINDOW]


@cache
def definition(policy):
    frame = prices()
    matrix = frame.iloc[YEAR:].to_numpy()
    if policy == "walk-forward":
        return float(np.prod([np.prod(1.0 + test @ least_variance(train)) for train, test in windows(frame)]))
    if policy == "least variance":
        return held(matrix, monthly_weights(frame, least_variance))
    due = {"daily": np.ones(len(matrix), bool), "monthly": firsts(frame.index[YEAR:]), "band": band_days(matrix)}[policy]
    return held(matrix, np.where(due[:, None], equal(matrix.shape[1]), np.nan))


def ours(frame):
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        frame.to_csv(file.name, date_format="%Y-%m-%d")
        out = subprocess.run([os.environ["PEERS_BACKTEST"], file.name], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


def by_bt(frame, policy):
    import bt

    if policy == "walk-forward":
        return None
    days = frame.iloc[YEAR:]
    returns = frame.pct_change().iloc[1:]

    class LeastVariance(bt.Algo):
        """The weights of the day over the last year, by skfolio."""

        def __call__(self, target):
            row = days.index.get_loc(target.now)
            weights = by_skfolio_weights(returns.iloc[row : row + YEAR].to_numpy())
            target.temp["weights"] = dict(zip(days.columns, weights))
            return True

    def steps():
        monthly = bt.algos.RunMonthly(run_on_first_date=True)
        if policy == "least variance":
            return [monthly, bt.algos.SelectAll(), LeastVariance(), bt.algos.Rebalance()]
        weigh = [bt.algos.SelectAll(), bt.algos.WeighEqually()]
        if policy == "band":
            # A fraction of the target, a twentieth; the first day is out of bounds.
            return [*weigh, bt.algos.RunIfOutOfBounds(WIDTH * days.shape[1]), bt.algos.Rebalance()]
        return [monthly if policy == "monthly" else bt.algos.RunDaily(run_on_first_date=True), *weigh, bt.algos.Rebalance()]

    def call():
        test = bt.Backtest(bt.Strategy(policy, steps()), days, integer_positions=False, progress_bar=False)
        wealth = bt.run(test).prices[policy]
        return wealth.iloc[-1] / wealth.iloc[0]

    return call


def by_vectorbt(frame, policy):
    import vectorbt as vbt

    if policy == "walk-forward":
        return None
    days = frame.iloc[YEAR:]

    def weights():
        if policy == "least variance":
            return monthly_weights(frame, by_skfolio_weights)
        due = {"daily": lambda: np.ones(len(days), bool), "monthly": lambda: firsts(days.index), "band": lambda: band_days(days.to_numpy())}[policy]()
        return np.where(due[:, None], equal(days.shape[1]), np.nan)

    def call():
        size = pd.DataFrame(weights(), days.index, days.columns)
        account = vbt.Portfolio.from_orders(
            days, size, size_type="targetpercent", group_by=True, cash_sharing=True, call_seq="auto", init_cash=1e6, freq="D"
        )
        return account.final_value() / 1e6

    return call


def by_skfolio(frame, policy):
    from skfolio.model_selection import WalkForward, cross_val_predict
    from skfolio.optimization import EqualWeighted, MeanRisk

    model = {"daily": EqualWeighted, "walk-forward": MeanRisk}.get(policy)
    if model is None:
        return None
    returns = frame.pct_change().iloc[1:]

    def call():
        found = cross_val_predict(model(), returns, cv=WalkForward(WINDOW, YEAR, reduce_test=True))
        return float(np.prod(1.0 + np.asarray(found.returns)))

    return call


LIBRARIES = {"bt": by_bt, "vectorbt": by_vectorbt, "skfolio": by_skfolio}


def policies(frame, own):
    print(f"\nA backtest of {frame.shape[1]} stocks over {len(frame) - YEAR:,} days\n")
    print("| policy | who | wealth at the end | off the definition | time | ratio to ours |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for policy in ("daily", "monthly", "band", "least variance", "walk-forward"):
        expected = definition(policy)
        found, seconds = own[policy]["wealth"], own[policy]["ns"] / 1e9
        rows = [("ours", found, seconds, CLOSE)]
        for name, library in LIBRARIES.items():
            if find_spec(name) is None:
                print(f"| {policy} | {name} | not installed | | | |")
                continue
            call = library(frame, policy)
            if call is not None:
                taken, wealth = best(call)
                rows.append((name, float(wealth), taken, CLOSE_BY_SKFOLIO if policy in ("least variance", "walk-forward") else CLOSE))
        for name, wealth, taken, close in rows:
            off = abs(wealth / expected - 1.0)
            print(f"| {policy} | {name} | {wealth:.6f} | {off:.0e} | {taken * 1e3:.1f} ms | {taken / seconds:.0f} |", flush=True)
            assert off < close, f"{name} has another wealth for {policy}: {wealth}, by the definition {expected}"


def noise(periods):
    """The returns of the strategies without skill that our side draws."""
    state, values = 1, []
    for _ in range(CONFIGURATIONS * periods):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        values.append(0.02 * ((state >> 11) / 2**53 - 0.5))
    return np.array(values).reshape(CONFIGURATIONS, periods)


def overfitting(returns):
    """The share of splits in which the best of one half is at or below the median of the other, in NumPy, from sums of blocks."""
    count, periods = returns.shape
    edges = [block * periods // BLOCKS for block in range(BLOCKS + 1)]
    blocks = [returns[:, a:b] for a, b in zip(edges, edges[1:])]
    sums = np.array([[len(block.T), *block.sum(axis=1), *(block**2).sum(axis=1)] for block in blocks])
    masks = np.array([[block in chosen for block in range(BLOCKS)] for chosen in combinations(range(BLOCKS), BLOCKS // 2)], float)

    def ratios(masks):
        halves = masks @ sums
        length, total, squares = halves[:, :1], halves[:, 1 : count + 1], halves[:, count + 1 :]
        mean = total / length
        return mean / np.sqrt((squares - length * mean**2) / (length - 1.0))

    inside, outside = ratios(masks), ratios(1.0 - masks)
    chosen = outside[np.arange(len(masks)), inside.argmax(axis=1)]
    rank = (outside <= chosen[:, None]).sum(axis=1)
    return float(np.mean(rank <= (count + 1) / 2))


def goals(frame, own):
    print(f"\nThe cases with a goal, in the same run: {frame.shape[1]} stocks, {len(frame) - YEAR:,} days, 10 bp a side; two threads at most\n")
    print("| case | time | processor time | goal | |")
    print("| --- | ---: | ---: | ---: | --- |")
    for goal in own["goals"]:
        taken, limit = goal["ns"] / 1e6, goal["goal_ns"] / 1e6
        verdict = "met" if taken <= limit else f"missed, {taken / limit:.1f} times"
        used = "" if goal["processor_ns"] is None else f"{goal['processor_ns'] / 1e6:,.1f} ms"
        print(f"| {goal['case']} | {taken:,.1f} ms | {used} | {limit:,.0f} ms | {verdict} |")
    returns = noise(len(frame) - 1 - YEAR)
    taken, probability = best(lambda: overfitting(returns))
    print(f"| the same PBO in NumPy, from sums of blocks | {taken * 1e3:,.1f} ms | | | |")
    assert abs(probability - own["overfitting"]) < 1e-12, f"PBO {own['overfitting']}, in NumPy {probability}"


def main():
    warnings.filterwarnings("ignore")
    frame = prices()
    own = ours(frame)
    policies(frame, own)
    goals(frame, own)


if __name__ == "__main__":
    main()
