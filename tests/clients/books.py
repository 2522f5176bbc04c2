#!/usr/bin/env python3
"""Writes the books of the nightly job, a list of fifty plan requests: those of examples/, each drifted further by some days.

    tests/clients/books.py PREFIX > books.json

The client reference of a book is the prefix and its number.
"""

import json
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
COUNT = 50


def drifted(book, days, reference):
    """A book as it stands when the last `days` returns of its histories happen once more."""
    assets = []
    for asset in book["assets"]:
        growth = 1.0
        for daily in asset["historical_returns"][len(asset["historical_returns"]) - days :]:
            growth *= 1.0 + daily
        moved = {"current_weight": asset["current_weight"] * growth, "price": asset["price"] * growth}
        assets.append({**asset, **moved, "historical_returns": asset["historical_returns"][-120:]})
    dates = {"dates": book["dates"][-120:]} if book.get("dates") else {}
    return {**book, **dates, "assets": assets, "client_reference": reference, "monte_carlo": {"paths": 1000}}


# A book without histories has nothing to drift by.
requests = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(EXAMPLES.glob("*.json"))]
kinds = [book for book in requests if all(asset.get("historical_returns") for asset in book["assets"])]
books = [drifted(kinds[i % len(kinds)], i // len(kinds), f"{sys.argv[1]}-{i:02}") for i in range(COUNT)]
print(json.dumps(books))
