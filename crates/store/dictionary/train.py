#!/usr/bin/env python3
"""Trains a dictionary for the documents of plans (../src/packed.rs) on plans that a service makes of generated books.

    pip install zstandard==0.25.0     # into a virtual environment
    tests/with_server.sh python3 crates/store/dictionary/train.py 1 crates/store/dictionary/1.zdict

The first argument is the number of the dictionary, which every document compressed with it carries. A published dictionary never
changes: stored plans need it. Later ones get the next number, and plans written before them are still read with theirs.
It needs a service (REBALANCER_URL) and its data folder (REBALANCER_SERVER_DATA), as tests/with_server.sh gives them. Prints what
plans that were not trained on take, with the dictionary and without.
"""

import json
import os
import random
import sqlite3
import sys
import time
import urllib.request
from pathlib import Path

import zstandard

ROOT = Path(__file__).resolve().parents[3]
SEED, BOOKS, SIZE, LEVEL = 1, 600, 32 << 10, 1
WORDS = "VTI VXUS BND GLD BTC SPY QQQ AGG TLT IEF EFA EEM VNQ LQD HYG TIP SHY IWM XLE XLF AAPL MSFT JNJ XOM JPM PG EURUSD USDJPY WTI".split()
CLASSES = ["equity", "bond", "commodity", "crypto", "fx", "fund"]


def book(draw):
    """A book with some of the members that a request may have."""
    count = draw.choice([2, 3, 4, 5, 6, 6, 6, 8, 10, 12, 15, 20])
    parts = lambda: [round(x / sum(xs), 4) for xs in [[draw.uniform(0.5, 2) for _ in range(count)]] for x in xs]  # noqa: E731
    targets, currents = parts(), parts()
    days = draw.choice([0, 0, 20, 60, 120, 252])
    names = draw.sample(WORDS, count)
    if draw.random() < 0.3:
        names = ["".join(draw.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=draw.randint(3, 9))) + str(at) for at in range(count)]
    assets = []
    for name, target, current in zip(names, targets, currents):
        asset = {"asset": name, "target_weight": target, "current_weight": current, "price": round(draw.uniform(5, 500), 2)}
        if days:
            volatility = draw.uniform(0.002, 0.02)
            asset["historical_returns"] = [round(draw.gauss(0.0002, volatility), draw.choice([5, 6])) for _ in range(days)]
        if draw.random() < 0.3:
            asset["asset_class"] = draw.choice(CLASSES)
        if draw.random() < 0.2:
            asset["lot_size"] = 1
        assets.append(asset)
    for weights in ("target_weight", "current_weight"):
        assets[0][weights] = round(assets[0][weights] + 1 - sum(asset[weights] for asset in assets), 4)
    request = {"portfolio_value": round(draw.uniform(1e4, 5e7), 2), "assets": assets}
    for name, values in {"drift_threshold": [0.01, 0.02, 0.05], "turnover_limit": [0.1, 0.2, 0.4], "transaction_cost_bps": [2, 5, 10, 25], "risk_free_rate": [0.02, 0.04], "tilt": [0.1]}.items():
        if draw.random() < 0.7 and name != "tilt":
            request[name] = draw.choice(values)
    if days and draw.random() < 0.3:
        request["method"] = "optimal"
    return request


def main():
    number, path = int(sys.argv[1]), Path(sys.argv[2])
    draw = random.Random(SEED)
    requests = [json.dumps(book(draw)).encode() for _ in range(BOOKS)]
    requests += [path.read_bytes() for path in sorted((ROOT / "examples").glob("*.json"))]
    refused = 0
    for body in requests:
        try:
            urllib.request.urlopen(urllib.request.Request(os.environ["REBALANCER_URL"] + "/api/plans", body, {"Content-Type": "application/json"}))
        except urllib.error.HTTPError as error:
            refused += 1
            print(error.read()[:300], file=sys.stderr)
    print(f"{len(requests)} requests, {refused} refused")

    known = {entry.name: zstandard.ZstdCompressionDict(entry.read_bytes()) for entry in Path(__file__).parent.glob("*.zdict")}
    known = {dictionary.dict_id(): dictionary for dictionary in known.values()}

    def plain(stored):
        if not stored.startswith(zstandard.FRAME_HEADER):
            return stored
        dictionary = known.get(zstandard.get_frame_parameters(stored).dict_id)
        return zstandard.ZstdDecompressor(dict_data=dictionary).decompress(stored)

    database = sqlite3.connect(f"file:{os.environ['REBALANCER_SERVER_DATA']}/rebalancer.db?mode=ro", uri=True)
    plans = [[plain(part) for part in row] for row in database.execute("SELECT request, response, run FROM plans ORDER BY sequence")]
    held_out, trained_on = plans[::10], [plan for at, plan in enumerate(plans) if at % 10]
    # Of long lists of numbers nothing is learnt but that they are long: requests are cut where their histories begin.
    samples = [part[: 4096 if at == 0 else None] for plan in trained_on for at, part in enumerate(plan)]
    dictionary = zstandard.train_dictionary(SIZE, samples, dict_id=number, level=LEVEL, steps=20, threads=2)
    path.write_bytes(dictionary.as_bytes())
    for level in (1, 3):
        with_it, without = zstandard.ZstdCompressor(level, dict_data=dictionary), zstandard.ZstdCompressor(level)
        for what, compressor in (("with the dictionary", with_it), ("without", without)):
            began = time.process_time()
            sizes = [sum(len(compressor.compress(part)) for part in plan) for plan in held_out]
            microseconds = (time.process_time() - began) / len(sizes) * 1e6
            plain_size = sum(len(part) for plan in held_out for part in plan) / len(sizes)
            print(f"level {level}, {what}: {sum(sizes) / len(sizes):.0f} bytes a plan of {plain_size:.0f}, {microseconds:.0f} us of processor")
    print(f"{path.name}: {len(dictionary.as_bytes())} bytes")


main()
