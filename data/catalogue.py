"""Every price file: its columns, how they are made from the sources, and what to know of it before using it."""

from dataclasses import dataclass
from functools import partial
from typing import Callable

from series import by_day, carried, decimal, iso, significant, total_return_index

TREASURIES = {"UST2Y_TR": ("2year", 2), "UST5Y_TR": ("5year", 5), "UST10Y_TR": ("10year", 10)}
CURRENCIES = ["USD", "JPY", "GBP", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "SGD", "HKD", "ZAR"]
# US dollars for so many units of a currency.
DOLLARS_FOR = {"JPYUSD": ("JPY", 100), "GBPUSD": ("GBP", 1), "CHFUSD": ("CHF", 1), "CADUSD": ("CAD", 1), "AUDUSD": ("AUD", 1)}
NYSE, TREASURY_DAYS, TARGET, MONTHS = "NYSE trading days", "days with Treasury yields", "days with ECB rates", "months, dated by their first day"


@dataclass(frozen=True)
class Table:
    """Days (or months) in ascending order and one column of texts per name."""

    days: list
    columns: dict

    @classmethod
    def of(cls, columns):
        """From columns that are known on the same days."""
        days = list(next(iter(columns.values())))
        if any(list(column) != days for column in columns.values()):
            raise ValueError(f"{', '.join(columns)}: the days differ")
        return cls(days, {name: list(column.values()) for name, column in columns.items()})

    def between(self, first, last):
        """The rows from one day to another, both included."""
        kept = [i for i, day in enumerate(self.days) if first <= day <= last]
        return Table([self.days[i] for i in kept], {name: [column[i] for i in kept] for name, column in self.columns.items()})

    def csv(self):
        """The text of the file."""
        lines = [",".join(["date", *self.columns])]
        lines += [",".join(row) for row in zip(self.days, *self.columns.values())]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class File:
    """One file of data/. `name` ends in .gz when the file is compressed."""

    name: str
    what: str
    calendar: str
    make: Callable  # Archives -> Table
    # Columns that are no prices and may be zero or below: returns, rates, and volumes, where 0 means unknown.
    signed: tuple = ()


def columns_of(rows, names, text=str):
    """Columns as the source has them, or with `text` made of each value."""
    return {name: {day: text(value) for day, value in by_day(rows, name).items()} for name in names}


def to(places):
    """Rounds to so many decimals."""
    return partial(decimal, places=places)


def all_columns(rows):
    """Every column but the date, as the source has it."""
    return columns_of(rows, [name for name in rows[0] if name != "Date"])


def index(archives):
    """The S&P 500 index by day; the last column of every file of stocks, the benchmark."""
    return by_day(archives.rows("index"), "SP500")


def with_index(archives, columns):
    known, days = index(archives), next(iter(columns.values()))
    return Table.of({**columns, "SP500_INDEX": {day: known[day] for day in days}})


def stocks(archives):
    return with_index(archives, all_columns(archives.rows("stocks")))


def factor_etfs(archives):
    return with_index(archives, all_columns(archives.rows("factor_etfs")))


def treasury_columns(archives, places):
    rows = archives.rows("treasury")
    yields = {name: (by_day(rows, column, day="Time Period"), years) for name, (column, years) in TREASURIES.items()}
    indices = {name: total_return_index({d: float(y) for d, y in known.items()}, years) for name, (known, years) in yields.items()}
    return {name: {day: decimal(level, places) for day, level in column.items()} for name, column in indices.items()}


def treasuries(archives):
    return Table.of(treasury_columns(archives, 4))


def open_high_low_close(source):
    """The table of one index with its volume; the source has the noise of single precision behind two decimals."""

    def make(archives):
        rows = archives.rows(source)
        prices = columns_of(rows, ["Open", "High", "Low", "Close"], to(2))
        return Table.of({name.lower(): column for name, column in {**prices, "Volume": by_day(rows, "Volume")}.items()})

    return make


def oil(archives):
    return Table.of({"WTI": by_day(archives.rows("wti"), "DCOILWTICO")})


def vix(archives):
    return Table.of({"VIX": by_day(archives.rows("vix"), "vix")})


def core_cpi(archives):
    return Table.of({"CORE_CPI": by_day(archives.rows("core_cpi"), "CPILFESL")})


def corporate_yields(archives):
    rows = archives.rows("corporate_yields")
    spread = {iso(row["Date"]): decimal(float(row["BAA"]) - float(row["AAA"]), 2) for row in rows}
    return Table.of({**columns_of(rows, ["AAA", "BAA"]), "DEFAULT_SPREAD": spread})


def three_factors(archives):
    names = {"Mkt-RF": "MKT_RF", "SMB": "SMB", "HML": "HML", "RF": "RF"}
    return Table.of({names[name]: column for name, column in all_columns(archives.rows("factors")).items()})


def ecb_rates(archives):
    # Until the stocks end; the package goes on.
    return Table.of(columns_of(archives.rows("ecb"), CURRENCIES)).between("1999-01-04", "2022-12-30")


def dollar_columns(archives, names, places):
    """US dollars per euro and, through the euro, for the other currencies."""
    rows = archives.rows("ecb")
    per_euro = by_day(rows, "USD")
    columns = {"EURUSD": {day: decimal(rate, places) for day, rate in per_euro.items()}}
    for name in names:
        currency, units = DOLLARS_FOR[name]
        columns[name] = {day: decimal(units * float(per_euro[day]) / float(rate), places) for day, rate in by_day(rows, currency).items()}
    return columns


def etf_prices(archives):
    # The source printed single precision, which holds seven digits, with seventeen.
    rows = archives.rows("etfs")
    return Table.of(columns_of(rows, [name for name in rows[0] if name != "Date"], partial(significant, digits=7)))


def on_stock_days(archives, columns, first, last):
    """Columns of several calendars on NYSE trading days: the last known value where a market was closed."""
    known = index(archives)
    days = [day for day in known if first <= day <= last]
    columns = {**columns, "SP500_INDEX": {day: decimal(value, 5) for day, value in known.items()}}
    return Table(days, {name: carried(column, days) for name, column in columns.items()})


def multi_asset(archives):
    columns = all_columns(archives.rows("stocks")) | treasury_columns(archives, 4)
    columns |= {"WTI": by_day(archives.rows("wti"), "DCOILWTICO")} | dollar_columns(archives, DOLLARS_FOR, 7)
    return on_stock_days(archives, columns, "1999-01-04", "2017-03-29")


def mixed(archives):
    columns = {"NASDAQ": columns_of(archives.rows("nasdaq"), ["Close"], to(5))["Close"], **treasury_columns(archives, 5)}
    columns |= {"WTI": columns_of(archives.rows("wti"), ["DCOILWTICO"], to(5))["DCOILWTICO"], **dollar_columns(archives, ["JPYUSD", "GBPUSD"], 5)}
    return on_stock_days(archives, columns, "1999-01-04", "2005-12-30")


FILES = [
    File("stocks_1990_2022.csv.gz", "20 large US stocks, adjusted; S&P 500 index", NYSE, stocks),
    File("stocks_2010_2019.csv", "ten years of the same", NYSE, lambda archives: stocks(archives).between("2009-12-31", "2019-12-31")),
    File("factor_etfs_2014_2022.csv.gz", "five US factor ETFs, adjusted; S&P 500 index", NYSE, factor_etfs),
    File("multi_asset_1999_2017.csv.gz", "the 20 stocks, Treasuries, oil, six currencies, S&P 500 index", NYSE, multi_asset),
    File("mixed_1999_2005.csv", "NASDAQ, Treasuries, oil, three currencies, S&P 500 index", NYSE, mixed),
    File("treasuries_1990_2017.csv.gz", "total-return indices of 2, 5 and 10 years", TREASURY_DAYS, treasuries),
    File("sp500_ohlcv_1999_2018.csv.gz", "S&P 500: open, high, low, close, volume", NYSE, open_high_low_close("sp500")),
    File("nasdaq_ohlcv_1999_2018.csv.gz", "NASDAQ Composite: open, high, low, close, volume", NYSE, open_high_low_close("nasdaq"), signed=("volume",)),
    File("wti_1986_2019.csv.gz", "crude oil, WTI spot, USD per barrel", "days with a price", oil),
    File("vix_2014_2019.csv", "VIX, percent a year", "days with a value", vix),
    File("ecb_rates_1999_2022.csv.gz", "units of twelve currencies per euro", TARGET, ecb_rates),
    File("etf_price_only_2008_2016.csv.gz", "23 US-listed ETFs **without their distributions**", NYSE, etf_prices),
    File("core_cpi_1957_2018.csv", "US consumer prices without food and energy, 1982–84 = 100", MONTHS, core_cpi),
    File(
        "corporate_yields_1919_2018.csv", "Moody's AAA and BAA yields and their difference, percent a year", MONTHS, corporate_yields,
        signed=("DEFAULT_SPREAD",),
    ),
    File(
        "three_factors_1926_2018.csv", "Fama–French market, size, value, and the bill rate, percent a month", MONTHS, three_factors,
        signed=("MKT_RF", "SMB", "HML", "RF"),
    ),
]
