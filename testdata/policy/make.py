#!/usr/bin/env python3
"""Writes the golden vectors of this folder: bands, destinations, turnover, rounding and cash, in exact arithmetic.

Everything is computed with fractions (cube roots with 40 digits), from the formulas in README.md and from no code of this repository.
Numbers that are not integers are printed with 15 significant digits.

    testdata/policy/make.py          # write the files
    testdata/policy/make.py --check  # fail when a file differs
"""

import json
import sys
from decimal import Decimal, getcontext
from fractions import Fraction as F
from math import ceil, floor
from pathlib import Path

HERE = Path(__file__).resolve().parent
getcontext().prec = 40

RULES = {
    "absolute_2pp": ("0", "0.02", "0.02"),
    "relative_20": ("0.2", "0", "1"),
    "hybrid_20_1pp": ("0.2", "0.01", "1"),
    "five_twenty_five": ("0.25", "0", "0.05"),
}


def number(value):
    """A fraction as a JSON number: an integer, or 15 significant digits."""
    value = F(value)
    if value.denominator == 1:
        return int(value)
    return float(f"{Decimal(value.numerator) / Decimal(value.denominator):.15g}")


def numbers(values):
    return [number(v) for v in values]


def half_width(rule, target):
    relative, low, cap = (F(x) for x in RULES[rule])
    return min(max(relative * target, low), cap)


def is_breached(rule, weight, target):
    # Held against a target of zero: breached, when the rule has a relative part.
    band = F(0) if target == 0 and F(RULES[rule][0]) > 0 else half_width(rule, target)
    return abs(weight - target) > band


def rule_members(rule):
    return dict(zip(("relative", "floor", "cap"), (number(x) for x in RULES[rule])))


def bands():
    cases = []
    for rule in RULES:
        for target in map(F, ("0", "0.01", "0.05", "0.10", "0.199", "0.20", "0.60", "1")):
            band = half_width(rule, target)
            step = F("0.0001")
            weights = {target, target + band, target + band + step, target - band, target - band - step, F("0.003")}
            for weight in sorted(w for w in weights if 0 <= w <= 1):
                cases.append({
                    "rule": rule, "target": number(target), "weight": number(weight), "drift": number(weight - target),
                    "half_width": number(band), "is_breached": is_breached(rule, weight, target),
                })
    return {"rules": {rule: rule_members(rule) for rule in RULES}, "cases": cases}


def cube_root(value):
    root = Decimal(value.numerator) / Decimal(value.denominator)
    if root == 0:
        return root
    return (root.ln() / 3).exp()


def no_trade():
    cases = []
    for target in ("0", "0.05", "0.2", "0.5", "0.6", "0.95", "1"):
        for cost, aversion in (("0", "5"), ("0.0005", "2"), ("0.001", "5"), ("0.01", "1"), ("0.02", "10")):
            t = F(target)
            cube = F(3, 2) * F(cost) / F(aversion) * t**2 * (1 - t) ** 2
            cases.append({
                "target": number(t), "cost_rate": number(F(cost)), "risk_aversion": number(F(aversion)),
                "half_width": float(f"{cube_root(cube):.15g}"),
            })
    cases.append({"target": 0.5, "cost_rate": 0.01, "risk_aversion": 0, "half_width": 1})
    return {"cases": cases}


def destination_of(target, drift, band, kappa):
    reach = kappa * band
    if abs(drift) <= reach:
        return target + drift
    return target + (reach if drift > 0 else -reach)


def destination():
    cases = []
    for target, band in (("0.6", "0.12"), ("0.2", "0.05"), ("0.05", "0.0125"), ("0", "0.01")):
        for drift in ("0.13", "0.0125", "0.04", "0", "-0.05", "-0.051"):
            for kappa in ("0", "0.5", "0.875", "1"):
                t, d, b, k = map(F, (target, drift, band, kappa))
                if 0 <= t + d <= 1:
                    cases.append({
                        "target": number(t), "drift": number(d), "half_width": number(b), "kappa": number(k),
                        "destination": number(destination_of(t, d, b, k)),
                    })
    return {"cases": cases}


def turnover_of(trades, nav):
    """Turnovers of trades in cents, positive for buys, without cash."""
    return {
        "one_way": number(F(sum(map(abs, trades)), 2) / nav),
        "two_way": number(F(sum(map(abs, trades))) / nav),
        "sell_side": number(F(-sum(t for t in trades if t < 0)) / nav),
    }


def turnover():
    cases = [
        ("sell one, buy another", [-2500000, 2500000], 25000000),
        ("a contribution of 5,000.00 is invested: no sales", [300000, 200000, 0], 10000000),
        ("a withdrawal of 1,000.00: sales only", [-70000, -30000], 2000000),
        ("cash of 500.00 is invested with the proceeds", [-100000, 150000], 1000000),
        ("nothing to do", [0, 0, 0], 1000000),
        ("everything sold", [-600000, -400000], 1000000),
    ]
    return {"cases": [
        {"name": name, "trades_cents": trades, "nav_cents": nav, **turnover_of(trades, nav)} for name, trades, nav in cases
    ]}


def buy(amount, price, per_unit):
    """The largest number of steps that the amount pays for; a step costs price / per_unit, rounded up to a cent in total."""
    steps = floor(F(amount) * per_unit / price)
    spent = ceil(F(steps * price, per_unit))
    return {"steps": steps, "value_cents": spent, "left_cents": amount - spent}


def sell(amount, price, per_unit, held):
    """The least number of steps that brings in the amount, all that is held when even that does not."""
    steps = min(ceil(F(amount) * per_unit / price), held)
    while steps < held and floor(F(steps * price, per_unit)) < amount:
        steps += 1
    value = floor(F(steps * price, per_unit))
    return {"steps": steps, "value_cents": value, "missing_cents": max(0, amount - value)}


def largest_remainder(weights, parts):
    """Whole parts that sum to `parts`: floors, then one more for the largest remainders, the earlier of two equal ones."""
    exact = [F(w) * parts for w in weights]
    whole = [floor(x) for x in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[: parts - sum(whole)]:
        whole[i] += 1
    return whole


def rounding():
    buys = [(500000, 28731, 1), (500000, 6402, 1), (500000, 6750000, 10000), (28730, 28731, 1), (57462, 28731, 1), (1, 3, 1000)]
    sells = [(500000, 28731, 1, 212), (28731, 28731, 1, 212), (28732, 28731, 1, 212), (500000, 6750000, 10000, 1500),
             (10**9, 6402, 1, 340)]
    printed = [["1/3", "1/3", "1/3"], ["1/7", "2/7", "4/7"], ["0.00005", "0.00005", "0.9999"], ["1/6"] * 6,
               ["0.45", "0.20", "0.25", "0.05", "0.05"], ["1", "0"]]
    return {
        "buys": [
            {"amount_cents": a, "price_cents": p, "steps_per_unit": s, **buy(a, p, s)} for a, p, s in buys
        ],
        "sells": [
            {"amount_cents": a, "price_cents": p, "steps_per_unit": s, "held_steps": h, **sell(a, p, s, h)}
            for a, p, s, h in sells
        ],
        "printed_weights": [
            {"weights": numbers(F(w) for w in ws), "parts": 10000, "printed_parts": largest_remainder(ws, 10000)} for ws in printed
        ],
    }


def water_fill(gaps, amount):
    """max(0, gap - level) with the sum `amount`, exactly; the conditions of the minimum are asserted."""
    order = sorted(gaps, reverse=True)
    for k in range(1, len(order) + 1):
        level = F(sum(order[:k]) - amount) / k
        if (k == len(order) or order[k] <= level) and order[k - 1] > level:
            break
    shares = [max(F(0), g - level) for g in gaps]
    assert sum(shares) == amount
    assert all((g - x == level) if x > 0 else g <= level for g, x in zip(gaps, shares))
    return shares


def in_cents(shares, amount):
    """Whole cents with the sum `amount`: floors, then the largest remainders, the earlier of two equal ones."""
    return largest_remainder([F(x) / amount for x in shares], amount)


def invest(values, targets, amount):
    after = sum(values) + amount
    invested = water_fill([t * after - v for v, t in zip(values, targets)], amount)
    return {"buys": numbers(invested), "buys_cents": in_cents(invested, amount)}


def raise_cash(values, targets, amount):
    after = sum(values) - amount
    sold = water_fill([v - t * after for v, t in zip(values, targets)], amount)
    assert all(s <= v for s, v in zip(sold, values))
    first = overweight_first(values, targets, amount)
    assert sum(first) == amount and all(0 <= s <= v for s, v in zip(first, values))
    return {"sells": numbers(sold), "sells_cents": in_cents(sold, amount), "overweight_first": numbers(first)}


def overweight_first(values, targets, amount):
    """Sales of what is above its target in the whole book, and of the rest by `raise` in what these sales leave."""
    total = sum(values)
    excess = [max(F(0), v - t * total) for v, t in zip(values, targets)]
    if amount <= sum(excess):
        return water_fill(excess, amount)
    after = total - amount
    left = [v - x for v, x in zip(values, excess)]
    rest = amount - sum(excess)
    return [x + more for x, more in zip(excess, water_fill([v - t * after for v, t in zip(left, targets)], rest))]


def restore_all(values, targets):
    """The least contribution that restores all targets without a sale; None for a holding without a target."""
    if any(t == 0 and v > 0 for v, t in zip(values, targets)):
        return None
    return max(F(v) / t for v, t in zip(values, targets) if t > 0) - sum(values)


def restore_one(values, targets, asset):
    """The contribution that, put into one asset alone, brings it to its target."""
    t = targets[asset]
    return (t * sum(values) - values[asset]) / (1 - t)


BOOKS = {
    "two assets": ([700000, 300000], ["0.6", "0.4"]),
    "three assets, one far below": ([5000000, 3000000, 500000], ["0.5", "0.3", "0.2"]),
    "four assets on target": ([4000000, 3000000, 2000000, 1000000], ["0.4", "0.3", "0.2", "0.1"]),
    "one asset not held": ([600000, 400000, 0], ["0.5", "0.3", "0.2"]),
    "one asset without a target": ([600000, 400000, 100000], ["0.6", "0.4", "0"]),
}


def cash():
    invested, raised, all_restored, one_restored = [], [], [], []
    for name, (values, raw) in BOOKS.items():
        targets = [F(t) for t in raw]
        book = {"name": name, "values_cents": values, "targets": numbers(targets)}
        for amount in (100, 50001, 500000, 10000000):
            invested.append({**book, "amount_cents": amount, **invest(values, targets, amount)})
        for amount in (100, 50001, 500000):
            raised.append({**book, "amount_cents": amount, **raise_cash(values, targets, amount)})
        contribution = restore_all(values, targets)
        all_restored.append({
            **book, "contribution": None if contribution is None else number(contribution),
            "contribution_cents": None if contribution is None else ceil(contribution),
        })
        for asset in range(len(values)):
            amount = restore_one(values, targets, asset)
            one_restored.append({**book, "asset": asset, "contribution": number(amount)})
    return {"invest": invested, "raise": raised, "restore_all": all_restored, "restore_one": one_restored}


def household():
    holdings = [("VTI", "212", "287.31", "0.45"), ("VXUS", "340", "64.02", "0.20"), ("BND", "500", "73.44", "0.25"),
                ("GLD", "40", "243.18", "0.05"), ("BTC", "0.15", "67500", "0.05")]
    cash_cents = 843122
    values = [F(q) * F(p) * 100 for _, q, p, _ in holdings]
    assert all(v.denominator == 1 for v in values)
    targets = [F(t) for *_, t in holdings]
    nav = sum(values) + cash_cents
    weights = [v / nav for v in values]
    trades = [t * nav - v for v, t in zip(values, targets)]
    bands_of = {}
    for rule in RULES:
        widths = [half_width(rule, t) for t in targets]
        bands_of[rule] = {
            "half_width": numbers(widths),
            "is_breached": [is_breached(rule, w, t) for w, t in zip(weights, targets)],
            "destination_kappa_1": numbers(destination_of(t, w - t, b, 1) for w, t, b in zip(weights, targets, widths)),
        }
    # The contribution alone is invested; the cash that was there stays.
    amount = 500000
    after = nav + amount
    buys = water_fill([t * after - v for v, t in zip(values, targets)], amount)
    whole = [buy(c, int(F(p) * 100), 10**8 if name == "BTC" else 1)
             for c, (name, _, p, _) in zip(in_cents(buys, amount), holdings)]
    return {
        "assets": [name for name, *_ in holdings], "quantity": [q for _, q, *_ in holdings],
        "price": [p for _, _, p, _ in holdings], "targets": numbers(targets), "cash_cents": cash_cents,
        "values_cents": numbers(values), "nav_cents": number(nav), "weights": numbers(weights),
        "cash_weight": number(F(cash_cents) / nav), "drift": numbers(w - t for w, t in zip(weights, targets)),
        "relative_drift": numbers((w - t) / t for w, t in zip(weights, targets)),
        "bands": bands_of,
        "to_target": {"trades": numbers(trades), "turnover": turnover_of(trades, nav)},
        "invest": {
            "amount_cents": amount, "buys": numbers(buys), "buys_cents": in_cents(buys, amount),
            "whole": [{"steps_per_unit": 10**8 if h[0] == "BTC" else 1, **w} for h, w in zip(holdings, whole)],
            "left_cents": sum(w["left_cents"] for w in whole),
        },
        "restore_all": {
            # Securities and cash count: the contribution must lift every target to what is held already.
            "contribution": number(max(F(0), max(v / t for v, t in zip(values, targets)) - nav)),
        },
    }


FILES = {
    "bands.json": bands, "no_trade.json": no_trade, "destination.json": destination, "turnover.json": turnover,
    "rounding.json": rounding, "cash.json": cash, "household.json": household,
}


def text_of(value, depth=0):
    """JSON with one case to a line."""
    pad = "  " * (depth + 1)
    if depth < 2 and isinstance(value, dict):
        rows = [f"{pad}{json.dumps(k)}: {text_of(v, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(rows) + "\n" + "  " * depth + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(pad + json.dumps(v) for v in value) + "\n" + "  " * depth + "]"
    return json.dumps(value)


def main():
    stale = []
    for name, make in FILES.items():
        text, path = text_of(make()) + "\n", HERE / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(name)
    if stale:
        sys.exit(f"differs from make.py: {', '.join(stale)}")


if __name__ == "__main__":
    main()
