#!/usr/bin/env python3
"""Computes the figures of the example `prints` again, with whole numbers, and with another search for the impact.

    recompute.py tick_data.csv prints.txt

VWAP and costs are exact fractions. The impact is a linear least squares for each exponent and a golden-section search over exponents, where the
example takes steps of Gauss and Newton. Python's standard library only. The exit code is 1 when a figure differs.
"""

import csv
import math
import sys
from fractions import Fraction

EVERY, GROUP = 100, 500


def fitted(costs, features):
    """Intercept, slope, and sum of squared errors of a straight line."""
    n = len(costs)
    mean_x, mean_y = math.fsum(features) / n, math.fsum(costs) / n
    spread = math.fsum((x - mean_x) ** 2 for x in features)
    slope = math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(features, costs)) / spread
    base = mean_y - slope * mean_x
    return base, slope, math.fsum((y - base - slope * x) ** 2 for x, y in zip(features, costs))


def impact_of(prints):
    """Base, impact coefficient, exponent and number of groups."""
    sign, last, groups = 0, None, []
    for start in range(0, len(prints) - GROUP + 1, GROUP):
        group = prints[start : start + GROUP]
        net = 0
        for _, price, volume in group:
            if last is not None and price != last:
                sign = 1 if price > last else -1
            last = price
            net += sign * volume
        groups.append((net, sum(volume for *_, volume in group), float(group[-1][1] / group[0][1] - 1)))
    volatility = math.sqrt(math.fsum(change * change for *_, change in groups) / len(groups))
    pushed = [(math.copysign(1, net) * change, abs(net) / volume) for net, volume, change in groups if net]
    costs = [cost for cost, _ in pushed]

    def at(exponent):
        return fitted(costs, [volatility * share**exponent for _, share in pushed])

    # The best of a coarse grid, then golden section around it.
    low = min((step / 20 for step in range(1, 60)), key=lambda exponent: at(exponent)[2])
    low, high = max(low - 0.05, 0.05), low + 0.05
    ratio = (math.sqrt(5) - 1) / 2
    while high - low > 1e-9:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if at(left)[2] < at(right)[2] else (left, high)
    base, slope, _ = at((low + high) / 2)
    return base, slope, (low + high) / 2, len(pushed)


def main():
    with open(sys.argv[1]) as file:
        prints = [(row["DateTime"][:10], Fraction(row["Price"]), int(row["Volume"])) for row in csv.DictReader(file)]
    with open(sys.argv[2]) as file:
        told = {name: values for name, *values in (line.split() for line in file)}
    last = prints[-1][0]
    today = next(i for i, (day, *_) in enumerate(prints) if day == last)
    day = prints[today:]
    volume = sum(size for *_, size in day)
    vwap = sum(price * size for _, price, size in day) / volume
    bought = day[::EVERY]
    decision, arrival = prints[max(today - 1, 0)][1], day[0][1]
    units = sum(size for *_, size in bought)
    paid = sum(price * size for _, price, size in bought)
    rounded = Fraction(told["vwap"][0])
    faults = []
    exact = {
        "prints": len(prints), "volume": volume, "shortfall": round((paid - units * decision) * 100),
        "delay": round(units * (arrival - decision) * 100), "against_vwap": round((paid - units * rounded) * 100),
    }
    exact["trading"] = exact["shortfall"] - exact["delay"]
    for name, value in exact.items():
        if told[name] != [str(value)]:
            faults.append(f"{name} is {value}, and the example says {told[name][0]}")
    if abs(rounded - vwap) > Fraction(1, 10**7):
        faults.append(f"vwap is {float(vwap)}, and the example says {float(rounded)}")
    base, slope, exponent, groups = impact_of(prints)
    if told["groups"] != [str(groups)]:
        faults.append(f"there are {groups} groups, and the example says {told['groups'][0]}")
    for name, value in (("base", base), ("impact", slope), ("exponent", exponent)):
        if name not in told or abs(float(told[name][0]) - value) > 1e-4 * max(float(told[name][1]), 1e-9):
            faults.append(f"{name} is {value}, and the example says {told.get(name)}")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"prints: {len(prints)} prints, VWAP {float(vwap):.8f}, impact {slope:.4f} at exponent {exponent:.4f}, {len(faults)} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
