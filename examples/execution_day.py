#!/usr/bin/env python3
"""Plans, fills, a refit of the cost model, its promotion, and a plan that names it: the whole way, on twenty real stocks.

    python3 examples/execution_day.py http://127.0.0.1:5000

Prices and histories are those of `data/stocks_2010_2019.csv`. What a broker would report is made here, because nobody publishes fills: each order
is filled in three parts at the cost that a planted law says, with noise from a fixed seed, and the volumes are assumed. So the refit has an answer that
is known: each estimate must be within two of its standard errors of what was planted. Python's standard library only. Exit code 1 when anything differs.
"""

import json
import random
import statistics
import sys
import urllib.error
import urllib.request
from decimal import Decimal

from build_scenarios import ROOT, Prices, simple_returns

DAYS = ["2018-06-29", "2018-09-28", "2018-12-31"]
HISTORY_DAYS = 252
PLANTED = {"half_spread": 0.0004, "impact": 0.8, "exponent": 0.6}
NOISE = 0.00003  # standard deviation of what the law leaves unexplained, a fraction of the value traded
PARTS = [0.5, 0.3, 0.2]
DECIMALS = 8  # of the quantities of orders


def call(url, body=None):
    """The JSON of an answer; a POST when there is a body, `""` for one without content."""
    data = None if body is None else json.dumps(body).encode() if body != "" else b""
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", "If-Match": "*"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        sys.exit(f"{url}: {error.code} {error.read().decode()[:800]}")


def request_of(prices, day, reference, value=1_000_000):
    """Twenty stocks of one target, each off it by two points, half of them either way."""
    names = [name for name in prices.columns if name != "SP500_INDEX"]
    end = prices.at(day)
    assets = []
    for i, name in enumerate(names):
        column = prices.columns[name]
        # Volumes from thin to thick, so that participation runs over two decades.
        volume = round(2_000 * 1.3**i * 40 / column[end])
        assets.append({
            "asset": name, "price": column[end], "target_weight": 0.05, "current_weight": 0.07 if i % 2 else 0.03,
            "average_daily_volume": volume, "historical_returns": simple_returns(column[end - HISTORY_DAYS : end + 1]),
        })
    return {
        "portfolio_value": value, "drift_threshold": 0.001, "turnover_limit": 2.0, "client_reference": reference,
        # Fills are wanted, whatever the trades are worth.
        "worth_min_bps": -10_000, "monte_carlo": {"paths": 0}, "assets": assets,
    }


def report_of(noise, request, orders):
    """Fills at the planted cost, and the arrival prices they are measured from."""
    assets = {asset["asset"]: asset for asset in request["assets"]}
    fills, benchmarks = [], []
    for order in orders:
        asset, units = assets[order["asset"]], float(order["quantity"])
        volatility = statistics.stdev(asset["historical_returns"])
        cost = PLANTED["half_spread"] + PLANTED["impact"] * volatility * (units / asset["average_daily_volume"]) ** PLANTED["exponent"]
        cost += noise.gauss(0.0, NOISE)
        sign = 1 if order["side"] == "Buy" else -1
        price, left = round(asset["price"] * (1 + sign * cost), 6), int(Decimal(order["quantity"]).scaleb(DECIMALS))
        for part, share in enumerate(PARTS):
            quantity = left if part == len(PARTS) - 1 else round(units * share * 10**DECIMALS)
            left -= quantity
            fills.append({
                "fill_id": f"{order['client_order_id']}-{part}", "client_order_id": order["client_order_id"],
                "executed_at": f"2019-01-02T14:3{part}:00Z", "quantity": quantity / 10**DECIMALS, "price": price,
            })
        benchmarks.append({"client_order_id": order["client_order_id"], "arrival_price": asset["price"], "end_price": asset["price"]})
    return {"fills": fills, "benchmarks": benchmarks}


def main(url):
    prices, noise, faults = Prices.read(ROOT / "data" / "stocks_2010_2019.csv"), random.Random(20181231), []

    def expect(is_so, what):
        if not is_so:
            faults.append(what)

    count = 0
    for day in DAYS:
        request = request_of(prices, day, f"execution day {day}")
        plan = f"{url}/api/plans/{call(f'{url}/api/rebalance', request)['metadata']['plan_id']}"
        orders = call(f"{plan}/orders")["orders"]
        receipt = call(f"{plan}/fills", report_of(noise, request, orders))
        expect(receipt["recorded"] == len(PARTS) * len(orders), f"{day}: {receipt['recorded']} events of {len(orders)} orders are recorded")
        total = call(f"{plan}/execution")["total"]
        parts = sum(round(total[part] * 100) for part in ("delay", "trading", "opportunity", "fees"))
        expect(parts == round(total["shortfall"] * 100), f"{day}: the parts of the shortfall leave a residual")
        call(f"{plan}/finish", {})
        count += len(orders)
        print(f"{day}: {len(orders)} orders, shortfall {total['shortfall']:,.2f} of {total['decision_value']:,.2f} ({total['shortfall_bps']:.2f} bps)")

    refit = call(f"{url}/api/models/cost/refit", {"assets": [asset["asset"] for asset in request["assets"]]})
    expect(refit["orders"] == count, f"the refit read {refit['orders']} of {count} orders, and left out {refit['left_out']}")
    if refit["model"] is None:
        sys.exit(f"there is no fit: {refit.get('reason')}")
    for name, planted in PLANTED.items():
        estimate = refit["fit"][name]
        print(f"{name}: {estimate['value']:.6f} ± {estimate['standard_error']:.6f}, planted {planted}")
        expect(abs(estimate["value"] - planted) <= 2 * estimate["standard_error"], f"{name} is more than two standard errors from {planted}")

    model = f"{url}/api/models/{refit['model']['id']}"
    expect(call(model)["status"] == "challenger", "a fit leads before anybody promoted it")
    call(f"{model}/promotion", {"reason": f"fits {count} orders", "approved_by": "Kim Lee", "evidence": {
        "decisions": 72,
        "superiority": {"p_values": [0.004], "challenger": 0, "is_net_of_costs": True},
        "coverage": {"nominal": 0.9, "realised": 0.91},
        "drift": {"population_stability_index": 0.06, "has_loss_alarm": False},
    }})
    plan = call(f"{url}/api/rebalance", request_of(prices, DAYS[-1], "after the refit"))
    named = plan.get("cost_model", {})
    print(f"the next plan costs what {named.get('id')} says")
    expect((named.get("id"), named.get("digest")) == (refit["model"]["id"], refit["model"]["digest"]), f"the next plan names {named}")
    replay = call(f"{url}/api/plans/{plan['metadata']['plan_id']}/replay", "")
    expect(replay["replay"]["identical"], "the next plan is replayed otherwise")
    for fault in faults:
        print(f"FAULT {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1].rstrip("/")))
