#!/usr/bin/env python3
"""Cut the windows of the historical scenarios out of the price files, for crates/stress.

    python3 data/stress_windows.py          write crates/stress/src/scenario/windows.{rs,bin}
    python3 data/stress_windows.py --check  exit 1 if a committed one differs

Layout of windows.bin, all numbers little-endian with 16 bits: a row for each date after the start, of the date (unsigned, days
since 1970-01-01) and of the return from the start to this date of each series (signed, basis points). A window of more than 130 trading
days has the last one of each week, and its end. Python's standard library only.
"""

import csv
import io
import struct
import sys
from datetime import date
from pathlib import Path

from build import DATA, unpacked

OUT = DATA.parent / "crates" / "stress" / "src" / "scenario"
MOST_DAYS = 130
# A market may have been closed at the start of a window; a series that began or ended earlier is not that.
LONGEST_CLOSE = 7
EPOCH = date(1970, 1, 1)
DOLLARS = ["EUR", "JPY", "GBP", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "SGD", "HKD", "ZAR"]

# id, name, start, end, what happened
WINDOWS = [
    ("1990", "Invasion of Kuwait", "1990-07-16", "1990-10-11", "Iraq invaded Kuwait on 2 August; oil more than doubled and US stocks fell from their peak into the recession of 1990-91."),
    ("1994", "Bond sell-off", "1994-01-31", "1994-11-30", "The Federal Reserve raised its rate from 3 % to 5.5 % in steps that few expected; bonds fell around the world."),
    ("1998", "Russia's default and LTCM", "1998-07-17", "1998-10-08", "Russia defaulted on 17 August; the fund Long-Term Capital Management failed and was taken over on 23 September."),
    ("2000_2002", "End of the technology boom", "2000-03-24", "2002-10-09", "From the peak of the technology boom to its trough, through the recession of 2001 and the scandals of Enron and WorldCom."),
    ("2001_september", "Attacks of 11 September", "2001-09-10", "2001-09-21", "The New York exchanges stayed closed from 11 to 14 September and reopened on the 17th."),
    ("2008", "Global financial crisis", "2007-10-09", "2009-03-09", "From the peak of US stocks to their trough, through the failure of Lehman Brothers on 15 September 2008."),
    ("2011_august", "Downgrade of the United States, euro crisis", "2011-07-22", "2011-10-03", "Standard & Poor's took the United States' AAA away on 5 August, while the yields of Italy and Spain rose."),
    ("2015", "China's devaluation, fall of oil", "2015-08-10", "2016-02-11", "China devalued the renminbi from 11 August; oil fell below 30 dollars in the first weeks of 2016."),
    ("2018_q4", "Fourth quarter of 2018", "2018-09-20", "2018-12-24", "The Federal Reserve raised its rate and let its balance sheet shrink, while tariffs rose between the United States and China."),
    ("2020_march", "Pandemic", "2020-02-19", "2020-03-23", "The pandemic of COVID-19 closed economies; US stocks fell by a third within five weeks."),
    ("2022", "Inflation and rising rates", "2022-01-03", "2022-10-12", "Inflation reached its highest rate in forty years; the Federal Reserve raised its rate from 0.25 % to 3.25 %."),
]

# What a series is; the sentences are in crates/stress/src/scenario/series.rs.
ADJUSTED, INDEX, TREASURY, SPOT, CURRENCY, PRICE_ONLY = "AdjustedPrice", "PriceIndex", "TreasuryTotalReturn", "SpotPrice", "ExchangeRate", "PriceOnly"


def table(name):
    """The columns of a file, each by day."""
    text = unpacked(name, (DATA / name).read_bytes()).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    return {column: {row["date"]: float(row[column]) for row in rows} for column in rows[0] if column != "date"}


def known_series():
    """Every series: its kind, its file and its levels by day. The first file that has a name keeps it."""
    found = {}

    def add(name, kind, file, levels):
        found.setdefault(name, (kind, file, levels))

    def add_file(file, kind, names=None):
        for column, levels in table(file).items():
            if names is None or column in names:
                name = names[column] if names else column
                add(name, kind, file, levels)

    stocks = "stocks_1990_2022.csv.gz"
    add(*("SP500_INDEX", INDEX, stocks, table(stocks)["SP500_INDEX"]))
    add_file("nasdaq_ohlcv_1999_2018.csv.gz", INDEX, {"close": "NASDAQ"})
    add_file("treasuries_1990_2017.csv.gz", TREASURY)
    add_file("wti_1986_2019.csv.gz", SPOT)
    ecb = "ecb_rates_1999_2022.csv.gz"
    per_euro = table(ecb)
    for currency in DOLLARS:
        rate = {day: 1.0 for day in per_euro["USD"]} if currency == "EUR" else per_euro[currency]
        add(f"{currency}USD", CURRENCY, ecb, {day: per_euro["USD"][day] / rate[day] for day in rate})
    add_file(stocks, ADJUSTED)
    # Thin before 2000, and with a split that was not folded in: see README.md.
    kind, file, levels = found["RRC"]
    found["RRC"] = (kind, file, {day: level for day, level in levels.items() if day >= "2000"})
    add_file("factor_etfs_2014_2022.csv.gz", ADJUSTED)
    add_file("etf_price_only_2008_2016.csv.gz", PRICE_ONLY)
    return found


def days_between(first, last):
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def carried(levels, days):
    """The level on each day, or the last one before it; None where that is too long ago."""
    known, at, out = sorted(levels), 0, []
    for day in days:
        while at < len(known) and known[at] <= day:
            at += 1
        if at == 0 or days_between(known[at - 1], day) > LONGEST_CLOSE:
            return None
        out.append(levels[known[at - 1]])
    return out


def thinned(days):
    """The start, and the days after it on which a window is valued."""
    if len(days) - 1 <= MOST_DAYS:
        return "Day", days
    week = [date.fromisoformat(day).isocalendar()[:2] for day in days]
    last = [i for i in range(1, len(days)) if i + 1 == len(days) or week[i] != week[i + 1]]
    return "Week", [days[0], *(days[i] for i in last)]


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def build():
    """The two files."""
    series = known_series()
    calendar = sorted(series["SP500_INDEX"][2])
    names = sorted(series)
    binary, rows, offset = bytearray(), [], 0
    for ident, name, start, end, what in WINDOWS:
        all_days = [day for day in calendar if start <= day <= end]
        if (all_days[0], all_days[-1]) != (start, end):
            raise ValueError(f"{ident}: {start} or {end} is no trading day")
        step, days = thinned(all_days)
        columns = {n: carried(series[n][2], days) for n in names}
        inside = [n for n in names if columns[n] is not None]
        for i, day in enumerate(days[1:], start=1):
            binary += struct.pack("<H", days_between(EPOCH.isoformat(), day))
            for n in inside:
                binary += struct.pack("<h", round((columns[n][i] / columns[n][0] - 1.0) * 1e4))
        first = days_between(EPOCH.isoformat(), start)
        listed = ", ".join(quoted(n) for n in inside)
        rows.append(
            f"    Window {{ id: {quoted(ident)}, name: {quoted(name)}, what_happened: {quoted(what)},\n"
            f"        start: {first}, step: WindowStep::{step}, observations: {len(days) - 1}, offset: {offset},\n"
            f"        series: &[{listed}] }},\n"
        )
        offset = len(binary)
    sources = "".join(f"    ScenarioSeries {{ name: {quoted(n)}, kind: SeriesKind::{series[n][0]}, source: {quoted('data/' + series[n][1])} }},\n" for n in names)
    text = (
        "//! The windows of the historical scenarios. `data/stress_windows.py` writes this file and `windows.bin`.\n\n"
        "use super::series::{ScenarioSeries, SeriesKind};\nuse super::window::{Window, WindowStep};\n\n"
        "/// Returns from the start of each window; the layout is in `data/stress_windows.py`.\n"
        'pub(super) static BYTES: &[u8] = include_bytes!("windows.bin");\n\n'
        "/// Every window, oldest first.\n#[rustfmt::skip]\npub(super) static WINDOWS: &[Window] = &[\n" + "".join(rows) + "];\n\n"
        "/// Every series, by name.\n#[rustfmt::skip]\npub(super) static SERIES: &[ScenarioSeries] = &[\n" + sources + "];\n"
    )
    return {"windows.rs": text.encode("utf-8"), "windows.bin": bytes(binary)}


def main():
    files = build()
    if sys.argv[1:] == ["--check"]:
        stale = [name for name, content in files.items() if not (OUT / name).exists() or (OUT / name).read_bytes() != content]
        for name in stale:
            print(f"crates/stress/src/scenario/{name} is not what data/stress_windows.py makes")
        return 1 if stale else 0
    for name, content in files.items():
        (OUT / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
