#!/usr/bin/env python3
"""Odd but valid requests: each is answered 200 and its plan keeps every invariant.

    python3 tests/valid_odd.py http://127.0.0.1:5000 [--only WORD]

The invariants are those of examples/verify_plan.py, recomputed here from the request: weights, triggers, money to the
cent, costs, risk metrics. Also here: the preview scenarios post back as they came, the same request gives the same bytes
apart from `metadata`, and planning again on the after-weights proposes nothing. Python's standard library only.
"""

import argparse
import json
import math
import random
import sys
from decimal import Decimal

from wire import ROOT, Connection, call, dump, example, parse_address, request_bytes

sys.path.insert(0, str(ROOT / "examples"))
import verify_plan  # noqa: E402  (the path is set one line above)


def decimals(text):
    """JSON with exact numbers; anything that is not a JSON number is an error."""

    def refuse(token):
        raise ValueError(f"{token} is not JSON")

    return json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=refuse)


def without_metadata(value):
    """The answer with every `metadata` member taken out."""
    if isinstance(value, dict):
        return {key: without_metadata(item) for key, item in value.items() if key != "metadata"}
    if isinstance(value, list):
        return [without_metadata(item) for item in value]
    return value


class Suite:
    def __init__(self, address, only):
        self.address, self.only = address, only
        self.ran, self.faults = 0, []

    def wanted(self, name):
        return self.only is None or self.only in name

    def note(self, name, faults):
        self.ran += 1
        for fault in faults:
            self.faults.append(f"{name}: {fault}")
            print(f"FAULT {name}: {fault}", flush=True)

    def plan(self, name, body, raw=None, headers=None, path="/api/rebalance"):
        """A request that must be planned; `raw` replaces the bytes when they are not plain JSON of `body`."""
        if not self.wanted(name):
            return None
        data = dump(body) if raw is None else raw
        try:
            answer = call(self.address, "POST", path, data, headers)
            if answer.status != 200:
                self.note(name, [f"status {answer.status}: {answer.body[:300]!r}"])
                return None
            response = decimals(answer.body)
            request = decimals(json.dumps(body))
            for asset in request["assets"]:
                asset["asset"] = asset["asset"].strip()
            report, _ = verify_plan.verify(request, response)
            self.note(name, report.faults[:5])
            return response
        except Exception as error:
            self.note(name, [f"{type(error).__name__}: {error}"])
            return None


def base(**changes):
    body = example("first_plan")
    body.update(changes)
    return body


def two(current=(0.7, 0.3), target=(0.5, 0.5), **changes):
    """The smallest portfolio with something to do."""
    assets = [
        {"asset": name, "target_weight": t, "current_weight": c, "price": 10.0}
        for name, t, c in zip(("ONE", "TWO"), target, current)
    ]
    return {"portfolio_value": 10_000, "assets": assets, **changes}


def with_history(history, **changes):
    body = two(**changes)
    for position, asset in enumerate(body["assets"]):
        asset["historical_returns"] = history if position == 0 else [0.5 * r for r in history]
    return body


def previews(suite):
    """The preview scenarios are complete and can be sent back unchanged."""
    answer = call(suite.address, "GET", "/api/preview-scenarios")
    scenarios = answer.json()["scenarios"]
    names = [scenario["name"] for scenario in scenarios]
    missing = {"Risk-Off Shock", "Risk-On Rally", "Rates Move", "Concentrated Stock Book"} - set(names)
    suite.note("previews are all there", [f"missing {missing}"] if missing else [])
    for scenario in scenarios:
        plan = suite.plan(f"preview {scenario['name']}", scenario)
        if plan:
            orders = [trade for trade in plan["trades"] if trade["action"] != "Hold"]
            figures = [*plan["risk_metrics"].values(), *plan["monte_carlo"].values()]
            faults = [] if orders else ["no trade"]
            faults += [f"a figure is null: {plan['risk_metrics']}"] if None in figures else []
            faults += [f"{len(asset['historical_returns'])} returns" for asset in scenario["assets"] if len(asset["historical_returns"]) < 250]
            suite.note(f"preview {scenario['name']} is complete", faults)
    for path in sorted((ROOT / "examples").glob("*.json")):
        suite.plan(f"example {path.name}", json.loads(path.read_text(encoding="utf-8")))


def names(suite):
    odd = ["é", "日本株式", "محفظة", "עברית", "🚀🌕", "👩‍👩‍👧‍👦", "\u202eevil\u202c", "=1+1", "+SUM(A1)", "-1", "@cmd", "<script>alert(1)</script>",
           "'; DROP TABLE plans;--", "a/b~c", "{{7*7}}", "%s%n", "..", "../../etc/passwd", "null", "NaN", "x" * 255, "💰" * 255, "  padded  ",
           "e\u0301", "a\u200bb", "__proto__", "constructor", "a\"b\\c", "Ω≈ç√∫", "\U0010ffff", "CASH", "cash"]
    for name in odd:
        body = base()
        body["assets"][1]["asset"] = name
        suite.plan(f"name {name[:20]!r}", body)
    both = base()
    both["assets"][0]["asset"], both["assets"][1]["asset"] = "é", "e\u0301"
    suite.plan("name twice, composed and decomposed", both)
    cases = base()
    cases["assets"][0]["asset"], cases["assets"][1]["asset"] = "aapl", "AAPL"
    suite.plan("name twice, two cases", cases)
    suite.plan("name escaped", base(), raw=dump(base()).replace(b'"portfolio_value"', rb'"\u0070ortfolio_value"').replace(b'"AAPL"', rb'"\u0041APL"'))


def policies(suite):
    suite.plan("weights 30 and 10", two(current=(30, 10), target=(1, 1)))
    suite.plan("weights that sum to 1e-9", two(current=(7e-10, 3e-10), target=(0.5, 0.5)))
    suite.plan("weights of 1e9", two(current=(7e9, 3e9)))
    suite.plan("all cash", two(current=(0, 0)))
    suite.plan("all cash, no threshold, whole turnover", two(current=(0, 0), drift_threshold=0, turnover_limit=1))
    for current in ((0.3, 0.2), (0.6, 0.3), (0, 0.2), (0.5, 0.5), (1, 0)):
        suite.plan(f"cash_remainder {current}", two(current=current, weight_policy="cash_remainder"))
        suite.plan(f"cash_remainder {current} with a cash target", two(current=current, target=(0.5, 0.4), weight_policy="cash_remainder"))
    suite.plan("strict", two(weight_policy="strict"))
    suite.plan("strict within 1e-6", two(target=(0.5, 0.5000005), weight_policy="strict"))
    suite.plan("one asset", {"portfolio_value": 1000, "assets": [{"asset": "A", "target_weight": 1, "current_weight": 1}]})
    suite.plan("one asset from cash", {"portfolio_value": 1000, "assets": [{"asset": "A", "target_weight": 1, "current_weight": 0}]})
    suite.plan("a target of zero", two(target=(1, 0)))
    suite.plan("at target", two(current=(0.5, 0.5)))
    suite.plan("drift equal to the threshold", two(current=(0.75, 0.25), target=(0.5, 0.5), drift_threshold=0.25))
    wide = [{"asset": f"A{i}", "target_weight": 1 / 40, "current_weight": 1 / 40 + (0.3 / 39 if i else -0.3)} for i in range(40)]
    for asset in wide:
        asset["target_weight"], asset["current_weight"] = asset["target_weight"] + 1, max(asset["current_weight"], 0) + 1
    suite.plan("forty assets with weights over one", {"portfolio_value": 1e6, "assets": wide})


def extremes(suite):
    for value in (0.01, 0.02, 1, 12.34, 999_999_999_999.99, 1e12):
        for bps in (0, 10, 500):
            suite.plan(f"value {value} at {bps} bps", two(portfolio_value=value, transaction_cost_bps=bps))
    for threshold in (0, 1e-9, 0.5):
        suite.plan(f"threshold {threshold}", two(drift_threshold=threshold))
    for limit in (1e-9, 0.0001, 0.1, 1):
        suite.plan(f"turnover limit {limit}", two(turnover_limit=limit))
    for price in (1e-8, 0.0001, 1e9):
        body = two()
        for asset in body["assets"]:
            asset["price"] = price
        suite.plan(f"price {price}", body)
    suite.plan("subnormal weight", two(target=(5e-324, 1.0)))
    suite.plan("negative zero", two(), raw=dump(two(drift_threshold=0.02)).replace(b'"drift_threshold":0.02', b'"drift_threshold":-0.0'))
    suite.plan("own cost of an asset", {**two(), "assets": [{**asset, "transaction_cost_bps": bps} for asset, bps in zip(two()["assets"], (0, 100))]})
    suite.plan("nothing optional", {"portfolio_value": 1000, "assets": [
        {"asset": "A", "target_weight": 0.5, "current_weight": 0.9}, {"asset": "B", "target_weight": 0.5, "current_weight": 0.1}]})
    nulls = {key: None for key in ("drift_threshold", "turnover_limit", "transaction_cost_bps", "risk_free_rate", "monte_carlo", "weight_policy", "name")}
    body = two(**nulls)
    for asset in body["assets"]:
        asset.update(price=None, market_return=None, historical_returns=None, holdings=None)
    suite.plan("null everywhere it may be", body)
    suite.plan("no simulation", base(monte_carlo={"paths": 0}))
    suite.plan("a simulation of one day", base(monte_carlo={"paths": 1000, "horizon_days": 1, "seed": 0}))
    suite.plan("negative risk-free rate", base(risk_free_rate=-0.005))


def histories(suite):
    for length in (0, 1, 2, 3, 5, 19, 20, 21):
        suite.plan(f"history of {length}", with_history([0.01 * math.sin(i) for i in range(length)]))
    suite.plan("history without movement", with_history([0.0] * 60))
    suite.plan("history that is constant", with_history([0.001] * 60))
    suite.plan("history with a total loss", with_history([0.01, -0.02] * 20 + [-1.0] + [0.0] * 10))
    suite.plan("history with returns of 1,000 %", with_history([10.0, -0.9] * 30))
    suite.plan("history of rises only", with_history([0.01 + 0.001 * (i % 3) for i in range(60)]))
    suite.plan("history of tiny moves", with_history([1e-12 * (-1) ** i for i in range(60)]))
    uneven = base()
    uneven["assets"][0]["historical_returns"] = uneven["assets"][0]["historical_returns"][-25:]
    suite.plan("histories of unequal length", uneven)
    for asset, days in zip(uneven["assets"], (90, 200, 31, 64, 200, 120)):
        asset["historical_returns"] = asset["historical_returns"][-days:]
    suite.plan("histories of many lengths", uneven)
    uneven = base()
    uneven["assets"][0]["historical_returns"] = uneven["assets"][0]["historical_returns"][-1:]
    suite.plan("a common tail of one day", uneven)
    del uneven["assets"][0]["historical_returns"]
    suite.plan("one asset without history", uneven)
    long = base()
    noise = random.Random(7)
    for asset in long["assets"]:
        asset["historical_returns"] = [round(noise.gauss(0.0003, 0.01), 8) for _ in range(25_000)]
    long.pop("dates", None)
    suite.plan("100,000 returns in all", long)


def crowds(suite):
    noise = random.Random(11)
    for count in (3, 41, 500, 2000):
        assets = []
        for i in range(count):
            target, current = noise.random() + 0.01, noise.random() + 0.01
            history = [round(noise.gauss(0, 0.01), 8) for _ in range(40)]
            assets.append({"asset": f"A{i:04}", "target_weight": target, "current_weight": current, "price": 20.0, "historical_returns": history})
        body = {"portfolio_value": 5e7, "assets": assets, "drift_threshold": 0.0001, "turnover_limit": 0.5}
        suite.plan(f"{count} assets", body)


def wire(suite):
    """The same valid body under unusual but correct HTTP."""
    good = base()
    data = dump(good)
    suite.plan("charset", good, headers={"Content-Type": "application/json; charset=utf-8"})
    suite.plan("upper case media type", good, headers={"Content-Type": "Application/JSON"})
    suite.plan("identity coding", good, headers={"Content-Encoding": "identity"})
    suite.plan("prefers HTML", good, headers={"Accept": "text/html, */*;q=0.1"})
    suite.plan("query string", good, path="/api/rebalance?x=1&y=2")
    suite.plan("4 MiB of padding", good, raw=data[:-1] + b" " * (4 * 1024 * 1024 - len(data)) + b"}")
    suite.plan("indented", good, raw=json.dumps(good, indent=4, ensure_ascii=False).encode())
    suite.plan("numbers with exponents", good, raw=data.replace(b'"portfolio_value":250000.0', b'"portfolio_value":2.5E+5'))
    chunks = b"".join(f"{len(data[i:i + 7]):x};note=1\r\n".encode() + data[i : i + 7] + b"\r\n" for i in range(0, len(data), 7)) + b"0\r\n\r\n"
    cases = {
        "chunks of seven bytes": request_bytes("POST", "/api/rebalance", b"", {"Content-Length": None, "Transfer-Encoding": "chunked"}) + chunks,
        "expect 100-continue": request_bytes("POST", "/api/rebalance", data, {"Expect": "100-continue"}),
        "lower case header names": request_bytes("POST", "/api/rebalance", data).replace(b"Content-", b"content-"),
    }
    for name, sent in cases.items():
        if suite.wanted(name):
            with Connection(suite.address) as connection:
                connection.send(sent)
                answer = connection.answer("POST")
                suite.note(name, [] if answer.status == 200 else [f"status {answer.status}: {answer.body[:200]!r}"])
    if suite.wanted("two requests in one packet"):
        with Connection(suite.address) as connection:
            connection.send(request_bytes("POST", "/api/rebalance", data) + request_bytes("GET", "/api/health", b"", {"Connection": "close"}))
            received = connection.rest()
            suite.note("two requests in one packet", [] if received.count(b"HTTP/1.1 200") == 2 else [f"{received[:200]!r}"])


def repeats(suite):
    """The same request twice, and a second plan on the weights that the first leads to."""
    for path in sorted((ROOT / "examples").glob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))
        once, twice = (call(suite.address, "POST", "/api/rebalance", dump(body)).json() for _ in range(2))
        same = json.dumps(without_metadata(once)) == json.dumps(without_metadata(twice))
        suite.note(f"same request, same plan: {path.name}", [] if same else ["the answers differ outside metadata"])
        tilt = max(abs(row["optimized_target_weight"] - row["target_weight"]) for row in once["weights"])
        is_limited = once["turnover_used"] > once["turnover_limit"] - 0.001
        if is_limited or tilt >= once["drift_threshold"] or body.get("intent", {}).get("kind") == "invest_cash":
            continue
        if "quantity" in body["assets"][0]:
            after = zip(body["assets"], once["weights"])
            assets = [{**asset, "quantity": row["quantity_after"]} for asset, row in after]
            again = {**body, "cash": once["cash"]["value_after"], "assets": assets}
        else:
            again = {**body, "weight_policy": "cash_remainder"}
            again["assets"] = [{**asset, "current_weight": row["weight_after"]} for asset, row in zip(body["assets"], once["weights"])]
        answer = call(suite.address, "POST", "/api/rebalance", dump(again))
        if answer.status != 200:
            suite.note(f"planning again: {path.name}", [f"status {answer.status}: {answer.body[:200]!r}"])
            continue
        traded = [trade["asset"] for trade in answer.json()["trades"] if trade["action"] != "Hold"]
        suite.note(f"planning again: {path.name}", [f"trades {traded}"] if traded else [])


def other_faces(suite):
    """Other routes that take the same body answer it too, and their parts have the right types."""
    body = example("risk_off_shock")
    for path, members in {
        "/api/ai-copilot/insights": {"narrative": str, "top_actions": list, "risk_flags": list, "execution_playbook": list, "metadata": dict},
        "/api/multi-agent/tandem-demo": {"orchestration": str, "timeline": list},
    }.items():
        answer = call(suite.address, "POST", path, dump(body))
        faults = [f"status {answer.status}: {answer.body[:200]!r}"] if answer.status != 200 else []
        if not faults:
            value = answer.json()
            faults += [f"{name} is {type(value.get(name)).__name__}" for name, kind in members.items() if not isinstance(value.get(name), kind)]
            faults += [f"{name} is empty" for name, kind in members.items() if kind is list and not value.get(name)]
        suite.note(path, faults)
    for path in ("/", "/api/health", "/api/ready", "/api/multi-agent-blueprint", "/openapi.json", "/docs/"):
        answer = call(suite.address, "GET", path)
        suite.note(f"GET {path}", [] if answer.status in (200, 301, 302, 303, 307, 308) else [f"status {answer.status}"])


def optimizer(suite):
    """Odd problems have weights that keep their limits, or an infeasibility whose repair solves."""
    base = {"risk_aversion": 3, "mu": [0.06, 0.05], "w0": [0.9, 0.1], "lower": [0, 0], "upper": [1, 1], "cash_min": 0, "cash_max": 0}
    sigma = [[0.04, 0.01], [0.01, 0.02]]

    def faults_of(problem, answer):
        weights, found = answer["weights"], []
        found += [] if abs(sum(weights) + answer["cash"] - 1) < 1e-9 else ["weights and cash are not one"]
        for low, weight, high in zip(problem["lower"], weights, problem["upper"]):
            found += [] if low - 1e-7 <= weight <= high + 1e-7 else [f"{weight} is outside {low} to {high}"]
        turnover = sum(abs(w - o) for w, o in zip(weights, problem["w0"]))
        limit = problem.get("turnover_limit")
        found += [] if limit is None or turnover <= limit + 1e-7 else [f"turnover {turnover}"]
        found += [] if answer["certificate"]["duality_gap"] <= 1e-6 * max(1, abs(answer["objective"])) else ["the gap is open"]
        return found

    def solved(name, status="optimal", model=None, **changes):
        if not suite.wanted(name):
            return
        problem = {**base, **changes}
        model = {"sigma": sigma} if model is None else model
        answer = call(suite.address, "POST", "/api/optimizer/solve", dump({"problem": problem, "model": model}))
        if answer.status != 200 or answer.json()["status"] != status:
            suite.note(name, [f"status {answer.status}: {answer.body[:300]!r}"])
        elif status == "optimal":
            suite.note(name, faults_of(problem, answer.json()))
        else:
            faults = [] if "weights" not in answer.json() else ["an infeasible answer has weights"]
            repaired = answer.json()["infeasibility"]["repair"]["problem"]
            again = call(suite.address, "POST", "/api/optimizer/solve", dump({"problem": repaired, "model": model}))
            if again.status == 200 and again.json()["status"] == "optimal":
                faults += faults_of(repaired, again.json())
            else:
                faults.append(f"the repair does not solve: {again.body[:200]!r}")
            suite.note(name, faults)

    solved("problem plain")
    solved("problem with nulls", groups=None, exposures=None, restrictions=None, benchmark=None, tracking_error_max=None, turnover_limit=None, cost_linear=None, trade_max=None)
    solved("problem without risk aversion", risk_aversion=0)
    solved("problem with huge risk aversion", risk_aversion=1e6)
    solved("problem without turnover", turnover_limit=0)
    solved("problem with cash", cash_max=1, mu=[-0.1, -0.2])
    solved("problem from cash", w0=[0, 0], cost_linear=[0.001, 0.001])
    solved("problem with singular sigma", model={"sigma": [[0.04, 0.04], [0.04, 0.04]]})
    solved("problem with zero sigma", model={"sigma": [[0, 0], [0, 0]]})
    solved("problem of one asset", model={"sigma": [[0.04]]}, mu=[0.1], w0=[1], lower=[0], upper=[1])
    solved("problem with fixed weights", lower=[0.3, 0.7], upper=[0.3, 0.7])
    solved("problem of factors", model={"loadings": [[1], [0.5]], "factor_cov": [[0.04]], "specific_var": [0.01, 0]})
    solved("problem long and short", lower=[-3, -3], upper=[3, 3], leverage_max=2)
    solved("problem with a tracking error of zero", benchmark=[0.5, 0.5], tracking_error_max=0)
    solved("infeasible upper bounds", "infeasible", upper=[0.5, 0.4])
    solved("infeasible lower bounds", "infeasible", lower=[0.8, 0.4])
    solved("infeasible turnover", "infeasible", upper=[0.5, 1], turnover_limit=0.1)
    solved("infeasible tracking error", "infeasible", benchmark=[0.5, 0.5], tracking_error_max=0.001, upper=[0.4, 1])
    solved("infeasible lock", "infeasible", upper=[0.5, 1], restrictions=[{"asset": 0, "kind": "locked"}, {"asset": 1, "kind": "locked"}])
    solved("infeasible leverage", "infeasible", leverage_max=0.5)
    for name, body in {
        "bounds as lists": {"method": "min_variance", "sigma": sigma, "lower": [0, 0.5], "upper": [1, 0.75]},
        "bounds as numbers": {"method": "max_utility", "sigma": sigma, "mu": [0.1, 0.05], "lower": 0, "upper": 0.8},
        "members it does not need": {"method": "hrp_dist", "sigma": sigma, "mu": [0.1, 0.05], "risk_aversion": 2, "points": 5, "lower": 0, "returns": {"A": [0.1], "B": [0.2]}},
        "one asset": {"method": "risk_parity", "sigma": [[0.04]]},
        "one period": {"method": "min_cvar95", "returns": {"A": [0.1], "B": [0.2]}},
        "names that look alike": {"method": "min_evar95", "returns": {"A": [0.1, -0.1, 0.02], "A ": [0.2, -0.1, 0.0]}},
    }.items():
        if suite.wanted(f"allocation {name}"):
            answer = call(suite.address, "POST", "/api/optimizer/allocate", dump(body))
            good = answer.status == 200 and abs(sum(answer.json()["weights"]) - 1) < 1e-8
            suite.note(f"allocation {name}", [] if good else [f"status {answer.status}: {answer.body[:200]!r}"])


GROUPS = [previews, names, policies, extremes, histories, crowds, wire, repeats, other_faces, optimizer]


def main():
    parser = argparse.ArgumentParser(description="Odd but valid requests.")
    parser.add_argument("server", help="for instance http://127.0.0.1:5000")
    parser.add_argument("--only", help="run the cases whose name contains this")
    arguments = parser.parse_args()
    suite = Suite(parse_address(arguments.server), arguments.only)
    for group in GROUPS:
        before = suite.ran
        try:
            group(suite)
        except Exception as error:
            suite.note(group.__name__, [f"{type(error).__name__}: {error}"])
        print(f"{group.__name__:<14}{suite.ran - before:>6} cases", flush=True)
    print(f"valid_odd: {suite.ran} cases, {len(suite.faults)} faults")
    return 1 if suite.faults or suite.ran < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
