//! Tables that hold a history: a date in each row and a column for each asset, a row for each date and asset, or one
//! number per line.

use chrono::NaiveDate;
use portfolio_core::without_unseen;

use crate::amounts::{amount, doubt, number_at};
use crate::body::body;
use crate::column::ColumnRole;
use crate::date::{DateColumn, read_dates};
use crate::header::Layout;
use crate::heading::normalise;
use crate::history::{Aligned, HistoryUnit, ImportedHistory, Period, Series, align, unit_of, without_repeats};
use crate::marks::{ColumnMark, prove};
use crate::note::ImportNote;
use crate::number::NumberCell;
use crate::options::{HistoryNumbers, ImportOptions};
use crate::question::{Doubt, ImportQuestion};
use crate::reading::ReadingKind;
use crate::set_aside::{SetAside, SetAsideReason};
use crate::table::{Row, Table, shortened};

/// A history and what belongs to it.
#[derive(Debug)]
pub(crate) struct HistoryRead {
    pub(crate) kind: ReadingKind,
    pub(crate) history: Option<ImportedHistory>,
    pub(crate) questions: Vec<ImportQuestion>,
    pub(crate) set_aside: Vec<SetAside>,
    pub(crate) notes: Vec<ImportNote>,
    /// Indices of the columns that were read as series.
    pub(crate) series: Vec<usize>,
}

/// True for a table with several dates and a price of an asset in each row.
pub(crate) fn is_long(table: &Table, layout: &Layout) -> bool {
    let (Some(date), Some(_)) = (layout.column(ColumnRole::Date), layout.column(ColumnRole::Price)) else {
        return false;
    };
    let others = [ColumnRole::Quantity, ColumnRole::Value, ColumnRole::TargetWeight, ColumnRole::CurrentWeight];
    let mut dates: Vec<&str> =
        table.rows[layout.header + 1..].iter().map(|row| row.text(date)).filter(|d| !d.is_empty()).collect();
    dates.sort_unstable();
    dates.dedup();
    layout.names_asset() && dates.len() > 1 && others.into_iter().all(|role| layout.column(role).is_none())
}

/// Reads a table with a column for each asset.
pub(crate) fn read_wide(table: &Table, layout: &Layout, options: &ImportOptions) -> Option<HistoryRead> {
    let date = layout.column(ColumnRole::Date)?;
    let (rows, mut set_aside) = body(table, layout);
    let rows: Vec<&Row> = rows.iter().map(|b| b.row).collect();
    let header = table.rows[layout.header].number;
    let holds_numbers = |i: usize| rows.iter().any(|row| matches!(number_at(row, i), NumberCell::Number(_)));
    // The caller may leave a column out; that no heading is known says nothing in a history, whose headings are names of assets.
    let is_left_out = |i: usize| {
        let stated = options.columns.iter().find(|(name, _)| normalise(name) == normalise(&layout.columns[i].heading));
        stated.is_some_and(|(_, role)| *role == ColumnRole::Unused)
    };
    let (numbers, words): (Vec<usize>, Vec<usize>) =
        (0..layout.columns.len()).filter(|i| *i != date).partition(|i| holds_numbers(*i) && !is_left_out(*i));
    let (chosen, others) = one_asset(layout, &numbers);
    let bars = !others.is_empty();
    set_aside.extend(words.into_iter().chain(others).map(|i| SetAside {
        row: header,
        reason: SetAsideReason::Column { heading: layout.columns[i].heading.clone() },
    }));
    // A column named after a kind of price does not name the asset.
    let is_named = |i: usize| matches!(layout.columns[i].role, ColumnRole::Unused | ColumnRole::Series);
    let single = chosen.len() == 1 && (bars || !is_named(chosen[0]));
    let name = |i: &usize| match (&options.asset_name, single) {
        (Some(name), true) => name.clone(),
        _ => shortened(&without_unseen(&layout.columns[*i].heading), 200),
    };
    let assets: Vec<String> = chosen.iter().map(name).collect();
    let cells: Vec<Vec<NumberCell>> =
        chosen.iter().map(|i| rows.iter().map(|row| number_at(row, *i)).collect()).collect();
    let dates: Vec<&str> = rows.iter().map(|row| row.text(date)).collect();
    let heading = &layout.columns[date].heading;
    let read = finish(&rows, &assets, &cells, dated(&dates, heading, options), set_aside, options);
    Some(HistoryRead { series: chosen, ..read })
}

/// In a table with opening, highest, lowest and closing prices, the adjusted or closing column; otherwise all columns.
fn one_asset(layout: &Layout, numbers: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let words = |i: &usize| normalise(&layout.columns[*i].heading);
    let find = |wanted: &[&str]| wanted.iter().find_map(|w| numbers.iter().copied().find(|i| words(i) == *w));
    let bars = ["open", "high", "low", "volume", "eroffnung", "hoch", "tief"];
    let has_bars = numbers.iter().filter(|i| bars.contains(&words(i).as_str())).count() > 1;
    match find(&["adj close", "adjusted close", "adj close", "close", "schluss", "schlusskurs", "last", "price"]) {
        Some(chosen) if has_bars => (vec![chosen], numbers.iter().copied().filter(|i| *i != chosen).collect()),
        _ => (numbers.to_vec(), Vec::new()),
    }
}

/// Reads a table with a row for each date and asset.
pub(crate) fn read_long(table: &Table, layout: &Layout, options: &ImportOptions) -> Option<HistoryRead> {
    let (date, price) = (layout.column(ColumnRole::Date)?, layout.column(ColumnRole::Price)?);
    let (body, mut set_aside) = body(table, layout);
    let texts: Vec<&str> = body.iter().map(|b| b.row.text(date)).collect();
    let (dates, mut questions) = dated(&texts, &layout.columns[date].heading, options);
    let mut assets: Vec<String> = Vec::new();
    let mut rows: Vec<(&Row, NaiveDate, Vec<NumberCell>)> = Vec::new();
    for (line, day) in body.iter().zip(&dates) {
        let cell = number_at(line.row, price);
        let Some(day) = day.filter(|_| !line.asset.is_empty()) else {
            let text = line.row.shown();
            let reason =
                if line.asset.is_empty() { SetAsideReason::NoAsset { text } } else { SetAsideReason::NoDate { text } };
            set_aside.push(SetAside { row: line.row.number, reason });
            continue;
        };
        let asset = assets.iter().position(|a| *a == line.asset).unwrap_or_else(|| {
            assets.push(line.asset.clone());
            assets.len() - 1
        });
        let place = rows.iter().rposition(|(_, d, _)| *d == day).unwrap_or_else(|| {
            rows.push((line.row, day, Vec::new()));
            rows.len() - 1
        });
        let cells = &mut rows[place].2;
        if cells.len() <= asset {
            cells.resize(asset + 1, NumberCell::Empty);
        }
        match &cells[asset] {
            NumberCell::Empty => cells[asset] = cell,
            first => {
                if *first != cell {
                    questions.push(ImportQuestion::of_file(Doubt::RepeatedDate { date: day }).at_row(line.row.number));
                }
                set_aside.push(SetAside { row: line.row.number, reason: SetAsideReason::RepeatedDate { date: day } });
            }
        }
    }
    let cells: Vec<Vec<NumberCell>> = (0..assets.len())
        .map(|a| rows.iter().map(|(_, _, cells)| cells.get(a).cloned().unwrap_or(NumberCell::Empty)).collect())
        .collect();
    let days = rows.iter().map(|(_, day, _)| Some(*day)).collect();
    let lines: Vec<&Row> = rows.iter().map(|(row, ..)| *row).collect();
    let read = finish(&lines, &assets, &cells, (days, questions), set_aside, options);
    // Without a date no row has come so far that its numbers could be compared; their column is called a price.
    Some(if lines.is_empty() { HistoryRead { kind: ReadingKind::PriceHistory, ..read } } else { read })
}

/// Reads one number per line, with or without a heading.
pub(crate) fn read_list(table: &Table, options: &ImportOptions) -> Option<HistoryRead> {
    let is_number = |row: &Row| row.filled() == 1 && matches!(number_at(row, 0), NumberCell::Number(_));
    let start = table.rows.iter().position(is_number)?;
    let rows: Vec<&Row> = table.rows[start..].iter().filter(|row| row.cells.len() == 1).collect();
    if start > 1
        || table.rows.len() - start < 2
        || 10 * rows.iter().filter(|r| is_number(r)).count() < 9 * (table.rows.len() - start)
    {
        return None;
    }
    let preamble = table.rows[..start].iter();
    let mut set_aside: Vec<SetAside> = preamble
        .map(|row| SetAside { row: row.number, reason: SetAsideReason::Preamble { text: row.shown() } })
        .collect();
    let odd = table.rows[start..].iter().filter(|row| row.cells.len() != 1);
    set_aside.extend(odd.map(|row| SetAside {
        row: row.number,
        reason: SetAsideReason::Ragged { cells: row.cells.len(), headings: 1, lines: row.lines, text: row.shown() },
    }));
    let heading = table.rows[..start].first().map(|row| shortened(row.text(0), 200));
    let has_heading = heading.is_some();
    let asset = options.asset_name.clone().or(heading).unwrap_or_else(|| "Series 1".to_owned());
    let cells = vec![rows.iter().map(|row| number_at(row, 0)).collect()];
    let mut read = finish(&rows, &[asset], &cells, (Vec::new(), Vec::new()), set_aside, options);
    if !has_heading && options.asset_name.is_none() {
        read.questions.insert(0, ImportQuestion::of_file(Doubt::AssetName));
    }
    if read.kind == ReadingKind::PriceHistory && options.history_unit.is_none() {
        read.questions.insert(0, ImportQuestion::of_file(Doubt::Prices));
    }
    Some(read)
}

/// The dates of rows. If their order is open, none is read.
fn dated(cells: &[&str], heading: &str, options: &ImportOptions) -> (Vec<Option<NaiveDate>>, Vec<ImportQuestion>) {
    match read_dates(cells, options.date_order) {
        DateColumn::Dates(dates) => (dates, Vec::new()),
        DateColumn::Open => {
            let sample = shortened(cells.iter().find(|c| !c.is_empty()).copied().unwrap_or_default(), 40);
            (vec![None; cells.len()], vec![ImportQuestion::of_column(heading, Doubt::DayOrMonth { sample })])
        }
    }
}

/// Aligns the cells; `dates` is empty for a list without dates.
fn finish(
    rows: &[&Row],
    assets: &[String],
    cells: &[Vec<NumberCell>],
    (dates, mut questions): (Vec<Option<NaiveDate>>, Vec<ImportQuestion>),
    mut set_aside: Vec<SetAside>,
    options: &ImportOptions,
) -> HistoryRead {
    let marks = prove(cells, options.decimal_mark);
    let mut named = Vec::new();
    let mut columns: Vec<Vec<Option<f64>>> = Vec::new();
    let mut signs = Vec::new();
    for ((asset, cells), mark) in assets.iter().zip(cells).zip(&marks) {
        if let Some((at, doubt)) = doubt(cells, *mark) {
            questions.push(ImportQuestion::of_column(asset, doubt).at_row(rows[at].number));
        }
        for (cell, row) in cells.iter().zip(rows) {
            if *cell == NumberCell::Text {
                let doubt = Doubt::NotANumber { text: row.shown() };
                questions.push(ImportQuestion::of_column(asset, doubt).at_row(row.number));
            }
        }
        if *mark == ColumnMark::Open {
            continue;
        }
        let amounts: Vec<_> = cells.iter().map(|cell| amount(cell, *mark)).collect();
        signs.extend(amounts.iter().flatten().map(|a| a.percent));
        columns.push(amounts.iter().map(|a| a.as_ref().map(|a| a.written())).collect());
        named.push(asset.clone());
    }
    let mut periods = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let date = dates.get(i).copied().flatten();
        let numbers: Vec<Option<f64>> = columns.iter().map(|c| c[i]).collect();
        let reason = if !dates.is_empty() && date.is_none() {
            SetAsideReason::NoDate { text: row.shown() }
        } else if numbers.iter().all(Option::is_none) {
            SetAsideReason::EmptyPeriod { text: row.shown() }
        } else {
            periods.push(Period { row: row.number, date, numbers });
            continue;
        };
        set_aside.push(SetAside { row: row.number, reason });
    }
    if !dates.is_empty() {
        let (kept, repeats) = without_repeats(periods);
        periods = kept;
        for (period, same) in repeats {
            let Some(date) = period.date else { continue };
            if !same {
                questions.push(ImportQuestion::of_file(Doubt::RepeatedDate { date }).at_row(period.row));
            }
            set_aside.push(SetAside { row: period.row, reason: SetAsideReason::RepeatedDate { date } });
        }
    }
    // What the numbers are does not depend on the order of day and month.
    let is_undated = !dates.is_empty() && dates.iter().all(Option::is_none);
    let all: Vec<f64> = if is_undated {
        columns.iter().flatten().flatten().copied().collect()
    } else {
        periods.iter().flat_map(|p| p.numbers.iter().flatten().copied()).collect()
    };
    let unit = match options.history_unit {
        Some(HistoryNumbers::Prices) => HistoryUnit::Price,
        Some(HistoryNumbers::Fractions) => HistoryUnit::Fraction,
        Some(HistoryNumbers::Percent) => HistoryUnit::Percent,
        None => unit_of(&all, signs.contains(&true)),
    };
    let is_mixed = signs.contains(&true) && signs.contains(&false);
    if options.history_unit.is_none() && (unit == HistoryUnit::Open && !all.is_empty() || is_mixed) {
        questions.push(ImportQuestion::of_file(Doubt::HistoryUnit));
    }
    let kind = if unit == HistoryUnit::Price { ReadingKind::PriceHistory } else { ReadingKind::Returns };
    if unit == HistoryUnit::Open || named.is_empty() || is_undated {
        let shown =
            |number: usize| rows.iter().find(|row| row.number == number).map(|row| row.shown()).unwrap_or_default();
        set_aside.extend(periods.iter().map(|p| {
            let text = shown(p.row);
            let reason = if named.is_empty() {
                SetAsideReason::OpenMarks { text }
            } else if is_undated {
                SetAsideReason::OpenDates { text }
            } else {
                SetAsideReason::OpenUnit { text }
            };
            SetAside { row: p.row, reason }
        }));
        return HistoryRead { kind, history: None, questions, set_aside, notes: Vec::new(), series: Vec::new() };
    }
    let Aligned { history, gaps, questions: odd, notes } =
        align(Series { assets: named, periods }, unit, options.adjust_splits);
    questions.extend(odd);
    set_aside.extend(gaps.into_iter().map(|(row, assets)| {
        let assets = shortened(&assets.join(", "), 200);
        let reason = match unit {
            HistoryUnit::Price => SetAsideReason::Gap { assets },
            _ => SetAsideReason::GapInReturns { assets },
        };
        SetAside { row, reason }
    }));
    HistoryRead { kind, history: Some(history), questions, set_aside, notes, series: Vec::new() }
}
