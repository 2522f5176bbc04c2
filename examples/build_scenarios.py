#!/usr/bin/env python3
"""Cut the preview scenarios and the example requests out of the price files in data/.

Every number comes from the price files: histories are simple daily returns, the price is the last close of the
window, and the current weights are the targets after the book was bought at target on one day and left alone
until the last day of the window. Only the policy figures (targets, threshold, turnover limit, cost, value) are chosen.

    python3 examples/build_scenarios.py           write the files
    python3 examples/build_scenarios.py --check   exit 1 if a committed file differs from what would be written

Python's standard library only.
"""

import argparse
import csv
import gzip
import json
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"


@dataclass(frozen=True)
class Prices:
    """One price file: ascending dates and one column of closes per asset."""

    dates: list
    columns: dict

    @classmethod
    def read(cls, path):
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        header, body = rows[0], rows[1:]
        columns = {name: [float(row[i]) for row in body] for i, name in enumerate(header) if i > 0}
        return cls([row[0] for row in body], columns)

    def at(self, date):
        """Position of a trading day; the windows below name days that exist."""
        return self.dates.index(date)

    def change(self, asset, start, end):
        """Simple return of one asset from the close of `start` to the close of `end`."""
        column = self.columns[asset]
        return column[self.at(end)] / column[self.at(start)] - 1.0


@dataclass(frozen=True)
class Scenario:
    """A window of one price file and the policy that is applied at its end."""

    file: str
    source: str
    name: str
    # Filled with `{ASSET}` (change since `bought`), {start}, {bought}, {end} and {days}, so the text cannot disagree with the data.
    description: str
    start: str
    bought: str
    end: str
    targets: dict
    portfolio_value: float
    turnover_limit: float
    transaction_cost_bps: float
    drift_threshold: float = 0.02
    risk_free_rate: float = 0.02
    # Of the forecast tilt; it is not sent when it is zero, the default of the service.
    tracking_error_budget: float = 0.0


PREVIEWS = [
    Scenario(
        file="risk_off_shock",
        source="mixed_1999_2005.csv",
        name="Risk-Off Shock",
        description=(
            "The dot-com sell-off up to the week after the September 2001 attacks: bought at target on {bought}, left alone "
            "until {end}. Over these {days} trading days the S&P 500 moved {SP500_INDEX}, the NASDAQ Composite {NASDAQ}, "
            "oil {WTI} and the 10-year Treasury index {UST10Y_TR}."
        ),
        start="2000-09-01",
        bought="2000-09-01",
        end="2001-09-21",
        targets={"SP500_INDEX": 0.35, "NASDAQ": 0.15, "UST10Y_TR": 0.25, "UST2Y_TR": 0.10, "EURUSD": 0.10, "WTI": 0.05},
        portfolio_value=1_000_000.0,
        turnover_limit=0.40,
        transaction_cost_bps=10.0,
    ),
    Scenario(
        file="risk_on_rally",
        source="mixed_1999_2005.csv",
        name="Risk-On Rally",
        description=(
            "The recovery from the October 2002 low: bought at target on {bought}, left alone until {end}. Over these {days} "
            "trading days the S&P 500 moved {SP500_INDEX}, the NASDAQ Composite {NASDAQ}, the euro {EURUSD} against the dollar "
            "and the 10-year Treasury index {UST10Y_TR}. Its targets may be tilted by the forecasts, for 1 % of tracking error a year."
        ),
        start="2002-10-09",
        bought="2002-10-09",
        end="2003-12-31",
        targets={"SP500_INDEX": 0.35, "NASDAQ": 0.15, "UST10Y_TR": 0.20, "UST5Y_TR": 0.15, "EURUSD": 0.10, "WTI": 0.05},
        portfolio_value=2_500_000.0,
        turnover_limit=0.30,
        tracking_error_budget=0.01,
        transaction_cost_bps=8.0,
    ),
    Scenario(
        file="rates_move",
        source="mixed_1999_2005.csv",
        name="Rates Move",
        description=(
            "The bond sell-off of summer 2003: a bond-heavy book, at target on {bought}, left alone until {end}. In these two "
            "months the 10-year Treasury index moved {UST10Y_TR}, the 5-year {UST5Y_TR} and the 2-year {UST2Y_TR}, while the "
            "S&P 500 moved {SP500_INDEX}. The histories go back to {start}."
        ),
        start="2002-08-01",
        bought="2003-06-13",
        end="2003-08-13",
        targets={"UST10Y_TR": 0.40, "UST5Y_TR": 0.15, "UST2Y_TR": 0.15, "SP500_INDEX": 0.15, "EURUSD": 0.10, "NASDAQ": 0.05},
        portfolio_value=10_000_000.0,
        turnover_limit=0.20,
        transaction_cost_bps=4.0,
    ),
    Scenario(
        file="concentrated_stock_book",
        source="stocks_2010_2019.csv",
        name="Concentrated Stock Book",
        description=(
            "Six stocks with over a third in one name: bought at target on {bought}, left alone until {end}, Apple's highest close of that year. "
            "Over these {days} trading days Apple moved {AAPL}, Microsoft {MSFT}, JPMorgan {JPM} and Exxon {XOM}. The turnover "
            "limit is smaller than the way back to target. The data has only companies that still existed in 2022."
        ),
        start="2011-09-16",
        bought="2011-09-16",
        end="2012-09-19",
        targets={"AAPL": 0.35, "MSFT": 0.20, "JPM": 0.15, "XOM": 0.15, "JNJ": 0.10, "HD": 0.05},
        portfolio_value=750_000.0,
        turnover_limit=0.10,
        transaction_cost_bps=12.0,
    ),
    Scenario(
        file="financial_crisis",
        source="multi_asset_1999_2017.csv.gz",
        name="Financial Crisis",
        description=(
            "The year to the autumn of 2008: bought at target on {bought}, left alone until {end}. Over these {days} trading days the "
            "S&P 500 moved {SP500_INDEX}, Bank of America {BAC}, Walmart {WMT}, the 10-year Treasury index {UST10Y_TR} and the euro "
            "{EURUSD} against the dollar. The data has only stocks that traded until 2022: no bank that failed is in it."
        ),
        start="2007-10-26",
        bought="2007-10-26",
        end="2008-10-27",
        targets={"SP500_INDEX": 0.35, "BAC": 0.10, "WMT": 0.10, "UST10Y_TR": 0.25, "UST2Y_TR": 0.15, "EURUSD": 0.05},
        portfolio_value=1_500_000.0,
        turnover_limit=0.35,
        transaction_cost_bps=15.0,
    ),
    Scenario(
        file="pandemic_crash",
        source="stocks_1990_2022.csv.gz",
        name="Pandemic Crash",
        description=(
            "The spring of 2020 in five stocks and the index: bought at target on {bought}, left alone until {end}. Over these {days} "
            "trading days Exxon moved {XOM}, Bank of America {BAC}, Johnson & Johnson {JNJ}, Walmart {WMT}, Microsoft {MSFT} and the "
            "S&P 500 {SP500_INDEX}. Everything here is stocks that traded until 2022: the data has no bonds after March 2017."
        ),
        start="2019-03-22",
        bought="2019-03-22",
        end="2020-03-23",
        targets={"SP500_INDEX": 0.30, "MSFT": 0.15, "JNJ": 0.15, "WMT": 0.15, "BAC": 0.15, "XOM": 0.10},
        portfolio_value=2_000_000.0,
        turnover_limit=0.20,
        transaction_cost_bps=12.0,
    ),
    Scenario(
        file="inflation_year",
        source="stocks_1990_2022.csv.gz",
        name="Inflation Year",
        description=(
            "The year of rising prices and rates to the autumn of 2022, in six stocks: bought at target on {bought}, left alone until "
            "{end}. Over these {days} trading days Exxon moved {XOM}, Eli Lilly {LLY}, UnitedHealth {UNH}, Apple {AAPL}, Microsoft {MSFT} "
            "and JPMorgan {JPM}. Everything here is stocks that were large in 2022: the data has no bonds after March 2017."
        ),
        start="2021-09-30",
        bought="2021-09-30",
        end="2022-09-30",
        targets={"MSFT": 0.25, "AAPL": 0.20, "JPM": 0.15, "UNH": 0.15, "XOM": 0.15, "LLY": 0.10},
        portfolio_value=1_200_000.0,
        turnover_limit=0.25,
        transaction_cost_bps=8.0,
    ),
]

FIRST_PLAN = Scenario(
    file="first_plan",
    source="stocks_2010_2019.csv",
    name="Four stocks, autumn 2018",
    description=(
        "Four US stocks bought at target on {bought} and left alone until {end}: Apple moved {AAPL}, Exxon {XOM}, Johnson & Johnson "
        "{JNJ} and Merck {MRK} over {days} trading days."
    ),
    start="2018-09-26",
    bought="2018-09-26",
    end="2018-12-24",
    targets={"AAPL": 0.40, "JNJ": 0.25, "MRK": 0.20, "XOM": 0.15},
    portfolio_value=250_000.0,
    turnover_limit=0.25,
    transaction_cost_bps=10.0,
)


def simple_returns(prices):
    """r_t = P_t / P_{t-1} - 1, rounded to 8 decimals (one part in a hundred million a day)."""
    return [round(today / before - 1.0, 8) for before, today in zip(prices, prices[1:])]


def to_millionths(weights):
    """Round weights that sum to one to 6 decimals so that the rounded ones sum to one too (largest remainder)."""
    scaled = {name: weight * 1e6 for name, weight in weights.items()}
    floors = {name: int(value) for name, value in scaled.items()}
    missing = 1_000_000 - sum(floors.values())
    by_remainder = sorted(scaled, key=lambda name: (floors[name] - scaled[name], name))
    for name in by_remainder[:missing]:
        floors[name] += 1
    return {name: count / 1e6 for name, count in floors.items()}


def buy_and_hold(targets, growth):
    """Weights of a book bought at `targets` once each asset has grown by `growth` (a simple return)."""
    values = {name: weight * (1.0 + growth[name]) for name, weight in targets.items()}
    total = sum(values.values())
    return {name: value / total for name, value in values.items()}


def percent(fraction):
    """-0.3648 becomes "-36.5 %"."""
    return f"{100.0 * fraction:+.1f} %"


def build(scenario):
    """The request body of one scenario."""
    prices = Prices.read(ROOT / "data" / scenario.source)
    first, last = prices.at(scenario.start), prices.at(scenario.end)
    growth = {name: prices.change(name, scenario.bought, scenario.end) for name in scenario.targets}
    current = to_millionths(buy_and_hold(scenario.targets, growth))
    assert abs(sum(scenario.targets.values()) - 1.0) < 1e-12, f"{scenario.name}: targets do not sum to one"
    largest = max(abs(current[name] - target) for name, target in scenario.targets.items())
    assert largest > scenario.drift_threshold, f"{scenario.name}: nothing drifts out of its band"

    assets = []
    for name, target in scenario.targets.items():
        window = prices.columns[name][first : last + 1]
        returns = simple_returns(window)
        assets.append(
            {
                "asset": name,
                "target_weight": target,
                "current_weight": current[name],
                "price": window[-1],
                "market_return": returns[-1],
                "historical_returns": returns,
            }
        )
    words = {name: percent(change) for name, change in growth.items()}
    description = scenario.description.format(
        start=scenario.start, bought=scenario.bought, end=scenario.end, days=last - prices.at(scenario.bought), **words
    )
    tilt = {"tracking_error_budget": scenario.tracking_error_budget} if scenario.tracking_error_budget else {}
    return {
        "name": scenario.name,
        "description": description,
        "portfolio_value": scenario.portfolio_value,
        "drift_threshold": scenario.drift_threshold,
        "turnover_limit": scenario.turnover_limit,
        "transaction_cost_bps": scenario.transaction_cost_bps,
        "risk_free_rate": scenario.risk_free_rate,
        **tilt,
        # Of the returns: the first day of the window has none.
        "dates": prices.dates[first + 1 : last + 1],
        "assets": assets,
    }


def number(value):
    """The shortest decimal that reads back as this float, never in exponent form."""
    text = repr(value)
    if "e" in text:
        text = f"{value:.8f}".rstrip("0")
    return text


def to_json(body):
    """JSON with one member per line, and dates and histories ten per line, so that a diff stays readable."""
    lines = ["{"]
    for key, value in body.items():
        if key == "dates":
            rows = [value[i : i + 10] for i in range(0, len(value), 10)]
            lines.append('  "dates": [')
            lines.append(",\n".join("    " + ", ".join(json.dumps(day) for day in row) for row in rows))
            lines.append("  ],")
        elif key != "assets":
            text = number(value) if isinstance(value, float) else json.dumps(value)
            lines.append(f'  "{key}": {text},')
    lines.append('  "assets": [')
    for position, asset in enumerate(body["assets"]):
        lines.append("    {")
        for key, value in asset.items():
            if key == "historical_returns":
                lines.append('      "historical_returns": [')
                rows = [value[i : i + 10] for i in range(0, len(value), 10)]
                text = [", ".join(number(r) for r in row) for row in rows]
                lines.append(",\n".join(f"        {row}" for row in text))
                lines.append("      ]")
            else:
                text = number(value) if isinstance(value, float) else json.dumps(value)
                lines.append(f'      "{key}": {text},')
        lines.append("    }" + ("," if position + 1 < len(body["assets"]) else ""))
    lines += ["  ]", "}"]
    text = "\n".join(lines) + "\n"
    assert json.loads(text) == body, "the printed JSON does not read back as the body"
    return text


def outputs():
    """Every file this script owns, with its text."""
    files = {}
    for scenario in PREVIEWS:
        files[EXAMPLES / f"{scenario.file}.json"] = to_json(build(scenario))
    files[EXAMPLES / f"{FIRST_PLAN.file}.json"] = to_json(build(FIRST_PLAN))
    return files


def main():
    parser = argparse.ArgumentParser(description="Cut the preview scenarios and example requests out of the price files in data/.")
    parser.add_argument("--check", action="store_true", help="compare with the committed files instead of writing")
    check = parser.parse_args().check
    stale = []
    for path, text in outputs().items():
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(path.relative_to(ROOT))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))
    if stale:
        names = ", ".join(map(str, stale))
        print(f"differs from the data: {names}; run python3 examples/build_scenarios.py", file=sys.stderr)
        return 1
    if check:
        print(f"{len(outputs())} scenario and example files match the data")
    return 0


if __name__ == "__main__":
    sys.exit(main())
