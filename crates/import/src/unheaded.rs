//! Tables without headings: their columns are read in the usual order, and a question says so.

use crate::amounts::number_at;
use crate::column::ColumnRole;
use crate::date::is_date;
use crate::number::NumberCell;
use crate::question::{Doubt, ImportQuestion};
use crate::table::{Cell, Row, Table};

/// The usual order of a list of targets.
const ORDER: [ColumnRole; 4] =
    [ColumnRole::Asset, ColumnRole::TargetWeight, ColumnRole::CurrentWeight, ColumnRole::Price];

/// The table with a row of headings added, and the question whether they are right.
pub(crate) fn with_headings(table: &Table) -> Option<(Table, ImportQuestion)> {
    let first = table.rows.first()?;
    let width = first.cells.len();
    let numbers =
        |row: &Row| (1..width).all(|i| matches!(number_at(row, i), NumberCell::Number(_) | NumberCell::Empty));
    let alike = table.rows.iter().filter(|row| row.cells.len() == width && numbers(row) && row.filled() > 1).count();
    if width < 2 || 10 * alike < 8 * table.rows.len() || !numbers(first) {
        return None;
    }
    let headings: Vec<String> = if is_date(first.text(0)) {
        std::iter::once("Date".to_owned()).chain((1..width).map(|i| format!("Series {i}"))).collect()
    } else if width <= ORDER.len() && !matches!(number_at(first, 0), NumberCell::Number(_)) {
        ORDER[..width].iter().map(|role| role.words().to_owned()).collect()
    } else {
        return None;
    };
    let question = ImportQuestion::of_file(Doubt::NoHeadings { order: headings.join(", ") });
    let cells = headings.into_iter().map(|text| Cell { text, exact: None }).collect();
    let mut rows = vec![Row::of(first.number, cells)];
    rows.extend(table.rows.iter().cloned());
    Some((Table { rows, delimiter: table.delimiter }, question))
}
