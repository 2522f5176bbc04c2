#!/usr/bin/env python3
"""Makes openapi/examples: for each operation of the contract a whole request, sent to a running service, and its whole answer.

    tests/with_server.sh bash -c 'python3 openapi/build_examples.py "$REBALANCER_URL"'

The requests stand below. The service embeds the files; `make openapi` then writes them into the contract.
"""

import http.client
import json
import random
import sys
import time
import urllib.parse
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "examples"

DAILY = {
    "ETF": [0.004, -0.002, 0.0031, -0.0045, 0.0027, 0.0012, -0.0008, 0.0039, -0.0021, 0.0016, -0.0033, 0.0048],
    "BOND": [-0.0006, 0.0009, -0.0004, 0.0011, 0.0002, -0.0003, 0.0007, -0.0005, 0.0004, 0.0001, 0.0008, -0.0007],
}
# The trading days of the returns.
DATES = [f"2026-01-{day:02}" for day in (5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 20, 21)]
BOOK = {
    "portfolio_value": 250000.0,
    "drift_threshold": 0.02,
    "turnover_limit": 0.2,
    "transaction_cost_bps": 10.0,
    "dates": DATES,
    "assets": [
        {"asset": "ETF", "identifiers": {"ticker": "ETF"}, "target_weight": 0.6, "current_weight": 0.68, "price": 412.5,
            "historical_returns": DAILY["ETF"]},
        {"asset": "BOND", "identifiers": {"ticker": "BOND"}, "target_weight": 0.4, "current_weight": 0.32, "price": 98.2,
            "historical_returns": DAILY["BOND"]},
    ],
}
NAMED_BOOK = {
    **BOOK,
    "assets": [
        {"asset": "ETF", "target_weight": 0.6, "current_weight": 0.68, "price": 412.5, "history": "ETF"},
        {"asset": "BOND", "target_weight": 0.4, "current_weight": 0.32, "price": 98.2, "history": "BOND"},
    ],
}
SIMULATION = {
    "weights": [0.6, 0.4],
    "mu": [0.07, 0.03],
    "sigma": [[0.0256, -0.0019], [-0.0019, 0.0036]],
    "horizon_days": 252,
    "paths": 10000,
    "seed": 42,
}
PROBLEM = {
    "problem": {
        "risk_aversion": 3.0,
        "mu": [0.06, 0.03],
        "w0": [0.7, 0.3],
        "lower": [0.0, 0.0],
        "upper": [1.0, 1.0],
        "cash_min": 0.0,
        "cash_max": 0.05,
        "turnover_max": 0.3,
    },
    "model": {"sigma": [[0.04, 0.01], [0.01, 0.02]]},
    "portfolio_value": 250000.0,
}
COMPARISON = {
    "portfolio": {
        "cash": 8431.22,
        "assets": [
            {"asset": "VTI", "quantity": 212, "price": 287.31, "target_weight": 0.6, "lot_size": 1},
            {"asset": "BND", "quantity": 500, "price": 73.44, "target_weight": 0.4, "lot_size": 1},
        ],
    },
    "policies": [
        {"name": "5/25 to target", "band": {"relative": 0.25, "cap": 0.05}},
        {"name": "own band to its edge", "band": "self", "destination": 1},
    ],
}
FILE = {
    "text": "Household Smith\nSymbol;Target;Quantity;Price;Value\nVTI;60 %;212;287,31;60.909,72\nBND;40 %;500;73,44;36.720,00\n"
    "Cash;;;;8.431,22\nTotal;100 %;;;106.060,94\n",
    "currency": "USD",
}
BACKTEST = {
    "study": "fund-7",
    "returns": DAILY,
    "policies": [
        {"name": "hold", "kind": "buy_and_hold", "weights": [0.6, 0.4]},
        {"name": "weekly", "kind": "fixed_weights", "weights": [0.6, 0.4], "rebalance": "weekly", "transaction_cost_bps": 10},
        {"name": "band", "kind": "band", "weights": [0.6, 0.4], "band": {"relative": 0.25, "cap": 0.05}, "transaction_cost_bps": 10},
    ],
}
MODEL_TO_EXPLAIN = {
    "lightgbm_text": "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\nobjective=regression\n"
    "feature_names=momentum volatility\nfeature_infos=[-1:1] [0:1]\n\nTree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\n"
    "threshold=0 0.2\ndecision_type=2 2\nleft_child=-1 -2\nright_child=1 -3\nleaf_value=-0.01 0.03 0.01\nleaf_count=50 30 20\n"
    "internal_count=100 50\n\nend of trees\n",
    "rows": [[0.4, 0.1], [-0.2, None]],
}
TRACK_RECORD = {
    "mean": 0.036,
    "sd": 0.079,
    "skewness": -2.448,
    "kurtosis": 10.164,
    "autocorrelation": 0.2,
    "observations": 24,
    "trials": 10,
    "trial_variance": 0.1,
}
# The worked example of implementation shortfall: .0425 + .0175 + .07 + .06 = .19 %.
EXECUTED = {
    "orders": [
        {
            "side": "buy",
            "quantity": 1000,
            "decision_price": 40.0,
            "arrival_price": 40.04,
            "end_price": 40.08,
            "fees": 17,
            "vwap": 40.06,
            "half_spread": 0.004,
            "estimated_cost": 20,
            "fills": [{"quantity": 700, "price": 40.05}],
        }
    ]
}
# Two shares whose returns swing at their own pace: as short as a training can be.
TRAINING = {
    "assets": [
        {"asset": name, "historical_returns": [round((day * step % 23 - 11) / 2000, 4) for day in range(300)]}
        for name, step in {"ALPHA": 7, "BETA": 10, "GAMMA": 4}.items()
    ],
    "start_date": "2024-10-17",
    "end_date": "2025-12-26",
    "horizon_days": 1,
    "rounds": 20,
    "leaves": 4,
    "rows_in_leaf": 15,
}
# Calm days, rough days, and calm days again.
WEATHER = [round((0.004 if 40 <= day < 65 else 0.0006) * (day * 37 % 11 - 4.5), 4) for day in range(100)]
REQUESTS = {
    "create_rebalance_plan": BOOK,
    "create_plan": BOOK,
    "compare_policies": COMPARISON,
    "preview_import": FILE,
    "create_insights": BOOK,
    "create_report": BOOK,
    "create_tandem_run": BOOK,
    "create_agent_run": BOOK,
    "create_forecast": {"assets": [{"asset": name, "historical_returns": series} for name, series in DAILY.items()]},
    "create_risk_report": {"returns": DAILY, "weights": [0.6, 0.4], "risk_free_rate": 0.02},
    "create_covariance": {"returns": [list(row) for row in zip(*DAILY.values())], "estimator": "ledoit_wolf_identity"},
    "create_sharpe_inference": TRACK_RECORD,
    "create_tca": EXECUTED,
    "explain_model": MODEL_TO_EXPLAIN,
    "create_backtest": BACKTEST,
    "train_model": TRAINING,
    "create_regimes": {"returns": WEATHER, "states": 2, "seed": 42},
    "create_monte_carlo": SIMULATION,
    "create_scenarios": {
        "portfolio_value": 100000.0,
        "assets": [{"asset": "Stocks", "weight": 0.6, "asset_class": "equity"}, {"asset": "UST10Y_TR", "weight": 0.4}],
        "proxy": {"Stocks": "SP500_INDEX"},
        "scenarios": ["2008", "2020_march"],
        "returns": {"Stocks": DAILY["ETF"], "UST10Y_TR": DAILY["BOND"]},
        "shocks": [{"name": "Stocks fall by a fifth", "moves": [{"asset_class": "equity", "return": -0.2}]}],
        "reverse": {"loss": 0.2},
        "correlation": {"level": 0.9, "blend": 0.5},
        "liquidity": {"haircuts_bps": {"equity": 30.0}},
    },
    "measure_footprint": {
        "dates": ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"],
        "assets": [
            {"asset": "ETF", "target_weight": 0.6, "historical_returns": [0.03, 0.02, -0.01, 0.01]},
            {"asset": "Bonds", "target_weight": 0.4, "historical_returns": [-0.02, 0.0, 0.001, 0.0]},
        ],
        "band": {"floor": 0.01, "cap": 0.01},
        "destination": 0.5,
    },
    "solve_rebalancing_problem": PROBLEM,
    "solve_rebalancing_path": {
        "problem": {
            "risk_aversion": 2.0,
            "mu": [[0.002, 0.0], [0.0016, 0.0], [0.00128, 0.0]],
            "w0": [0.5, 0.5],
            "cost_linear": [0.0005, 0.0005],
            "lower": [0.0, 0.0],
            "upper": [1.0, 1.0],
            "cash_min": 0.0,
            "cash_max": 0.0,
        },
        "model": {"sigma": [[0.0004, 0.0001], [0.0001, 0.0002]]},
    },
    "create_allocation": {"method": "risk_parity", "sigma": [[0.04, 0.01], [0.01, 0.02]]},
    "create_webhook": {"url": "https://desk.example/hooks/rebalancer", "events": ["run.finished"]},
    "create_portfolio": {"name": "Household Smith", "request": COMPARISON["portfolio"]},
    "replace_portfolio": {"name": "Household Smith, 2026", "request": {**COMPARISON["portfolio"], "cash": 9200.0}},
    "promote_model": {
        "reason": "lower loss on 72 decisions",
        "approved_by": "Kim Lee",
        "evidence": {
            "decisions": 72,
            "superiority": {"p_values": [0.004, 0.4, 0.72], "challenger": 0, "is_net_of_costs": True},
            "coverage": {"nominal": 0.9, "realised": 0.91},
            "drift": {"population_stability_index": 0.06, "has_loss_alarm": False},
        },
    },
    "check_controls": {
        "book": {
            "currency": "USD",
            "cash": 20000.0,
            "positions": [
                {"asset": "VTI", "quantity": 200, "price": 287.59, "priced_at": "2026-01-02T03:00:00Z", "average_daily_volume": 3500000},
                {"asset": "BND", "value": 22000.0, "price": 73.2},
            ],
        },
        "orders": [{"asset": "BND", "side": "buy", "quantity": 100, "limit_price": 73.5}],
        "policy": {"format": 1, "leverage": {"soft": 1.0, "hard": 1.1}, "price_collar": {"hard": 0.05}},
    },
    "replace_control_policy": {"format": 1, "leverage": {"soft": 1.0, "hard": 1.1}, "turnover": {"soft": 0.36}},
    "halt": {"scope": "reference:desk-7", "reason": "prices of the morning are wrong"},
    "resume": {"scope": "reference:desk-7", "reason": "the prices were corrected"},
    "approve_plan": {"comment": "the transition that the committee agreed on"},
    "reject_plan": {"comment": "the bond's price is two days old"},
    "cancel_plan": {"comment": "the client withdrew the cash"},
    "finish_plan": {"comment": "all orders were filled"},
    "refit_cost_model": {"start_at": "2026-01-01T00:00:00Z"},
    "demote_model": {"reason": "alarm on its losses", "approved_by": "Kim Lee"},
    "record_outcome": {"as_of": "2026-02-09", "returns": {name: series[:10] for name, series in DAILY.items()}, "realised_cost": 27.4},
    "create_batch_run": {"histories": DAILY, "portfolios": [NAMED_BOOK], "simulations": [SIMULATION]},
}
ENDINGS = {
    "application/json": "json",
    "application/jsonl": "jsonl",
    "text/event-stream": "sse",
    "text/html": "html",
    "text/markdown": "md",
    "text/plain": "txt",
    "text/csv": "csv",
}


def send(server, method, path, media_type, body=None, status="200"):
    """The body of an answer in the media type that is asked for. A write builds on whatever is the latest version. What can be
    answered at once or later is answered later where that status is asked for."""
    connection = http.client.HTTPConnection(server, timeout=60)
    headers = {"Accept": media_type, "X-Request-Id": "0b9c7a1e5d7f4c0f9a3e2b1c4d5e6f70"}
    if method == "put" or path.startswith(("/api/models/", "/api/controls/policy?")):
        headers["If-Match"] = "*"
    if status == "202":
        headers["Prefer"] = "respond-async"
    if body is not None:
        headers["Content-Type"] = "application/json"
    connection.request(method.upper(), path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status >= 300:
        sys.exit(f"{method} {path} was answered with {answer.status}: {text}")
    return text


def plan_to_decide(server, decision):
    """The id of a new plan about which the decision can be taken."""
    plan = json.loads(send(server, "post", "/api/plans", "application/json", BOOK))["metadata"]["plan_id"]
    if decision == "finish_plan":
        send(server, "post", f"/api/plans/{plan}/approve", "application/json", REQUESTS["approve_plan"])
        send(server, "get", f"/api/plans/{plan}/orders?format=csv", "text/csv")
    return plan


def fills_of(server, plan):
    """What a broker reports of the first order of a plan whose orders left: a part of it, and the prices around it."""
    order = json.loads(send(server, "get", f"/api/plans/{plan}/orders", "application/json"))["orders"][0]
    price = float(order["reference_price"])
    event = {"fill_id": "X-1001", "client_order_id": order["client_order_id"], "executed_at": "2026-01-02T14:31:07Z"}
    event |= {"quantity": 1.5, "price": round(price + 0.02, 2), "fees": 0.35}
    around = {"client_order_id": order["client_order_id"], "arrival_price": round(price + 0.01, 2), "end_price": round(price + 0.05, 2)}
    table = ",".join(event) + "\r\n" + ",".join(str(value) for value in event.values()) + "\r\n"
    (FOLDER / "record_plan_fills.request.csv").write_bytes(table.encode())
    return {"fills": [event], "benchmarks": [around]}


def fit_costs(server):
    """Makes the challenger `fitted_costs_1`: a plan of forty assets, whose orders were filled at a cost that grows with their share of the volume."""
    noise, count = random.Random(19), 40
    deviations = [0.03 + 0.001 * i for i in range(count)]
    volumes = [round(30 * 1.16**i) for i in range(count)]
    assets = [
        {
            "asset": f"A{i}",
            "price": 50.0,
            "target_weight": 1 / count,
            "current_weight": 1 / count + (0.004 if i % 2 == 0 else -0.004),
            "average_daily_volume": volumes[i],
            "historical_returns": [round(noise.gauss(0, deviations[i]), 6) for _ in range(60)],
        }
        for i in range(count)
    ]
    book = {"portfolio_value": 100000, "drift_threshold": 0.001, "turnover_limit": 2.0, "assets": assets, "worth_min_bps": -10000, "monte_carlo": {"paths": 0}}
    plan = json.loads(send(server, "post", "/api/rebalance", "application/json", book))["metadata"]["plan_id"]
    orders = json.loads(send(server, "get", f"/api/plans/{plan}/orders", "application/json"))["orders"]
    fills, around = [], []
    for number, order in enumerate(orders):
        i, units = int(order["asset"][1:]), float(order["quantity"])
        cost = 0.0004 + 0.8 * deviations[i] * (units / volumes[i]) ** 0.6
        price = 50 * (1 + cost if order["side"] == "Buy" else 1 - cost)
        event = {"fill_id": f"C{number}", "client_order_id": order["client_order_id"], "executed_at": "2026-01-02T14:31:07Z"}
        fills.append(event | {"quantity": units, "price": round(price, 6)})
        around.append({"client_order_id": order["client_order_id"], "arrival_price": 50.0})
    send(server, "post", f"/api/plans/{plan}/fills", "application/json", {"fills": fills, "benchmarks": around})
    send(server, "post", "/api/models/cost/refit", "application/json", {})


def shortened(scenarios):
    """The first two scenarios, with the last five returns of each history: what an example can show."""
    shown = scenarios["scenarios"][:2]
    for asset in [asset for scenario in shown for asset in scenario["assets"]]:
        asset["historical_returns"] = asset["historical_returns"][-5:]
    return {**scenarios, "scenarios": shown}


def main(url):
    server = urllib.parse.urlsplit(url).netloc
    contract = json.loads((FOLDER.parent / "openapi.json").read_text())
    names = {}
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    steps = [
        (method, path, operation)
        for path, item in contract["paths"].items()
        for method, operation in item.items()
    ]
    # What makes a plan, an outcome, a study or a run comes before what reads one.
    steps.sort(key=lambda step: (step[1] in ("/api/calibration", "/api/execution", "/api/studies"), "{" in step[1], step[0] != "post", step[0] == "delete"))
    for method, path, operation in steps:
        name = operation["operationId"]
        body = REQUESTS.get(name)
        if name == "record_plan_fills":
            names["executing"] = plan_to_decide(server, "finish_plan")
            body = fills_of(server, names["executing"])
        if body is not None:
            (FOLDER / f"{name}.request.json").write_text(json.dumps(body, indent=1) + "\n")
        decided = name in ("approve_plan", "reject_plan", "cancel_plan", "finish_plan")
        plan = plan_to_decide(server, name) if decided else names.get("plan", "")
        if name in ("record_plan_fills", "get_plan_fills", "get_plan_execution"):
            plan = names["executing"]
        sent = path.replace("{plan_id}", plan).replace("{run_id}", names.get("run", ""))
        sent = sent.replace("{webhook_id}", names.get("webhook", "")).replace("{backtest_id}", names.get("backtest", ""))
        if name == "get_plan_shadow":
            # Challengers run after the answer.
            time.sleep(2)
        # The champion, whose challengers have run.
        sent = sent.replace("{model_id}/shadow", "ensemble_v3/shadow").replace("{model_id}/monitoring", "ensemble_v3/monitoring")
        if name == "promote_model":
            fit_costs(server)
        # What runs in shadow is promoted by its record, which needs months; fitted costs by what the request states. Promoted and then
        # taken back: the champion is the first one again.
        sent = sent.replace("{model_id}", "fitted_costs_1" if name in ("promote_model", "demote_model") else "ensemble_v2")
        sent = sent.replace("{study}", BACKTEST["study"])
        if name == "withdraw_control_policy":
            sent += "?client_reference=desk-7&reason=the%20mandate%20ended"
            send(server, "put", f"{path}?client_reference=desk-7", "application/json", REQUESTS["replace_control_policy"])
        sent = sent.replace("{portfolio_id}", names.get("portfolio", "")).replace("{version}", "1")
        outcomes = [(status, answer) for status, answer in sorted(operation["responses"].items()) if status < "300"]
        asked = [(i, status, kind) for i, (status, answer) in enumerate(outcomes) for kind in answer.get("content", {})]
        for i, status, media_type in asked:
            stem = f"{name}.answer" if i == 0 else f"{name}.answer.{status}"
            text = send(server, method, sent, media_type, body, status)
            if media_type == "application/json":
                answer = json.loads(text)
                if name == "create_rebalance_plan":
                    names["plan"] = answer["metadata"]["plan_id"]
                if name == "create_webhook":
                    names["webhook"] = answer["webhook_id"]
                if name == "create_portfolio":
                    names["portfolio"] = answer["portfolio_id"]
                if name == "create_backtest" and status == "202":
                    names["backtest"] = answer["backtest_id"]
                    time.sleep(1)
                if name == "create_batch_run":
                    names["run"] = answer["run_id"]
                    time.sleep(1)
                if name == "preview_scenarios":
                    answer = shortened(answer)
                if name == "list_scenarios":
                    answer["scenarios"], answer["series"] = answer["scenarios"][:1], answer["series"][:2]
                text = json.dumps(answer, indent=1) + "\n"
            (FOLDER / f"{stem}.{ENDINGS[media_type]}").write_text(text)


if __name__ == "__main__":
    main(sys.argv[1])
