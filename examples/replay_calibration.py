#!/usr/bin/env python3
"""Replay 24 months: a plan at each month's end, its outcome a month later, then the scorecard, recomputed and verified.

    python3 examples/replay_calibration.py http://127.0.0.1:5000

Each plan sees the two years before it, from `data/mixed_1999_2005.csv`, and the book that the plans before left. Its outcome has the
returns of the next month, which the plan did not see; it is recorded later than they happened, so the service counts it `in_hindsight`.
What trades cost cannot be replayed from prices and is not reported.

The figures of the scorecard are computed again here from the plans' answers and the prices, and the seal is checked by
`verify_scorecard.py`. Python's standard library only. Exit code 1 when anything differs.
"""

import json
import math
import sys
import urllib.request

import verify_scorecard
from build_scenarios import ROOT, Prices, simple_returns, to_millionths

MONTHS = 24
HISTORY_DAYS = 504
HORIZON_DAYS = 19  # of the shortest month in the window
FIRST = "2003-01"
REFERENCE = "replay 2003-2004"
TARGETS = {"SP500_INDEX": 0.35, "NASDAQ": 0.15, "UST10Y_TR": 0.25, "UST2Y_TR": 0.10, "EURUSD": 0.10, "WTI": 0.05}


def call(url, body=None):
    """The text of an answer; a POST when there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def month_ends(prices):
    """Positions of the last trading days of the months, from the one before `FIRST` on."""
    last = [i for i in range(len(prices.dates) - 1) if prices.dates[i][:7] != prices.dates[i + 1][:7]]
    start = next(place for place, i in enumerate(last) if prices.dates[i + 1][:7] == FIRST)
    return last[start : start + MONTHS + 1]


def plan_of(prices, day, weights, value):
    """The request of one month."""
    histories = {name: simple_returns(prices.columns[name][day - HISTORY_DAYS : day + 1]) for name in TARGETS}
    assets = [
        {"asset": name, "target_weight": target, "current_weight": weights[name], "price": prices.columns[name][day], "historical_returns": histories[name]}
        for name, target in TARGETS.items()
    ]
    return {
        "portfolio_value": round(value, 2), "drift_threshold": 0.01, "turnover_limit": 0.2, "transaction_cost_bps": 8.0, "weight_policy": "strict",
        "client_reference": REFERENCE, "monte_carlo": {"horizon_days": HORIZON_DAYS}, "assets": assets,
    }


def kupiec(violations, periods):
    """Kupiec's ratio against 5 %, and its p-value."""

    def log_likelihood(p):
        hit = violations * math.log(p) if violations else 0.0
        return hit + ((periods - violations) * math.log1p(-p) if periods > violations else 0.0)

    ratio = 2.0 * (log_likelihood(violations / periods) - log_likelihood(0.05))
    return ratio, math.erfc(math.sqrt(max(ratio, 0.0) / 2.0))


def gamma_lower(shape, at):
    """Regularised lower incomplete gamma function, by its series."""
    term = total = 1.0 / shape
    n = shape
    while term > 1e-17 * total:
        n += 1.0
        term *= at / n
        total += term
    return total * math.exp(shape * math.log(at) - at - math.lgamma(shape))


def moments(values):
    """Sums of squares about the mean and of fourth powers."""
    mean = sum(values) / len(values)
    return sum((v - mean) ** 2 for v in values), sum((v - mean) ** 4 for v in values)


class Replay:
    """The months that were replayed, scored by the definitions of `docs/calibration.md`."""

    def __init__(self):
        self.distances, self.freedom, self.second, self.fourth, self.count = 0, 0, 0.0, 0.0, 0
        self.violations, self.days, self.losses, self.horizon_violations = 0, 0, [], 0
        self.waiting, self.weeks_violated = [], 0

    def add(self, plan, returns):
        """One plan and the returns that came: name to list."""

        def of(weigh):
            return [sum(weigh(w) * returns[w["asset"]][day] for w in plan["weights"]) for day in range(len(returns["WTI"]))]

        active = of(lambda w: w["weight_after"] - w["target_weight"])
        daily = plan["active_risk"]["after"]["tracking_error"] / math.sqrt(252.0)
        # On the policy, as the first month is, nothing can be divided by the prediction.
        if daily * math.sqrt(252.0) >= 1e-5:
            second, fourth = moments([r / daily for r in active])
            self.distances, self.freedom, self.count = self.distances + 1, self.freedom + len(active) - 1, self.count + len(active)
            self.second, self.fourth = self.second + second, self.fourth + fourth
        after = of(lambda w: w["weight_after"])
        self.violations += sum(-r > plan["after_risk_metrics"]["var_95"] for r in after)
        self.days += len(after)
        simulation = plan["monte_carlo"]
        wealth = math.prod(1.0 + r for r in of(lambda w: w["current_weight"])[: simulation["horizon_days"]])
        self.losses.append((simulation["probability_of_loss"], wealth < 1.0))
        self.horizon_violations += 1.0 - wealth > simulation["var_95"]
        outlook = plan["outlook"]
        week = math.prod(1.0 + r for r in of(lambda w: w["current_weight"])[: outlook["days"]])
        self.weeks_violated += 1.0 - week > outlook["figures"]["loss_95_waiting"]

        def held(weight):
            """The return of positions that nobody touches."""
            return sum(w[weight] * (math.prod(1.0 + r for r in returns[w["asset"]]) - 1.0) for w in plan["weights"])

        kept = 1.0 - plan["estimated_total_transaction_cost"] / plan["portfolio_value"]
        self.waiting.append(1e4 * (kept * (1.0 + held("weight_after")) - 1.0 - held("current_weight")))

    def figures(self):
        """What the scorecard should say, by JSON pointer."""
        kurtosis = self.count * self.fourth / self.second**2
        freedom = self.freedom * min(1.0, 2.0 / (kurtosis - 1.0))
        ratio = self.second / self.freedom
        below = gamma_lower(freedom / 2.0, freedom * ratio / 2.0)
        law = [1.0]
        for p, _ in self.losses:
            law = [a * (1.0 - p) + b * p for a, b in zip([*law, 0.0], [0.0, *law])]
        lost = sum(is_loss for _, is_loss in self.losses)
        brier = sum((p - is_loss) ** 2 for p, is_loss in self.losses) / len(self.losses)
        rate = lost / len(self.losses)
        return {
            "/outcomes": MONTHS, "/outcomes_in_hindsight": MONTHS, "/days": self.days,
            "/tracking_error/outcomes": self.distances, "/tracking_error/ratio": math.sqrt(ratio), "/tracking_error/chi_squared/kurtosis": kurtosis,
            "/tracking_error/chi_squared/statistic": freedom * ratio, "/tracking_error/chi_squared/degrees_of_freedom": freedom,
            "/tracking_error/chi_squared/p_value": 2.0 * min(below, 1.0 - below),
            "/daily_var_95/violations": self.violations, "/daily_var_95/kupiec/statistic": kupiec(self.violations, self.days)[0],
            "/daily_var_95/kupiec/p_value": kupiec(self.violations, self.days)[1],
            "/horizon_var_95/periods": MONTHS, "/horizon_var_95/violations": self.horizon_violations,
            "/probability_of_loss/events": lost, "/probability_of_loss/brier_score": brier,
            "/probability_of_loss/base_rate_brier_score": rate * (1.0 - rate), "/probability_of_loss/skill": 1.0 - brier / (rate * (1.0 - rate)),
            "/probability_of_loss/p_value": min(1.0, 2.0 * min(sum(law[: lost + 1]), sum(law[lost:]))),
            "/cost/outcomes": 0,
            "/waiting/outcomes": MONTHS, "/waiting/mean_cost_bps": sum(self.waiting) / MONTHS,
            "/waiting/standard_error_bps": math.sqrt(moments(self.waiting)[0] / (MONTHS - 1) / MONTHS),
            "/waiting/share_with_cost": sum(cost > 1e-9 for cost in self.waiting) / MONTHS,
            "/waiting/loss_95/periods": MONTHS, "/waiting/loss_95/violations": self.weeks_violated,
        }


def at(document, pointer):
    for member in pointer.strip("/").split("/"):
        document = document[member]
    return document


def replay(server, prices):
    """Plans and outcomes of all months."""
    ends = month_ends(prices)
    weights, value, months = dict(TARGETS), 1_000_000.0, Replay()
    for day, end in zip(ends, ends[1:]):
        plan = json.loads(call(f"{server}/api/rebalance", plan_of(prices, day, weights, value)))
        returns = {name: simple_returns(prices.columns[name][day : end + 1]) for name in TARGETS}
        report = {"as_of": prices.dates[end], "returns": returns}
        outcome = json.loads(call(f"{server}/api/plans/{plan['metadata']['plan_id']}/outcome", report))
        assert outcome["days"] == end - day, outcome
        months.add(plan, returns)
        # The book that the plan leaves, held to the end of the month.
        held = {w["asset"]: w["weight_after"] * prices.columns[w["asset"]][end] / prices.columns[w["asset"]][day] for w in plan["weights"]}
        cash = plan["cash"]["weight_after"]
        value = plan["value_after"] * (sum(held.values()) + cash)
        weights = to_millionths({name: amount / sum(held.values()) for name, amount in held.items()})
    return months


def main(server):
    months = replay(server, Prices.read(ROOT / "data" / "mixed_1999_2005.csv"))
    path = f"{server}/api/calibration?client_reference={urllib.request.quote(REFERENCE)}"
    answer, trail = call(path), call(f"{server}/api/audit/export")
    card = json.loads(answer)["scorecard"]
    faults = verify_scorecard.faults_of(answer, trail)
    for pointer, expected in months.figures().items():
        if not math.isclose(at(card, pointer), expected, rel_tol=1e-6, abs_tol=1e-9):
            faults.append(f"{pointer} is {at(card, pointer)}, expected {expected}")
    for name in ("tracking_error", "daily_var_95", "horizon_var_95", "probability_of_loss", "cost"):
        print(f"{name:<20} {card[name]['verdict']:<12} {json.dumps(card[name])}")
    # What a reader must notice.
    changed = answer.replace('"violations":', '"violations":1', 1)
    if "the scorecard is not what was sealed" not in verify_scorecard.faults_of(changed, trail):
        faults.append("a changed figure is not noticed")
    cut = "\n".join(trail.splitlines()[:-1])
    if not verify_scorecard.faults_of(answer, cut):
        faults.append("a cut trail is not noticed")
    if json.loads(call(f"{server}/api/audit/verify"))["valid"] is not True:
        faults.append("the records do not verify")
    print("\n".join(faults) or f"{MONTHS} months replayed: every figure comes out again, and the scorecard verifies")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/")))
