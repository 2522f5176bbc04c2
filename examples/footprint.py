#!/usr/bin/env python3
"""What staggering hides of a policy, and what it costs: `POST /api/policy/footprint` over the shipped history.

usage: footprint.py URL

URL: a running service. The policy holds 60 % of the S&P 500 and 40 % of ten-year Treasuries over 1999 to 2005 (`data/mixed_1999_2005.csv`),
under 5/25 bands, and trades half way to the edge of the band. Each row is the mean of seeds 1 to 20: the share of the variance of the days and of
the sizes of its trades that an outsider explains, and what the staggering adds to the cost of tracking, basis points a year at γ = 5.
Only Python is needed.
"""

import csv
import json
import pathlib
import sys
import urllib.request

DATA = pathlib.Path(__file__).parent.parent / "data" / "mixed_1999_2005.csv"
WEIGHTS = {"SP500_INDEX": 0.6, "UST10Y_TR": 0.4}
TRIGGERS = {
    "on a breach": {"kind": "threshold"},
    "on a breach, first of a month": {"kind": "both", "every": "month_start"},
    "first of a month": {"kind": "calendar", "every": "month_start"},
}
STAGGERINGS = [(0, 0.0), (5, 0.25), (20, 0.25), (60, 0.25)]
SEEDS = range(1, 21)


def ask(url, body):
    request = urllib.request.Request(f"{url}/api/policy/footprint", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def mean(values):
    return sum(values) / len(values)


def main(url):
    rows = list(csv.DictReader(DATA.open()))
    returns = {name: [float(b[name]) / float(a[name]) - 1 for a, b in zip(rows, rows[1:])] for name in WEIGHTS}
    policy = {
        "dates": [row["date"] for row in rows[1:]],
        "assets": [{"asset": name, "target_weight": weight, "historical_returns": returns[name]} for name, weight in WEIGHTS.items()],
        "band": {"relative": 0.25, "cap": 0.05},
        "destination": 0.5,
    }
    print(f"{'trades':32}{'window':>8}{'shift':>7}{'days':>8}{'sizes':>8}{'extra bp':>10}")
    for name, trigger in TRIGGERS.items():
        for window, jitter in STAGGERINGS:
            staggering = {"window_days": window, "destination_jitter": jitter}
            answers = [ask(url, policy | {"trigger": trigger, "staggering": staggering | {"seed": seed}}) for seed in (SEEDS if window else [1])]
            days, sizes = (mean([answer["staggered"][figure] for answer in answers]) for figure in ("date_r_squared", "size_r_squared"))
            extra = mean([answer["extra_tracking_cost_bps"] for answer in answers])
            print(f"{name:32}{window:>8}{jitter:>7.2f}{days:>8.3f}{sizes:>8.3f}{extra:>10.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1].rstrip("/"))
