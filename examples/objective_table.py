#!/usr/bin/env python3
"""Prints the price of leaving the policy, in basis points of NAV, before and after the plans of each method.

usage: objective_table.py BINARY

For each preview scenario: (γ/2)·TE² + costs with γ = 5 under the covariance of the optimal method, before any trade, after the plan with
the goal mean_variance, after that of the drift method, and after that with the goal policy; then how many orders the policy's goal
places when the book is on its targets.
"""

import json
import pathlib
import subprocess
import sys

GAMMA = 5.0
SCENARIOS = ["concentrated_stock_book", "rates_move", "risk_off_shock", "risk_on_rally"]


def plan(binary, body):
    run = subprocess.run([binary, "plan", "--format", "json", "-"], input=json.dumps(body), capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def price(answer, sigma, weight):
    gap = [row[weight] - row["target_weight"] for row in answer["weights"]]
    variance = sum(a * b * sigma[i][j] for i, a in enumerate(gap) for j, b in enumerate(gap))
    return 1e4 * 0.5 * GAMMA * variance


def main(binary):
    print(f"{'scenario':26}{'before':>9}{'mean_variance':>15}{'drift':>8}{'policy':>8}{'orders on target':>18}")
    for name in SCENARIOS:
        body = json.loads((pathlib.Path(__file__).parent / f"{name}.json").read_text())
        body |= {"tracking_error_budget": 0, "monte_carlo": {"paths": 0}}
        policy = plan(binary, body | {"method": "optimal"})
        sigma = policy["optimization"]["model"]["sigma"]

        def objective(answer):
            cost = answer["estimated_total_transaction_cost"] / body["portfolio_value"]
            return price(answer, sigma, "weight_after") + 1e4 * cost

        absolute = plan(binary, body | {"method": "optimal", "optimization": {"goal": "mean_variance"}})
        there = body | {"method": "optimal", "assets": [a | {"current_weight": a["target_weight"]} for a in body["assets"]]}
        row = [price(policy, sigma, "current_weight"), objective(absolute), objective(plan(binary, body)), objective(policy)]
        print(f"{name:26}{row[0]:9.2f}{row[1]:15.2f}{row[2]:8.2f}{row[3]:8.2f}{len(plan(binary, there)['orders']):18}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
