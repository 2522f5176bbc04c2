#!/usr/bin/env python3
"""Refusals, seen from outside: everything here must be turned away cleanly by the running server.

    python3 tests/hostile.py http://127.0.0.1:5000 [--only WORD]

Each answer must be a problem document (RFC 9457) with a JSON pointer where a member is at fault, never a 5xx; the
connection must answer the next request afterwards unless framing or size was at fault; nothing may leak.
Python's standard library only.
"""

import argparse
import json
import re
import sys
import time

from wire import Connection, call, dump, example, parse_address, problem_faults, request_bytes

PLAN_ROUTES = ["/api/rebalance", "/api/ai-copilot/insights", "/api/multi-agent/tandem-demo",
               "/api/multi-agent/run", "/api/ai-copilot/report"]
ANY_VERSION = {"If-Match": "*"}
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
MIB = 1024 * 1024


def contract_of(address):
    """The paths of the served contract, each with an id that does not exist where it takes one."""
    paths = json.loads(call(address, "GET", "/openapi.json").body)["paths"]
    return {re.sub(r"{[^}]*}", UNKNOWN_ID, path): operations for path, operations in paths.items()}


def writing_routes(contract):
    """(method, path, statuses of a refusal) of every operation that reads JSON.

    An operation on one object is asked about an object that does not exist, so it may say that before it reads the body.
    """
    return [
        (method.upper(), path, (400, 404, 412) if UNKNOWN_ID in path else (400,))
        for path, operations in contract.items()
        for method, operation in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]


class Suite:
    """Runs the cases in order and collects what went wrong."""

    def __init__(self, address, only):
        self.address, self.only = address, only
        contract = contract_of(address)
        self.writing_routes = writing_routes(contract)
        self.methods = {path: {method.upper() for method in operations} for path, operations in contract.items()}
        self.methods |= {"/": {"GET"}, "/openapi.json": {"GET"}}
        self.ran, self.bare, self.faults = 0, 0, []

    def wanted(self, name):
        return self.only is None or self.only in name

    def note(self, name, faults):
        self.ran += 1
        for fault in faults:
            self.faults.append(f"{name}: {fault}")
            print(f"FAULT {name}: {fault}", flush=True)

    def refused(self, name, path, body, pointers=(), statuses=(400,), method="POST", headers=None, slowest_seconds=5.0):
        """One well-framed request that must be refused, and a good one on the same connection after it."""
        if not self.wanted(name):
            return None
        faults, answer = [], None
        try:
            started = time.monotonic()
            with Connection(self.address) as connection:
                connection.send(request_bytes(method, path, body, headers))
                answer = connection.answer(method)
                if method == "HEAD":
                    faults += [] if answer.status in statuses else [f"status {answer.status}"]
                else:
                    faults += problem_faults(answer, statuses, pointers)
                taken = time.monotonic() - started
                if taken > slowest_seconds:
                    faults.append(f"took {taken:.1f} s")
                connection.send(request_bytes("GET", "/api/health"))
                after = connection.answer()
                if after.status != 200:
                    faults.append(f"the next request on the connection got {after.status}")
        except Exception as error:  # a dead connection is a finding like any other
            faults.append(f"{type(error).__name__}: {error}" + (f" after status {answer.status}" if answer else ""))
        self.note(name, faults)
        return answer

    def raw(self, name, data, statuses=(400,), answers=1):
        """Bytes that cannot be read as HTTP: refused or cut off, at most one answer, never a success."""
        if not self.wanted(name):
            return
        faults = []
        try:
            with Connection(self.address) as connection:
                connection.send(data)
                received = connection.rest()
        except Exception as error:
            self.note(name, [f"{type(error).__name__}: {error}"])
            return
        count = received.count(b"HTTP/1.1 ") + received.count(b"HTTP/1.0 ")
        if count > answers:
            faults.append(f"{count} answers: {received[:300]!r}")
        if count == 0:
            # The server may close without an answer when the bytes are not a request at all.
            self.bare += 1
        else:
            status = int(received.split(b" ", 2)[1])
            if status not in statuses:
                faults.append(f"status {status}, expected {statuses}")
            head, _, body = received.partition(b"\r\n\r\n")
            if b"application/problem+json" not in head.lower():
                faults.append(f"not a problem document: {received[:200]!r}")
        self.note(name, faults)


def plan(**changes):
    """A good plan request with members replaced; a member set to `...` is left out."""
    body = example("first_plan")
    for key, value in changes.items():
        if value is ...:
            body.pop(key, None)
        else:
            body[key] = value
    return body


def with_asset(position=0, **changes):
    """A good plan request with members of one asset replaced or left out."""
    body = example("first_plan")
    for key, value in changes.items():
        if value is ...:
            body["assets"][position].pop(key, None)
        else:
            body["assets"][position][key] = value
    return body


def text_plan(old, new):
    """A good plan request with one piece of its text replaced: for what json.dumps cannot write."""
    text = dump(example("first_plan")).decode()
    assert old in text, f"{old} is not in the example"
    return text.replace(old, new, 1).encode("utf-8", "surrogatepass")


def syntax(suite):
    """Bodies that are not JSON, or not an object, on every route that takes one."""
    good = dump(plan())
    bodies = {
        "empty": b"",
        "blank": b"   \n",
        "open brace": b"{",
        "single quotes": b"{'portfolio_value':1}",
        "trailing comma": b'{"portfolio_value":1,}',
        "comment": b'{"portfolio_value":1/*one*/}',
        "two documents": good + good,
        "garbage after": good + b"x",
        "truncated": good[: len(good) // 2],
        "bare word": b"hello",
        "NaN": b"NaN",
        "leading zero": b'{"portfolio_value":01}',
        "plus sign": b'{"portfolio_value":+1}',
        "hex": b'{"portfolio_value":0x10}',
        "dot": b'{"portfolio_value":.5}',
        "UTF-16": json.dumps(plan()).encode("utf-16"),
        "Latin-1": b'{"name":"caf\xe9"}',
        "overlong UTF-8": b'{"name":"\xc0\xaf"}',
        "raw surrogate": b'{"name":"\xed\xa0\x80"}',
        "raw control character": b'{"name":"a\x01b"}',
        "null": b"null",
        "array": b"[]",
        "array of fields": b'["name","description",1000,[]]',
        "string": b'""',
        "number": b"0",
        "false": b"false",
        "true": b"true",
        "NUL bytes": b"\x00" * 64,
        "gzip bytes": b"\x1f\x8b\x08\x00" + b"\x00" * 40,
    }
    for method, route, statuses in suite.writing_routes:
        for name, body in bodies.items():
            suite.refused(f"syntax {name} {method} {route}", route, body, statuses=statuses, method=method, headers=ANY_VERSION)
        # A refit without a member reads all orders.
        if route != "/api/models/cost/refit":
            suite.refused(f"syntax empty object {method} {route}", route, b"{}", statuses=statuses, method=method, headers=ANY_VERSION)
        suite.refused(f"syntax unknown member {method} {route}", route, b'{"drift_treshold":0.02}', statuses=statuses, method=method, headers=ANY_VERSION)


def nesting(suite):
    """Deep nesting must cost nothing: every route refuses it within a second."""
    for method, route, statuses in suite.writing_routes:
        for depth in (129, 1_000, 100_000):
            for name, body in {
                "arrays": b"[" * depth,
                "closed arrays": b"[" * depth + b"]" * depth,
                "objects": b'{"a":' * depth,
                "in assets": b'{"portfolio_value":1,"assets":' + b"[" * depth + b"]" * depth + b"}",
                "in a member": b'{"name":' + b'{"a":' * depth + b"1" + b"}" * (depth + 1),
            }.items():
                suite.refused(f"nesting {name} {depth} {method} {route}", route, body, statuses=statuses, method=method, headers=ANY_VERSION, slowest_seconds=1.0)


def numbers(suite):
    """Tokens that JSON does not have, numbers that a double cannot hold, and values of other types."""
    fields = ["portfolio_value", "drift_threshold", "turnover_limit", "transaction_cost_bps", "risk_free_rate"]
    tokens = ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e", "--1"]
    for field in fields:
        shown = json.dumps(example("first_plan")[field])
        for token in tokens:
            suite.refused(f"number {field} {token}", "/api/rebalance", text_plan(f'"{field}":{shown}', f'"{field}":{token}'))
        for value in ["1e5", "", True, False, [], [1], {}, {"value": 1}]:
            suite.refused(f"number {field} {value!r}", "/api/rebalance", dump(plan(**{field: value})), [f"/{field}"])
    suite.refused("number of 400 digits", "/api/rebalance", text_plan('"portfolio_value":250000.0', '"portfolio_value":' + "9" * 400))
    suite.refused("number underflow", "/api/rebalance", text_plan('"portfolio_value":250000.0', '"portfolio_value":1e-400'))
    for field in ["target_weight", "current_weight", "price", "market_return"]:
        for value in ["0.5", True, [], {}]:
            suite.refused(f"number asset {field} {value!r}", "/api/rebalance", dump(with_asset(1, **{field: value})), [f"/assets/1/{field}"])
        shown = json.dumps(example("first_plan")["assets"][0][field])
        for token in ["NaN", "1e400"]:
            suite.refused(f"number asset {field} {token}", "/api/rebalance", text_plan(f'"{field}":{shown}', f'"{field}":{token}'))
    returns = example("first_plan")["assets"][2]["historical_returns"]
    for value in ["0.01", True, None, [], {}]:
        body = with_asset(2, historical_returns=[*returns[:3], value, *returns[3:]])
        suite.refused(f"number return {value!r}", "/api/rebalance", dump(body), ["/assets/2/historical_returns/3"])
    for value in ["0.01,0.02", 0.01, {}, True]:
        body = with_asset(2, historical_returns=value)
        suite.refused(f"number history {value!r}", "/api/rebalance", dump(body), ["/assets/2/historical_returns"])
    first = json.dumps(returns[0])
    for token in ["NaN", "1e999", "-Infinity"]:
        suite.refused(f"number return {token}", "/api/rebalance", text_plan(f"[{first},", f"[{token},"))


def limits(suite):
    """Values outside the published limits, each at its own pointer."""
    cases = {
        "portfolio_value": [0, -1, 0.001, 1e13, 1e300],
        "drift_threshold": [-0.01, 0.51, 5],
        "turnover_limit": [0, -0.1, 2.01, 20],
        "transaction_cost_bps": [-50, -0.001, 1e6],
    }
    for field, values in cases.items():
        for value in values:
            suite.refused(f"limit {field} {value}", "/api/rebalance", dump(plan(**{field: value})), [f"/{field}"])
    for field, values in {"target_weight": [-0.1], "current_weight": [-0.1], "price": [0, -1, 1e-9, 1e10]}.items():
        for value in values:
            suite.refused(f"limit asset {field} {value}", "/api/rebalance", dump(with_asset(1, **{field: value})), [f"/assets/1/{field}"])
    for field in ["asset", "target_weight", "current_weight"]:
        suite.refused(f"limit missing {field}", "/api/rebalance", dump(with_asset(1, **{field: ...})), [f"/assets/1/{field}"])
        suite.refused(f"limit null {field}", "/api/rebalance", dump(with_asset(1, **{field: None})), [f"/assets/1/{field}"])
    suite.refused("limit missing portfolio_value", "/api/rebalance", dump(plan(portfolio_value=...)), ["/portfolio_value"])
    suite.refused("limit null portfolio_value", "/api/rebalance", dump(plan(portfolio_value=None)), ["/portfolio_value"])
    suite.refused("limit missing assets", "/api/rebalance", dump(plan(assets=...)), ["/assets"])
    for value in [[], {}, "AAPL", 1, True]:
        suite.refused(f"limit assets {value!r}", "/api/rebalance", dump(plan(assets=value)), ["/assets"])
    for value in [["AAPL", 0.5, 0.5], "AAPL", 1, None, []]:
        body = plan()
        body["assets"][1] = value
        suite.refused(f"limit asset {value!r}", "/api/rebalance", dump(body), ["/assets/1"])
    two = plan(portfolio_value=-1, drift_threshold=2)
    two["assets"][3]["price"] = -1
    suite.refused("limit three faults at once", "/api/rebalance", dump(two), ["/portfolio_value", "/drift_threshold", "/assets/3/price"])
    many = plan(assets=[{"asset": f"A{i}", "target_weight": 1, "current_weight": 1, "price": -1} for i in range(500)])
    suite.refused("limit 500 faults at once", "/api/rebalance", dump(many), ["/assets/0/price"])
    crowd = plan(assets=[{"asset": f"A{i}", "target_weight": 1, "current_weight": 1} for i in range(2001)])
    answer = suite.refused("limit 2,001 assets", "/api/rebalance", dump(crowd), ["/assets"])
    if answer is not None and answer.status == 400:
        count = len(answer.json().get("errors", []))
        suite.note("limit 2,001 assets is one error", [] if count == 1 else [f"{count} errors"])
    long = plan()
    for asset in long["assets"]:
        asset["historical_returns"] = [0.001] * 25_001
    suite.refused("limit 100,004 returns", "/api/rebalance", dump(long))
    empty_targets = plan()
    for asset in empty_targets["assets"]:
        asset["target_weight"] = 0
    suite.refused("limit all targets zero", "/api/rebalance", dump(empty_targets))


def names(suite):
    for value in ["", "   ", "\t", "x" * 256, 5, True, [], {}]:
        shown = repr(value)[:20]
        suite.refused(f"name {shown}", "/api/rebalance", dump(with_asset(1, asset=value)), ["/assets/1/asset"])
    suite.refused("name repeated", "/api/rebalance", dump(with_asset(1, asset="AAPL")), ["/assets/1/asset"])
    suite.refused("name repeated after trimming", "/api/rebalance", dump(with_asset(2, asset="  AAPL ")), ["/assets/2/asset"])
    suite.refused("name lone high surrogate", "/api/rebalance", text_plan('"AAPL"', r'"A\ud800"'))
    suite.refused("name lone low surrogate", "/api/rebalance", text_plan('"AAPL"', r'"\udc00A"'))
    suite.refused("name surrogates reversed", "/api/rebalance", text_plan('"AAPL"', r'"\udc00\ud800"'))


def members(suite):
    """Duplicate keys at every level, unknown members, wrong shapes of the optional ones."""
    suite.refused("member repeated at the top", "/api/rebalance", text_plan('"name":', '"portfolio_value":1,"name":'))
    suite.refused("member repeated with escapes", "/api/rebalance", text_plan('"name":', r'"\u0070ortfolio_value":1,"name":'))
    suite.refused("member repeated, null first", "/api/rebalance", text_plan('"name":', '"portfolio_value":null,"name":'))
    suite.refused("member repeated in an asset", "/api/rebalance", text_plan('"asset":"JNJ"', '"asset":"JNJ","asset":"JNJ"'))
    repeated = b'"name":"x","monte_carlo":{"paths":0,"paths":1000},'
    suite.refused("member repeated in monte_carlo", "/api/rebalance", b"{" + repeated + dump(plan(name=...))[1:])
    for field in ["drift_treshold", "assets ", "Portfolio_value", "", "__proto__"]:
        suite.refused(f"member unknown {field!r}", "/api/rebalance", dump(plan(**{field: 1})), [f"/{field}"])
    suite.refused("member unknown with / and ~", "/api/rebalance", dump(plan(**{"a/b~c": 1})), ["/a~1b~0c"])
    suite.refused("member unknown in an asset", "/api/rebalance", dump(with_asset(3, prize=1)), ["/assets/3/prize"])
    for value in ["loose", "", 1, [], {}, True, "Normalize"]:
        suite.refused(f"member weight_policy {value!r}", "/api/rebalance", dump(plan(weight_policy=value)), ["/weight_policy"])
    for key, values in {
        "paths": [-1, 0.5, "10", True, 1e18, [], 10_000_000_000],
        "horizon_days": [0, -1, 2.5, "30", 1e12],
        "seed": [-1, 1.5, "42", 1e300, 2**64],
        "pathz": [1],
    }.items():
        for value in values:
            body = dump(plan(monte_carlo={key: value}))
            suite.refused(f"member monte_carlo {key} {value!r}", "/api/rebalance", body, [f"/monte_carlo/{key}"])
    for value in [[], [10, 30, 42], 5, "x", True]:
        suite.refused(f"member monte_carlo {value!r}", "/api/rebalance", dump(plan(monte_carlo=value)), ["/monte_carlo"])
    for value in [5, {}, "x", True]:
        suite.refused(f"member holdings {value!r}", "/api/rebalance", dump(with_asset(0, holdings=value)), ["/assets/0/holdings"])
    for value in [5, "x", None, [], ["a", 1, 1]]:
        suite.refused(f"member holding {value!r}", "/api/rebalance", dump(with_asset(0, holdings=[value])), ["/assets/0/holdings/0"])
    suite.refused("member name is a number", "/api/rebalance", dump(plan(name=5)), ["/name"])
    suite.refused("member benchmark_returns is text", "/api/rebalance", dump(plan(benchmark_returns="x")), ["/benchmark_returns"])
    over = plan(weight_policy="cash_remainder")
    over["assets"][0]["current_weight"] = 0.9
    suite.refused("member cash_remainder over one", "/api/rebalance", dump(over))
    off = plan(weight_policy="strict")
    off["assets"][0]["target_weight"] = 0.39
    suite.refused("member strict that does not sum to one", "/api/rebalance", dump(off))
    for route in PLAN_ROUTES[1:]:
        suite.refused(f"member unknown {route}", route, dump(plan(drift_treshold=1)), ["/drift_treshold"])
        suite.refused(f"member negative value {route}", route, dump(plan(portfolio_value=-1)), ["/portfolio_value"])
        suite.refused(f"member array for an asset {route}", route, dump(plan(assets=[["A", 1, 1]])), ["/assets/0"])


def other_routes(suite):
    returns = {asset["asset"]: asset["historical_returns"] for asset in example("first_plan")["assets"]}
    forecast = {"assets": [{"asset": name, "historical_returns": series} for name, series in returns.items()]}

    def sent(name, route, base, pointers=(), **changes):
        suite.refused(f"{route} {name}", route, dump({**base, **changes}), pointers)

    for value in [[], {}, "x", None]:
        sent(f"assets {value!r}", "/api/forecast", forecast, ["/assets"], assets=value)
    sent("model unknown", "/api/forecast", forecast, ["/model"], model="crystal-ball")
    sent("unknown member", "/api/forecast", forecast, ["/modle"], modle="x")
    sent("array for an asset", "/api/forecast", forecast, ["/assets/0"], assets=[["A", [0.1]]])
    sent("asset repeated", "/api/forecast", forecast, ["/assets/1/asset"], assets=[forecast["assets"][0]] * 2)
    report = {"returns": returns, "weights": [0.25] * 4}
    for value in [[], {}, "x", 5, True]:
        sent(f"returns {value!r}", "/api/risk/report", report, ["/returns"], returns=value)
    sent("text in a series", "/api/risk/report", {"returns": [0.01, "x", 0.02]})
    sent("null in a series", "/api/risk/report", {"returns": [0.01, None, 0.02]})
    sent("three weights for four series", "/api/risk/report", report, ["/weights"], weights=[0.5, 0.3, 0.2])
    sent("three benchmark weights for four series", "/api/risk/report", report, ["/benchmark_weights"], benchmark_weights=[0.5, 0.3, 0.2])
    sent("unknown member", "/api/risk/report", report, ["/wights"], wights=[1])
    sent("rebalancing unknown", "/api/risk/report", report, ["/rebalancing"], rebalancing="hourly")
    for value in [0, -252, "x"]:
        sent(f"periods_per_year {value!r}", "/api/risk/report", report, ["/periods_per_year"], periods_per_year=value)
    stress = {
        "weights": [0.6, 0.4], "mu": [0.05, 0.02], "sigma": [[0.04, 0.002], [0.002, 0.01]], "model": "gbm",
        "horizon_days": 30, "paths": 1000, "seed": 1, "rebalancing": "fixed_weights",
    }
    for key, values in {
        "paths": [0, -1, 0.5, "x", 1e15, 10**12],
        "horizon_days": [0, -1, 0.5, "x", 10**9],
        "seed": [-1, 0.5, "x", 2**64],
        "model": ["levy", 5, []],
        "rebalancing": ["hourly", 5],
        "weights": ["x", {}],
        "mu": ["x", {}],
        "sigma": ["x", {}],
        "pathz": [1],
    }.items():
        for value in values:
            sent(f"{key} {value!r}", "/api/stress/monte-carlo", stress, [f"/{key}"], **{key: value})
    sent("weights of another length", "/api/stress/monte-carlo", stress, weights=[1.0])
    sent("sigma not square", "/api/stress/monte-carlo", stress, sigma=[[0.04, 0.002]])
    sent("sigma not symmetric", "/api/stress/monte-carlo", stress, sigma=[[0.04, 0.01], [0.002, 0.01]])
    sent("sigma not positive", "/api/stress/monte-carlo", stress, sigma=[[-0.04, 0], [0, 0.01]])
    sent("sigma indefinite", "/api/stress/monte-carlo", stress, sigma=[[0.04, 0.09], [0.09, 0.01]])
    sent("work beyond the bound", "/api/stress/monte-carlo", stress, horizon_days=2520, paths=1_000_000_000)


def optimizer(suite):
    """Invalid problems and allocations."""
    base = {"risk_aversion": 3, "mu": [0.06, 0.05], "w0": [0.9, 0.1], "lower": [0, 0], "upper": [1, 1], "cash_min": 0, "cash_max": 0}
    dense = {"sigma": [[0.04, 0.01], [0.01, 0.02]]}
    factor = {"loadings": [[1], [1]], "factor_cov": [[0.04]], "specific_var": [0.01, 0.02]}

    def solve(name, pointers=(), model=None, drop=None, **changes):
        problem = {key: value for key, value in {**base, **changes}.items() if key != drop}
        body = {"problem": problem, "model": dense if model is None else model}
        suite.refused(f"solve {name}", "/api/optimizer/solve", dump(body), pointers=pointers)

    for member in base:
        solve(f"without {member}", [f"/problem/{member}"], drop=member)
        solve(f"{member} text", [f"/problem/{member}"], **{member: "0.5"})
        solve(f"{member} true", [f"/problem/{member}"], **{member: True})
    for member in ("mu", "w0", "lower", "upper", "cost_linear", "cost_impact", "benchmark", "trade_max"):
        solve(f"{member} too long", **{member: [0.5, 0.5, 0.5]})
        solve(f"{member} too large", [f"/problem/{member}/1"], **{member: [0.5, 1e12]})
        solve(f"{member} null inside", [f"/problem/{member}/0"], **{member: [None, 0.5]})
    for member, value in {"risk_aversion": -1, "turnover_limit": -0.1, "tracking_error_max": -1, "leverage_max": -1, "cash_min": 1e9, "cash_max": 1e300}.items():
        solve(f"{member} {value}", [f"/problem/{member}"], **{member: value})
    solve("bounds crossed", ["/problem/lower/1"], lower=[0, 0.7], upper=[1, 0.6])
    solve("cash crossed", ["/problem/cash_min"], cash_min=0.3, cash_max=0.2)
    solve("tracking error without benchmark", ["/problem/benchmark"], tracking_error_max=0.05)
    solve("negative cost", ["/problem/cost_linear/0"], cost_linear=[-0.001, 0.001])
    group = {"name": "g", "members": [0], "lower": 0, "upper": 1}
    for name, change, pointer in (("member out of range", {"members": [2]}, "/members/0"), ("member twice", {"members": [1, 1]}, "/members/1"),
                                  ("member negative", {"members": [-1]}, "/members/0"), ("member half", {"members": [0.5]}, "/members/0"),
                                  ("member huge", {"members": [1e300]}, "/members/0"), ("crossed", {"lower": 2}, "/lower"), ("blank", {"name": " "}, "/name")):
        solve(f"group {name}", [f"/problem/groups/0{pointer}"], groups=[{**group, **change}])
    solve("group as array", ["/problem/groups/0"], groups=[["g", [0], 0, 1]])
    solve("101 groups", ["/problem/groups"], groups=[group] * 101)
    solve("restriction kind", ["/problem/restrictions/0/kind"], restrictions=[{"asset": 0, "kind": "sell"}])
    solve("restriction asset", ["/problem/restrictions/0/asset"], restrictions=[{"asset": 2, "kind": "locked"}])
    solve("exposure short", ["/problem/exposures/0/loadings"], exposures=[{"name": "e", "loadings": [1], "lower": 0, "upper": 1}])
    solve("unknown member", ["/problem/max_turnover"], max_turnover=0.2)
    for name, model, pointer in (
        ("empty", {}, "/model/sigma"), ("of another size", {"sigma": [[0.04]]}, "/model/sigma"), ("ragged", {"sigma": [[0.04, 0.01], [0.01]]}, "/model/sigma/1"),
        ("skew", {"sigma": [[0.04, 0.01], [0.02, 0.02]]}, "/model/sigma/1/0"), ("indefinite", {"sigma": [[0.04, 0.09], [0.09, 0.02]]}, "/model/sigma"),
        ("negative", {"sigma": [[-0.04, 0], [0, 0.02]]}, "/model/sigma"), ("both kinds", {**dense, **factor}, "/model/sigma"),
        ("without factors", {**factor, "factor_cov": None}, "/model/factor_cov"), ("no factors", {**factor, "factor_cov": []}, "/model/factor_cov"),
        ("factor negative", {**factor, "factor_cov": [[-0.04]]}, "/model/factor_cov"), ("specific negative", {**factor, "specific_var": [0.01, -1]}, "/model/specific_var/1"),
        ("loadings wide", {**factor, "loadings": [[1, 2], [1, 2]]}, "/model/loadings/0"), ("text", "sigma", "/model"), ("array", [], "/model"),
    ):
        solve(f"model {name}", [pointer], model=model)
    large = {**base, **{key: [0.0] * 1001 for key in ("mu", "w0", "lower", "upper")}}
    suite.refused("solve 1001 assets", "/api/optimizer/solve", dump({"problem": large, "model": dense}), pointers=["/problem/w0"])

    for value in ("best", 5, [], "OPTIMAL"):
        suite.refused(f"method {value!r}", "/api/rebalance", dump(plan(method=value)), pointers=["/method"])
    suite.refused("optimization without the method", "/api/rebalance", dump(plan(optimization={})), pointers=["/optimization"])
    for key, value in {"lower": -0.1, "upper": [2], "turnover_limit": 0.1, "cash_min": 2, "risk_aversion": -1, "restrictions": [{"asset": 99, "kind": "locked"}]}.items():
        body = plan(method="optimal", optimization={key: value})
        suite.refused(f"optimization {key}", "/api/rebalance", dump(body), pointers=[] if key in ("upper", "restrictions") else [f"/optimization/{key}"])
    bare = plan(method="optimal")
    bare["assets"][0]["historical_returns"] = []
    suite.refused("optimal without a history", "/api/rebalance", dump(bare), pointers=["/method"])

    def allocate(name, pointers, **body):
        suite.refused(f"allocate {name}", "/api/optimizer/allocate", dump(body), pointers=pointers)

    sigma = dense["sigma"]
    allocate("no method", ["/method"], sigma=sigma)
    for method in ("markowitz", 5, [], None, "MIN_VARIANCE"):
        allocate(f"method {method!r}", ["/method"], method=method, sigma=sigma)
    allocate("no sigma", ["/sigma"], method="min_variance")
    allocate("no mu", ["/mu"], method="max_utility", sigma=sigma)
    allocate("no returns", ["/returns"], method="min_evar95", sigma=sigma)
    allocate("mu short", ["/mu"], method="max_sharpe", sigma=sigma, mu=[0.1])
    allocate("sigma skew", ["/sigma/1/0"], method="risk_parity", sigma=[[0.04, 0.01], [0.02, 0.02]])
    allocate("sigma indefinite", ["/sigma"], method="hrp_dist", sigma=[[0.04, 0.09], [0.09, 0.02]])
    allocate("bounds crossed", ["/lower"], method="min_variance", sigma=sigma, lower=0.7, upper=0.6)
    allocate("bounds short", ["/upper"], method="min_variance", sigma=sigma, upper=[1])
    allocate("bounds text", ["/upper"], method="min_variance", sigma=sigma, upper="1")
    allocate("series of two lengths", ["/returns/B"], method="min_cvar95", returns={"A": [0.1, 0.2], "B": [0.1]})
    allocate("a loss of more than all", ["/returns/A/0"], method="min_cvar95", returns={"A": [-1.5, 0.2]})
    allocate("no points", ["/points"], method="frontier", sigma=sigma, mu=[0.1, 0.05], points=0)
    allocate("many points", ["/points"], method="frontier", sigma=sigma, mu=[0.1, 0.05], points=201)
    allocate("unknown member", ["/bounds"], method="min_variance", sigma=sigma, bounds=[0, 1])


def webhooks(suite):
    """Addresses that a client must not make the service call, in every spelling, and requests for webhooks that are none."""
    route, good = "/api/webhooks", {"url": "https://desk.example/hook"}
    for url in ["http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/",
                "http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://metadata/", "http://10.0.0.1/", "http://172.16.0.1/",
                "http://192.168.0.1/", "http://169.254.169.254/latest/meta-data/", "http://100.100.100.200/", "http://[::1]/", "http://[::]/",
                "http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:a9fe:a9fe]/",
                "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://\uff11\uff12\uff17.0.0.1/", "http://127\u30020\u30020\u30021/",
                "http://127.0.0.1\\@desk.example/", "http://127.0.0.1%2f@desk.example/", "http://user:password@desk.example/",
                "https://desk.example/#part", "ftp://desk.example/", "file:///etc/passwd", "gopher://desk.example/", "javascript:alert(1)",
                "//desk.example/", "desk.example", "", " ", "http://", "https://desk.example/" + "a" * 2000, 5, True, None, [], {}]:
        suite.refused(f"webhook url {str(url)[:50]!r}", route, dump({**good, "url": url}), ["/url"])
    for value in [[], "run.finished", {}, 5, True]:
        suite.refused(f"webhook events {value!r}", route, dump({**good, "events": value}), ["/events"])
    for value in ["run.begun", "", 5, None, [], {}]:
        suite.refused(f"webhook event {value!r}", route, dump({**good, "events": [value]}), ["/events/0"])
    suite.refused("webhook three events", route, dump({**good, "events": ["run.finished"] * 3}), ["/events"])
    suite.refused("webhook secret of the client", route, dump({**good, "secret": "whsec_AAAA"}), ["/secret"])
    for path in ["none", "a" * 129, "%00", "..%2fwebhooks", "'"]:
        suite.refused(f"webhook unknown {path[:20]!r}", f"{route}/{path}", b"", statuses=(404,), method="DELETE")


def portfolios(suite):
    """Named books that are none, and writes that do not say, or say wrongly, which version they build on."""
    route, good = "/api/portfolios", {"name": "Smith", "request": plan()}
    for value in ["", " ", "\u3000", "a\n", "a\u2028b", "\u0000", "x" * 121, 5, True, None, [], {}]:
        suite.refused(f"book named {str(value)[:20]!r}", route, dump({**good, "name": value}), ["/name"])
    for value in [[], "{}", 5, None, True]:
        suite.refused(f"book of {value!r}", route, dump({**good, "request": value}), ["/request"])
    suite.refused("book with a misspelt member", route, dump({**good, "request": {**plan(), "drift_treshold": 1}}), ["/request/drift_treshold"])
    place = f"{route}/{call(suite.address, 'POST', route, dump(good)).json()['portfolio_id']}"
    for method, body in (("PUT", dump(good)), ("DELETE", b"")):
        suite.refused(f"book {method} on no version", place, body, statuses=(428,), method=method)
        for tag in ['""', '"' + "0" * 64 + '"', "0" * 64, 'W/"*"', '"*"', "'", ",", "*x"]:
            suite.refused(f"book {method} on {tag[:9]!r}", place, body, statuses=(412,), method=method, headers={"If-Match": tag})
        for path in ["none", "a" * 129, "%00", "..%2fplans", "'"]:
            suite.refused(f"book {method} unknown {path[:20]!r}", f"{route}/{path}", body, statuses=(404,), method=method, headers={"If-Match": "*"})


def outcomes(suite):
    """Reports of what came of a plan that are none, of assets it does not have, and of plans that are not there."""
    body = plan()
    answer = call(suite.address, "POST", "/api/rebalance", dump(body))
    route = f"/api/plans/{answer.json()['metadata']['plan_id']}/outcome"
    names = [asset["asset"] for asset in body["assets"]]
    good = {"as_of": "2026-01-30", "returns": {name: [0.01, -0.01] for name in names}}

    def refused(name, pointers, **members):
        sent = {key: value for key, value in {**good, **members}.items() if value is not ...}
        suite.refused(f"outcome {name}", route, dump(sent), pointers)

    def returns(**series):
        return {**good["returns"], **series}

    for value in ["2026-02-30", "yesterday", "", "2026-01-30T00:00:00Z", 5, None, [], {}, ...]:
        refused(f"as_of {value!r}", ["/as_of"], as_of=value)
    for value in [[], [[0.01]], "0.01", 5, None, {}, ...]:
        refused(f"returns {value!r}", ["/returns"], returns=value)
    first = f"/returns/{names[0]}"
    for value in [[], [0.01], [0.01] * 3, 0.01, "0.01", None, {}]:
        # A series of another length is at fault where it differs from the first.
        pointers = [first] if not isinstance(value, list) or not value else []
        refused(f"series {value!r}", pointers, returns=returns(**{names[0]: value}))
    for value in [-1.0000001, 100.5, 1e308, "0.01", None, [], True]:
        refused(f"return {value!r}", [f"{first}/1"], returns=returns(**{names[0]: [0.01, value]}))
    refused("asset of another plan", ["/returns/GHOST"], returns=returns(GHOST=[0.01, -0.01]))
    refused("asset missing", [first], returns={name: [0.01, -0.01] for name in names[1:]})
    refused("name twice after trimming", [], returns=returns(**{f" {names[0]}": [0.01, -0.01]}))
    refused("more assets than there may be", ["/returns"], returns={f"A{i}": [0.01] for i in range(2001)})
    refused("more returns than there may be", ["/returns"], returns={name: [0.01] * 40_000 for name in names})
    for value in ["27.4", 1e13, -1e13, [], {}, True]:
        refused(f"realised_cost {value!r}", ["/realised_cost"], realised_cost=value)
    for member in ("scores", "predicted", "plan_id", "verdict"):
        refused(f"own {member}", [f"/{member}"], **{member: 1})
    for path in ["none", "a" * 129, "%00", "..%2fplans", "'"]:
        suite.refused(f"outcome of unknown {path[:20]!r}", f"/api/plans/{path}/outcome", dump(good), statuses=(404,))
    for query in ["since=2026-02-30", "until=x", "since=2026-01-01&since=2026-01-02", "client_reference=", "plan=1"]:
        suite.refused(f"calibration {query}", f"/api/calibration?{query}", b"", method="GET")
    suite.refused("calibration POST", "/api/calibration", dump(good), statuses=(405,))


def controls(suite):
    """Policies, checks, halts, decisions and fills that are none, and prices of the market that no market has."""
    route = "/api/controls/policy"

    def policy(name, pointers, **members):
        suite.refused(f"policy {name}", route, dump({"format": 1, **members}), pointers, method="PUT", headers=ANY_VERSION)

    for value in [0, 2, "1", None, 1.5, [], True]:
        policy(f"format {value!r}", ["/format"], format=value)
    for value in [[], {}, 5, "x", {"hard": -1}, {"hard": "1"}, {"hard": 1, "sotf": 2}, {"soft": 2, "hard": 1}]:
        policy(f"leverage {value!r}", [], leverage=value)
    policy("unknown control", ["/levrage"], levrage={"hard": 1})
    policy("money without a currency", ["/currency"], order_notional={"hard": 1})
    policy("window of 0 s", ["/order_rate/window_seconds"], order_rate={"hard": 1, "window_seconds": 0})
    over = {"control": "leverage", "who": "Kim", "why": "x", "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-02T00:00:00Z"}
    for member, value in [("control", "price_colar"), ("control", ""), ("who", " "), ("ends_at", "2027-01-01T00:00:00Z"), ("ends_at", "soon")]:
        policy(f"override with {member} {value!r}", [f"/overrides/0/{member}"], overrides=[{**over, member: value}])
    suite.refused("policy on no version", route, dump({"format": 1}), statuses=(428,), method="PUT")
    for query in ["", "?client_reference=a", "?reason=x", "?client_reference=a&reason=%20", f"?client_reference=a&reason={'x' * 201}"]:
        suite.refused(f"withdrawal of a policy {query[:40]!r}", route + query, b"", method="DELETE", headers=ANY_VERSION)

    book = {"cash": 50_000, "positions": [{"asset": "VTI", "quantity": 500, "price": 100}]}
    order = {"asset": "VTI", "side": "buy", "quantity": 1, "limit_price": 101}

    def check(name, pointers, book=book, **members):
        suite.refused(f"check {name}", "/api/controls/check", dump({"book": book, "orders": [order], **members}), pointers)

    check("with a nav that is not the book's", ["/book/nav"], book={**book, "nav": 7})
    check("with a price of the future", ["/book/positions/0/priced_at"], book={**book, "positions": [{**book["positions"][0], "priced_at": "2126-01-01T00:00:00Z"}]})
    check("with a value that is not the position's", ["/book/positions/0/value"], book={**book, "positions": [{**book["positions"][0], "value": 1}]})
    check("with two orders of one id", ["/orders"], orders=[{**order, "id": "1"}] * 2)
    for member, value in [("side", "hold"), ("quantity", 0), ("quantity", -1), ("quantity", "1"), ("limit_price", 0), ("asset", "")]:
        check(f"{member} {value!r}", [f"/orders/0/{member}"], orders=[{**order, member: value}])

    for value in ["", "desk", "actor:", "reference: ", "ALL", 5, [], {}]:
        suite.refused(f"halt of {value!r}", "/api/controls/halt", dump({"scope": value, "reason": "x"}), ["/scope"])
    for value in ["", " ", "x" * 201, 5, None, []]:
        suite.refused(f"halt for {str(value)[:9]!r}", "/api/controls/halt", dump({"reason": value}), ["/reason"])

    made = call(suite.address, "POST", "/api/rebalance", dump(plan())).json()["metadata"]["plan_id"]
    place = f"/api/plans/{made}"
    for verb in ("approve", "reject", "cancel", "finish"):
        for value in ["", " ", "x" * 201, 5, []]:
            suite.refused(f"{verb} because {str(value)[:9]!r}", f"{place}/{verb}", dump({"comment": value}), ["/comment"])
        suite.refused(f"{verb} of no plan", f"/api/plans/{UNKNOWN_ID}/{verb}", b"{}", statuses=(404,))
    suite.refused("finish of a plan that did not leave", f"{place}/finish", b"{}", statuses=(409,))

    left = call(suite.address, "GET", f"{place}/orders").json()["orders"][0]
    fill = {"fill_id": "X-1", "client_order_id": left["client_order_id"], "executed_at": "2026-01-02T14:31:07Z", "quantity": 1,
            "price": float(left["reference_price"])}
    for member, values in {
        "fill_id": ["", "a b", "x" * 101, 5, None], "client_order_id": ["", "SAAAAAAAAAAAAAAAA", 5],
        "executed_at": ["2026-01-02", "2026-01-02T14:31:07", "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z", 5],
        "quantity": [0, -1, "1", 1e13], "price": [0, -1, "1", 1e9, 1e-9], "fees": [1e9, -1e9, "1"], "kind": ["sale", 5], "refers_to": ["X-0"],
    }.items():
        for value in values:
            suite.refused(f"fill with {member} {str(value)[:20]!r}", f"{place}/fills", dump({"fills": [{**fill, member: value}]}), [f"/fills/0/{member}"])
    for member, value in [("arrival_price", 1e9), ("end_price", 1e-9), ("vwap", 0), ("half_spread", 1e9), ("half_spread", -1)]:
        around = {"client_order_id": left["client_order_id"], member: value}
        suite.refused(f"benchmark with {member} {value}", f"{place}/fills", dump({"benchmarks": [around]}), [f"/benchmarks/0/{member}"])
    for name, table in {"no rows": "", "a column of no name": "fill_id,colour\n", "a formula": "fill_id,executed_at,price\nX,2026-01-02T14:31:07Z,=1+1\n"}.items():
        headers = {"Content-Type": "text/csv"}
        suite.refused(f"table of fills with {name}", f"{place}/fills", table.encode(), headers=headers)

    executed = {"side": "buy", "quantity": 10, "decision_price": 40.0, "arrival_price": 40.04, "fills": [{"quantity": 5, "price": 40.05}]}
    for member, values in {
        "side": ["hold", 5], "quantity": [0, -1, "x", 4], "decision_price": [0, "x"], "arrival_price": [0, -1], "end_price": [0, "x"],
        "fills": [5, {}, [{"quantity": 0, "price": 1}], [{"quantity": 5, "price": 0}]],
    }.items():
        for value in values:
            suite.refused(f"tca {member} {value!r}", "/api/tca", dump({"orders": [{**executed, member: value}]}), [])


def media(suite):
    good = dump(plan())
    for value in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
                  "application/problem+json", "application/jsonp", "text/json", "*/*", "json", "", None]:
        suite.refused(f"media type {value}", "/api/rebalance", good, statuses=(415,), headers={"Content-Type": value})
    for value in ["gzip", "zstd"]:
        suite.refused(f"media encoding {value} of a plain body", "/api/rebalance", good, headers={"Content-Encoding": value})
    for value in ["br", "deflate", "compress", "x-unknown", "gzip, identity", "identity, gzip", "aes128gcm"]:
        suite.refused(f"media encoding {value}", "/api/rebalance", good, statuses=(415,), headers={"Content-Encoding": value})
    for method, route, _ in suite.writing_routes:
        headers = {"Content-Type": "text/plain", "If-Match": "*"}
        suite.refused(f"media type text {method} {route}", route, good, statuses=(415,), method=method, headers=headers)


def methods(suite):
    for path, allowed in suite.methods.items():
        for method in sorted({"GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"} - allowed):
            body = b"{}" if method in ("POST", "PUT", "PATCH") else b""
            # A word of the contract is also an id that does not exist, where ids stand in its place.
            as_id = method in suite.methods.get(path.rsplit("/", 1)[0] + "/" + UNKNOWN_ID, ())
            answer = suite.refused(f"method {method} {path}", path, body, statuses=(404,) if as_id else (405,), method=method)
            if answer is not None and answer.status == 405:
                listed = {m.strip() for m in answer.headers.get("allow", "").split(",")}
                suite.note(f"method {method} {path} Allow", [] if allowed <= listed else [f"Allow is {sorted(listed)}"])
    suite.refused("method made up", "/api/rebalance", b"", statuses=(400, 405), method="BREW")
    suite.refused("method lower case", "/api/rebalance", b"", statuses=(400, 405), method="post")
    for path in ["/nope", "/api", "/api/", "/api/nope", "/api/rebalance/", "/api/rebalance/x", "//api/health", "/API/HEALTH", "/api/health;x=1",
                 "/static/../Cargo.toml", "/.git/config", "/.env", "/api/plans/../../x"]:
        suite.refused(f"path {path}", path, b"", statuses=(404, 400), method="GET")
        suite.refused(f"path POST {path}", path, dump(plan()), statuses=(404, 400))


def traversal(suite):
    """No spelling of a path reaches anything that the program does not serve."""
    for prefix in ["", "/static", "/docs", "/assets"]:
        for tail in ["/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/..\\..\\etc\\passwd",
                     "/%2e%2e%2fCargo.toml", "/....//....//etc/passwd", "/%c0%ae%c0%ae/etc/passwd", "/index.html%00.json", "/%00",
                     "/%252e%252e/etc/passwd", "//etc/passwd", "/file:///etc/passwd", "/%zz", "/%ff%fe"]:
            name = f"traversal {prefix}{tail}"
            if not suite.wanted(name):
                continue
            faults = []
            try:
                answer = call(suite.address, "GET", prefix + tail)
                if answer.status >= 500 or answer.status == 200:
                    faults.append(f"status {answer.status}: {answer.body[:80]!r}")
                if answer.status >= 400:
                    faults += problem_faults(answer, (400, 404), bare_ok=answer.status == 400)
            except Exception as error:
                faults.append(f"{type(error).__name__}: {error}")
            suite.note(name, faults)


def size(suite):
    """A body that is too large, declared or streamed, gives 413; the connection may close afterwards."""
    for declared in (80 * MIB, 2**31, 2**40, 2**63 - 1):
        name = f"size declared {declared}"
        if suite.wanted(name):
            with Connection(suite.address) as connection:
                connection.send(request_bytes("POST", "/api/rebalance", b"", {"Content-Length": str(declared)}) + b'{"a":"')
                try:
                    suite.note(name, problem_faults(connection.answer("POST"), (413,)))
                except Exception as error:
                    suite.note(name, [f"{type(error).__name__}: {error}"])
    for name, headers in {
        "size streamed in chunks": {"Transfer-Encoding": "chunked", "Content-Length": None},
        "size streamed as declared": {"Content-Length": str(80 * MIB)},
        "size after Expect: 100-continue": {"Content-Length": str(80 * MIB), "Expect": "100-continue"},
    }.items():
        if not suite.wanted(name):
            continue
        with Connection(suite.address) as connection:
            connection.send(request_bytes("POST", "/api/rebalance", b"", headers))
            block = b" " * MIB
            piece = f"{MIB:x}\r\n".encode() + block + b"\r\n" if "Transfer-Encoding" in headers else block
            connection.socket.settimeout(5)
            try:
                for _ in range(80):
                    connection.socket.sendall(piece)
            except OSError:
                pass  # cut off while sending: the answer is already on its way
            connection.socket.settimeout(10)
            try:
                answer = connection.answer("POST")
                suite.note(name, problem_faults(answer, (413,)))
            except ConnectionResetError:
                # Closing with unread data resets the connection: the stream was refused, its answer got lost.
                suite.note(name, [])
            except Exception as error:
                suite.note(name, [f"{type(error).__name__}: {error}"])
    suite.raw("size of a header", b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * (2 * MIB) + b"\r\n\r\n", (400, 413, 431))
    suite.raw("size of the target", b"GET /" + b"a" * (2 * MIB) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", (400, 413, 414, 431))
    suite.raw("size: 5,000 headers", b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5000 + b"\r\n", (400, 413, 431))


def framing(suite):
    """Messages whose end is ambiguous: no second answer, no success."""
    body = dump(plan())
    smuggled = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = b"POST /api/rebalance HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    length = f"Content-Length: {len(body)}\r\n".encode()
    chunked = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    te = b"Transfer-Encoding: chunked\r\n"
    for name, data in {
        "length and chunked": head + length + te + b"\r\n" + chunked + smuggled,
        "chunked and length": head + te + b"Content-Length: 5\r\n\r\n" + chunked + smuggled,
        "chunked hides a request": head + te + b"Content-Length: 4\r\n\r\n0\r\n\r\n" + smuggled,
        "two lengths": head + length + b"Content-Length: 5\r\n\r\n" + body + smuggled,
        "two lengths in one field": head + b"Content-Length: 5, 6\r\n\r\n" + body + smuggled,
        "negative length": head + b"Content-Length: -1\r\n\r\n" + body,
        "signed length": head + f"Content-Length: +{len(body)}\r\n\r\n".encode() + body,
        "length in hex": head + b"Content-Length: 0x10\r\n\r\n" + body,
        "length is a word": head + b"Content-Length: ten\r\n\r\n" + body,
        "empty length": head + b"Content-Length: \r\n\r\n" + body,
        "length beyond 64 bits": head + b"Content-Length: 99999999999999999999999\r\n\r\n" + body,
        "chunk size is a word": head + te + b"\r\nzz\r\n" + body,
        "chunk size negative": head + te + b"\r\n-5\r\n" + body + b"\r\n0\r\n\r\n",
        "chunk size overflows": head + te + b"\r\nfffffffffffffffff\r\n" + body + b"\r\n0\r\n\r\n",
        "chunk shorter than said": head + te + b"\r\n5\r\n{}\r\n0\r\n\r\n" + smuggled,
        "chunk without line end": head + te + b"\r\n2\r\n{}0\r\n\r\n" + smuggled,
        "chunked twice": head + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + chunked + smuggled,
        "gzip then chunked": head + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked,
        "chunked not last": head + b"Transfer-Encoding: chunked, identity\r\n\r\n" + chunked + smuggled,
        "made-up transfer coding": head + b"Transfer-Encoding: xchunked\r\n\r\n" + chunked + smuggled,
        "transfer coding with a tab": head + b"Transfer-Encoding:\x0bchunked\r\n\r\n" + chunked + smuggled,
        "space before the colon": b"POST /api/rebalance HTTP/1.1\r\nHost: localhost\r\nContent-Length : 5\r\n\r\n" + smuggled,
        "folded header": b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
        "NUL in a header": b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        "bare CR in a header": b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n",
        "header without a name": b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n: a\r\n\r\n",
        "header without a colon": b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nbroken\r\n\r\n",
        "no version": b"GET /api/health\r\n\r\n",
        "version 9": b"GET /api/health HTTP/9.9\r\nHost: localhost\r\n\r\n",
        "no target": b"GET HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "space in the target": b"GET /api/he alth HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        "line noise": bytes(range(256)) * 4 + b"\r\n\r\n",
        "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "chunked in HTTP/1.0": b"POST /api/rebalance HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n" + te + b"\r\n" + chunked + smuggled,
    }.items():
        suite.raw(f"framing {name}", data, (400, 404, 405, 411, 413, 415, 505) if name == "HTTP/2 preface" else (400, 411, 413, 415))


GROUPS = [syntax, nesting, numbers, limits, names, members, other_routes, optimizer, webhooks, portfolios, outcomes, controls, media, methods, traversal, size, framing]


def main():
    parser = argparse.ArgumentParser(description="Refusals, seen from outside.")
    parser.add_argument("server", help="for instance http://127.0.0.1:5000")
    parser.add_argument("--only", help="run the cases whose name contains this")
    arguments = parser.parse_args()
    suite = Suite(parse_address(arguments.server), arguments.only)
    for group in GROUPS:
        before, started = suite.ran, time.monotonic()
        try:
            group(suite)
        except Exception as error:
            suite.note(group.__name__, [f"{type(error).__name__}: {error}"])
        print(f"{group.__name__:<14}{suite.ran - before:>6} cases  {time.monotonic() - started:6.1f} s", flush=True)
    alive = call(suite.address, "GET", "/api/health")
    suite.note("the server is alive", [] if alive.status == 200 else [f"status {alive.status}"])
    print(f"hostile: {suite.ran} cases, {len(suite.faults)} faults, {suite.bare} refused without a body")
    return 1 if suite.faults or suite.ran < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
