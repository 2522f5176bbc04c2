#!/usr/bin/env python3
"""Recompute a rebalance plan from its request, without any of the service's code.

    python3 examples/verify_plan.py REQUEST.json RESPONSE.json

Checks, in this order: weights and drift; who may trade; groups and the day, if it has any; money (exact decimals: signed trades + costs + change of cash
= 0 to the cent, no oversell, no negative cash, turnover within the limit); units, costs and after-weights; the risk
metrics, once from the histories in the request and once from the prices in data/ they were cut from. Prints one
line per group and exits 1 on the first plan that disagrees. Python's standard library only.

A printed figure may differ from the recomputed one by half a unit of its last printed digit (four decimals at least).
"""

import argparse
import csv
import gzip
import json
import math
import sys
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path

from completion import one_panel
from policy_checks import check_groups, check_trigger

DATA = Path(__file__).resolve().parent.parent / "data"
DAYS_PER_YEAR = 252
CENT = Decimal("0.01")
DEFAULTS = {"drift_threshold": "0.02", "turnover_limit": "0.2", "transaction_cost_bps": "10", "risk_free_rate": "0.02"}


class Report:
    """Collects what was compared and what disagreed."""

    def __init__(self):
        self.compared = 0
        self.faults = []

    def true(self, what, holds):
        self.compared += 1
        if not holds:
            self.faults.append(what)

    def close(self, what, printed, expected, slack=0.0):
        """`printed` is the response's figure, equal to `expected` within half a unit of its last digit plus `slack`."""
        if printed is None or expected is None:
            self.true(f"{what}: printed {printed}, recomputed {expected}", printed is expected)
            return
        decimals = max(4, -Decimal(printed).as_tuple().exponent)
        tolerance = 0.5 * 10.0**-decimals + slack + 1e-11 * max(1.0, abs(float(expected)))
        off = abs(float(printed) - float(expected))
        self.true(f"{what}: printed {printed}, recomputed {float(expected):.10g}", off <= tolerance)


def read_json(path):
    """JSON with every number as an exact decimal."""
    text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def setting(request, name):
    value = request.get(name)
    return Decimal(DEFAULTS[name]) if value is None else value


def by_quantity(request):
    """Whether positions are sent as units, so that weights and value follow from prices and cash."""
    return any(asset.get("quantity") is not None for asset in request["assets"])


def positions(request):
    """The value of each position; what is excluded is outside the portfolio."""
    return [Decimal(0) if asset.get("role") == "excluded" else asset["quantity"] * asset["price"] for asset in request["assets"]]


def value_of(request):
    """Net asset value, whole cents."""
    if not by_quantity(request):
        return request["portfolio_value"]
    return (sum(positions(request)) + (request.get("cash") or 0)).quantize(CENT, rounding=ROUND_FLOOR)


def holdings(request, member):
    """Target or current weights under the request's weight policy: the assets' and what is left as cash."""
    if by_quantity(request) and member == "current_weight":
        total = sum(positions(request)) + (request.get("cash") or 0)
        return [value / total for value in positions(request)], (request.get("cash") or Decimal(0)) / total
    raw = [asset[member] for asset in request["assets"]]
    total = sum(raw)
    policy = request.get("weight_policy") or "normalize"
    if by_quantity(request) and not request.get("weight_policy") and total < 1:
        policy = "cash_remainder"
    nearly_one = abs(total - 1) <= Decimal("1e-6")
    if total == 0 or (policy != "normalize" and not nearly_one):
        return raw, max(Decimal(0), 1 - total)
    return [weight / total for weight in raw], Decimal(0)


# --- risk metrics, each as in its textbook definition -------------------------------------------------------------


def mean(values):
    return math.fsum(values) / len(values)


def deviation(values):
    """Sample standard deviation, ddof 1."""
    centre = mean(values)
    return math.sqrt(math.fsum((v - centre) ** 2 for v in values) / (len(values) - 1))


def portfolio_returns(weights, panel):
    """Daily rebalanced to `weights`, on histories of one length; cash earns nothing."""
    return [math.fsum(w * column[day] for w, column in zip(weights, panel)) for day in range(len(panel[0]))]


def value_at_risk(returns, tail):
    """Inverted CDF: the k-th largest loss with k = ceil(tail * T)."""
    losses = sorted((-r for r in returns), reverse=True)
    k = max(1, math.ceil(tail * len(losses) - 1e-9))
    return losses[k - 1]


def conditional_value_at_risk(returns, tail):
    """Rockafellar and Uryasev: mean of the worst tail * T losses, the boundary one counted in part."""
    losses = sorted((-r for r in returns), reverse=True)
    k = tail * len(losses)
    k = round(k) if abs(k - round(k)) < 1e-9 else k
    whole = math.floor(k)
    part = (k - whole) * losses[whole] if k > whole else 0.0
    return (math.fsum(losses[:whole]) + part) / k


def max_drawdown(returns):
    """Largest fall of compounded wealth below its running peak, the starting wealth included."""
    wealth = peak = 1.0
    worst = 0.0
    for r in returns:
        wealth *= 1.0 + r
        peak = max(peak, wealth)
        worst = max(worst, 1.0 - wealth / peak)
    return worst


def live_drawdown(returns):
    """Fall of compounded wealth from its highest value, the starting wealth included, to its last."""
    wealth = peak = 1.0
    for r in returns:
        wealth *= 1.0 + r
        peak = max(peak, wealth)
    return 1.0 - wealth / peak


def risk_metrics(current, target, histories, risk_free_rate):
    """The figures of a plan; a Sharpe ratio of returns that do not vary is None."""
    panel = one_panel(histories, risk_free_rate)
    returns = portfolio_returns(current, panel)
    reference = portfolio_returns(target, panel)
    daily_rate = (1.0 + risk_free_rate) ** (1.0 / DAYS_PER_YEAR) - 1.0
    year = math.sqrt(DAYS_PER_YEAR)
    spread = deviation(returns)
    return {
        "volatility": spread * year,
        "sharpe": (mean(returns) - daily_rate) / spread * year if spread > 1e-15 else None,
        "max_drawdown": max_drawdown(returns),
        "var_95": value_at_risk(returns, 0.05),
        "cvar_95": conditional_value_at_risk(returns, 0.05),
        "expected_annual_return": mean(returns) * DAYS_PER_YEAR,
        "tracking_error": deviation([a - b for a, b in zip(returns, reference)]) * year,
        "live_drawdown": live_drawdown(returns),
    }


# --- prices ---------------------------------------------------------------------------------------------------------


def closes_of(asset):
    """The closes of an asset in every price file that has a column of its name, oldest first."""
    for path in sorted([*DATA.glob("*.csv"), *DATA.glob("*.csv.gz")]):
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            header = next(rows)
            if asset in header[1:]:
                yield [float(row[header.index(asset)]) for row in rows]


def unrounded_history(asset, history, price):
    """The same window's returns straight from the closes, or None when this history was not cut from data/."""
    wanted = [float(r) for r in history]
    for closes in closes_of(asset):
        returns = [today / before - 1.0 for before, today in zip(closes, closes[1:])]
        rounded = [round(r, 8) for r in returns]
        for end in range(len(wanted), len(rounded) + 1):
            if closes[end] == price and rounded[end - len(wanted) : end] == wanted:
                return returns[end - len(wanted) : end]
    return None


# --- the plan ---------------------------------------------------------------------------------------------------------


def check_weights(report, request, plan):
    targets, _ = holdings(request, "target_weight")
    currents, cash_before = holdings(request, "current_weight")
    names = [asset["asset"].strip() for asset in request["assets"]]
    report.true("weights: one row per asset in input order", [row["asset"] for row in plan["weights"]] == names)
    report.true("trades: one row per asset in input order", [row["asset"] for row in plan["trades"]] == names)
    for name, row, target, current in zip(names, plan["weights"], targets, currents):
        report.close(f"{name} target_weight", row["target_weight"], target)
        report.close(f"{name} current_weight", row["current_weight"], current)
        report.close(f"{name} drift", row["drift"], current - target)
        report.true(f"{name} optimized_target_weight in [0, 1]", 0 <= row["optimized_target_weight"] <= 1)
    total = sum(row["optimized_target_weight"] for row in plan["weights"])
    report.close("sum of optimized_target_weight", total, sum(targets), slack=1e-4)
    report.close("cash weight_before", plan["cash"]["weight_before"], cash_before)
    after = sum(row["weight_after"] for row in plan["weights"]) + plan["cash"]["weight_after"]
    report.close("sum of weights after, cash included", after, 1, slack=1e-4)
    report.true(f"portfolio_value is {value_of(request)}", plan["portfolio_value"] == value_of(request))


def check_triggers(report, request, plan):
    """Strictly outside the band trades; inside it only to fund or absorb; Hold is zero throughout."""
    if by_quantity(request):
        check_instructions(report, request, plan)
        return
    threshold, limit = setting(request, "drift_threshold"), setting(request, "turnover_limit")
    targets, _ = holdings(request, "target_weight")
    currents, _ = holdings(request, "current_weight")
    value = request["portfolio_value"]
    rows = list(zip(plan["trades"], plan["weights"], targets, currents))
    # Funding trades are at most as large as the breached ones, so within this the turnover budget cannot bind.
    breached_gaps = sum(abs(row["optimized_target_weight"] - c) for _, row, t, c in rows if abs(c - t) > threshold)
    budget_is_ample = 2 * breached_gaps < limit
    for trade, row, target, current in rows:
        name, action, signed = trade["asset"], trade["action"], trade["signed_trade_value"]
        gap = (row["optimized_target_weight"] - current) * value
        breached = abs(current - target) > threshold
        report.true(f"{name}: action is Buy, Sell or Hold", action in ("Buy", "Sell", "Hold"))
        if action == "Hold":
            zeros = [trade["trade_value"], signed, trade["trade_units"], trade["estimated_cost"]]
            report.true(f"{name}: Hold has no value, units or cost", all(v == 0 for v in zeros))
        else:
            report.true(f"{name}: {action} has the sign of its value", (signed > 0) == (action == "Buy"))
            report.true(f"{name}: trade_value is the absolute value", trade["trade_value"] == abs(signed))
            serves_others = trade["reason"] in ("funding", "absorption")
            report.true(f"{name}: trades inside its band only to fund or absorb", breached or serves_others)
        if breached:
            # A breached asset goes towards its optimised target and never past it (weights are printed rounded).
            grain = value * Decimal("0.0001") + CENT
            # Weights after the plan are fractions of the value after costs, so a trade may differ from the gap by the costs.
            slack = grain + plan["estimated_total_transaction_cost"]
            same_way = signed * gap >= 0 or abs(signed) <= slack
            report.true(f"{name}: trades towards its target, not past it", same_way and abs(signed) <= abs(gap) + slack)
            # A budget that binds goes to the trades that remove the most tracking error, and may leave others out.
            # A plan that costs more than it is worth is not proposed. Under a budget that is too small for all trades, those that cost more
            # than they are worth may be left out alone, which a warning says.
            unspent = any(warning["code"] == "turnover_unspent" for warning in plan["warnings"])
            unworthy = not unspent and any(row["reason"] == "worth_too_little" for row in plan["trades"])
            if unspent:
                within = 0 < plan["turnover_used"] < limit and not plan["turnover_bound"] and not budget_is_ample
                report.true(f"{name}: part of a budget that is too small for all trades is not used", within)
            elif unworthy:
                report.true(f"{name}: the trades are not worth their cost, and none is made", not plan["orders"])
            elif not plan["turnover_bound"] and abs(gap) > slack:
                report.true(f"{name}: is out of its band and trades", action != "Hold")
            if budget_is_ample and not unworthy:
                report.true(f"{name}: the budget does not bind, so it trades its whole gap", abs(signed - gap) <= slack)


def check_instructions(report, request, plan):
    """Whole lots; what may not trade does not; an intent buys or sells on its side only, as much as it asks for."""
    intent = request.get("intent") or {"kind": "rebalance"}
    for asset, trade in zip(request["assets"], plan["trades"]):
        name, units = trade["asset"], trade["trade_units"]
        if asset.get("lot_size"):
            report.true(f"{name}: {units} are whole lots of {asset['lot_size']}", units % asset["lot_size"] == 0)
        may_buy = not asset.get("no_buy") and intent["kind"] in ("rebalance", "buy_only", "invest_cash")
        may_sell = not asset.get("no_sell") and intent["kind"] not in ("buy_only", "invest_cash")
        if asset.get("role") in ("frozen", "excluded"):
            may_buy = may_sell = False
        report.true(f"{name}: trades on a side that is allowed", (units <= 0 or may_buy) and (units >= 0 or may_sell))
        report.true(f"{name}: {units} and the units held come to 0 or more", asset["quantity"] + units >= 0)
    before, after = request.get("cash") or Decimal(0), plan["cash"]["value_after"]
    if intent["kind"] == "invest_cash" and intent.get("amount"):
        report.true(f"spends {before - after} of {intent['amount']}", before - after <= intent["amount"])
    if intent["kind"] == "raise_cash":
        missing = plan["intent"]["unraised"]
        reserve = (plan["cash"]["target_weight"] * plan["portfolio_value"]).quantize(CENT, rounding=ROUND_FLOOR)
        report.true(f"raises {after} of {intent['amount']}", after + missing >= reserve + intent["amount"])
    if plan["lot_fit"]:
        report.true("no orders are nearer than the bound", plan["lot_fit"]["deviation_bps"] >= plan["lot_fit"]["bound_bps"])


def check_money(report, request, plan):
    """Exact decimals, no tolerance beyond the cent that is printed."""
    value = value_of(request)
    bps, limit = setting(request, "transaction_cost_bps"), setting(request, "turnover_limit")
    if by_quantity(request):
        # A flow of cash has no limit unless one is sent.
        limit = request.get("turnover_limit") or plan["turnover_limit"]
    currents, cash_before = holdings(request, "current_weight")
    signed = sum(trade["signed_trade_value"] for trade in plan["trades"])
    costs = sum(trade["estimated_cost"] for trade in plan["trades"])
    before = (cash_before * value).quantize(CENT)
    identity = signed + costs + plan["cash"]["value_after"] - before
    report.true(f"trades + costs + change of cash = {identity}, expected 0", identity == 0)
    report.true("costs add up to the total", costs == plan["estimated_total_transaction_cost"])
    report.true("cash is not negative", plan["cash"]["value_after"] >= 0)

    gross = sum(trade["trade_value"] for trade in plan["trades"])
    report.true(f"turnover {gross / value:.6f} within the limit {limit}", gross <= limit * value)
    report.close("turnover_used", plan["turnover_used"], gross / value)
    report.close("turnover_one_way", plan["turnover_one_way"], gross / value / 2)

    per_asset = [asset.get("transaction_cost_bps") for asset in request["assets"]]
    after_total = value - costs
    for asset, trade, row, current, own_bps in zip(request["assets"], plan["trades"], plan["weights"], currents, per_asset):
        name, amount = trade["asset"], trade["signed_trade_value"]
        price = asset["price"] if asset.get("price") is not None else Decimal(100)
        rate = bps if own_bps is None else own_bps
        report.true(f"{name}: money is whole cents", amount == amount.quantize(CENT))
        report.true(f"{name}: sells no more than is held", amount >= -(current * value) - CENT / 2)
        cost_off = abs(trade["estimated_cost"] - trade["trade_value"] * rate / 10000)
        report.true(f"{name}: cost is {rate} bps of the trade", cost_off <= CENT)
        # Lots are whole, and their value is rounded to a cent.
        report.close(f"{name} trade_units", trade["trade_units"], amount / price, slack=float(CENT / 2 / price) if asset.get("lot_size") else 0.0)
        held_after = current * value + amount
        # The base may be the value before or after costs: the difference is at most the costs.
        slack = float(abs(held_after) / value * costs / after_total + CENT / 2 / value) + 1e-6
        report.close(f"{name} weight_after", row["weight_after"], held_after / after_total, slack=slack)
        left = row["weight_after"] - row["optimized_target_weight"]
        report.close(f"{name} residual_drift", row["residual_drift"], left, slack=2e-6)


def check_risk(report, request, plan):
    targets, _ = holdings(request, "target_weight")
    currents, _ = holdings(request, "current_weight")
    targets, currents = [float(w) for w in targets], [float(w) for w in currents]
    rate = float(setting(request, "risk_free_rate"))
    histories = [[float(r) for r in asset.get("historical_returns") or []] for asset in request["assets"]]
    if sum(currents) == 0:
        return "all cash, risk metrics not compared"
    if min(map(len, histories)) < 2:
        for name, printed in plan["risk_metrics"].items():
            report.true(f"{name}: null without a common history", printed is None)
            told = any(warning["pointer"] == f"/risk_metrics/{name}" for warning in plan["warnings"])
            report.true(f"{name}: a warning says why it is null", told)
        return "no common history, all null"
    for name, expected in risk_metrics(currents, targets, histories, rate).items():
        report.close(f"{name} from the request", plan["risk_metrics"][name], expected)

    unrounded = [
        unrounded_history(asset["asset"], asset["historical_returns"], float(asset.get("price") or 0))
        for asset in request["assets"]
    ]
    if any(history is None for history in unrounded):
        return f"{len(histories[0])} days; not cut from data/, so not compared with prices"
    for name, expected in risk_metrics(currents, targets, unrounded, rate).items():
        # Request returns are rounded to 8 decimals; a year of them moves a metric by less than this.
        report.close(f"{name} from the prices", plan["risk_metrics"][name], expected, slack=5e-6)
    return f"{min(map(len, histories))} days, from the request and from the prices in data/"


def verify(request, plan):
    """Every check on one request and its plan; the report and a sentence about the risk metrics."""
    report = Report()
    check_weights(report, request, plan)
    check_triggers(report, request, plan)
    check_groups(report, request, plan, holdings(request, "target_weight")[0], holdings(request, "current_weight")[0])
    check_trigger(report, request, plan)
    check_money(report, request, plan)
    risk = check_risk(report, request, plan)
    return report, risk


def main():
    parser = argparse.ArgumentParser(description="Recompute a rebalance plan from its request.")
    parser.add_argument("request", help="the body that was sent")
    parser.add_argument("response", help="the plan that came back, - for standard input")
    arguments = parser.parse_args()
    request, plan = read_json(arguments.request), read_json(arguments.response)
    report, risk = verify(request, plan)
    for fault in report.faults:
        print(f"DISAGREES  {fault}")
    orders = sum(trade["action"] != "Hold" for trade in plan["trades"])
    print(
        f"{request.get('name', arguments.request)}: {report.compared} comparisons, {len(report.faults)} disagree; "
        f"{orders} orders, cost {plan['estimated_total_transaction_cost']}; risk: {risk}"
    )
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
