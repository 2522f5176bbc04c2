#!/usr/bin/env python3
"""Runs the benchmarks that have a goal and prints each beside it.

    benches/goals.py [--only backtest]

Times are criterion's medians on the wall, since the goals are waiting times (`BENCH_CLOCK=cpu` for processor time). A machine that does something
else at the same time misses goals that it would meet. `make bench-peers PEERS=backtest` has the cases of a backtest beside other libraries on the same series, in one run, and
`cargo run --release -p portfolio-core --example lot_speed 1000 200 20` whole lots beside a general solver, book by book.
"""

import argparse
import os
from pathlib import Path

from pair import ROOT, build, measured, told

# Bench, case, seconds.
GOALS = [
    ("plan", "plan/6_assets_250_days/no_simulation", 25e-6),
    ("backtest", "backtest/10_years_20_assets/band", 30e-3),
    ("backtest", "backtest/10_years_20_assets/optimise_each_month", 30e-3),
    ("backtest", "backtest/10_years_20_assets/1000_bands", 2.0),
    ("evaluate", "evaluate/overfitting/100_configurations", 10e-3),
    # 500,000 orders a second.
    ("controls", "controls/orders/10", 20e-6),
    ("controls", "controls/orders/1000", 2e-3),
    ("multi_period", "path/20x10", 20e-3),
    ("multi_period", "path/20x10_limits", 20e-3),
    ("tft", "tft/predict/20_assets_21_days", 10e-3),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases whose id contains this")
    options = parser.parse_args()
    os.environ.setdefault("BENCH_CLOCK", "wall")
    goals = [goal for goal in GOALS if options.only in goal[1]]
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
    programs = build(ROOT, target, sorted({bench for bench, _, _ in goals}))
    print("| case | time | goal | |\n| --- | ---: | ---: | --- |")
    for bench, case, goal in goals:
        seconds = measured(programs[bench], ROOT, f"^{case}$")[case] / 1e9
        verdict = "met" if seconds <= goal else f"missed, {seconds / goal:.1f} times"
        print(f"| `{case}` | {told(1e9 * seconds)} | {told(1e9 * goal)} | {verdict} |", flush=True)


if __name__ == "__main__":
    main()
