#!/usr/bin/env python3
"""Plans the committed books under uniform bands and under bands that ask what a drift is worth, side by side.

usage: compare_bands.py URL

URL: a running service. Every plan goes to the targets, without a turnover limit and without a tilt, so that only the decision to trade
differs. `uniform` trades what is more than 2 points of NAV from its target, whatever it is worth (`worth_min_bps` −10,000). `uniform, if worth it` is
the same if the plan takes more off the objective than it costs (`worth_min_bps` 0). `own width` has the self-computed band, whose width follows
from cost and risk aversion, whatever the plan is worth.
`by risk` has no band: the optimal method trades what is outside its no-trade region.

The last two books are made of the targets of `risk_off_shock.json`, with drifts inside and just outside a uniform band. Figures in basis points
of NAV: `left` is (γ/2)·TE² over one year with γ = 5 and the cost of the trades. Only Python is needed.
"""

import json
import pathlib
import sys

from compare_policies import GAMMA, compare, left_to_pay, percent

FOLDER = pathlib.Path(__file__).parent
BOOKS = ["first_plan", "risk_off_shock", "risk_on_rally", "rates_move", "concentrated_stock_book"]
DRIFTS = {
    "three risky assets 1.9 points below": {"SP500_INDEX": -0.019, "NASDAQ": -0.019, "WTI": -0.019, "UST10Y_TR": 0.019, "UST2Y_TR": 0.019, "EURUSD": 0.019},
    "two bonds 2.1 points apart": {"UST10Y_TR": 0.021, "UST2Y_TR": -0.021},
}
POLICIES = [
    {"name": "uniform", "drift_threshold": 0.02, "worth_min_bps": -10_000.0},
    {"name": "uniform, if worth it", "drift_threshold": 0.02, "worth_min_bps": 0.0},
    {"name": "own width", "band": "self", "worth_min_bps": -10_000.0},
    {"name": "by risk", "method": "optimal"},
]


def read(name):
    portfolio = json.loads((FOLDER / f"{name}.json").read_text())
    for member in ("drift_threshold", "turnover_limit", "tracking_error_budget"):
        portfolio.pop(member, None)
    return portfolio | {"turnover_limit": 2.0, "risk_aversion": GAMMA, "monte_carlo": {"paths": 0}}


def drifted(drifts):
    portfolio = read("risk_off_shock")
    for asset in portfolio["assets"]:
        asset["current_weight"] = round(asset["target_weight"] + drifts.get(asset["asset"], 0.0), 6)
    return portfolio


def main(url):
    books = {name: read(name) for name in BOOKS} | {name: drifted(drifts) for name, drifts in DRIFTS.items()}
    print(f"{'book':36}{'policy':22}{'orders':>8}{'cost':>8}{'TE after':>10}{'left':>8}")
    for name, portfolio in books.items():
        answer = compare(url, portfolio, POLICIES)
        nav, before = answer["portfolio_value"], answer["baseline"]["tracking_error"]
        rows = [("nothing traded", 0, 0.0, before)]
        for entry in answer["policies"]:
            plan = entry["plan"]
            if plan is None:
                sys.exit(f"{name}, {entry['name']}: {entry['errors']}")
            rows.append((entry["name"], plan["orders"], plan["estimated_total_transaction_cost"] / nav, plan["tracking_error_after"]))
        for policy, orders, cost, error in rows:
            print(f"{name:36}{policy:22}{orders:>8}{1e4 * cost:>8.2f}{percent(error):>10}{left_to_pay(error, cost):>8}")
            name = ""


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1].rstrip("/"))
