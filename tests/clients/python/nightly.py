#!/usr/bin/env python3
"""The nightly job of a platform through the client that openapi-python-client makes from openapi/openapi.json.

    python nightly.py GENERATED_FOLDER http://127.0.0.1:5000 BOOKS.json

The books are planned one by one, found again, verified, and planned once more as a run whose events are read over two
connections. Every request is made by a generated function, every answer is read as a generated model, and mypy checks it all.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any, TypeVar

generated, server, books_file = sys.argv[1:4]
sys.path[:0] = [generated, str(Path(__file__).resolve().parents[3] / "examples")]

import httpx
from rebalancer_client import AuthenticatedClient
from rebalancer_client.api.plans import create_rebalance_plan
from rebalancer_client.api.records import export_audit, get_plan, list_plans, verify_audit, verify_plan
from rebalancer_client.api.runs import create_batch_run, get_batch_run, get_batch_run_results, list_batch_runs
from rebalancer_client.models import (
    AuditEntry,
    AuditVerification,
    PlanList,
    PlanResponse,
    PlanSummary,
    PlanVerification,
    Problem,
    RebalanceRequest,
    RunBatchRequest,
    RunItemEvent,
    RunList,
    RunResult,
    RunState,
    RunStatusName,
    StoredPlanResponse,
)
from rebalancer_client.types import UNSET, Response, Unset
from run_events import RunEvent, follow_run

TONIGHT = "python"
PAGE = 20
FIGURES = {"weights", "trades", "orders", "cash", "turnover_used", "value_after", "risk_metrics", "after_risk_metrics", "verdict"}
BOOKS = [RebalanceRequest.from_dict(book) for book in json.loads(Path(books_file).read_text(encoding="utf-8"))]

Answer = TypeVar("Answer")
Plans = dict[str, PlanResponse]
# The service closes a connection that was idle for 5 s, so this client uses none that was idle for nearly as long.
limits = httpx.Limits(keepalive_expiry=2.0)
client = AuthenticatedClient(server, token=os.environ["REBALANCER_KEY"], timeout=httpx.Timeout(30.0), httpx_args={"limits": limits})


def expect(kind: type[Answer], response: Response[Any]) -> Answer:
    """What a request was answered with, if it is what was asked for."""
    assert isinstance(response.parsed, kind), response.content
    return response.parsed


def reference_of(labelled: RebalanceRequest | PlanResponse | PlanSummary | RunResult) -> str:
    """The reference a book has here."""
    assert isinstance(labelled.client_reference, str)
    return labelled.client_reference


def id_of(plan: PlanResponse) -> str:
    """The id of a stored plan."""
    assert isinstance(plan.metadata.plan_id, str)
    return plan.metadata.plan_id


def plan_alone(number: int, key: str) -> Response[PlanResponse | Problem]:
    """Posts one book under a key."""
    return create_rebalance_plan.sync_detailed(client=client, body=BOOKS[number], idempotency_key=key)


def check_same(found: dict[str, Any], alone: dict[str, Any]) -> None:
    """Two plans of one book agree in every member that both show, apart from what differs from answer to answer."""
    assert FIGURES <= found.keys() & alone.keys(), found.keys()
    check_members(found, alone)


def check_members(found: dict[str, Any], alone: dict[str, Any]) -> None:
    """The members that both documents show are equal, at every depth."""
    for member in (found.keys() & alone.keys()) - {"metadata"}:
        if isinstance(found[member], dict) and isinstance(alone[member], dict):
            check_members(found[member], alone[member])
        else:
            assert found[member] == alone[member], member


def check_money(book: RebalanceRequest, plan: PlanResponse) -> None:
    """Trades, costs and cash cancel to the cent, and the turnover is that of the trades and within its limit."""
    signed = sum(trade.signed_trade_value for trade in plan.trades)
    costs = sum(trade.estimated_cost for trade in plan.trades)
    nav = plan.portfolio_value
    assert abs(costs - plan.estimated_total_transaction_cost) < 0.005, plan.client_reference
    assert abs(signed + costs + plan.cash.value_after - plan.cash.weight_before * nav) < 0.005, plan.client_reference
    assert abs(plan.value_after - (nav - costs)) < 0.005, plan.client_reference
    traded = sum(trade.trade_value for trade in plan.trades) / nav
    assert abs(plan.turnover_used - traded) < 1e-6 and traded <= plan.turnover_limit + 1e-9, plan.client_reference
    assert all(trade.trade_value == abs(trade.signed_trade_value) for trade in plan.trades), plan.client_reference


def post_books() -> Plans:
    """Plans every book, and one of them again under its key."""
    plans = {}
    for number, book in enumerate(BOOKS):
        plan = expect(PlanResponse, plan_alone(number, f"{TONIGHT}-{number}"))
        check_money(book, plan)
        assert reference_of(plan) == reference_of(book)
        plans[reference_of(plan)] = plan
    again = plan_alone(7, f"{TONIGHT}-7")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert expect(PlanResponse, again).to_dict() == plans[reference_of(BOOKS[7])].to_dict()
    reused = plan_alone(8, f"{TONIGHT}-7")
    assert (reused.status_code, expect(Problem, reused).type_) == (422, "/problems/idempotency-key-reused")
    traded = sum(1 for plan in plans.values() if plan.turnover_used > 0)
    assert traded > len(plans) / 2, f"{traded} books trade"
    return plans


def walk_plans() -> list[PlanSummary]:
    """Every stored plan, page by page."""
    found = []
    cursor: str | Unset = UNSET
    while True:
        page = expect(PlanList, list_plans.sync_detailed(client=client, limit=PAGE, cursor=cursor))
        found += page.items
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


def find_again(plans: Plans, times: int) -> None:
    """Each plan is listed once, newest first, and found by its reference as often as its book was planned."""
    listed = walk_plans()
    sequences = [plan.sequence for plan in listed]
    assert sequences == sorted(sequences, reverse=True) and len(set(sequences)) == len(sequences)
    ids = Counter(plan.plan_id for plan in listed)
    assert all(ids[id_of(plan)] == 1 for plan in plans.values())
    for reference, plan in plans.items():
        found = expect(PlanList, list_plans.sync_detailed(client=client, client_reference=reference)).items
        assert [reference_of(each) for each in found] == [reference] * times, reference
        assert id_of(plan) in [each.plan_id for each in found], reference


def verify(plans: Plans) -> None:
    """Each stored plan holds, and the first of them is what was answered."""
    for plan in plans.values():
        checked = expect(PlanVerification, verify_plan.sync_detailed(id_of(plan), client=client))
        assert checked.valid and checked.checks and all(check.holds for check in checked.checks), checked
    first = plans[reference_of(BOOKS[0])]
    stored = expect(StoredPlanResponse, get_plan.sync_detailed(id_of(first), client=client))
    check_same(stored.response.to_dict(), first.to_dict())


def run_books() -> str:
    """Queues all books as one run and reads its events; the connection is dropped after the twelfth."""
    batch = RunBatchRequest(portfolios=BOOKS)
    accepted = create_batch_run.sync_detailed(client=client, body=batch, idempotency_key=f"{TONIGHT}-run")
    run_id = expect(RunState, accepted).run_id
    assert accepted.status_code == 202 and accepted.headers["Location"] == f"/api/runs/{run_id}"
    again = create_batch_run.sync_detailed(client=client, body=batch, idempotency_key=f"{TONIGHT}-run")
    assert expect(RunState, again).run_id == run_id and again.headers["Idempotent-Replayed"] == "true"

    heard: list[tuple[str, RunEvent]] = []
    drops: list[str] = []

    def hear(event_id: str, event: RunEvent) -> None:
        if len(heard) == 12 and not drops:
            drops.append(event_id)
            raise httpx.ReadError("dropped on purpose")
        heard.append((event_id, event))

    follow_run(server, run_id, hear, pause_seconds=0.1)
    assert drops == ["13"], drops
    assert [event_id for event_id, _ in heard] == [str(number + 1) for number in range(len(heard))]
    items = [event.item for _, event in heard if isinstance(event, RunItemEvent)]
    assert [item.client_reference for item in items] == [book.client_reference for book in BOOKS]
    last = heard[-1][1]
    assert (last.kind, last.status, last.progress.finished) == ("done", RunStatusName.FINISHED, len(BOOKS))

    # Another job that stopped after the fortieth event gets exactly the rest, and one that heard all of them nothing.
    rest: list[tuple[str, RunEvent]] = []
    follow_run(server, run_id, lambda event_id, event: rest.append((event_id, event)), last_event_id="40")
    assert rest == heard[40:]
    follow_run(server, run_id, lambda event_id, event: rest.append((event_id, event)), last_event_id=heard[-1][0])
    assert rest == heard[40:]
    return run_id


def read_results(run_id: str, plans: Plans) -> None:
    """The plan of each item is that of the same book posted alone."""
    lines = expect(str, get_batch_run_results.sync_detailed(run_id, client=client)).splitlines()
    results = [RunResult.from_dict(json.loads(line)) for line in lines]
    state = expect(RunState, get_batch_run.sync_detailed(run_id, client=client))
    assert [item.plan_id for item in state.items] == [result.plan_id for result in results]
    assert [result.client_reference for result in results] == list(plans)
    for result in results:
        assert result.plan, result.problem
        check_same(result.plan.to_dict(), plans[reference_of(result)].to_dict())
    listed = expect(RunList, list_batch_runs.sync_detailed(client=client, limit=PAGE)).items
    found = {run.run_id: run for run in listed}[run_id]
    assert (found.status, found.progress.finished) == (RunStatusName.FINISHED, len(BOOKS))


def check_trail(plans: Plans) -> None:
    """The chain holds, and the export is the whole chain."""
    checked = expect(AuditVerification, verify_audit.sync_detailed(client=client))
    assert checked.valid and checked.first_break is None and checked.plans >= 2 * len(BOOKS), checked
    lines = expect(str, export_audit.sync_detailed(client=client)).splitlines()
    entries = [AuditEntry.from_dict(json.loads(line)) for line in lines]
    assert len(entries) == checked.entries and entries[-1].hash_ == checked.head
    assert all(entry.previous_hash == before.hash_ for before, entry in zip(entries, entries[1:]))
    recorded = {entry.plan_id for entry in entries}
    assert all(id_of(plan) in recorded for plan in plans.values())


plans = post_books()
find_again(plans, times=1)
verify(plans)
run_id = run_books()
read_results(run_id, plans)
find_again(plans, times=2)
check_trail(plans)
print(f"{len(plans)} books planned alone and in a run: same plans, all verified, the trail holds")
