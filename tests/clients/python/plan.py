#!/usr/bin/env python3
"""One plan through the client that openapi-python-client makes from openapi/openapi.json.

    python plan.py GENERATED_FOLDER http://127.0.0.1:5000 examples/first_plan.json > plan.json

Uses the generated models both ways; the caller recomputes the printed plan.
"""

import importlib
import json
import pkgutil
import sys
import typing
from pathlib import Path

generated, server, request_file = sys.argv[1:4]
sys.path.insert(0, generated)
package = importlib.import_module("rebalancer_client")


def operation(method, path):
    """The generated module of one operation, found by the operation id the contract gives it."""
    contract = json.loads((Path(__file__).resolve().parents[3] / "openapi" / "openapi.json").read_text(encoding="utf-8"))
    wanted = contract["paths"][path][method]["operationId"]
    api = importlib.import_module("rebalancer_client.api")
    found = [m.name for m in pkgutil.walk_packages(api.__path__, "rebalancer_client.api.") if m.name.rsplit(".", 1)[1] == wanted]
    if len(found) != 1:
        sys.exit(f"{wanted} of {method.upper()} {path} is in {found or 'no generated module'}")
    return importlib.import_module(found[0])


client = package.Client(base_url=server, timeout=30.0)
health = operation("get", "/api/health").sync_detailed(client=client)
if health.status_code != 200 or health.parsed.to_dict()["status"] != "ok":
    sys.exit(f"health says {health}")

rebalance = operation("post", "/api/rebalance")
body_type = typing.get_type_hints(rebalance.sync_detailed)["body"]
request = json.loads(Path(request_file).read_text(encoding="utf-8"))
body = body_type.from_dict(request)
if body.to_dict() != request:
    sys.exit("the generated request model does not give back what it was made from")

answer = rebalance.sync_detailed(client=client, body=body)
if answer.status_code != 200:
    sys.exit(f"refused: {answer.content!r}")
for trade in answer.parsed.trades:
    print(f"{trade.asset:<12} {str(trade.action):<5} {trade.signed_trade_value:>14.2f}", file=sys.stderr)

request["portfolio_value"] = -1
refusal = rebalance.sync_detailed(client=client, body=body_type.from_dict(request))
if refusal.status_code != 400 or refusal.parsed.errors[0].pointer != "/portfolio_value":
    sys.exit(f"a negative portfolio value was answered with {refusal}")

print(json.dumps(answer.parsed.to_dict()))
