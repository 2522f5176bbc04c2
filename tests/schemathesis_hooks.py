"""Rules between members that a JSON schema cannot state, applied to the valid bodies that schemathesis generates.

Bad bodies are left as they are: those must be refused whatever else is wrong with them.
"""

import datetime
import functools
import json
import os
import urllib.request
import uuid
from pathlib import Path

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    """Repair a generated valid body just before it is sent."""
    meta = case.meta
    if meta is None or meta.generation.mode.is_negative:
        return
    make_records_fit(case)
    if case.path == "/api/plans/{plan_id}/fills" and isinstance(case.body, (str, bytes)):
        # No schema says what a table of fills is.
        table = f"fill_id,executed_at,client_order_id,quantity,price\r\n{uuid.uuid4().hex},2018-12-26T14:31:07Z,{exported_order()},0.000001,36\r\n"
        case.body = table.encode() if isinstance(case.body, bytes) else table
    if not isinstance(case.body, dict):
        return
    if case.path in ("/api/rebalance", "/api/plans", "/api/ai-copilot/insights", "/api/multi-agent/tandem-demo", "/api/multi-agent/run", "/api/ai-copilot/report"):
        fit_portfolio(case.body)
    elif case.path == "/api/rebalance/compare":
        fit_comparison(case.body)
    elif case.path == "/api/runs":
        fit_batch(case.body)
    elif case.path == "/api/plans/{plan_id}/fills":
        fit_reported(case.body)
    elif case.path == "/api/plans/{plan_id}/outcome":
        fit_outcome(case.body)
    elif case.path.startswith("/api/portfolios"):
        if isinstance(case.body.get("request"), dict):
            fit_portfolio(case.body["request"])
    elif case.path == "/api/controls/halt":
        # A scope that nobody has: a halt of everything would stop the other checks.
        case.body["scope"] = f"reference:{uuid.uuid4().hex}"
    elif case.path == "/api/webhooks":
        # A name that nobody has: the schema admits addresses that the service does not call.
        case.body["url"] = "https://desk.example/hook"
    elif case.path == "/api/import/preview":
        fit_file(case.body)
    elif case.path == "/api/forecast":
        name_apart(case.body.get("assets"))
        # No schema says which transformers were trained, and on which assets.
        case.body.pop("quantiles", None)
    elif case.path == "/api/policy/footprint":
        fit_footprint(case.body)
    elif case.path == "/api/risk/report":
        fit_series(case.body)
    elif case.path == "/api/backtests":
        fit_backtest(case.body)
    elif case.path == "/api/evaluate/sharpe":
        fit_track_record(case.body)
    elif case.path == "/api/regimes":
        fit_regimes(case.body)
    elif case.path == "/api/models/explain":
        fit_model(case.body)
    elif case.path == "/api/models/train":
        # No schema says how long a history must be, and another setting would be another version in the records.
        case.body.clear()
        case.body.update(training())
    elif case.path == "/api/tca":
        fit_fills(case.body)
    elif case.path == "/api/risk/covariance":
        fit_panel(case.body)
    elif case.path == "/api/stress/monte-carlo":
        fit_moments(case.body)
    elif case.path == "/api/stress/scenarios":
        fit_scenarios(case.body)
    elif case.path == "/api/optimizer/solve":
        fit_problem(case.body)
    elif case.path == "/api/optimizer/path":
        fit_path(case.body)
    elif case.path == "/api/optimizer/allocate":
        fit_allocation(case.body)


@schemathesis.hook
def after_call(context, case, response):
    """Cancel a run that was accepted, and remove a webhook that was made: both are bounded, and the bound is not a fault."""
    if case.path == "/api/controls/halt" and response.status_code == 200:
        for halt in json.loads(response.content)["halts"]:
            tell("POST", "/api/controls/resume", {"scope": halt["scope"], "reason": "the check is over"})
    if case.path == "/api/controls/policy":
        # No schema says which versions there are.
        (case.query or {}).pop("version", None)
    if case.path == "/api/controls/policy" and case.method == "PUT" and response.status_code == 200:
        tell("PUT", "/api/controls/policy", {"format": 1})
    if case.path in ("/api/runs", "/api/models/train") and response.status_code == 202:
        address = os.environ["REBALANCER_URL"] + json.loads(response.content)["run_id"].join(["/api/runs/", ""])
        urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=30).read()
    if case.path == "/api/backtests" and response.status_code == 202:
        address = f"{os.environ['REBALANCER_URL']}/api/backtests/{json.loads(response.content)['backtest_id']}"
        urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=30).read()
    if case.path == "/api/webhooks" and response.status_code == 201:
        remove_webhook(json.loads(response.content)["webhook_id"])


@functools.cache
def training():
    """The example of a training: the same one makes no second version."""
    return json.loads((Path(__file__).resolve().parent.parent / "openapi/examples/train_model.request.json").read_text())


def tell(method, path, document):
    """Sends a document that puts things back as they were."""
    headers = {"Content-Type": "application/json", "If-Match": "*"}
    request = urllib.request.Request(os.environ["REBALANCER_URL"] + path, json.dumps(document).encode(), headers, method=method)
    urllib.request.urlopen(request, timeout=30).read()


def make_records_fit(case):
    """Use ids of a stored plan and fresh keys, and leave out cursors and times: no schema says which exist."""
    if case.path.startswith("/api/runs/"):
        case.path_parameters["run_id"] = stored_run()
    if case.path.startswith("/api/backtests/"):
        case.path_parameters["backtest_id"] = stored_backtest()
    if case.path == "/api/studies/{study}":
        case.path_parameters["study"] = stored_study()
        (case.query or {}).pop("version", None)
    if case.path == "/api/webhooks/{webhook_id}":
        case.path_parameters["webhook_id"] = new_webhook()
    if "{model_id}" in case.path:
        # A tool is never moved: the champions of this server stay what other checks expect.
        case.path_parameters["model_id"] = "ensemble_v3" if case.path.endswith("/shadow") else "bands"
        (case.headers or {}).pop("If-None-Match", None)
        if case.headers and "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
    if "{portfolio_id}" in case.path:
        case.path_parameters["portfolio_id"] = new_portfolio()
        if "version" in case.path_parameters:
            case.path_parameters["version"] = 1
        (case.headers or {}).pop("If-None-Match", None)
        if case.headers and "If-Match" in case.headers:
            # No schema says which version is the latest.
            case.headers["If-Match"] = "*"
    if case.path == "/api/controls/policy" and case.headers and "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    if "{plan_id}" in case.path:
        is_executed = case.path.endswith(("/fills", "/execution"))
        case.path_parameters["plan_id"] = executing_plan()[0] if is_executed else stored_plan()
        # The plan has an asset without a ticker, which a basket cannot hold.
        if (case.query or {}).get("format") == "basket":
            case.query["format"] = "csv"
        for party in ("sender", "target"):
            (case.query or {}).pop(party, None)
        # `*` or the right tag would give 304.
        (case.headers or {}).pop("If-None-Match", None)
    for member in ("cursor", "created_from", "created_before"):
        (case.query or {}).pop(member, None)
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = uuid.uuid4().hex


@functools.cache
def stored_study():
    """Name of a study with the trials of the example."""
    body = json.loads((Path(__file__).resolve().parent.parent / "openapi/examples/create_backtest.request.json").read_text())
    tell("POST", "/api/backtests", body | {"study": "fuzz"})
    return "fuzz"


@functools.cache
def stored_plan():
    """Id of a plan made for these checks."""
    return new_plan()


def new_plan():
    """Id of a new plan."""
    body = (Path(__file__).resolve().parent.parent / "examples" / "first_plan.json").read_bytes()
    address = os.environ["REBALANCER_URL"] + "/api/rebalance"
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    return json.loads(urllib.request.urlopen(request, timeout=30).read())["metadata"]["plan_id"]


@functools.cache
def executing_plan():
    """Id of a plan whose orders left, and the id of its first order."""
    plan = new_plan()
    address = f"{os.environ['REBALANCER_URL']}/api/plans/{plan}/orders"
    orders = json.loads(urllib.request.urlopen(address, timeout=30).read())["orders"]
    return plan, orders[0]["client_order_id"]


def exported_order():
    """Id of an order of the plan whose orders left."""
    return executing_plan()[1]


def fit_reported(body):
    """New events of an order that left, each of a kind with its members, at a price near the plan's and below the order's quantity."""
    for event in body.get("fills") or []:
        event.pop("refers_to", None)
        event |= {"fill_id": uuid.uuid4().hex, "kind": "fill", "client_order_id": exported_order(), "quantity": 1e-6}
        event["price"] = 36.0
        event.pop("fees", None)
        event["executed_at"] = "2018-12-26T14:31:07Z"
    around = {"client_order_id": exported_order(), "vwap": 36.0}
    body["benchmarks"] = [around] if body.get("benchmarks") or not body.get("fills") else None


def fit_outcome(body):
    """Returns of every asset of the stored plan and of no other, all of one length, at a date."""
    body["as_of"] = "2018-12-31"
    series = [returns for returns in (body.get("returns") or {}).values() if isinstance(returns, list) and returns]
    body["returns"] = {name: (series or [[0.01]])[0] for name in ("AAPL", "JNJ", "MRK", "XOM")}


def new_webhook():
    """Id of a webhook made for one request: it is gone after it."""
    body = json.dumps({"url": "https://desk.example/hook"}).encode()
    request = urllib.request.Request(os.environ["REBALANCER_URL"] + "/api/webhooks", body, {"Content-Type": "application/json"})
    return json.loads(urllib.request.urlopen(request, timeout=30).read())["webhook_id"]


def remove_webhook(webhook_id):
    """Removes a webhook that was made for one request."""
    address = f"{os.environ['REBALANCER_URL']}/api/webhooks/{webhook_id}"
    urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=30).read()


def new_portfolio():
    """Id of a named book made for one request, which may close it."""
    request = json.loads((Path(__file__).resolve().parent.parent / "examples" / "first_plan.json").read_bytes())
    body = json.dumps({"name": "made for one check", "request": request}).encode()
    address = os.environ["REBALANCER_URL"] + "/api/portfolios"
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    return json.loads(urllib.request.urlopen(request, timeout=30).read())["portfolio_id"]


@functools.cache
def stored_run():
    """Id of a run made for these checks, once it has ended."""
    plan = json.loads((Path(__file__).resolve().parent.parent / "examples" / "first_plan.json").read_bytes())
    address = os.environ["REBALANCER_URL"] + "/api/runs"
    body = json.dumps({"portfolios": [plan]}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    run_id = json.loads(urllib.request.urlopen(request, timeout=30).read())["run_id"]
    # The events end with the run.
    urllib.request.urlopen(f"{address}/{run_id}/events", timeout=60).read()
    return run_id


@functools.cache
def stored_backtest():
    """Id of a queued backtest made for these checks, once it has ended."""
    address = os.environ["REBALANCER_URL"] + "/api/backtests"
    body = json.dumps({"returns": {"A": [0.01, -0.01, 0.02]}, "policies": [{"name": "hold", "kind": "buy_and_hold"}]}).encode()
    headers = {"Content-Type": "application/json", "Prefer": "respond-async"}
    request = urllib.request.Request(address, body, headers)
    backtest_id = json.loads(urllib.request.urlopen(request, timeout=30).read())["backtest_id"]
    urllib.request.urlopen(f"{address}/{backtest_id}/events", timeout=60).read()
    return backtest_id


def fit_batch(body):
    """Make each item valid for its own route, few and small: the queue is bounded, and a full queue is not a fault."""
    body["portfolios"] = [item for item in body.get("portfolios") or [] if isinstance(item, dict)][:2]
    body["simulations"] = [item for item in body.get("simulations") or [] if isinstance(item, dict)][:2]
    series = [returns for returns in (body.get("histories") or {}).values() if isinstance(returns, list)]
    histories = {f"H{i}": returns for i, returns in enumerate(series)}
    if body.get("histories") is not None:
        body["histories"] = histories
    for portfolio in body["portfolios"]:
        portfolio["monte_carlo"] = {"paths": 10}
        fit_portfolio(portfolio, histories)
    for simulation in body["simulations"]:
        fit_moments(simulation)
    if not body["portfolios"]:
        body["simulations"] = body["simulations"] or [{"weights": [1.0], "mu": [0.05], "sigma": [[0.04]], "paths": 10}]


def fit_portfolio(body, histories=()):
    """Rules between the members of one portfolio, which may name the histories of its run."""
    for part, name, sent in [(body, "benchmark_history", "benchmark_returns")] + [
        (asset, "history", "historical_returns") for asset in body.get("assets") or [] if isinstance(asset, dict)
    ]:
        if name in part and histories and part.get(sent) is None:
            part[name] = next(iter(histories))
        else:
            part.pop(name, None)
    # No schema says which versions were trained.
    body.pop("trained_model", None)
    body.pop("learned_allocator", None)
    name_apart(body.get("assets"))
    drop_check_digits(body.get("assets"))
    fit_instructions(body)
    make_weights_fit(body)
    fit_method(body)
    fit_dates(body, histories)
    # The pattern admits any three capitals; only some of them are currencies.
    if body.get("currency") is not None:
        body["currency"] = "USD"


# What says how to trade and stays as it is generated, of a request and of one of several policies.
FREE_INSTRUCTIONS = ("destination", "scope", "min_notional", "max_tickets", "turnover_limit", "risk_aversion", "horizon_years", "worth_min_bps", "drift_threshold")


def fit_instructions(body):
    """A book by weights, without an intent; a band in place of the threshold; no draft, no worksheet, days and markets that exist."""
    for member in ("cash", "cash_target_weight", "intent", "posture", "store"):
        body.pop(member, None)
    if body.get("band") is not None:
        body["band"] = {"relative": 0.25, "cap": 0.05}
        body.pop("drift_threshold", None)
    if body.get("trade_date") is not None:
        body["trade_date"] = "2026-11-27"
    fit_groups_and_trigger(body)
    if body.get("portfolio_value") is None:
        body["portfolio_value"] = 1000.0
    for tariff in [body.get("costs")] + [asset.get("costs") for asset in body.get("assets") or [] if isinstance(asset, dict)]:
        if isinstance(tariff, dict):
            # It needs a volume and a history of each asset that it is charged on.
            tariff.pop("impact", None)
    for asset in body.get("assets") or []:
        if isinstance(asset, dict):
            for member in ("quantity", "min_quantity", "selected", "market"):
                asset.pop(member, None)
            if asset.get("role") is not None:
                asset["role"] = "tradable"
            if asset.get("current_weight") is None:
                asset["current_weight"] = 1.0
    limits = body.get("verdict_limits")
    for limit in ("risk_budget", "concentration", "turnover", "data_shortfall") if isinstance(limits, dict) else ():
        # Levels ascend, the defaults of those that are not sent included.
        if limits.get(limit) is not None:
            limits[limit] = {"warning_above": 0.1, "critical_above": 0.2}
    if body.get("title") is not None and not str(body["title"]).strip():
        body["title"] = "A plan"
    # Limits of the optimal method and of the instructions can exclude each other.
    if body.get("method") in ("optimal", "multi_period"):
        for member in ("band", "cash_band", "destination", "scope", "min_notional", "max_tickets"):
            body.pop(member, None)
        for asset in body.get("assets") or []:
            for member in ("no_buy", "no_sell", "lot_size", "role"):
                asset.pop(member, None)


def fit_groups_and_trigger(body):
    """A group of a class that an asset has; days where the kind of the trigger needs some, and the day that is judged."""
    assets = [asset for asset in body.get("assets") or [] if isinstance(asset, dict)]
    if body.get("groups") is not None:
        body["groups"] = []
        if assets:
            assets[0]["asset_class"] = "equity"
            body["groups"] = [{"asset_class": "equity", "band": {"relative": 0.25, "cap": 0.05}}]
    if body.get("trigger") is not None:
        kind = body["trigger"]["kind"]
        days = {} if kind == "threshold" else {"days": ["2026-11-27", "2026-12-31"]}
        body["trigger"] = {"kind": kind, **days}
        body["trade_date"] = "2026-11-27"


def fit_comparison(body):
    """One portfolio, and policies with names of their own that contradict nothing in it."""
    fit_portfolio(body["portfolio"])
    for member in ("band", "method", "optimization"):
        body["portfolio"].pop(member, None)
    kept = [{name: value for name, value in policy.items() if name in FREE_INSTRUCTIONS} for policy in body.get("policies") or [{}]]
    body["policies"] = [{**policy, "name": f"policy {position}"} for position, policy in enumerate(kept[:20] or [{}])]


def name_apart(assets):
    """Names are not blank, and asset names differ after trimming; only violations are changed."""
    seen = set()
    for position, asset in enumerate(assets or []):
        if not isinstance(asset, dict):
            continue
        name = str(asset.get("asset", "")).strip()
        if not name or name in seen:
            asset["asset"] = name = f"{name[:240]} {position}".strip()
        seen.add(name)
        for holding in asset.get("holdings") or []:
            if isinstance(holding, dict) and not str(holding.get("holding", "")).strip():
                holding["holding"] = "holding"


def drop_check_digits(assets):
    """A pattern admits any check digit, so only the ticker of an asset stays."""
    for asset in assets or []:
        for member in ("isin", "cusip", "figi"):
            if isinstance(asset, dict) and asset.get("identifiers"):
                asset["identifiers"].pop(member, None)


def make_weights_fit(body):
    """At least one target is positive; `strict` sums to one, `cash_remainder` to at most one."""
    assets = [asset for asset in body.get("assets") or [] if isinstance(asset, dict)]
    if body.get("liquidate"):
        for asset in assets:
            asset["target_weight"] = 0.0
    policy = body.get("weight_policy") or "normalize"
    for member in ("target_weight", "current_weight"):
        total = sum(asset[member] for asset in assets)
        if body.get("liquidate") and member == "target_weight":
            continue
        if assets and total == 0 and (member == "target_weight" or policy == "strict"):
            assets[0][member] = total = 1.0
        if policy == "strict" or (policy == "cash_remainder" and total > 1):
            # Dividing by the largest first keeps huge weights finite.
            largest = max(asset[member] for asset in assets)
            scaled = [asset[member] / largest for asset in assets]
            for asset, weight in zip(assets, scaled):
                asset[member] = weight / sum(scaled) * (1.0 if policy == "strict" else 0.999999)


def fit_method(body):
    """The optimal method needs histories; `optimization` is allowed with that method only, and `worth_min_bps` with the other."""
    # States of a market need half a year of returns: the tests of the service hold them.
    body.pop("regime_band_widening", None)
    assets = [asset for asset in body.get("assets") or [] if isinstance(asset, dict)]
    if body.get("method") not in ("optimal", "multi_period") or body.get("liquidate") or len(assets) > 50:
        body.pop("optimization", None)
        body.pop("method", None)
        return
    for i, asset in enumerate(assets):
        asset.pop("history", None)
        asset["historical_returns"] = [0.002 * ((7 * i + t * t * (i + 1)) % 11 - 5) for t in range(30)]
    body.pop("worth_min_bps", None)
    options = tame(body.get("optimization") or {})
    if options:
        body["optimization"] = options
    path = options.get("path")
    if body["method"] != "multi_period":
        options.pop("path", None)
    elif isinstance(path, dict):
        # Flows between the periods, which leave something of the portfolio.
        flows = len(path.get("cash_flows") or [])
        path["cash_flows"] = [0.01] * min(flows, (path.get("periods") or 4) - 1)
    for member in ("lower", "upper", "cash_min", "cash_max"):
        options.pop(member, None)
    for member in ("market_impact", "trade_max"):
        if options.get(member) is not None:
            options[member] = resize(options[member], len(assets), 0.0)
    fit_rows(options, len(assets))


def fit_dates(body, histories=()):
    """One date for each return of the longest history, ascending, and none after the trade date."""
    if body.get("dates") is None:
        return
    assets = [asset for asset in body.get("assets") or [] if isinstance(asset, dict)]
    longest = max((len(asset.get("historical_returns") or (histories or {}).get(asset.get("history"), ())) for asset in assets), default=0)
    last = datetime.date(2026, 11, 27)
    body["dates"] = [str(last - datetime.timedelta(days=longest - 1 - day)) for day in range(longest)]


def fit_series(body):
    """Every list beside the returns has their length."""
    returns = body.get("returns")
    series = list(returns.values()) if isinstance(returns, dict) else [returns]
    days = min((len(values) for values in series), default=0)
    if isinstance(returns, dict):
        days = max(days, 1)
        named = {f"{name[:200]} {i}".strip(): [*values, 0.0][:days] for i, (name, values) in enumerate(returns.items())}
        body["returns"] = named or {"A": [0.01]}
        series = list(body["returns"].values())
        if len(series) > 1 or body.get("weights") is not None:
            body["weights"] = [1.0 / len(series)] * len(series)
        if body.get("benchmark_weights") is not None:
            body["benchmark_weights"] = [0.5 / len(series)] * len(series)
    else:
        body["returns"] = returns or [0.01]
        body.pop("weights", None)
        body.pop("benchmark_weights", None)
    for member in ("benchmark", "dates"):
        if body.get(member) is not None:
            body.pop(member)
    body.pop("start_date", None)
    fit_parts(body, max(days, 1), len(series))


def fit_parts(body, days, assets):
    """Factors, windows, positions and forecasts that go with the returns."""
    if body.get("factors") is not None:
        # Dependent factors are refused, so only one is sent, and it is not constant.
        body["factors"] = {"market": [0.01 if day % 2 else -0.01 for day in range(days)]}
        if days < 2:
            body.pop("factors")
    if body.get("rolling_window") is not None:
        body["rolling_window"] = min(body["rolling_window"], days)
        if days < 2:
            body.pop("rolling_window")
    if body.get("volatility_models") is not None:
        body["volatility_models"] = list(dict.fromkeys(body["volatility_models"]))
    if body.get("positions") is None or body.get("volumes") is None:
        body.pop("positions", None)
        body.pop("volumes", None)
        body.pop("participation", None)
    else:
        body["positions"] = [*body["positions"], *[1000.0] * assets][:assets]
        body["volumes"] = [*body["volumes"], *[5000.0] * assets][:assets]
    backtest = body.get("backtest")
    if backtest is not None:
        for member, loss in (("var", 0.02), ("cvar", 0.03)):
            if backtest.get(member) is not None:
                backtest[member] = [*backtest[member], *[loss] * days][:days]


def fit_backtest(body):
    """Two series of one length above a total loss, and distinct policies whose members go with their kind."""
    body.pop("prices", None)
    body.pop("recoveries", None)  # goes with prices
    body.pop("dates", None)
    body["returns"] = {"A": [0.01, -0.02, 0.015, 0.0] * 20, "B": [0.0, 0.001, -0.001, 0.002] * 20}
    policies = body.get("policies") or [{"name": "hold", "kind": "buy_and_hold"}]
    for i, policy in enumerate(policies[:5]):
        policy["name"] = f"policy {i}"
        policy["weights"] = [0.6, 0.4]
        if policy.get("kind") == "band":
            policy["band"] = 0.05
        else:
            policy.pop("band", None)
            policy.pop("destination", None)
        if policy.get("kind") == "plan":
            policy.pop("weights", None)
            policy.pop("transaction_cost_bps", None)
            targets = {"A": 0.6, "B": 0.4}
            policy["plan"] = {"assets": [{"asset": name, "target_weight": weight} for name, weight in targets.items()]}
        else:
            policy.pop("plan", None)
        if policy.get("kind") not in ("optimal", "plan"):
            policy.pop("lookback", None)
    body["policies"] = policies[:5]


def fit_model(body):
    """A text that is a model, and rows of its two features: no schema says either."""
    body.pop("trained_model", None)
    body.pop("learned_allocator", None)
    body["lightgbm_text"] = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\nobjective=regression\n"
        "feature_names=a b\n\nTree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\nthreshold=0 0.2\ndecision_type=2 10\n"
        "left_child=-1 -2\nright_child=1 -3\nleaf_value=-0.01 0.03 0.01\nleaf_weight=50 30 20\nleaf_count=50 30 20\n"
        "internal_count=100 50\n\nend of trees\n"
    )
    body["rows"] = [(list(row) + [None, None])[:2] for row in body["rows"][:1000]]


def fit_fills(body):
    """A currency that exists, numbers with few digits, and no more fills than their order."""
    if body.get("currency") is not None:
        body["currency"] = "EUR"
    for order in body["orders"]:
        for member in ("quantity", "decision_price", "arrival_price", "end_price", "vwap", "half_spread"):
            if order.get(member) is not None:
                order[member] = round(min(order[member], 1e5), 4) or 1.0
        share = order["quantity"] / max(len(order["fills"]), 1)
        for fill in order["fills"]:
            fill["quantity"] = round(share * 0.99, 6) or share
            fill["price"] = round(min(fill["price"], 1e5), 4) or 1.0


def fit_track_record(body):
    """Returns or all of their moments, a kurtosis that the skewness allows, and trials beside their variance."""
    moments = {"mean": 0.01, "sd": 0.05, "skewness": 0.0, "kurtosis": 3.0, "observations": 60}
    if body.get("returns") is not None:
        for name in [*moments, "autocorrelation"]:
            body.pop(name, None)
    else:
        body.pop("returns", None)
        for name, value in moments.items():
            if body.get(name) is None:
                body[name] = value
        body["kurtosis"] = max(body["kurtosis"], 1.0 + body["skewness"] ** 2)
    # No schema says which studies there are: trials are stated.
    body.pop("study", None)
    if body.get("trial_variance") is not None and body.get("trials") is None:
        body["trials"] = 10
    if body.get("false_discovery") is not None:
        beaten = min(body.get("benchmark_sharpe_per_period") or 0.0, 99.0)
        body["benchmark_sharpe_per_period"] = beaten
        body["false_discovery"]["alternative_sharpe_per_period"] = beaten + 0.5


def fit_footprint(body):
    """Four dates and returns for each of them, targets that sum to one, a band that has a width, a schedule where one is needed."""
    name_apart(body.get("assets"))
    body["dates"] = ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"]
    body["assets"] = body["assets"][:4]
    for i, asset in enumerate(body["assets"]):
        asset["target_weight"] = 1.0 / len(body["assets"])
        asset["historical_returns"] = [0.01 * (i + 1), 0.0, -0.01, 0.02]
    body["band"] = {"relative": 0.25, "cap": 0.05}
    trigger = body.get("trigger")
    if trigger is not None:
        trigger.pop("every", None)
        if trigger["kind"] != "threshold":
            trigger["every"] = "month_start"


def fit_regimes(body):
    """As many returns as four states have parameters, no constant series, and earlier states by ascending variance, as many as there are states."""
    if body.get("previous") is not None:
        states = int(body.get("states") or 2)
        body["previous"] = {"means": [0.001 * state for state in range(states)], "variances": [0.0001 * 4**state for state in range(states)]}
    returns = [float(value) for value in body.get("returns") or []]
    body["returns"] = [*returns, *[0.01 * (day % 5) + 0.001 * day for day in range(23)]][:20_000]


def fit_scenarios(body):
    """Weights for all assets, windows and series that are shipped, and returns of one length with which the rest can be answered."""
    name_apart(body.get("assets"))
    for asset in body["assets"]:
        asset.pop("quantity", None)
        asset["weight"] = asset.get("weight") or 0.1
        asset["price"] = asset.get("price") or 100.0
    first = body["assets"][0]
    first["asset_class"] = "equity"
    body["scenarios"] = ["2008", "2020_march"]
    body["proxy"] = {first["asset"]: "SP500_INDEX"}
    body["returns"] = {first["asset"]: [0.01, -0.02, 0.015, 0.0]}
    for i, shock in enumerate(body.get("shocks") or []):
        shock["name"] = f"shock {i}"
        shock["moves"] = [{"asset_class": "equity", "return": -0.2}]
    if body.get("correlation") is not None:
        body["correlation"].pop("matrix", None)
        body["correlation"]["level"] = 0.5
    if body.get("liquidity") is not None:
        body["liquidity"]["haircuts_bps"] = {"equity": 30.0}


def fit_panel(body):
    """Rows of one length, at least two of them, and no constant column."""
    rows = body.get("returns") or [[0.01]]
    width = max(min(len(row) for row in rows), 1)
    rows = [[*row, 0.01][:width] for row in rows]
    if not body.get("estimator", "").startswith("ewma"):
        rows = [*rows, [-0.01 if value == 0.01 else 0.01 for value in rows[0]]]
    if body.get("estimator") == "overlapping_week":
        # Sums of five days, and at least two of them.
        rows = [rows[i % len(rows)] for i in range(max(len(rows), 9))]
    if body.get("estimator") in ("garch_variances", "har_variances", "regime_weighted"):
        # Two states, and enough of each for a fit; no two columns alike.
        count = 30 * (width + 10)
        rows = [[(0.02 if (t // 30) % 2 else 0.005) * ((t * (7 + 2 * j) % 31) - 15) / 15 for j in range(width)] for t in range(count)]
    body["returns"] = rows


def fit_file(body):
    """One file that can be read, a mapping of columns that it has, and a currency that exists."""
    # The text is no workbook, and a sheet that is not there is refused.
    for member in ("base64", "sheet"):
        body.pop(member, None)
    body["text"] = "Symbol,Quantity,Price,Currency\nVTI,212,287.31,USD\nBND,500,73.44,USD\n"
    if body.get("columns") is not None:
        body["columns"] = {"Price": "price"}
    if body.get("rows") is not None:
        body["rows"] = {"3": "asset"}  # numbers of rows
    if body.get("currency") is not None:
        body["currency"] = "USD"


def fit_moments(body):
    """One weight and one mean per asset, and a valid covariance."""
    weights = body.get("weights") or []
    count = len(weights)
    # Little work, no flow beyond the horizon, and a law that does not diverge.
    body["paths"] = min(int(body.get("paths") or 1000), 1000)
    body["horizon_days"] = min(int(body.get("horizon_days") or 30), 252)
    body["periods_per_year"] = 252
    body.pop("cash_flows", None)
    if count:
        body["weights"] = [max(-10.0, min(10.0, weight)) for weight in weights]
    fit_daily(body)
    if body.get("variance_reduction") == "preintegration":
        # No holding moves against its weight.
        body["weights"] = [max(0.01, abs(weight)) for weight in body["weights"]]
    if body.get("returns") is not None:
        body.pop("mu", None)
        body.pop("sigma", None)
        body["returns"] = {f"A{i}": [0.01, -0.01, 0.0] for i in range(count)}
        return
    body["mu"] = [0.05] * count
    body["sigma"] = [[0.04 if row == column else 0.01 for column in range(count)] for row in range(count)]


def fit_daily(body):
    """Members of a simulation day by day that go with one another. The tests of the service hold the models that need a long history."""
    daily = ("drift", "horizons", "goal", "band", "worst_paths", "target_standard_error")
    for member in ("model_parameters", "drift_parameters"):
        body.pop(member, None)
    if any(body.get(member) is not None for member in ("drawdown_threshold", "barrier")):
        body["path_statistics"] = True
    if body.get("model") in ("t_copula", "bootstrap", "filtered_historical"):
        body["model"] = "student_t"
    if body.get("model") in (None, "gbm") and all(body.get(member) is None for member in daily):
        if body.get("variance_reduction") is not None:
            # The value at the horizon only, from enough paths for the replications.
            for member in ("path_statistics", "drawdown_threshold", "barrier", "fan", "cash_flows"):
                body.pop(member, None)
            body["paths"] = max(1024, int(body.get("paths") or 10_000))
        return
    body.pop("variance_reduction", None)
    body.pop("fan", None)
    if body.get("drift") == "forecast" or (body.get("drift") == "historical" and body.get("returns") is None):
        body["drift"] = "zero_excess"
    if body.get("horizons") is not None:
        body["horizons"] = [body["horizon_days"]]
    if body.get("goal") is not None:
        body["goal"] = max(0.1, min(10.0, body["goal"]))
    if body.get("band") is not None:
        # With a scope a day is traded as a plan trades it, which has neither short holdings nor loans.
        is_planned = body["band"].get("scope") is not None and all(weight >= 0 for weight in body["weights"])
        scope = {"scope": body["band"]["scope"]} if is_planned and sum(body["weights"]) <= 1 else {}
        body["band"] = {"relative": 0.25, "floor": 0.02, "destination": 0.5, **scope}
        body.pop("rebalancing", None)
    if body.get("worst_paths") is not None:
        body["worst_paths"] = min(int(body["worst_paths"]), 20, body["paths"])
    if body.get("target_standard_error") is not None:
        body["target_standard_error"] = 0.01


def covariance(count):
    """A covariance of `count` assets."""
    return [[0.04 if row == column else 0.01 for column in range(count)] for row in range(count)]


def resize(values, count, default):
    """One entry per asset: the first of those generated."""
    return [*(values or [])[:count], *[default] * max(0, count - len(values or []))]


def tame(value):
    """Numbers of a size that occurs in portfolios: beyond that the answer may be that no optimum could be proven."""
    if isinstance(value, dict):
        return {member: tame(inner) for member, inner in value.items()}
    if isinstance(value, list):
        return [tame(inner) for inner in value]
    if isinstance(value, float):
        return 0.0 if abs(value) < 1e-4 else max(-100.0, min(100.0, value))
    return value


def fit_problem(body):
    """One entry per asset everywhere, limits that do not cross, positions that exist, and a valid covariance."""
    problem = body["problem"] = tame(body["problem"])
    count = len(problem["w0"])
    for member, default in {"mu": 0.05, "lower": 0.0, "upper": 1.0}.items():
        problem[member] = resize(problem[member], count, default)
    for member in ("cost_linear", "cost_impact", "benchmark", "trade_max"):
        if problem.get(member) is not None:
            problem[member] = resize(problem[member], count, 0.0)
    pairs = [sorted(pair) for pair in zip(problem["lower"], problem["upper"])]
    problem["lower"], problem["upper"] = [low for low, _ in pairs], [high for _, high in pairs]
    problem["cash_min"], problem["cash_max"] = sorted((problem["cash_min"], problem["cash_max"]))
    if problem.get("benchmark") is None:
        problem.pop("tracking_error_max", None)
    fit_rows(problem, count)
    # A dense covariance is limited to 1,000 assets, and its text grows with their square.
    factors = {"loadings": [[1.0]] * count, "factor_cov": [[0.01]], "specific_var": [0.03] * count}
    body["model"] = {"sigma": covariance(count)} if count <= 20 else factors


def fit_path(body):
    """One entry per asset and per period everywhere, limits that do not cross, and a covariance of a month."""
    problem = body["problem"] = tame(body["problem"])
    count = len(problem["w0"])
    problem["mu"] = [resize(mu, count, 0.002) for mu in problem["mu"]]
    for member, default in {"lower": 0.0, "upper": 1.0}.items():
        problem[member] = resize(problem[member], count, default)
    for member in ("cost_linear", "cost_impact", "cost_quadratic", "benchmark", "trade_max"):
        if problem.get(member) is not None:
            problem[member] = resize(problem[member], count, 0.0)
    if problem.get("flows") is not None:
        problem["flows"] = resize(problem["flows"], len(problem["mu"]), 0.0)
    # A benchmark is tracked with what flows leave.
    if problem.get("benchmark") is None or problem.get("flows") is not None:
        problem.pop("tracking_error_max", None)
    fit_rows(problem, count)
    pairs = [sorted(pair) for pair in zip(problem["lower"], problem["upper"])]
    problem["lower"], problem["upper"] = [low for low, _ in pairs], [high for _, high in pairs]
    problem["cash_min"], problem["cash_max"] = sorted((problem["cash_min"], problem["cash_max"]))
    body["model"] = {"sigma": covariance(count)}


def fit_rows(problem, count):
    """Groups, exposures and restrictions of `count` assets."""
    for row in [*(problem.get("groups") or []), *(problem.get("exposures") or [])]:
        row["lower"], row["upper"] = sorted((row["lower"], row["upper"]))
        row["name"] = str(row["name"]).strip()[:200] or "row"
        if "members" in row:
            row["members"] = sorted({int(member) % count for member in row["members"]})
        if "loadings" in row:
            row["loadings"] = resize(row["loadings"], count, 0.0)
    for restriction in problem.get("restrictions") or []:
        restriction["asset"] = int(restriction["asset"]) % count


def fit_allocation(body):
    """Whatever the method reads is there and of one size, and bounds do not cross."""
    count = 2
    body["sigma"] = covariance(count)
    body["mu"] = resize(body.get("mu"), count, 0.05)
    body["returns"] = {f"A{i}": [0.01 * i, -0.01, 0.005] for i in range(count)}
    body["lower"], body["upper"] = 0.0, [1.0] * count
