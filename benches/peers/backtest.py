"""Replays two policies by this repository and by Python libraries: wealth has to agree before anything is timed.

    make bench-peers             after the other tables
    benches/peers/run.sh backtest

Ten years of daily prices of twenty stocks (`data/stocks_2010_2019.csv`), every stock at a twentieth: brought back on each day, and on the first
day of each month, with no costs. The best of several calls, in wall time: our side uses two threads at most, for two policies.

- ours: the whole answer of `rebalancer backtest`'s replay, with every trade booked to the cent, figures and intervals
- bt: `bt.Strategy` with `RunDaily` or `RunMonthly`, `SelectAll`, `WeighEqually`, `Rebalance`, in fractions of shares
- vectorbt: `Portfolio.from_orders` with target percents, cash shared by all columns
- skfolio: `EqualWeighted` under `WalkForward` and `cross_val_predict`; a test window has constant weights, which is rebalancing on each day
"""

import json
import os
import subprocess
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
CALLS = 3
# Days of a window of skfolio's walk-forward: a month.
WINDOW = 21


def prices():
    return pd.read_csv(ROOT / "data" / "stocks_2010_2019.csv", index_col=0, parse_dates=True).iloc[:, :-1]


def best(call):
    """Shortest of a few calls in seconds, and what the last one gave."""
    shortest, result = float("inf"), None
    for _ in range(CALLS):
        start = time.perf_counter()
        result = call()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def firsts(index):
    """Whether each day is the first of its month."""
    months = index.to_period("M")
    return np.append(False, months[1:] != months[:-1])


def reference(frame, due):
    """Wealth at the end by the definition: units are held until a due day, when each stock is a twentieth again."""
    matrix = frame.to_numpy()
    units = 1.0 / (matrix.shape[1] * matrix[0])
    for row in np.flatnonzero(due):
        units = units @ matrix[row] / (matrix.shape[1] * matrix[row])
    return units @ matrix[-1]


def ours():
    out = subprocess.run([os.environ["PEERS_BACKTEST"]], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


def by_bt(frame, cadence):
    import bt

    run = {"daily": bt.algos.RunDaily, "monthly": bt.algos.RunMonthly}[cadence]

    def call():
        steps = [run(run_on_first_date=True), bt.algos.SelectAll(), bt.algos.WeighEqually(), bt.algos.Rebalance()]
        test = bt.Backtest(bt.Strategy(cadence, steps), frame, integer_positions=False, progress_bar=False)
        wealth = bt.run(test).prices[cadence]
        return wealth.iloc[-1] / wealth.iloc[0]

    return call


def by_vectorbt(frame, cadence):
    import vectorbt as vbt

    due = np.ones(len(frame), bool) if cadence == "daily" else firsts(frame.index)
    due[0] = True
    row = np.where(due, 1.0 / frame.shape[1], np.nan)
    size = pd.DataFrame(np.tile(row[:, None], frame.shape[1]), frame.index, frame.columns)

    def call():
        held = vbt.Portfolio.from_orders(
            frame, size, size_type="targetpercent", group_by=True, cash_sharing=True, call_seq="auto", init_cash=1e6, freq="D"
        )
        return held.final_value() / 1e6

    return call


def by_skfolio(frame, cadence):
    from skfolio.model_selection import WalkForward, cross_val_predict
    from skfolio.optimization import EqualWeighted

    if cadence != "daily":
        return None
    returns = frame.pct_change().iloc[1:]

    # Weights are constant inside a window, whatever its length; the days before the first test are those of the definition.
    before = np.prod(1.0 + returns.iloc[:WINDOW].mean(axis=1).to_numpy())

    def call():
        found = cross_val_predict(EqualWeighted(), returns, cv=WalkForward(WINDOW, WINDOW, reduce_test=True))
        return before * float(np.prod(1.0 + np.asarray(found.returns)))

    return call


LIBRARIES = {"bt": by_bt, "vectorbt": by_vectorbt, "skfolio": by_skfolio}


def main():
    warnings.filterwarnings("ignore")
    frame = prices()
    own = ours()
    print(f"\nA backtest of {frame.shape[1]} stocks over {len(frame):,} days, each stock a twentieth\n")
    print("| policy | who | wealth at the end | off the definition | time | ratio to ours |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for cadence in ("daily", "monthly"):
        due = np.ones(len(frame), bool) if cadence == "daily" else firsts(frame.index)
        expected = reference(frame, due)
        found, seconds = own[cadence]["wealth"], own[cadence]["ns"] / 1e9
        rows = [("ours", found, seconds)]
        for name, library in LIBRARIES.items():
            if find_spec(name) is None:
                print(f"| {cadence} | {name} | not installed | | | |")
                continue
            call = library(frame, cadence)
            if call is not None:
                taken, wealth = best(call)
                rows.append((name, float(wealth), taken))
        for name, wealth, taken in rows:
            off = abs(wealth / expected - 1.0)
            print(f"| {cadence} | {name} | {wealth:.6f} | {off:.0e} | {taken * 1e3:.1f} ms | {taken / seconds:.0f} |", flush=True)
            assert off < 1e-6, f"{name} has another wealth for {cadence}: {wealth}, by the definition {expected}"


if __name__ == "__main__":
    main()
