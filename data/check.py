#!/usr/bin/env python3
"""The files of data/ are what README.md and SHA256SUMS say, and can be read as prices.

    python3 data/check.py

Without the network; `data/build.py --check` makes the files anew. Python's standard library only.
"""

import csv
import hashlib
import math
import sys
from datetime import date, timedelta
from pathlib import Path

from build import DATA, SUMS, describe, unpacked
from catalogue import FILES, MONTHS, NYSE
from series import carried, decimal, par_bond_price, total_return_index

# No market of these files was closed for longer, in calendar days: New York after 2001-09-10.
LONGEST_CLOSE = 7
# Half a unit of the last printed decimal, twice: two files that print the same series with different decimals.
ROUNDING = {"UST2Y_TR": 1e-4, "UST5Y_TR": 1e-4, "UST10Y_TR": 1e-4, "EURUSD": 1e-5, "JPYUSD": 1e-5, "GBPUSD": 1e-5, "WTI": 1e-9, "SP500_INDEX": 1e-9}


def day_of(text):
    """An ISO date, written as one; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def cell_faults(names, rows, signed):
    """Cells that are no finite number, or not above zero in a column of prices."""
    for row in rows:
        for name, text in zip(names, row[1:]):
            try:
                value = float(text)
            except ValueError:
                value = math.nan
            if not math.isfinite(value) or (value <= 0.0 and name not in signed):
                yield f"{row[0]}: {name} is {text!r}"


def date_faults(days, calendar):
    """Days that do not ascend, fall on a weekend, or leave a gap; months that do not follow each other."""
    known = [day_of(text) for text in days]
    if None in known:
        yield f"{days[known.index(None)]!r} is no ISO date"
        return
    for before, after in zip(known, known[1:]):
        if calendar == MONTHS:
            if after != (before + timedelta(days=31)).replace(day=1):
                yield f"{after} does not follow {before}"
        elif not timedelta(0) < after - before <= timedelta(days=LONGEST_CLOSE):
            yield f"{after} after {before}"
    yield from (f"{day} is a weekend" for day in known if calendar != MONTHS and day.weekday() > 4)


def table_faults(header, rows, calendar, signed=()):
    """What is wrong with one file by itself."""
    if header[0] != "date" or len(set(header)) != len(header):
        yield f"header {header}"
    short = [row[0] for row in rows if len(row) != len(header)]
    if short:
        yield f"{short[0]}: not {len(header)} cells"
        return
    yield from date_faults([row[0] for row in rows], calendar)
    yield from cell_faults(header[1:], rows, signed)
    if header[1:] == ["open", "high", "low", "close", "volume"]:
        for row in rows:
            bar = {name: float(text) for name, text in zip(header[1:], row[1:])}
            if not bar["low"] <= min(bar["open"], bar["close"]) <= max(bar["open"], bar["close"]) <= bar["high"]:
                yield f"{row[0]}: open or close outside low and high"
            if not row[-1].isdigit():
                yield f"{row[0]}: volume is {row[-1]!r}"


def read(file):
    """Header and rows of one file."""
    text = unpacked(file.name, (DATA / file.name).read_bytes()).decode("utf-8")
    header, *rows = csv.reader(text.splitlines())
    return header, rows


def series(table, name):
    """Day to value of one column."""
    header, rows = table
    column = header.index(name)
    return {row[0]: float(row[column]) for row in rows}


def agreement_faults(tables):
    """Files that show the same market must show the same numbers."""
    stocks = tables["stocks_1990_2022.csv.gz"]
    sessions = [row[0] for row in stocks[1]]
    for file in FILES:
        days = [row[0] for row in tables[file.name][1]]
        if file.calendar == NYSE and days != [day for day in sessions if days[0] <= day <= days[-1]]:
            yield f"{file.name}: its days are not those of the stocks"
    window = tables["stocks_2010_2019.csv"]
    if window != (stocks[0], [row for row in stocks[1] if "2009-12-31" <= row[0] <= "2019-12-31"]):
        yield "stocks_2010_2019.csv is no window of stocks_1990_2022.csv.gz"

    mixed, joined = tables["mixed_1999_2005.csv"], tables["multi_asset_1999_2017.csv.gz"]
    for name, slack in ROUNDING.items():
        other = series(joined, name)
        wrong = [day for day, value in series(mixed, name).items() if abs(value - other[day]) > slack]
        if wrong:
            yield f"{name} on {wrong[0]}: mixed_1999_2005.csv and multi_asset_1999_2017.csv.gz differ"
    days = [row[0] for row in joined[1]]
    for name in ("UST2Y_TR", "UST5Y_TR", "UST10Y_TR"):
        if list(series(joined, name).values()) != carried(series(tables["treasuries_1990_2017.csv.gz"], name), days):
            yield f"{name}: multi_asset_1999_2017.csv.gz is not treasuries_1990_2017.csv.gz on its days"
    if list(series(joined, "WTI").values()) != carried(series(tables["wti_1986_2019.csv.gz"], "WTI"), days):
        yield "WTI: multi_asset_1999_2017.csv.gz is not wti_1986_2019.csv.gz on its days"
    for name in joined[0][1:21]:
        source = series(stocks, name)
        if any(source[day] != value for day, value in series(joined, name).items()):
            yield f"{name}: multi_asset_1999_2017.csv.gz is not stocks_1990_2022.csv.gz"
    index, closes = series(stocks, "SP500_INDEX"), series(tables["sp500_ohlcv_1999_2018.csv.gz"], "close")
    wrong = [day for day, close in closes.items() if abs(close - index[day]) > 0.005]
    if wrong:
        yield f"S&P 500 on {wrong[0]}: two packages differ"


def sum_faults():
    """Files whose hash is not the listed one, and files that are not listed."""
    listed = dict(reversed(line.split("  ", 1)) for line in (DATA / SUMS).read_text(encoding="utf-8").splitlines())
    present = {path.relative_to(DATA).as_posix() for pattern in ("*.csv", "*.csv.gz", "licences/*") for path in DATA.glob(pattern)}
    yield from (f"{name} is not in {SUMS}" for name in sorted(present - set(listed)))
    for name, digest in listed.items():
        if not (DATA / name).exists() or hashlib.sha256((DATA / name).read_bytes()).hexdigest() != digest:
            yield f"{name} is not the file that {SUMS} lists"


def check_the_checks():
    """Refuses what must be refused, and knows the formulas by hand."""
    good = [["2024-01-05", "1.0"], ["2024-01-08", "1.1"]]
    assert not list(table_faults(["date", "A"], good, NYSE))
    for bad in ("0", "-1", "nan", "", "inf", "x"):
        assert list(table_faults(["date", "A"], [*good, ["2024-01-09", bad]], NYSE)), bad
    for bad in ("2024-01-08", "2024-01-13", "2024-01-19", "2024-1-9", "9/1/2024"):
        assert list(table_faults(["date", "A"], [*good, [bad, "1.0"]], NYSE)), bad
    assert list(table_faults(["date", "A"], [["2024-01-01", "1"], ["2024-03-01", "1"]], MONTHS))
    assert not list(table_faults(["date", "A"], [["2024-01-01", "-1"], ["2024-02-01", "1"]], MONTHS, signed=("A",)))
    bar = ["date", "open", "high", "low", "close", "volume"]
    assert not list(table_faults(bar, [["2024-01-05", "2", "3", "1", "2.5", "0"]], NYSE, signed=("volume",)))
    assert list(table_faults(bar, [["2024-01-05", "2", "3", "1", "4", "9"]], NYSE))
    assert list(table_faults(bar, [["2024-01-05", "2", "3", "1", "2.5", "-9"]], NYSE, signed=("volume",)))
    # A par bond costs 1. One year at 4 % priced at 6 %: 0.02/1.03 + 1.02/1.03².
    assert abs(par_bond_price(0.05, 10, 0.05) - 1.0) < 1e-15
    assert abs(par_bond_price(0.04, 1, 0.06) - (0.02 / 1.03 + 1.02 / 1.03**2)) < 1e-15
    # Unchanged yields pay the coupon only: 5 % over 73 of 365 days.
    assert abs(total_return_index({"2023-01-02": 0.05, "2023-03-16": 0.05}, 2)["2023-03-16"] - 101.0) < 1e-12
    assert carried({"2024-01-04": 1, "2024-01-08": 2}, ["2024-01-05", "2024-01-08"]) == [1, 2]
    assert decimal("1720.359985", 5) == "1720.35998"


def main():
    check_the_checks()
    faults = list(sum_faults())
    tables = {file.name: read(file) for file in FILES}
    for file in FILES:
        faults += [f"{file.name}: {fault}" for fault in table_faults(*tables[file.name], file.calendar, file.signed)]
    faults += agreement_faults(tables)
    if describe() not in (DATA / "README.md").read_text(encoding="utf-8"):
        faults.append("README.md lacks the table that data/build.py --describe prints")
    for fault in faults[:20]:
        print(f"data/{fault}", file=sys.stderr)
    cells = sum(len(rows) * (len(header) - 1) for header, rows in tables.values())
    print(f"{len(FILES)} data files, {cells:,} values: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
