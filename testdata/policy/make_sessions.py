#!/usr/bin/env python3
"""Writes xnys.json: the weekdays from 2000 to 2026 on which the New York Stock Exchange was or will be closed.

The source is the calendar XNYS of the package exchange-calendars (Apache-2.0), https://pypi.org/project/exchange-calendars/:

    pip install exchange-calendars==4.13.2
    testdata/policy/make_sessions.py
"""

import json
from pathlib import Path

import exchange_calendars
import pandas

FIRST, LAST = "2000-01-01", "2026-12-31"


def main():
    sessions = exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST).sessions
    closed = [day for day in pandas.bdate_range(FIRST, LAST) if day not in set(sessions)]
    years = {}
    for day in closed:
        years.setdefault(str(day.year), []).append(day.strftime("%m-%d"))
    assert all(day.weekday() < 5 for day in sessions)
    head = {"exchange": "XNYS", "source": f"exchange-calendars {exchange_calendars.__version__}", "first": FIRST, "last": LAST,
            "sessions": len(sessions)}
    rows = ",\n".join(f'    "{year}": {json.dumps(days)}' for year, days in years.items())
    text = json.dumps(head, indent=2)[:-2] + ',\n  "closed_weekdays": {\n' + rows + "\n  }\n}\n"
    json.loads(text)
    (Path(__file__).resolve().parent / "xnys.json").write_text(text)


if __name__ == "__main__":
    main()
