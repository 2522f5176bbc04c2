"""Groups and triggers of a plan, recomputed from its request: half-widths, breaches, and whether the day is due."""

from datetime import date, timedelta
from decimal import Decimal


def check_groups(report, request, plan, targets, currents):
    """Each group's weight against its band, before and after the plan. `targets` and `currents` are the weights of the assets."""
    rows = plan.get("groups") or []
    groups = request.get("groups") or []
    report.true("one row for each group", len(rows) == len(groups))
    for group, row in zip(groups, rows):
        by = "asset_class" if group.get("asset_class") else "sleeve"
        members = [i for i, asset in enumerate(request["assets"]) if asset.get(by) == group[by]]
        name = group.get("name") or group[by]
        target, current = sum(targets[i] for i in members), sum(currents[i] for i in members)
        report.close(f"{name} target_weight", row["target_weight"], target)
        report.close(f"{name} current_weight", row["current_weight"], current)
        after = sum(plan["weights"][i]["weight_after"] for i in members)
        report.close(f"{name} weight_after", row["weight_after"], after, slack=len(members) * 1e-6)
        if group["band"] == "self":
            continue
        width = half_width(group["band"], target)
        report.close(f"{name} band_half_width", row["band_half_width"], width)
        report.true(f"{name}: outside its band is strict", row["is_breached"] == (abs(current - target) > width))
        free = all(not request["assets"][i].get(member) for i in members for member in ("role", "no_buy", "no_sell"))
        if free and trades_freely(request, plan):
            report.true(f"{name}: back in its band", abs(after - target) <= width + Decimal("1e-6"))


def half_width(band, target):
    """`min(max(relative * target, floor), cap)`; a member that is absent does not count."""
    width = max((band.get("relative") or 0) * target, band.get("floor") or Decimal(0))
    return width if band.get("cap") is None else min(width, band["cap"])


def trades_freely(request, plan):
    """Whether nothing but the bands decides what trades: no intent, limit, or day on which the policy does not trade."""
    is_due = plan.get("trigger") is None or plan["trigger"]["is_due"]
    limits = ("intent", "max_tickets", "min_notional", "method", "worth_min_bps", "posture")
    is_worth_it = all(trade["reason"] != "worth_too_little" for trade in plan["trades"])
    return is_due and is_worth_it and not plan["turnover_bound"] and not any(request.get(name) for name in limits)


def check_trigger(report, request, plan):
    """Whether the day is due, for triggers whose days the request or the end of a quarter on a weekday calendar states."""
    trigger, row = request.get("trigger"), plan.get("trigger")
    report.true("a trigger is answered where one is sent", (trigger is None) == (row is None))
    if trigger is None or row is None:
        return
    if not row["is_due"]:
        report.true("nothing trades on a day that is not due", all(trade["action"] == "Hold" for trade in plan["trades"]))
    calendar, today = trigger.get("calendar") or {}, date.fromisoformat(request["trade_date"])
    if trigger["kind"] == "threshold" or calendar.get("every") != "quarter_end" or request.get("intent"):
        return
    last = last_session_of_quarter(today)
    is_cool = trigger.get("last_rebalance") is None or (
        (today - date.fromisoformat(trigger["last_rebalance"])).days >= (trigger.get("cooldown_days") or 0)
    )
    breaches = ("drift_breach", "group_breach", "cash_band", "not_due")
    is_seen = any(group["is_breached"] for group in plan["groups"]) or any(trade["reason"] in breaches for trade in plan["trades"])
    is_due = today == last and is_cool and (is_seen or trigger["kind"] == "calendar")
    if trigger["kind"] != "either":
        report.true(f"{trigger['kind']} is due on the last session of a quarter only", row["is_due"] == is_due)


def last_session_of_quarter(day):
    """The last weekday of the quarter of `day` that is no Good Friday: the only holiday of New York that can end one."""
    month = (day.month - 1) // 3 * 3 + 4
    last = date(day.year + month // 13, (month - 1) % 12 + 1, 1) - timedelta(days=1)
    while last.weekday() > 4 or last == easter(last.year) - timedelta(days=2):
        last -= timedelta(days=1)
    return last


def easter(year):
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    shift = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * shift) // 451
    month, day = divmod(h + shift - 7 * m + 114, 31)
    return date(year, month, day + 1)
