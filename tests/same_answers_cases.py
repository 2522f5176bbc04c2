"""The requests of `same_answers.py`: examples, preview scenarios, golden cases, faulty bodies.

Each request with chance in it names its seed. Golden cases whose input series are not in `data/` are left out.
"""

import csv
import gzip
import json
from dataclasses import dataclass, field
from functools import cache

from wire import ROOT, dump

FORMS = ["text/html", "text/markdown", "text/plain", "text/csv"]
# Simulated paths of a case: enough to fill every block and every bin, few enough to be quick.
PATHS = 20_000

BOUNDED = {"goal": "mean_variance", "risk_aversion": 3, "upper": 0.4, "cash_max": 0.05, "tracking_error_max": 0.2}


@dataclass
class Case:
    """One request."""

    group: str
    name: str
    path: str
    body: bytes = b""
    method: str = "POST"
    headers: dict = field(default_factory=dict)


@cache
def golden(path):
    """A golden file of a crate."""
    file = ROOT / "crates" / path
    text = gzip.open(file, "rt", encoding="utf-8").read() if path.endswith(".gz") else file.read_text(encoding="utf-8")
    return json.loads(text)


@cache
def market(name):
    """Dates and simple returns of one price file: (first date, dates of the returns, returns by column)."""
    with open(ROOT / "data" / f"{name.removesuffix('.csv')}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    prices = {asset: [float(row[k]) for row in rows[1:]] for k, asset in enumerate(rows[0]) if k > 0}
    returns = {asset: [after / before - 1.0 for before, after in zip(p, p[1:])] for asset, p in prices.items()}
    dates = [row[0] for row in rows[1:]]
    return dates[0], dates[1:], returns


def columns(data, assets):
    """The returns of these assets by name, or nothing when the price file lacks one of them."""
    returns = market(data)[2]
    return {asset: returns[asset] for asset in assets} if all(asset in returns for asset in assets) else None


def books():
    """The request files of examples/, the preview scenarios among them, by name."""
    return {f"examples/{file.stem}": file.read_bytes() for file in sorted((ROOT / "examples").glob("*.json"))}


def plans():
    """Every book through every route that takes one, and again with other methods, models and sizes."""
    for name, raw in books().items():
        body = json.loads(raw)
        variants = {
            "as it is": raw,
            "optimal": dump({**body, "method": "optimal"}),
            "optimal, bounded": dump({**body, "method": "optimal", "optimization": BOUNDED}),
            "over periods": dump({**body, "method": "multi_period", "optimization": {**BOUNDED, "path": {"periods": 3, "cash_flows": [1000]}}}),
            "first model": dump({**body, "forecast_model": "demo_ensemble_v1"}),
            "tight": dump({**body, "turnover_limit": 0.02, "drift_threshold": 0, "tracking_error_budget": 0.002}),
            "loose": dump({**body, "turnover_limit": 1, "drift_threshold": 0, "transaction_cost_bps": 0}),
            "yen": dump({**body, "currency": "JPY"}),
            "seeded": dump({**body, "monte_carlo": {"paths": PATHS, "seed": 7}}),
            "without simulation": dump({**body, "monte_carlo": {"paths": 0}}),
            "without history": dump(
                {
                    **{k: v for k, v in body.items() if k != "dates"},
                    "assets": [{k: v for k, v in asset.items() if k != "historical_returns"} for asset in body["assets"]],
                }
            ),
            "liquidate": dump({**body, "liquidate": True, "assets": [{**asset, "target_weight": 0} for asset in body["assets"]]}),
        }
        for variant, data in variants.items():
            label = f"{name}, {variant}"
            yield Case("plan", label, "/api/rebalance", data)
            yield Case("insights", label, "/api/ai-copilot/insights", data)
            yield Case("tandem", label, "/api/multi-agent/tandem-demo", data)
            yield Case("six agents", label, "/api/multi-agent/run", data)
            yield Case("report", label, "/api/ai-copilot/report", data)
        for form in FORMS[1:]:
            yield Case("report", f"{name} as {form}", "/api/ai-copilot/report", raw, headers={"Accept": form})
        yield Case("six agents", f"{name} as events", "/api/multi-agent/run", raw, headers={"Accept": "text/event-stream"})
        forecast = {
            "assets": [{k: asset[k] for k in ("asset", "historical_returns", "market_return") if k in asset} for asset in body["assets"]]
        }
        for model in ("ensemble_v2", "demo_ensemble_v1"):
            yield Case("forecast", f"{name}, {model}", "/api/forecast", dump({**forecast, "model": model}))


def forecasts():
    """The golden windows of the members and of the panels."""
    file = golden("forecast/tests/golden/members.json.gz")
    for case in file["cases"]:
        end = case["start"] + case["length"]
        window = market(case["file"])[2][case["asset"]][case["start"] : end]
        name = f"{case['asset']} {case['start']}..{end}"
        yield Case("forecast", name, "/api/forecast", dump({"assets": [{"asset": case["asset"], "historical_returns": window}]}))
    for panel in file["panels"]:
        end = panel["start"] + panel["length"]
        assets = [
            {"asset": asset, "historical_returns": series[panel["start"] : end]} for asset, series in market(panel["file"])[2].items()
        ]
        yield Case("forecast", f"panel {panel['file']} {panel['start']}..{end}", "/api/forecast", dump({"assets": assets}))


def risk_reports():
    """The golden metrics, contributions, regressions and conditional volatilities through the risk report."""

    def report(name, **body):
        return Case("risk report", name, "/api/risk/report", dump({"seed": 11, **body}))

    for case in golden("risk/tests/golden/risk_metrics.json.gz")["cases"]:
        inputs = case["inputs"]
        start, dates, returns = market(inputs["data"])
        assets = [inputs["asset"]] if "asset" in inputs else inputs["assets"]
        panel = columns(inputs["data"], assets)
        if panel is None:
            continue
        length = inputs.get("first_n_returns") or len(dates)
        body = {"benchmark": returns["SP500_INDEX"][:length], "dates": dates[:length], "start_date": start, "risk_free_rate": 0.02}
        if "asset" in inputs:
            body["returns"] = panel[inputs["asset"]][:length]
        else:
            body |= {"returns": {asset: series[:length] for asset, series in panel.items()}, "weights": inputs["weights"]}
            body["rebalancing"] = "buy_and_hold" if case["id"].endswith("buy_and_hold") else "daily"
        yield report(case["id"], **body)
        yield report(f"{case['id']}, intervals and rolling windows", **body, intervals=True, rolling_window=250)
    for case in golden("risk/tests/golden/risk_contributions.json")["cases"]:
        inputs = case["inputs"]
        if panel := columns(inputs["data"], inputs["assets"]):
            positions = [1e6 * weight for weight in inputs["weights"]]
            volumes = [2e5 + 1e5 * k for k in range(len(positions))]
            yield report(f"contributions {case['id']}", returns=panel, weights=inputs["weights"], positions=positions, volumes=volumes)
    for case in golden("risk/tests/golden/regression.json")["cases"]:
        inputs = case["inputs"]
        if panel := columns(inputs["data"], [inputs["asset"], *inputs["factors"]]):
            factors = {name: panel[name] for name in inputs["factors"]}
            yield report(f"regression {case['id']}", returns=panel[inputs["asset"]], factors=factors)
    for data in ("stocks_2010_2019", "mixed_1999_2005"):
        for asset, series in market(data)[2].items():
            models = ["ewma", "garch", "garch_t"]
            yield report(f"volatility {data}/{asset}", returns=series[:1000], volatility_models=models)


def covariances():
    """The golden covariances, by every estimator."""
    estimators = json.loads((ROOT / "openapi/openapi.json").read_text(encoding="utf-8"))
    estimators = estimators["components"]["schemas"]["CovarianceEstimatorName"]["enum"]
    for case in golden("risk/tests/golden/covariance.json.gz")["cases"]:
        inputs = case["inputs"]
        if panel := columns(inputs["data"], inputs["assets"]):
            rows = [list(row) for row in zip(*(series[: inputs["first_n_returns"]] for series in panel.values()))]
            for estimator in estimators:
                body = dump({"returns": rows, "estimator": estimator})
                yield Case("covariance", f"{case['id']} {estimator}", "/api/risk/covariance", body)


def problems():
    """The golden rebalancing problems."""
    file = golden("optimizer/tests/golden/rebalance.json.gz")
    for case in file["cases"]:
        body = {"problem": case["problem"], "model": file["models"][case["model"]]}
        yield Case("solve", case["id"], "/api/optimizer/solve", dump(body))
        yield Case("solve", f"{case['id']}, priced", "/api/optimizer/solve", dump({**body, "portfolio_value": 2_000_000}))


def allocations():
    """The golden allocations, by every method, bounded and not."""
    methods = json.loads((ROOT / "openapi/openapi.json").read_text(encoding="utf-8"))
    methods = methods["components"]["schemas"]["AllocationMethod"]["enum"]
    for case in golden("optimizer/tests/golden/optimisers.json.gz")["cases"]:
        inputs = case["inputs"]
        base = {
            "mu": inputs["mu"], "sigma": inputs["sigma"], "risk_free_rate": inputs["rf"], "risk_aversion": inputs["delta"], "points": 20
        }
        panel = columns(inputs["data"], inputs["assets"])
        for method in methods:
            for upper in (1, 0.3):
                body = {**base, "method": method, "lower": 0, "upper": upper}
                if method.startswith(("min_cvar", "min_evar")):
                    if panel is None:
                        continue
                    # A tail of 250 periods where the cap is below one: the whole history takes seconds.
                    last = inputs["last_n_returns"] or (0 if upper == 1 else 250)
                    body["returns"] = {asset: series[-last:] for asset, series in panel.items()}
                yield Case("allocate", f"{case['id']} {method} up to {upper}", "/api/optimizer/allocate", dump(body))


def simulations():
    """The golden laws, and laws estimated from returns, in every mode."""

    def simulate(name, **body):
        return Case("monte carlo", name, "/api/stress/monte-carlo", dump({"paths": PATHS, "seed": 42, **body}))

    modes = {
        f"{rebalancing}{', on the way' if on_the_way else ''}": {"rebalancing": rebalancing, "path_statistics": on_the_way}
        for rebalancing in ("fixed_weights", "buy_and_hold")
        for on_the_way in (False, True)
    }
    laws = {}
    for case in golden("stress/tests/golden/analytic.json")["cases"]:
        inputs = case["inputs"]
        if case["kind"] in ("gbm", "running_min"):
            law = {"weights": [1], "mu": [inputs["mu"]], "sigma": [[inputs["sigma"] ** 2]]}
        elif case["kind"] == "max_drawdown_bm":
            law = {"weights": [1], "mu": [inputs["nu"] + inputs["sigma"] ** 2 / 2], "sigma": [[inputs["sigma"] ** 2]]}
        elif case["kind"] == "basket":
            deviations = inputs["sigma"]
            sigma = [[c * a * b for c, b in zip(row, deviations)] for row, a in zip(inputs["corr"], deviations)]
            law = {"weights": inputs["weights"], "mu": inputs["mu"], "sigma": sigma}
        else:
            continue
        laws[case["id"]] = law | {"horizon_days": max(1, round(252 * inputs["T"]))}
    for data, assets in {"stocks_2010_2019": ["AAPL", "JNJ", "XOM"], "mixed_1999_2005": ["NASDAQ", "WTI", "EURUSD"]}.items():
        laws[f"estimated from {data}"] = {"weights": [0.5, 0.2, 0.2], "returns": columns(data, assets), "horizon_days": 63}
    for name, law in laws.items():
        for mode, options in modes.items():
            if options["path_statistics"] and law["horizon_days"] > 1000:
                options = options | {"paths": 4000}
            yield simulate(f"{name}, {mode}", **law, **options)
        yield simulate(f"{name}, fan and cash flows", **law, fan=True, cash_flows=[0.0, 0.01, -0.02])
        yield simulate(f"{name}, one path", **law, **{"paths": 1})


def faces():
    """What the service says of itself, and bodies that it refuses or only just accepts."""
    for path in ("/api/preview-scenarios", "/api/multi-agent-blueprint", "/openapi.json", "/api/nothing"):
        yield Case("face", path, path, method="GET")
    book = json.loads(books()["examples/first_plan"])

    def asset(**changes):
        return {"assets": [{**book["assets"][0], **changes}, *book["assets"][1:]]}

    faulty = {
        "not JSON": b"{", "empty": b"", "a list": b"[]", "nothing": b"{}", "one key twice": b'{"name":"a","name":"b"}',
        "unknown member": dump({**book, "extra": 1}),
        "negative value": dump({**book, "portfolio_value": -1}),
        "text for a number": dump({**book, "portfolio_value": "1"}),
        "no assets": dump({**book, "assets": []}),
        "bad currency": dump({**book, "currency": "XXQ"}),
        "optimisation without its method": dump({**book, "optimization": {"upper": 0.5}}),
        "impossible bounds": dump({**book, "method": "optimal", "optimization": {"lower": 0.9}}),
        "benchmark of another length": dump({**book, "benchmark_returns": [0.01]}),
        "ragged history": dump({**book, **asset(historical_returns=[0.01, 0.02, -0.01])}),
        "return below minus one": dump({**book, **asset(historical_returns=[0.01, -1.5])}),
        "constant history": dump({**book, **asset(historical_returns=[0.0] * 60)}),
        "one name twice": dump({**book, "assets": [*book["assets"], book["assets"][0]]}),
        "negative weight": dump({**book, **asset(current_weight=-0.2)}),
        "several faults": dump({**book, **asset(price=-1, target_weight=9e99), "drift_threshold": 7, "name": 3}),
    }
    for name, body in faulty.items():
        yield Case("fault", name, "/api/rebalance", body)
        yield Case("fault", f"{name}, six agents", "/api/multi-agent/run", body)
    crossed = {"risk_aversion": 1, "mu": [0], "w0": [1], "lower": [1], "upper": [0], "cash_min": 0, "cash_max": 0}
    wrong = {
        "/api/forecast": [
            {},
            {"assets": [{"asset": "A", "historical_returns": [0.1, -3]}]},
            {"assets": [{"asset": "A"}], "model": "best"},
        ],
        "/api/risk/report": [
            {},
            {"returns": [0.1, -2]},
            {"returns": [0.01]},
            {"returns": {"A": [0.1], "B": [0.1, 0.2]}, "weights": [1]},
        ],
        "/api/risk/covariance": [
            {"returns": [[0.1]]},
            {"returns": [[0.1], [0.2, 0.3]], "estimator": "sample"},
            {"returns": [[0.0], [0.0]], "estimator": "oas"},
        ],
        "/api/stress/monte-carlo": [
            {"weights": [1]},
            {"weights": [1], "mu": [0.1], "sigma": [[-1]]},
            {"weights": [2], "mu": [0.1], "sigma": [[0.04, 0]]},
        ],
        "/api/optimizer/solve": [{}, {"problem": crossed, "model": {"sigma": [[0.04]]}}],
        "/api/optimizer/allocate": [
            {"method": "max_sharpe"},
            {"method": "min_variance", "sigma": [[0.04, 0.05], [0.05, 0.02]]},
            {"method": "min_variance", "sigma": [[0.04]], "upper": 0.5},
        ],
    }
    for path, bodies in wrong.items():
        for k, body in enumerate(bodies):
            yield Case("fault", f"{path} {k}", path, dump(body))


def cases():
    """Every case, the cheapest first."""
    for group in (faces, plans, forecasts, covariances, problems, allocations, risk_reports, simulations):
        yield from group()
