"""From source rows to columns: dates in ISO form, par bonds priced again, values carried onto another calendar."""

from datetime import date

# Level of a Treasury total-return index on its first day.
BASE = 100.0


def iso(text):
    """2/17/1986, 198602 (the month's first day) or 1986-02-17T… as 1986-02-17."""
    if "/" in text:
        month, day, year = text.split("/")
        return f"{year}-{int(month):02}-{int(day):02}"
    if len(text) == 6:
        return f"{text[:4]}-{text[4:]}-01"
    return text[:10]


def by_day(rows, column, day="Date", missing=("", ".", "N/A")):
    """Day to the text of one column, days without a value left out, ascending."""
    pairs = sorted((iso(row[day]), row[column].strip()) for row in rows)
    return {when: value for when, value in pairs if value not in missing}


def par_bond_price(coupon, years, yield_to_maturity):
    """Price per unit of face value of a bond with half-yearly coupons.

    P = c/y (1 - v) + v with v = (1 + y/2)^(-2 n); a bond whose coupon is its yield costs 1.
    `coupon`, `yield_to_maturity`: fractions a year, compounded twice a year, both above zero; `years`: to maturity.
    """
    discount = (1.0 + yield_to_maturity / 2.0) ** (-2.0 * years)
    return coupon / yield_to_maturity * (1.0 - discount) + discount


def total_return_index(yields, years):
    """Index of a bond of constant maturity, from par yields by day (fractions); starts at BASE.

    TR_t = TR_{t-1} (P(y_{t-1}, n, y_t) + y_{t-1} d / 365), with d the calendar days since the day before: yesterday's par bond is priced
    at today's yield with its maturity unchanged, and its coupon accrues. What the bond gains by growing shorter overnight (roll-down) is
    left out.
    """
    level, before, known = BASE, None, {}
    for day, par_yield in yields.items():
        if before:
            earlier, coupon = before
            days = (date.fromisoformat(day) - date.fromisoformat(earlier)).days
            level *= par_bond_price(coupon, years, par_yield) + coupon * days / 365.0
        known[day] = level
        before = day, par_yield
    return known


def carried(known, days):
    """The value of each of `days`, the last known one where there is none; both ascending, and one must be known by the first day."""
    values, waiting, last = [], iter(known.items()), None
    upcoming = next(waiting, None)
    for day in days:
        while upcoming and upcoming[0] <= day:
            last, upcoming = upcoming[1], next(waiting, None)
        if last is None:
            raise ValueError(f"no value on or before {day}")
        values.append(last)
    return values


def decimal(value, places):
    """A number rounded to `places` decimals, in its shortest form with at least one decimal.

    A half goes to the even neighbour of the scaled number, as in numpy: 1720.359985 has five decimals as 1720.35998.
    """
    scale = 10**places
    return repr(round(float(value) * scale) / scale)


def significant(value, digits):
    """A number rounded to so many significant digits, in its shortest form with at least one decimal."""
    return repr(float(f"{float(value):.{digits}g}"))
