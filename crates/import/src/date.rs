//! Dates as people write them; the order of day and month is proven by the column.

use chrono::NaiveDate;

/// A column of dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DateColumn {
    /// One date for each cell that can be read.
    Dates(Vec<Option<NaiveDate>>),
    /// Nothing proves whether day or month comes first.
    Open,
}

/// Whether day or month comes first in a date that begins with neither the year nor a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DateOrder {
    /// `31/01/2026`
    DayFirst,
    /// `01/31/2026`
    MonthFirst,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Year,
    Day,
    Month,
}

const ORDERS: [Order; 2] = [Order::Day, Order::Month];

/// True for a cell that is a date in some order.
pub(crate) fn is_date(cell: &str) -> bool {
    [Order::Year, Order::Day, Order::Month].iter().any(|order| parse(cell, *order).is_some())
}

/// Reads a column: the order in which every cell is a date, or else the one in which the dates are monotonic, or else
/// the one stated by the caller.
pub(crate) fn read_dates(cells: &[&str], stated: Option<DateOrder>) -> DateColumn {
    let under = |order: Order| -> Vec<Option<NaiveDate>> {
        cells.iter().map(|cell| parse(cell, Order::Year).or_else(|| parse(cell, order))).collect()
    };
    let [day, month] = ORDERS.map(under);
    if day == month {
        return DateColumn::Dates(day);
    }
    let read = |dates: &[Option<NaiveDate>]| dates.iter().flatten().count();
    match read(&day).cmp(&read(&month)) {
        // One cell that reads in one order only may be a damaged one.
        std::cmp::Ordering::Greater if read(&day) > read(&month) + 1 => DateColumn::Dates(day),
        std::cmp::Ordering::Less if read(&month) > read(&day) + 1 => DateColumn::Dates(month),
        // Whoever separates day, month and year by points writes the day first.
        _ if cells.iter().filter(|cell| !cell.is_empty()).all(|cell| is_pointed(cell))
            && read(&day) >= read(&month) =>
        {
            DateColumn::Dates(day)
        }
        _ => match (runs(&day), runs(&month)) {
            (true, false) => DateColumn::Dates(day),
            (false, true) => DateColumn::Dates(month),
            _ => match stated {
                Some(DateOrder::DayFirst) => DateColumn::Dates(day),
                Some(DateOrder::MonthFirst) => DateColumn::Dates(month),
                None => DateColumn::Open,
            },
        },
    }
}

/// `01.02.2026`, possibly followed by a time.
fn is_pointed(cell: &str) -> bool {
    let date = cell.trim().split(['T', ' ']).next().unwrap_or_default();
    date.matches('.').count() == 2 && date.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// The dates are ascending or descending throughout, and there are enough of them to decide.
fn runs(dates: &[Option<NaiveDate>]) -> bool {
    let known: Vec<NaiveDate> = dates.iter().flatten().copied().collect();
    known.len() > 2 && (known.is_sorted_by(|a, b| a < b) || known.is_sorted_by(|a, b| a > b))
}

fn parse(cell: &str, order: Order) -> Option<NaiveDate> {
    let cell = cell.trim().trim_matches('"');
    if cell.len() > 40 {
        return None;
    }
    let head = cell.split(['T', ' ']).next().unwrap_or(cell);
    let date = if head.contains(|c: char| c.is_ascii_digit()) && head.contains(['-', '/', '.']) { head } else { cell };
    let parts: Vec<&str> = date.split(['-', '/', '.', ' ', ',']).filter(|p| !p.is_empty()).collect();
    match parts.as_slice() {
        [whole] if order == Order::Year && whole.len() == 8 && whole.is_ascii() => {
            plausible(whole[..4].parse().ok()?, whole[4..6].parse().ok()?, whole[6..].parse().ok()?)
        }
        [a, b, c] => {
            if let Some(month) = month_of(a) {
                return plausible(year(c)?, month, b.parse().ok()?);
            }
            if let Some(month) = month_of(b) {
                return match a.len() {
                    4 => plausible(year(a)?, month, c.parse().ok()?),
                    _ => plausible(year(c)?, month, a.parse().ok()?),
                };
            }
            match order {
                Order::Year if a.len() == 4 => plausible(a.parse().ok()?, b.parse().ok()?, c.parse().ok()?),
                Order::Day if a.len() <= 2 => plausible(year(c)?, b.parse().ok()?, a.parse().ok()?),
                Order::Month if a.len() <= 2 => plausible(year(c)?, a.parse().ok()?, b.parse().ok()?),
                _ => None,
            }
        }
        _ => None,
    }
}

fn year(text: &str) -> Option<i32> {
    let year: i32 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        2 => Some(if year < 70 { 2000 + year } else { 1900 + year }),
        _ => None,
    }
}

fn plausible(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    (1800..2200).contains(&year).then(|| NaiveDate::from_ymd_opt(year, month, day))?
}

fn month_of(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let word = word.to_lowercase();
    let start = word.get(..3)?;
    let found = MONTHS.iter().position(|m| *m == start).or(match start {
        "mär" | "mrz" => Some(2),
        "mai" => Some(4),
        "okt" => Some(9),
        "dez" => Some(11),
        _ => None,
    })?;
    u32::try_from(found + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(cells: &[&str]) -> Vec<String> {
        match read_dates(cells, None) {
            DateColumn::Dates(dates) => dates.iter().flatten().map(ToString::to_string).collect(),
            DateColumn::Open => vec!["open".to_owned()],
        }
    }

    #[test]
    fn dates_are_read_in_the_order_that_the_column_proves() {
        assert_eq!(dates(&["2026-01-02", "20260105", "5 Jan 2026", "Jan 7, 2026"]).len(), 4);
        assert_eq!(dates(&["27.11.2026", "01.12.2026", "28.12.2026"])[1], "2026-12-01");
        assert_eq!(dates(&["11/27/2026", "12/01/2026", "12/28/2026"])[1], "2026-12-01");
        assert_eq!(dates(&["02/01/2026", "05/01/2026", "06/01/2026", "03/02/2026"])[3], "2026-02-03");
        assert_eq!(dates(&["01/02/2026", "02/02/2026"]), ["open"]);
        assert_eq!(dates(&["01.02.2026", "02.02.2026"]), ["2026-02-01", "2026-02-02"]);
        assert_eq!(dates(&["11.27.2026", "11.28.2026", "11.30.2026"])[0], "2026-11-27", "proven by its days");
        let stated = read_dates(&["01/02/2026", "02/02/2026"], Some(DateOrder::MonthFirst));
        assert_eq!(
            stated,
            DateColumn::Dates(vec![NaiveDate::from_ymd_opt(2026, 1, 2), NaiveDate::from_ymd_opt(2026, 2, 2)])
        );
        assert_eq!(dates(&["2026-01-02T00:00:00Z", "2026-01-03 16:00"]), ["2026-01-02", "2026-01-03"]);
    }
}
