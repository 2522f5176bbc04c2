#!/usr/bin/env python3
"""The band policy over the same files with pandas and numpy, as a platform's script would have it.

    benches/with_pandas.py INPUT_FOLDER OUTPUT_FOLDER

Reads `accounts/`, `models.parquet` and `prices.parquet`, finds the assets outside their 5/25 bands, trades them to their targets, pays for purchases out of sales,
then out of cash above its target, then out of assets above their targets, and writes the orders as Parquet. Everything is a matrix of accounts
by assets. It is less than the batch does: money is in doubles, there is no turnover limit, nothing is checked, hashed or committed, and what a shard leaves when
it is killed is read by the next reader. Needs pandas, numpy and pyarrow."""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq


def main():
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    began, began_cpu = time.perf_counter(), time.process_time()
    prices = pd.read_parquet(source / "prices.parquet")
    names = prices["asset"].tolist()
    place = {name: i for i, name in enumerate(names)}
    price, rate = prices["price"].to_numpy(), prices["cost_bps"].to_numpy() / 1e4
    models = pd.read_parquet(source / "models.parquet")
    weights = {model: np.bincount(rows["asset"].map(place), rows["weight"], len(names)) for model, rows in models.groupby("model_id")}
    accounts = orders = traded = 0
    for file in sorted((source / "accounts").glob("*.parquet")):
        table = pq.read_table(file)
        n = table.num_rows
        lists = table["positions"].combine_chunks()
        flat = lists.values
        row = np.repeat(np.arange(n), np.diff(lists.offsets.to_numpy()))
        asset = flat.field("asset").dictionary_decode().to_pandas().map(place).to_numpy()
        units = np.zeros((n, len(names)))
        units[row, asset] = flat.field("quantity").to_numpy()
        cash = table["cash_minor"].to_numpy() / 100
        code = table["model_id"].to_pandas().astype("category")
        goal = np.stack([weights[model] for model in code.cat.categories])[code.cat.codes]
        value = units * price
        nav = value.sum(1) + cash
        drift = value / nav[:, None] - goal
        width = np.minimum(0.25 * goal, 0.05)
        breached = np.abs(drift) > width + 1e-12
        gap = np.where(breached, -drift, 0.0) * nav[:, None]
        buys, sells = np.maximum(gap, 0), np.minimum(gap, 0)
        short = (buys * (1 + rate)).sum(1) + (sells * (1 - rate)).sum(1)
        spare = np.maximum(cash - (1 - goal.sum(1)) * nav, 0)
        short = np.maximum(short - spare, 0)
        above = np.where(~breached, np.maximum(drift, 0), 0) * nav[:, None]
        total = above.sum(1)
        share = np.divide(np.minimum(short, total), total, out=np.zeros(n), where=total > 0)
        sells -= above * share[:, None]
        short -= total * share
        bought = buys.sum(1)
        buys *= np.divide(np.maximum(bought - short, 0), bought, out=np.ones(n), where=bought > 0)[:, None]
        trade = np.round(100 * (buys + sells)).astype(np.int64)
        who, what = np.nonzero(trade)
        amount = trade[who, what]
        pd.DataFrame({
            "account_id": table["account_id"].to_pandas().to_numpy()[who],
            "asset": pd.Categorical.from_codes(what, names),
            "value_minor": amount,
            "units": amount / 100 / price[what],
            "cost_minor": np.round(np.abs(amount) * rate[what]).astype(np.int64),
        }).to_parquet(target / file.name, compression="snappy")
        accounts += n
        orders += len(amount)
        traded += int(breached.any(1).sum())
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    print(json.dumps({
        "accounts": accounts, "orders": orders, "accounts_traded": traded, "seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3),
        "accounts_per_cpu_second": round(accounts / cpu), "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }))


if __name__ == "__main__":
    main()
