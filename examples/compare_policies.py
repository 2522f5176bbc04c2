#!/usr/bin/env python3
"""Plans one book under several policies, and prints cost, turnover and tracking error side by side.

usage: compare_policies.py URL [REQUEST.json]

URL: a running service. REQUEST.json: a rebalance request, by default `risk_on_rally.json` beside this script. Its band, its turnover
limit and its tilt are left out, so that the policies differ in nothing else. The last column is what the plan leaves to pay, in basis
points of NAV: (γ/2)·TE² over one year with γ = 5, and the cost of the trades. Only Python is needed.
"""

import json
import pathlib
import sys
import urllib.error
import urllib.request

GAMMA = 5.0
SELF = {"band": "self"}
FIVE_25 = {"band": {"relative": 0.25, "cap": 0.05}}
POLICIES = [
    {"name": "5/25, to target"} | FIVE_25,
    {"name": "self-computed band, to its edge", "destination": 1} | SELF,
    {"name": "self-computed band, halfway", "destination": 0.5} | SELF,
    {"name": "self-computed band, to target", "destination": 0} | SELF,
    {"name": "full optimisation", "method": "optimal"},
]


def compare(url, portfolio, policies):
    body = json.dumps({"portfolio": portfolio, "policies": policies}).encode()
    request = urllib.request.Request(f"{url}/api/rebalance/compare", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        sys.exit(refused.read().decode())


def percent(fraction):
    return "n/a" if fraction is None else f"{100 * fraction:.2f}%"


def left_to_pay(tracking_error, cost):
    """Basis points of NAV: the price of the tracking error over a year, and the cost of the trades as a fraction of NAV."""
    return "n/a" if tracking_error is None else f"{1e4 * (0.5 * GAMMA * tracking_error**2 + cost):.2f}"


def line(name, *figures):
    print(f"{name:33}" + "".join(f"{figure:>11}" for figure in figures))


def main(url, path):
    portfolio = json.loads(path.read_text())
    for member in ("drift_threshold", "turnover_limit", "tracking_error_budget"):
        portfolio.pop(member, None)
    portfolio |= {"turnover_limit": 2.0, "risk_aversion": GAMMA, "monte_carlo": {"paths": 0}}
    answer = compare(url, portfolio, POLICIES)
    nav, held = answer["portfolio_value"], answer["baseline"]
    print(f"{path.name}, {nav:.2f} {answer['currency']}")
    line("policy", "orders", "cost", "cost, bp", "two-way", "one-way", "sell-side", "TE after", "left, bp")
    nothing = percent(0.0)
    before = held["tracking_error"]
    line("nothing traded", 0, "0.00", "0.00", nothing, nothing, nothing, percent(before), left_to_pay(before, 0.0))
    for entry in answer["policies"]:
        plan = entry["plan"]
        if plan is None:
            print(f"{entry['name']:33}" + "; ".join(f"{fault['pointer']} {fault['detail']}" for fault in entry["errors"]))
            continue
        cost, error = plan["estimated_total_transaction_cost"], plan["tracking_error_after"]
        turnover = [percent(plan[name]) for name in ("turnover_used", "turnover_one_way", "turnover_sell_side")]
        line(entry["name"], plan["orders"], f"{cost:.2f}", f"{1e4 * cost / nav:.2f}", *turnover, percent(error), left_to_pay(error, cost / nav))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    default = pathlib.Path(__file__).parent / "risk_on_rally.json"
    main(sys.argv[1].rstrip("/"), pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else default)
