#!/usr/bin/env python3
"""Faults that were found in use stay mended: the requests that showed them, and their neighbours.

    python3 tests/faults_in_use.py http://127.0.0.1:5000 [--only WORD] [--list]

Each kind of fault is a table of requests and right answers. A right answer comes from a definition or a closed form, which a
comment states where the name of the case does not; nothing is compared with what a server said before. One line is printed for
each kind: cases tried, answers that are wrong. Python's standard library only.
"""

import argparse
import json
import math
import random
import re
import socket
import statistics
import sys
import time

from wire import ROOT, Connection, call, dump, example, parse_address, request_bytes

ALLOCATE, COVARIANCE, PLAN, REPORT = "/api/optimizer/allocate", "/api/risk/covariance", "/api/rebalance", "/api/risk/report"
SIMULATE, SOLVE, FORECAST, RUNS = "/api/stress/monte-carlo", "/api/optimizer/solve", "/api/forecast", "/api/runs"
MAX_BODY_BYTES = 8 * 1024 * 1024
ADDRESS = None


def send(path, body):
    return call(ADDRESS, "POST", path, body if isinstance(body, bytes) else dump(body))


# Right answers: each takes an answer and returns what is wrong with it, or nothing.


def refused(*words, at=None, status=400):
    def check(answer):
        if answer.status != status:
            return f"status {answer.status}: {answer.body[:160]!r}"
        problem = answer.json()
        if at is not None and at not in [entry.get("pointer") for entry in problem["errors"]]:
            return f"points at {[entry.get('pointer') for entry in problem['errors']]}, not at {at}"
        missing = [word for word in words if word not in problem["detail"]]
        return missing and f"{problem['detail']!r} lacks {missing}"

    return check


def optimal(objective=None, weights=None, near=1e-8):
    def check(answer):
        if answer.status != 200 or answer.json()["status"] != "optimal":
            return f"{answer.status}: {answer.body[:160]!r}"
        said = answer.json()
        if objective is not None and abs(said["objective"] - objective) > near:
            return f"objective {said['objective']}, right is {objective}"
        if weights is not None and not close(said["weights"], weights, near):
            return f"weights {said['weights']}, right is {weights}"

    return check


def within(lower, upper):
    """A portfolio inside its bounds that sums to one; each point of a frontier is one."""

    def check(answer):
        if answer.status != 200 or answer.json()["status"] != "optimal":
            return f"{answer.status}: {answer.body[:160]!r}"
        said = answer.json()
        for w in [point["weights"] for point in said["points"]] if "points" in said else [said["weights"]]:
            outside = [x for x, low, high in zip(w, lower, upper) if not low - 1e-9 <= x <= high + 1e-9]
            if outside or abs(sum(w) - 1) > 1e-8:
                return f"weights {w} with bounds {lower} to {upper}"

    return check


def no_portfolio(answer):
    """The bounds leave nothing: refused, or said to be infeasible."""
    infeasible = answer.status == 200 and answer.json()["status"] == "infeasible" and answer.json()["reason"]
    return not infeasible and answer.status != 400 and f"{answer.status}: {answer.body[:160]!r}"


def close(got, want, near):
    return len(got) == len(want) and all(x is not None and abs(x - y) <= near for x, y in zip(got, want))


def ok(answer):
    return not 200 <= answer.status < 300 and f"status {answer.status}: {answer.body[:160]!r}"


def document(answer):
    if answer.status != 200:
        raise ValueError(f"status {answer.status}: {answer.body[:160]!r}")
    return answer.json()


# Series.


def noise(seed, count=60, mean=0.0004, deviation=0.01):
    draw = random.Random(seed)
    return [round(draw.gauss(mean, deviation), 6) for _ in range(count)]


def returns(prices):
    return [b / a - 1 for a, b in zip(prices, prices[1:])]


def fund(growth=1.001, start=100.0, count=120):
    return returns([start * growth**i for i in range(count + 1)])


def stepped(growth=1.0004, price=37.11, count=120):
    prices = [price]
    for _ in range(count):
        prices.append(prices[-1] * growth)
    return returns(prices)


INDEX = noise(5, 120)
FLAT = {
    "cash": [0.0] * 120,
    "a constant return": [0.0003] * 120,
    "a constant loss": [-0.01] * 120,
    "prices 100·1.001^i": fund(),
    "powers of a price in another unit": fund(start=1e-4),
    "powers below one": fund(growth=0.9995, start=1e6),
    "exponentials": returns([1000 * math.exp(0.00013 * i) for i in range(121)]),
    "a price compounded step by step": stepped(),
    "five times a fund on credit": [5 * r - 0.0004 for r in fund()],
    "a logarithm taken and undone": [math.expm1(math.log1p(r)) for r in fund()],
    "an index hedged with itself": [0.3 * r + 0.7 * r - r for r in INDEX],
}


def asset(name, target, current, history=None, **more):
    return {"asset": name, "target_weight": target, "current_weight": current, "price": 10, **more} | (
        {"historical_returns": history} if history is not None else {}
    )


def book(current, target, value=100_000, histories=None, **more):
    histories = histories or [None] * len(current)
    assets = [asset(f"A{i}", t, c, h) for i, (c, t, h) in enumerate(zip(current, target, histories))]
    return {"portfolio_value": value, "assets": assets, **more}


# The kinds of fault. Each yields the name of a case, and a call that returns what is wrong.


def case(name, path, body, check):
    return name, lambda: check(send(path, body))


OPPOSITE = [[0.04, -0.04], [-0.04, 0.04]]
CANCEL = [[0.04, -0.02, -0.02], [-0.02, 0.04, -0.02], [-0.02, -0.02, 0.04]]


def ratios():
    """Ratios without a maximum, and portfolios of no risk."""
    unbounded = refused("there is no largest ratio")
    riskless = [[0, 0], [0, 0.04]]
    # (name, mu, sigma, more, right); the risk-free rate is 2 %.
    sharpe = [
        ("one riskless asset", [0.05], [[0]], {}, unbounded),
        ("a riskless asset a hair above the rate", [0.0201, 0.1], riskless, {}, unbounded),
        ("opposite assets", [0.05, 0.07], OPPOSITE, {}, unbounded),
        ("a riskless asset of nothing under a negative rate", [0.0], [[0]], {"risk_free_rate": -0.01}, unbounded),
        ("opposite assets of two volatilities", [0.04, 0.06], [[0.09, -0.03], [-0.03, 0.01]], {}, unbounded),
        ("three assets whose risks cancel", [0.05] * 3, CANCEL, {}, unbounded),
        ("opposite assets beside a third", [0.05, 0.07, 0.2], [[0.04, -0.04, 0], [-0.04, 0.04, 0], [0, 0, 0.09]], {}, unbounded),
        ("one asset, half of another sold short", [0.05, 0.07], [[0.04, 0.02], [0.02, 0.01]], {"lower": -1, "upper": 2}, unbounded),
        ("tiny volatilities", [0.05, 0.07], [[4e-12, -4e-12], [-4e-12, 4e-12]], {}, unbounded),
        ("huge volatilities", [0.05, 0.07], [[400, -400], [-400, 400]], {}, unbounded),
        ("two riskless assets, one capped", [0.05, 0.03, 0.1], [[0] * 3, [0] * 3, [0, 0, 0.04]], {"upper": [0.5, 0.5, 1]}, unbounded),
        # (0.9·0.0001 + 0.1·0.08)/(0.1·0.2)
        ("90 % riskless at most", [0.0201, 0.1], riskless, {"upper": [0.9, 1]}, optimal(0.4045, [0.9, 0.1])),
        ("a riskless asset below the rate is left out", [0.019, 0.1], riskless, {}, optimal(0.4, [0, 1])),
        # x of the first: risk 0.4x − 0.1, reward 0.04 − 0.02x, so the least x, 0.3, is best: 0.034/0.02.
        ("a cap short of the riskless mix", [0.04, 0.06], [[0.09, -0.03], [-0.03, 0.01]], {"upper": [1, 0.7]}, optimal(1.7, [0.3, 0.7])),
        # Risk 0.1 + 0.1x, reward 0.05 − 0.02x, x from −0.5: 0.06/0.05.
        ("a short sale short of it", [0.05, 0.07], [[0.04, 0.02], [0.02, 0.01]], {"lower": -0.5, "upper": 2}, optimal(1.2, [-0.5, 1.5])),
        ("a riskless mix below the rate", [-0.1, 0.1], OPPOSITE, {}, optimal(0.4, [0, 1])),
        ("cash at the rate has no ratio", [0.02], [[0]], {}, no_portfolio),
    ]
    for name, mu, sigma, more, right in sharpe:
        yield case(f"max_sharpe, {name}", ALLOCATE, {"method": "max_sharpe", "mu": mu, "sigma": sigma, "risk_free_rate": 0.02, **more}, right)
    parity = "risk_parity"
    others = [
        ("max_diversification", "opposite assets", OPPOSITE, {}, unbounded),
        ("max_diversification", "three that cancel", CANCEL, {}, unbounded),
        # 0.2/(0.2·|0.4 − 0.6|)
        ("max_diversification", "a cap short of the riskless mix", OPPOSITE, {"upper": [0.4, 1]}, optimal(5, [0.4, 0.6])),
        (parity, "opposite assets", OPPOSITE, {}, refused("no risk", "risk_parity")),
        (parity, "three that cancel", CANCEL, {}, refused("no risk", "risk_parity")),
        (parity, "a riskless asset", [[0.04, 0], [0, 0]], {}, refused("without risk", at="/sigma/1/1")),
        ("hrp_dist", "opposite assets", OPPOSITE, {}, optimal(weights=[0.5, 0.5])),
        ("hrp_lopez_de_prado", "opposite assets", OPPOSITE, {}, optimal(weights=[0.5, 0.5])),
        ("hrp_dist", "a riskless asset", [[0, 0], [0, 0.04]], {}, refused("without risk", at="/sigma/0/0")),
        # Volatilities of 0.2 and 1e-10: weights in inverse proportion.
        (parity, "a small variance that is none too small", [[0.04, 0], [0, 1e-20]], {}, optimal(weights=[1e-10 / (0.2 + 1e-10), 0.2 / (0.2 + 1e-10)])),
    ]
    for method, name, sigma, more, right in others:
        yield case(f"{method}, {name}", ALLOCATE, {"method": method, "sigma": sigma, **more}, right)
    for variance in (5e-324, 1e-310, 2e-308, 1e-200):
        for method in ("hrp_dist", "hrp_lopez_de_prado", parity, "max_diversification", "max_sharpe"):
            body = {"method": method, "mu": [0.05, 0.05], "sigma": [[0.04, 0], [0, variance]]}
            yield case(f"{method}, a variance of {variance}", ALLOCATE, body, refused(at="/sigma/1/1"))


def bounds():
    """Bounds, and other members that were accepted and ignored."""
    two, four = [[1e-4, 0], [0, 0.04]], [[1e-4, 0, 0, 0], [0, 0.04, 0.03, 0], [0, 0.03, 0.04, 0], [0, 0, 0, 0.09]]
    for tree in ("hrp_dist", "hrp_lopez_de_prado"):
        # By inverse variance 0.9975 and 0.0025, moved to the nearest bound.
        tables = [
            ("both at most 40 %", two, 0, 0.4, no_portfolio),
            ("both at most 60 %", two, 0, 0.6, optimal(weights=[0.6, 0.4])),
            ("the second at least 30 %", two, [0, 0.3], 1, optimal(weights=[0.7, 0.3])),
            ("one portfolio left", two, 0.5, 0.5, optimal(weights=[0.5, 0.5])),
            ("bounds that do not bind", two, 0.001, 0.999, optimal(weights=[0.04 / 0.0401, 0.0001 / 0.0401])),
            ("four at most 40 %", four, 0, 0.4, within([0] * 4, [0.4] * 4)),
            ("four of a quarter", four, 0, 0.25, optimal(weights=[0.25] * 4)),
            ("four from 10 % to 40 %", four, 0.1, 0.4, within([0.1] * 4, [0.4] * 4)),
            ("three at least 30 %", four, [0, 0.3, 0.3, 0.3], 1, within([0, 0.3, 0.3, 0.3], [1] * 4)),
            ("three at most 10 %", four, 0, [0.1, 0.1, 0.1, 1], within([0] * 4, [0.1, 0.1, 0.1, 1])),
            ("lower bounds above one together", four, 0.3, 1, no_portfolio),
        ]
        for name, sigma, lower, upper, right in tables:
            yield case(f"{tree}, {name}", ALLOCATE, {"method": tree, "sigma": sigma, "lower": lower, "upper": upper}, right)
    # Volatilities of 1 % and 11 %: the one portfolio of equal shares of risk is 11/12 and 1/12.
    free = optimal(weights=[11 / 12, 1 / 12])
    for lower, upper, right in [
        (0, 0.4, no_portfolio), (0, 0.6, no_portfolio), ([0, 0.1], 1, no_portfolio), (0, [0.9, 1], no_portfolio), (0, [1, 0.08], no_portfolio),
        ([0.92, 0], 1, no_portfolio), (0, 1, free), ([0.9, 0], [0.92, 0.1], free), (-1, 2, free),
    ]:
        body = {"method": "risk_parity", "sigma": [[0.0001, 0], [0, 0.0121]], "lower": lower, "upper": upper}
        yield case(f"risk_parity from {lower} to {upper}", ALLOCATE, body, right)
    three = [[0.0004, 0, 0], [0, 0.04, 0.01], [0, 0.01, 0.09]]
    history = {name: noise(seed) for seed, name in enumerate("ABC")}
    for method in ("min_variance", "max_sharpe", "max_utility", "frontier", "max_diversification", "min_cvar95", "min_evar95"):
        body = {"method": method, "lower": 0.1, "upper": 0.5} | ({"returns": history} if "var95" in method else {"mu": [0.03, 0.06, 0.09], "sigma": three})
        yield case(f"{method} from 10 % to 50 %", ALLOCATE, body, within([0.1] * 3, [0.5] * 3))
    # Members in places where something else might have been read in their stead.
    plan = book([0.7, 0.3], [0.5, 0.5], histories=[noise(1), noise(2)])
    report = {"returns": noise(1)}
    law = {"weights": [1.0], "mu": [0.05], "sigma": [[0.04]], "paths": 500}
    pair = {"problem": {"risk_aversion": 5, "mu": [0.06, 0.03], "w0": [0.7, 0.3], "lower": [0, 0], "upper": [1, 1], "cash_min": 0, "cash_max": 0}, "model": {"sigma": [[0.04, 0.01], [0.01, 0.02]]}}
    for path, body, more in [
        (PLAN, plan, {"optimization": {"upper": 0.55}}),
        (PLAN, plan, {"optimization": {}}),
        (PLAN, plan | {"method": "optimal"}, {"tracking_error_budget": 0.02}),
        (PLAN, plan | {"method": "optimal"}, {"drift_threshold": 0.3}),
        (PLAN, plan | {"method": "optimal"}, {"optimization": {"trade_max": [0.01, 0.01]}}),
        (PLAN, plan, {"risk_aversion": 50}),
        (PLAN, plan, {"horizon_years": 0.1}),
        (PLAN, plan, {"monte_carlo": {"seed": 3}}),
        (REPORT, report, {"weights": [1.0]}),
        (REPORT, report, {"participation": 0.2}),
        (REPORT, report, {"start_date": "2026-01-01"}),
        (REPORT, report, {"benchmark_weights": [1.0]}),
        (REPORT, report, {"volumes": [1000]}),
        (SIMULATE, law, {"returns": {"A": noise(1)}}),
        (SIMULATE, law, {"periods_per_year": 12}),
        (SOLVE, pair, {"problem": pair["problem"] | {"turnover_max": 0.01}}),
        (SOLVE, pair, {"problem": pair["problem"] | {"te_max": 0.01}}),
        (SOLVE, pair, {"problem": pair["problem"] | {"leverage_max": 0.5}}),
    ]:
        yield f"{path} reads or refuses {json.dumps(more)[:70]}", lambda path=path, body=body, more=more: has_effect(path, body, body | more)


def has_effect(path, before, after):
    one, two = send(path, before), send(path, after)
    if one.status != 200:
        return f"status {one.status}: {one.body[:160]!r}"
    if two.status == 200 and {**one.json(), "metadata": 0} == {**two.json(), "metadata": 0}:
        return "accepted and ignored"
    return two.status not in (200, 400) and f"status {two.status}"


def constant_histories():
    """A riskless asset is a zero row of the covariance, wherever one is made."""

    def zero_row(estimator, flat):
        risky = [noise(5, 120), noise(6, 120)]
        make = lambda columns: document(send(COVARIANCE, {"returns": [list(row) for row in zip(*columns)], "estimator": estimator}))  # noqa: E731
        alone, beside = make(risky), make([risky[0], flat, risky[1]])
        sigma = beside["covariance"]
        if any(sigma[1]) or sigma[0][1] or sigma[2][1]:
            return f"row {sigma[1]}"
        kept = [[sigma[i][j] for j in (0, 2)] for i in (0, 2)]
        return (kept, beside["shrinkage"]) != (alone["covariance"], alone["shrinkage"]) and f"the others become {kept}"

    for estimator in ("sample", "ledoit_wolf_identity", "ledoit_wolf_constant_correlation", "oas", "ewma94_zero_mean", "ewma94_recursive", "overlapping_week"):
        for name in ("cash", "a constant return", "prices 100·1.001^i", "exponentials"):
            if name == "cash" or not estimator.startswith("ewma"):
                yield f"{estimator}, {name}", lambda e=estimator, f=FLAT[name]: zero_row(e, f)
    risky = noise(3)

    def moved(flat, current, target):
        """Two assets, the second riskless. Towards the target as far as it pays: γ·v·d = 2c, for a distance d in the first asset."""
        said = document(send(PLAN, book(current, target, method="optimal", histories=[risky, flat])))
        variance = 252 * statistics.pvariance(risky)
        distance = min(0.002 / (5 * variance), abs(current[0] - target[0]))
        right = target[0] + math.copysign(distance, current[0] - target[0])
        got = said["weights"][0]["optimized_target_weight"]
        return abs(got - right) > 0.05 * distance and f"weight {got}, right is {right}"

    sixty = {name: series[-60:] for name, series in FLAT.items()}
    for name in ("cash", "a constant return", "a constant loss", "prices 100·1.001^i", "a price compounded step by step"):
        yield f"plan, optimal, {name}", lambda f=sixty[name]: moved(f, [0.55, 0.45], [0.5, 0.5])
    yield "plan, optimal, a stablecoin underweight by less than pays", lambda: moved(sixty["cash"], [0.505, 0.495], [0.5, 0.5])
    yield "plan, optimal, a riskless asset overweight", lambda: moved(sixty["cash"], [0.45, 0.55], [0.5, 0.5])
    still = book([0.55, 0.45], [0.5, 0.5], method="optimal", histories=[[0.0] * 60, [0.0001] * 60])
    yield "plan, optimal, nothing but riskless assets", lambda: document(send(PLAN, still))["turnover_used"] != 0 and "trades without a gain"
    quoted = risky[:20] + [0.0] * 40
    yield case("plan, optimal, a quote that was halted", PLAN, book([0.55, 0.45], [0.5, 0.5], method="optimal", histories=[risky, quoted]), ok)
    three = book([0.5, 0.3, 0.2], [0.4, 0.3, 0.3], method="optimal", histories=[risky, [0.0] * 60, noise(4)])
    for path in (PLAN, "/api/ai-copilot/insights", "/api/multi-agent/tandem-demo", "/api/multi-agent/run"):
        yield case(f"{path}, optimal, a riskless asset among three", path, three, ok)
    for method in ("min_cvar95", "min_evar95"):
        # A sure gain of 0.1 % a day has the smaller tail loss.
        yield case(f"{method}, a cash fund", ALLOCATE, {"method": method, "returns": {"A": noise(3, mean=-0.001), "CASH": [0.001] * 60}}, optimal(weights=[0, 1], near=1e-5))

    def certain(history, value):
        said = document(send(SIMULATE, {"weights": [1.0], "returns": {"A": history}, "horizon_days": 30, "paths": 200}))["statistics"]
        got = [said[name]["value"] for name in ("mean_terminal_value", "terminal_quantile_01", "terminal_quantile_95")]
        return not close(got, [value] * 3, 1e-4) and f"ends at {got}, right is {value}"

    yield "simulation of cash", lambda: certain([0.0] * 60, 1)
    yield "simulation of a cash fund", lambda: certain(fund(count=60), 1.001**30)


def flat():
    """A spread that rounding of 1 + r can make is none."""

    def absent(body, reasons):
        said = document(send(REPORT, body))
        told = {entry["metric"]: entry["reason"] for entry in said["unavailable"]}
        wrong = [f"{name} {said['metrics'][name]} ({told.get(name)})" for name, why in reasons.items() if said["metrics"][name] is not None or told.get(name) != why]
        return ", ".join(wrong)

    none, same, still = "zero_volatility", "zero_tracking_error", "zero_benchmark_volatility"
    for name, series in FLAT.items():
        yield f"Sharpe ratio and shape of {name}", lambda s=series: absent({"returns": s}, dict.fromkeys(("sharpe", "sharpe_simple", "skew_biased", "exkurt_unbiased", "t_mom_df", "var95_cornish_fisher"), none))
        yield f"an index against itself with {name}", lambda s=series: absent({"returns": [a + b for a, b in zip(INDEX, s)], "benchmark": INDEX}, {"information_ratio": same})
        yield f"beta and alpha against {name}", lambda s=series: absent({"returns": INDEX, "benchmark": s}, {"beta": still, "alpha_arith": still, "correlation": still})
        yield case(f"regression on {name}", REPORT, {"returns": INDEX, "factors": {"F": series}}, refused("dependent", at="/factors"))
    composite = [0.1 * r + 0.2 * r + 0.7 * r for r in INDEX]
    yield "an index against itself in three parts", lambda: absent({"returns": composite, "benchmark": INDEX}, {"information_ratio": same})

    def told(body, member, pointer):
        said = document(send(REPORT, body))
        warned = [warning["pointer"] for warning in said["warnings"] if warning["code"] == "figure_unavailable"]
        value = said
        for key in member.split("."):
            value = value.get(key)
        if value not in (None, []):
            return f"{member} is {str(value)[:100]}"
        return pointer not in warned and f"no reason at {pointer}, only at {warned}"

    flat_fund = fund()
    yield "regression of a fund without risk", lambda: told({"returns": flat_fund, "factors": {"F": INDEX}}, "factors", "/factors")
    yield "GARCH of a fund without risk", lambda: told({"returns": flat_fund, "volatility_models": ["garch"]}, "volatility_models", "/volatility_models/0")
    for member in ("sharpe_lo", "sharpe_opdyke"):
        yield f"interval {member} of a fund without risk", lambda m=member: told({"returns": flat_fund, "intervals": True}, f"intervals.{m}", f"/intervals/{m}")

    def rolling(body, member):
        values = document(send(REPORT, {**body, "rolling_window": 60}))["rolling"][member]
        return any(value is not None for value in values) and f"{member} {values[0]}"

    yield "rolling Sharpe ratio of a fund without risk", lambda: rolling({"returns": flat_fund}, "sharpe")
    yield "rolling beta against a fund without risk", lambda: rolling({"returns": INDEX, "benchmark": flat_fund}, "beta")
    yield "rolling correlation with a fund without risk", lambda: rolling({"returns": flat_fund, "benchmark": INDEX}, "correlation")

    def split():
        said = document(send(REPORT, {"returns": {"A": flat_fund, "B": stepped()}, "weights": [0.5, 0.5]}))["contributions"]
        why = {entry["metric"]: entry["reason"] for entry in said["unavailable"]}
        return (said["percent_vol"] is not None or why.get("percent_vol") != none) and f"percent_vol {said['percent_vol']}"

    yield "shares of the volatility of two funds without risk", split

    def exact(series, factors):
        """The factors explain everything: no remainder, so no error to divide by."""
        said = document(send(REPORT, {"returns": series, "factors": factors}))["factors"]
        numbers = [said["alpha_annual"], *said["betas"]]
        return any(n["t_statistic"] is not None or n["p_value"] is not None for n in numbers) and f"t statistics {[n['t_statistic'] for n in numbers]}"

    other = noise(6, 120)
    yield "regression of an index on itself", lambda: exact(INDEX, {"F": INDEX})
    yield "regression of twice an index on it", lambda: exact([2 * r for r in INDEX], {"F": INDEX})
    yield "regression of an index less a fee on it", lambda: exact([r - 0.00001 for r in INDEX], {"F": INDEX})
    yield "regression of a mix on its parts", lambda: exact([0.3 * a + 0.7 * b for a, b in zip(INDEX, other)], {"F": INDEX, "G": other})

    def payback(histories):
        """Trades that take no risk away pay nothing back."""
        figures = document(send(PLAN, book([0.6, 0.4], [0.5, 0.5], histories=histories)))["worth"]["figures"]
        return (figures["payback_weeks"] is not None or not figures["payback_reason"]) and f"payback in {figures['payback_weeks']} weeks"

    yield "payback of trades between two funds without risk", lambda: payback([flat_fund[:60], stepped(count=60)])
    yield "payback of trades between an index and its twin", lambda: payback([INDEX[:60], [r - 0.00001 for r in INDEX[:60]]])

    def small(size):
        series = [0.0001 + (size if i % 2 else -size) for i in range(120)]
        right = (0.0001 - (1.02 ** (1 / 252) - 1)) / (size * math.sqrt(120 / 119)) * math.sqrt(252)
        got = document(send(REPORT, {"returns": series}))["metrics"]["sharpe"]
        return (got is None or abs(got / right - 1) > 1e-3) and f"Sharpe ratio {got}, right is {right}"

    for size in (1e-12, 1e-9, 1e-6):
        yield f"a spread of {size} is a spread", lambda s=size: small(s)


def quotes():
    """A bad quote put right is two outliers and no split."""

    def issues(history):
        said = document(send(PLAN, book([0.6, 0.4], [0.5, 0.5], histories=[history, noise(9, len(history))])))
        return {issue["code"]: issue["count"] for issue in said["data_quality"]["assets"][0]["issues"]}

    def expect(history, right):
        got = issues(history)
        return got != right and f"{got}, right is {right}"

    calm = noise(8, 60)
    wrong_quotes = [
        (-0.5, 1.0), (1.0, -0.5), (2.0, -2 / 3), (-2 / 3, 2.0), (-0.75, 3.0), (3.0, -0.75), (-0.8, 4.0), (4.0, -0.8), (-0.9, 9.0),
        (9.0, -0.9), (-0.95, 19.0), (19.0, -0.95), (-6 / 7, 6.0), (-0.49, 0.97), (-0.5, 0.9), (1.05, -0.5),
    ]
    for jump, back in wrong_quotes:
        for days in range(5):
            history = calm[:30] + [jump] + calm[30 : 30 + days] + [back] + calm[40:]
            if days in (0, 4) or jump in (-0.5, 2.0):
                yield f"{jump:.3g}, and {back:.3g} after {days} days", lambda h=history: expect(h, {"outliers": 2})
    for jump, back in wrong_quotes[:4]:
        yield f"{jump:.3g} and {back:.3g} on the first days", lambda h=[jump, back, *calm]: expect(h, {"outliers": 2})
        yield f"{jump:.3g} and {back:.3g} on the last days", lambda h=[*calm, jump, back]: expect(h, {"outliers": 2})
    # What is not put right stays a split, in either direction.
    for jump in (-0.5, 1.0, -0.9):
        yield f"{jump} that stays is a split", lambda h=[*calm[:30], jump, *calm[30:]]: expect(h, {"split_like_jump": 1})


def idle_cash():
    """`cash_off_target` only for cash off its target by more than the band and rounding."""

    def warned(body, right):
        said = document(send(PLAN, body))
        told = [warning["detail"] for warning in said["warnings"] if warning["code"] == "cash_off_target"]
        if bool(told) != right:
            return f"{told or 'no warning'}, cash after {said['cash']['weight_after']}"
        return told and "further from its target than the drift threshold" not in told[0] and f"says {told[0]!r}"

    third, rest = 1 / 3, {"weight_policy": "cash_remainder"}
    # (name, current, target, band, value, warned): cash is what the weights leave.
    for name, current, target, band, value, right in [
        ("cash exactly on its target", [0.6, 0.3], [0.6, 0.3], 0, 1e5, False),
        ("no cash, none wanted", [0.6, 0.4], [0.6, 0.4], 0, 1e5, False),
        ("decimals that are not binary", [0.1, 0.7], [0.1, 0.7], 0, 1e5, False),
        ("thirds", [third, third], [third, third], 0, 1e5, False),
        ("sevenths", [1 / 7] * 6, [1 / 7] * 6, 0, 1e5, False),
        ("thirds of a small book", [third, third], [third, third], 0, 100.01, False),
        ("a band of a millionth", [0.6, 0.3], [0.6, 0.3], 1e-6, 1e5, False),
        ("a large book", [0.6, 0.3], [0.6, 0.3], 0, 1e11, False),
        ("one asset", [0.9], [0.9], 0, 1e5, False),
        ("all of it invested", [1.0], [1.0], 0, 1e5, False),
        ("forty assets", [0.024] * 40, [0.024] * 40, 0, 1e5, False),
        ("one percent off, two allowed", [0.595, 0.395], [0.6, 0.4], 0.02, 1e5, False),
        ("off by exactly the band", [0.59, 0.39], [0.6, 0.4], 0.02, 1e5, False),
        ("three percent off, two allowed", [0.585, 0.385], [0.6, 0.4], 0.02, 1e5, True),
        ("too little cash by three percent", [0.485, 0.485], [0.47, 0.47], 0.02, 1e5, True),
        ("off by a little more than the band", [0.5899, 0.3899], [0.6, 0.4], 0.02, 1e5, True),
    ]:
        yield name, lambda c=current, t=target, b=band, v=value, r=right: warned(book(c, t, v, drift_threshold=b, **rest), r)
    for name, current in (("everything traded", [0.9, 0.1]), ("bought from cash", [0, 0]), ("half bought from cash", [0.3, 0.2])):
        yield name, lambda c=current: warned(book(c, [0.5, 0.5], drift_threshold=0, turnover_limit=1, **rest), False)
    yield "everything sold", lambda: warned(book([0.6, 0.4], [0, 0], drift_threshold=0, turnover_limit=1, liquidate=True), False)
    yield "yen", lambda: warned(book([third, third], [third, third], 1001, drift_threshold=0, currency="JPY", **rest), False)


def liquidations():
    """Selling everything is held back by no limit that was not sent."""

    def left(body, right):
        """The weights left; `None` is everything sold."""
        said = document(send(PLAN, body))
        weights = [row["weight_after"] for row in said["weights"]]
        if right is None:
            return (any(weights) or said["turnover_bound"] or abs(said["cash"]["weight_after"] - 1) > 1e-9) and f"weights {weights[:3]}"
        return not close(weights, right, 1e-4) and f"weights {weights}, right is {right}"

    rest = {"weight_policy": "cash_remainder"}
    for name, current, more, right in [
        ("two assets", [0.6, 0.4], {}, None),
        ("one asset", [1.0], {}, None),
        ("some cash already", [0.5, 0.2], rest, None),
        ("mostly cash", [0.001, 0.002], rest, None),
        ("a position inside the default band", [0.985, 0.015], {}, None),
        ("only positions inside the default band", [0.01] * 100, {}, None),
        ("no costs", [0.7, 0.3], {"transaction_cost_bps": 0}, None),
        ("large costs", [0.7, 0.3], {"transaction_cost_bps": 500}, None),
        ("weights in units of their own", [30, 10], {}, None),
        ("strict weights", [0.25] * 4, {"weight_policy": "strict"}, None),
        ("yen", [0.6, 0.4], {"currency": "JPY"}, None),
        ("an asset that is not held", [0.6, 0.4, 0], {}, None),
        ("limits that are null", [0.6, 0.4], {"turnover_limit": None, "drift_threshold": None}, None),
        ("a limit of everything", [0.6, 0.4], {"turnover_limit": 1}, None),
        # A limit that was sent holds: 0.2 less of the larger, or no position inside its band.
        ("a band that was sent", [0.985, 0.015], {"drift_threshold": 0.02, "turnover_limit": 1}, [0, 0.015]),
        ("a limit that was sent, one asset", [1.0], {"turnover_limit": 0.2, "transaction_cost_bps": 0}, [0.8]),
    ]:
        yield name, lambda c=current, m=more, r=right: left(book(c, [0] * len(c), liquidate=True, **m), r)
    yield case("all-zero targets that were not meant", PLAN, book([0.6, 0.4], [0, 0]), refused("liquidate"))


def withdrawals():
    """A withdrawal that cannot be paid is ruin and a loss, and no unlevered value is below zero."""

    def certain(weights, flows, value, loss, daily=0.0):
        """Without risk the value at the end is arithmetic."""
        still = [[0.0] * len(weights) for _ in weights]
        body = {"weights": weights, "mu": [daily * 252] * len(weights), "sigma": still, "horizon_days": len(flows), "cash_flows": flows, "paths": 100}
        said = document(send(SIMULATE, body))["statistics"]
        got = [said[name]["value"] for name in ("mean_terminal_value", "terminal_quantile_01", "terminal_quantile_95", "probability_of_loss")]
        if not close(got, [value, value, value, loss], 1e-9):
            return f"value {got[:3]}, loss {got[3]}; right is {value} and {loss}"

    for name, *more in [
        ("0.6 twice", [1.0], [-0.6, -0.6], 0, 1),
        ("ruin is the end: what is added later is not paid in", [1.0], [-3.0, 0.0, 1.0], 0, 1),
        ("nor is a later withdrawal", [1.0], [-0.6, -0.6, 0.5, -0.6], 0, 1),
        ("on the last day", [1.0], [0.0, 0.0, -1.5], 0, 1),
        ("a million times what there is", [1.0], [-1e6, 0.0], 0, 1),
        ("from cash", [0.0], [-0.6, -0.6], 0, 1),
        ("from a half invested book", [0.5], [-0.6, -0.6], 0, 1),
        ("from ten assets", [0.1] * 10, [-0.6, -0.6], 0, 1),
        ("from two assets and cash", [0.3, 0.3], [-0.6, -0.6], 0, 1),
        ("after a gain", [1.0], [-3.0], 0, 1, math.log(2)),
        ("after a loss", [1.0], [-0.75], 0, 1, -math.log(2)),
        ("all there is", [1.0], [-1.0, 0.0], 0, 0),
        ("all there is in three parts", [1.0], [-0.3, -0.3, -0.4], 0, 0),
        ("emptied and filled again", [1.0], [-1.0, 0.5], 0.5, 0),
        ("what can be paid is paid", [1.0], [-0.25, 0.5], 1.25, 0),
        ("money only put in", [1.0], [0.5, 0.1, 0.1], 1.7, 0),
    ]:
        yield name, lambda m=more: certain(*m)

    def moving(model):
        body = {"weights": [1.0], "mu": [0.05], "sigma": [[0.16]], "horizon_days": 60, "cash_flows": [-0.02] * 60, "paths": 2000, **model}
        said = document(send(SIMULATE, body))["statistics"]
        low = [name for name, figure in said.items() if "quantile" in name and "drawdown" not in name and figure["value"] < 0]
        return low and f"{low} below zero"

    for model in ({}, {"path_statistics": True}, {"fan": True}):
        yield f"an income from a moving book {model}", lambda m=model: moving(m)

    def probability():
        # The value after a year is lognormal: P(V < 0.8) = Φ((ln 0.8 − (μ − σ²/2))/σ).
        body = {"weights": [1.0], "mu": [0.05], "sigma": [[0.09]], "horizon_days": 252, "cash_flows": [0.0] * 251 + [-0.8], "paths": 20_000}
        said = document(send(SIMULATE, body))["statistics"]
        right = statistics.NormalDist(0.005, 0.3).cdf(math.log(0.8))
        got = said["probability_of_ruin"]
        loss = statistics.NormalDist(0.005, 0.3).cdf(0)
        wrong = abs(got["value"] - right) > 4 * got["standard_error"] or abs(said["probability_of_loss"]["value"] - loss) > 0.015
        return wrong and f"ruin {got['value']} for {right}, loss {said['probability_of_loss']['value']} for {loss}"

    yield "the probability of ruin is that of the value", probability

    def ruin(flows, right):
        body = {"weights": [1.0], "mu": [0.0], "sigma": [[0.0]], "horizon_days": 2, "cash_flows": flows, "paths": 100}
        told = (document(send(SIMULATE, body))["statistics"].get("probability_of_ruin") or {}).get("value")
        return told != right and f"ruin {told}, right is {right}"

    # Without a withdrawal there is nothing to say about ruin.
    for flows, right in (([-0.6, -0.6], 1), ([-1.0, 0.5], 0), ([-0.25, 0.5], 0), ([0.5, 0.1], None)):
        yield f"the probability of ruin of {flows}", lambda f=flows, r=right: ruin(f, r)


def reasons():
    """Reasons say which limit keeps a trade from being made."""

    def told(body, right):
        got = [trade["reason"] for trade in document(send(PLAN, body))["trades"]]
        return got != right and f"{got}, right is {right}"

    limit, breach, band, small = "turnover_limit", "drift_breach", "within_band", "below_minimum"
    gap, free = ([0.6, 0.4], [0.5, 0.5]), {"transaction_cost_bps": 0}
    for name, (current, target), value, more, right in [
        ("a limit of no cent", gap, 1e5, {limit: 1e-9}, [limit] * 2),
        ("a limit of half a cent on each side", gap, 1e5, {limit: 1e-7}, [limit] * 2),
        ("a limit of no cent in a small book", gap, 100, {limit: 1e-5}, [limit] * 2),
        ("a limit of no cent in a large book", gap, 1e9, {limit: 1e-12}, [limit] * 2),
        ("a limit of no yen", gap, 1e5, {limit: 1e-6, "currency": "JPY"}, [limit] * 2),
        ("three assets under a limit of no cent", ([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]), 1e5, {limit: 1e-9}, [limit, band, limit]),
        ("a limit of no cent, from cash", ([0, 0], [0.5, 0.5]), 1e5, {limit: 1e-9}, [limit] * 2),
        ("a liquidation under a limit of no cent", ([0.6, 0.4], [0, 0]), 1e5, {limit: 1e-9, "liquidate": True}, [limit] * 2),
        ("a limit of no cent, costs of nothing", gap, 1e5, {limit: 1e-9, **free}, [limit] * 2),
        ("a limit that leaves something", gap, 1e5, {limit: 0.01}, [breach] * 2),
        ("no limit", gap, 1e5, {limit: 1}, [breach] * 2),
        # A tenth of 0.10 is one cent.
        ("a trade of one cent", gap, 0.10, {limit: 1, **free}, [small] * 2),
        ("a drift of exactly the threshold", ([0.52, 0.48], [0.5, 0.5]), 1e5, {}, [band] * 2),
        ("a drift inside a wide band, and a limit of no cent", gap, 1e5, {"drift_threshold": 0.2, limit: 1e-9}, [band] * 2),
    ]:
        yield name, lambda b=book(current, target, value, **more), r=right: told(b, r)
    conflict = book(*gap, method="optimal", histories=[noise(1), noise(2)], optimization={"lower": 0.6})
    yield "limits that exclude each other", lambda: told(conflict, ["limits_conflict"] * 2)


def examples():
    """Every example of the contract works."""
    contract = call(ADDRESS, "GET", "/openapi.json").json()
    schemas = contract["components"]["schemas"]

    def resolved(schema):
        return schemas[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema

    def example_of(schema, depth=0):
        """The example of a schema: its own, or that of its members, as documentation shows it."""
        schema = next((part for part in schema.get("oneOf", []) if part.get("type") != "null"), schema)
        schema = resolved(schema)
        if "example" in schema:
            return schema["example"]
        if "properties" in schema:
            return {name: example_of(member, depth + 1) for name, member in schema["properties"].items()}
        if "items" in schema:
            return [example_of(schema["items"], depth + 1)]
        return schema.get("enum", [None])[0]

    bodies = {}
    for path, item in contract["paths"].items():
        content = item.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        # A champion that moved would make the plans of the other cases, a halt would stop them, a plan is done or filled only after it
        # was exported, and fills name the orders of their plan; the tests of the service send these examples.
        exported = ("/api/plans/{plan_id}/finish", "/api/plans/{plan_id}/fills")
        if content and "{model_id}" not in path and path != "/api/controls/halt" and path not in exported:
            bodies[path] = content["example"] if "example" in content else example_of(content["schema"])
    bare = [path for path, body in bodies.items() if not isinstance(body, dict)]
    yield "every operation with a body has an example", lambda: bare and f"none at {bare}"

    def of_a_plan(path):
        """The path with the id of a plan that was just stored."""
        return path.replace("{plan_id}", send(PLAN, bodies[PLAN]).json()["metadata"]["plan_id"]) if "{plan_id}" in path else path

    for path, body in bodies.items():
        yield case(f"{path}, as it stands", of_a_plan(path), body, ok)
        yield case(f"{path}, indented", of_a_plan(path), json.dumps(body, indent=2, ensure_ascii=False).encode(), ok)

    def with_returns(item):
        """A portfolio of the run with the histories that it names."""
        names = bodies[RUNS].get("histories") or {}
        assets = [
            {**{k: v for k, v in asset.items() if k != "history"}, "historical_returns": names[asset["history"]]} if asset.get("history") else asset
            for asset in item.get("assets", [])
        ]
        item = {**item, "assets": assets} if assets else item
        name = item.get("benchmark_history")
        return {**{k: v for k, v in item.items() if k != "benchmark_history"}, "benchmark_returns": names[name]} if name else item

    for member, path in (("portfolios", PLAN), ("simulations", SIMULATE)):
        for i, item in enumerate(bodies[RUNS].get(member) or []):
            yield case(f"item {i} of the run's {member}, alone", path, with_returns(item), ok)
    for file in sorted((ROOT / "examples").glob("*.json")):
        yield case(f"examples/{file.name}", PLAN, example(file.stem), ok)

    def same_members(path):
        """The answer that is shown has the members of the answer that is given."""
        answer = send(of_a_plan(path), bodies[path])
        if ok(answer):
            return ok(answer)
        responses = contract["paths"][path]["post"]["responses"]
        shown = responses[str(answer.status)]["content"]["application/json"].get("example")
        strange = set(shown or {}) - set(answer.json())
        # A training that was made before answers with the version that it gave, without its report.
        strange -= {"report"} if path == "/api/models/train" else set()
        return strange and f"the example of the answer has {strange}, the answer has not"

    for path in bodies:
        content = contract["paths"][path]["post"]["responses"]
        if any("application/json" in reply.get("content", {}) for reply in content.values()):
            yield f"{path}, its answer", lambda p=path: same_members(p)


def counting():
    """Entries are counted from one in words and from zero in pointers."""
    histories = [noise(1), noise(2), noise(3)]
    named = lambda *names: {"portfolio_value": 1000, "assets": [asset(name, 1, 1) for name in names]}  # noqa: E731
    law = {"weights": [0.5, 0.5], "mu": [0, 0], "paths": 100}
    pair = {"risk_aversion": 5, "mu": [0.06, 0.03], "w0": [0.7, 0.3], "lower": [0, 0], "upper": [1, 1], "cash_min": 0, "cash_max": 0}
    sigma = [[0.04, 0.01], [0.01, 0.02]]
    skewed = [[0.04, 0.01], [0.02, 0.02]]
    short = book([0.6, 0.4], [0.5, 0.5], method="optimal", histories=[histories[0], []])
    for name, path, body, pointer, words in [
        ("a name twice", PLAN, named("A", "A"), "/assets/1/asset", "entry 1"),
        ("a name twice among four", PLAN, named("A", "B", "C", "B"), "/assets/3/asset", "entry 2"),
        ("a name twice in a forecast", FORECAST, {"assets": [{"asset": "A"}, {"asset": "B"}, {"asset": "B"}]}, "/assets/2/asset", "entry 2"),
        ("a negative variance", SIMULATE, law | {"sigma": [[0.04, 0], [0, -0.01]]}, "/sigma/1/1", "asset 2"),
        ("a negative variance of the first", SIMULATE, law | {"sigma": [[-0.04, 0], [0, 0.01]]}, "/sigma/0/0", "asset 1"),
        ("no history of the second", PLAN, short, None, "asset 2 has none"),
        ("a variance too small", ALLOCATE, {"method": "hrp_dist", "sigma": [[0.04, 0], [0, 1e-310]]}, "/sigma/1/1", "variance 2"),
        ("a variance too small of the first", ALLOCATE, {"method": "hrp_dist", "sigma": [[1e-310, 0], [0, 0.04]]}, "/sigma/0/0", "variance 1"),
        ("no share of risk", ALLOCATE, {"method": "risk_parity", "sigma": [[0.04, 0], [0, 0]]}, "/sigma/1/1", "variance 2"),
        ("an allocation that is not symmetric", ALLOCATE, {"method": "min_variance", "sigma": skewed}, "/sigma/1/0", "row 2, column 1"),
        ("a problem that is not symmetric", SOLVE, {"problem": pair, "model": {"sigma": skewed}}, "/model/sigma/1/0", "row 2, column 1"),
        ("a simulation that is not symmetric", SIMULATE, law | {"sigma": skewed}, "/sigma/1/0", "row 2, column 1"),
        ("a total loss on the last day", SIMULATE, {"weights": [0.5, 0.5], "returns": {"A": histories[0], "B": [*histories[1][:59], -1]}}, "/returns/B/59", "asset 2 in period 60"),
        ("a name twice in a run", RUNS, {"portfolios": [named("A", "A")]}, "/portfolios/0/assets/1/asset", "entry 1"),
        ("no history of the first", PLAN, book([0.6, 0.4], [0.5, 0.5], method="optimal", histories=[[], histories[0]]), None, "asset 1 has none"),
    ]:
        yield case(name, path, body, refused(words, at=pointer))

    def said(body, member, *words):
        text = document(send(SOLVE if "problem" in body else ALLOCATE, body))
        for key in member.split("."):
            text = text.get(key) or {}
        missing = [word for word in words if word not in text]
        return missing and f"{text!r} lacks {missing}"

    conflict = {"problem": pair | {"upper": [0.5, 0.4]}, "model": {"sigma": sigma}}
    yield "limits that exclude each other", lambda: said(conflict, "infeasibility.sentence", "the upper bound of asset 1", "the upper bound of asset 2")
    for first, upper, word in ((1e-4, [0.6, 1], "asset 1"), (0.0121, [1, 0.6], "asset 2")):
        parity = {"method": "risk_parity", "sigma": [[first, 0], [0, 1e-4 * 0.0121 / first]], "upper": upper}
        yield f"a bound of {word} that equal shares break", lambda b=parity, w=word: said(b, "reason", w)


def door():
    """CONNECT is refused and closed; two Content-Type headers are refused; limits of bodies are the ones that are stated."""

    def tunnel(sent):
        """Refused within three seconds, closed, and nothing that follows is answered as a request."""
        started = time.monotonic()
        with Connection(ADDRESS) as connection:
            connection.send(sent)
            connection.socket.settimeout(3.5)
            received = b""
            try:
                while chunk := connection.socket.recv(65536):
                    received += chunk
            except TimeoutError:
                return "kept open"
            except ConnectionResetError:
                pass
        if time.monotonic() - started > 3:
            return f"closed after {time.monotonic() - started:.1f} s"
        return (not re.match(rb"HTTP/1\.[01] [45]\d\d ", received) or received.count(b"HTTP/1.1 200")) and f"{received[:80]!r}"

    for target in ("example.org:443", "127.0.0.1:80", "[::1]:443", "example.org", "/", PLAN, "/api/health", "*", "http://example.org/"):
        yield f"CONNECT {target}", lambda t=target: tunnel(f"CONNECT {t} HTTP/1.1\r\nHost: example.org\r\n\r\n".encode())
    head = b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n"
    for name, more in [
        ("keep-alive", b"Connection: keep-alive\r\n\r\n"),
        ("the hello of TLS after it", b"\r\n\x16\x03\x01\x00\x05hello"),
        ("a request behind it", b"\r\nGET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("a length of nothing", b"Content-Length: 0\r\n\r\n"),
        ("credentials of a proxy", b"Proxy-Authorization: Basic eDp5\r\nProxy-Connection: keep-alive\r\n\r\n"),
    ]:
        yield f"CONNECT with {name}", lambda m=more: tunnel(head + m)

    plan = dump(book([0.6, 0.4], [0.5, 0.5]))
    types = ["application/json", "text/plain", "", "application/x-www-form-urlencoded", "application/JSON", "application/json; charset=utf-8"]

    def twice(first, second, path=PLAN):
        sent = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {first}\r\nContent-Type: {second}\r\nContent-Length: {len(plan)}\r\n\r\n"
        with Connection(ADDRESS) as connection:
            connection.send(sent.encode() + plan)
            answer = connection.answer("POST")
        return answer.status != 415 and f"status {answer.status}"

    for other in types:
        yield f"Content-Type: application/json, then {other!r}", lambda o=other: twice(types[0], o)
        yield f"Content-Type: {other!r}, then application/json", lambda o=other: twice(o, types[0])
    for path in (REPORT, SIMULATE, ALLOCATE, RUNS):
        yield f"two Content-Types at {path}", lambda p=path: twice(types[0], types[0], p)

    def sized(path, size, status, chunked=False):
        body = plan + b" " * (size - len(plan))
        sent = request_bytes("POST", path, body)
        if chunked:
            sent = request_bytes("POST", path, b"", {"Content-Length": None, "Transfer-Encoding": "chunked"}) + b"%x\r\n%s\r\n0\r\n\r\n" % (size, body)
        with Connection(ADDRESS) as connection:
            connection.send(sent)
            answer = connection.answer("POST")
        if answer.status != status:
            return f"status {answer.status}, right is {status}"
        return status == 413 and str(MAX_BODY_BYTES) not in answer.json()["detail"] and answer.json()["detail"]

    for chunked in (False, True):
        yield f"a body of 8 MiB{', in chunks' * chunked}", lambda c=chunked: sized(PLAN, MAX_BODY_BYTES, 200, c)
        yield f"a body of 8 MiB and a byte{', in chunks' * chunked}", lambda c=chunked: sized(PLAN, MAX_BODY_BYTES + 1, 413, c)
    for path in (REPORT, COVARIANCE, RUNS):
        yield f"8 MiB and a byte at {path}", lambda p=path: sized(p, MAX_BODY_BYTES + 1, 413)

    def stated():
        """Wherever the contract and the page speak of the size of a body, it is 8 MiB."""
        page = call(ADDRESS, "GET", "/").body.decode()
        texts = [call(ADDRESS, "GET", "/openapi.json").body.decode(), page]
        texts += [call(ADDRESS, "GET", "/" + path.lstrip("/.")).body.decode() for path in re.findall(r'(?:src|href)="([^"]+\.js)"', page)]
        found = {size for text in texts for size in re.findall(r"(\d+) MiB", text)} - {"64", "32", "128"}  # 64 MiB of runs may wait; 32 and 128 are of answers of backtests
        return found != {"8"} and f"bodies of {sorted(found)} MiB"

    yield "one limit in the contract and on the page", stated

    def documented():
        """The largest covariance that the contract speaks of, with every digit of every number."""
        member = call(ADDRESS, "GET", "/openapi.json").json()["components"]["schemas"]["AllocationRequest"]["properties"]["sigma"]
        said = re.search(r"(\d[\d,]*) assets when every number has all its digits", member["description"])
        assets = int(said[1].replace(",", "")) if said else member["maxItems"]
        draw = random.Random(1)
        beta = [0.1 + 0.1 * draw.random() for _ in range(assets)]
        sigma = [[a * b + (0.01 if i == j else 0) for j, b in enumerate(beta)] for i, a in enumerate(beta)]
        answer = send(ALLOCATE, {"method": "risk_parity", "sigma": sigma})
        return answer.status != 200 and f"{assets} assets: status {answer.status}"

    yield "a covariance of the documented size", documented


LINES = [
    ("ratios without a maximum", ratios),
    ("bounds accepted and ignored", bounds),
    ("constant histories", constant_histories),
    ("flat up to rounding", flat),
    ("a bad quote put right", quotes),
    ("cash off its target", idle_cash),
    ("liquidation", liquidations),
    ("withdrawals", withdrawals),
    ("reasons", reasons),
    ("examples of the contract", examples),
    ("counting of entries", counting),
    ("CONNECT, types and sizes", door),
]


def main():
    global ADDRESS
    parser = argparse.ArgumentParser(description="Faults that were found in use, and their neighbours.")
    parser.add_argument("server", help="for instance http://127.0.0.1:5000")
    parser.add_argument("--only", default="", help="run the kinds whose name contains this")
    parser.add_argument("--list", action="store_true", help="name each case that is right, too")
    arguments = parser.parse_args()
    ADDRESS = parse_address(arguments.server)
    total = 0
    for name, cases in LINES:
        if arguments.only not in name:
            continue
        tried, wrong, started = 0, 0, time.monotonic()
        for label, run in cases():
            tried += 1
            try:
                fault = run()
            except (ArithmeticError, LookupError, OSError, TypeError, ValueError, socket.error) as error:
                fault = f"{type(error).__name__}: {error}"
            wrong += bool(fault)
            if fault:
                print(f"WRONG {name}: {label}: {fault}", flush=True)
            elif arguments.list:
                print(f"right {name}: {label}", flush=True)
        print(f"{name:<28}{tried:>5} cases {wrong:>4} wrong {time.monotonic() - started:>6.1f} s", flush=True)
        total += wrong
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
