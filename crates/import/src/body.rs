//! The rows below the headings: those with an asset, cash or a total, and those set aside because of their shape alone.

use portfolio_core::{Isin, without_unseen};

use crate::column::ColumnRole;
use crate::header::Layout;
use crate::heading::normalise;
use crate::number::{NumberCell, read_number};
use crate::set_aside::{SetAside, SetAsideReason};
use crate::table::{Row, Table, in_one_line};
use crate::totals::{TotalName, total_name};

/// A row that may hold an asset, cash or a total.
#[derive(Debug, Clone)]
pub(crate) struct BodyRow<'a> {
    pub(crate) row: &'a Row,
    /// The symbol, identifier or name of the asset.
    pub(crate) asset: String,
    pub(crate) name: String,
    pub(crate) isin: Option<String>,
    pub(crate) class: String,
    pub(crate) account: Option<String>,
    pub(crate) currency: String,
}

/// Splits the rows of a table by their shape.
pub(crate) fn body<'a>(table: &'a Table, layout: &Layout) -> (Vec<BodyRow<'a>>, Vec<SetAside>) {
    let (mut rows, mut aside) = (Vec::new(), Vec::new());
    let mut account: Option<String> = None;
    let account_in = |text: &str| layout.dialect.as_ref().and_then(|d| d.account_in(text));
    for row in &table.rows[..layout.header] {
        account = account_in(&row.shown()).or(account);
        let reason = match other_section(row, layout) {
            Some(reason) => reason,
            None => SetAsideReason::Preamble { text: row.shown() },
        };
        aside.push(SetAside { row: row.number, reason });
    }
    for row in &table.rows[layout.header + 1..] {
        match shape(row, layout) {
            Some(reason) => {
                account = account_in(&row.shown()).or(account);
                aside.push(SetAside { row: row.number, reason });
            }
            None => {
                let named = named(row, layout);
                rows.push(BodyRow { account: named.account.clone().or_else(|| account.clone()), ..named });
            }
        }
    }
    (rows, aside)
}

fn other_section(row: &Row, layout: &Layout) -> Option<SetAsideReason> {
    let section = layout.dialect.as_ref()?.section()?;
    let only = section.only.is_none_or(|(heading, value)| {
        let column = layout.columns.iter().position(|c| c.heading == heading);
        column.is_none_or(|i| row.text(i) == value)
    });
    if row.text(0) == section.name && row.text(1) == section.row && only {
        None
    } else if row.text(0) == section.name && total_name(row.text(1)) != TotalName::No {
        Some(SetAsideReason::Total { name: row.text(1).to_owned() })
    } else {
        Some(SetAsideReason::OtherSection { text: row.shown() })
    }
}

/// Why the shape of a row alone sets it aside.
fn shape(row: &Row, layout: &Layout) -> Option<SetAsideReason> {
    if let Some(reason) = other_section(row, layout) {
        return Some(reason);
    }
    let width = layout.columns.len();
    let beyond = row.cells.iter().skip(width).any(|c| !c.text.trim().is_empty());
    let text = || row.shown();
    let repeats = |(i, column): (usize, &crate::header::Column)| normalise(row.text(i)) == normalise(&column.heading);
    if layout.columns.iter().enumerate().all(repeats) {
        return Some(SetAsideReason::RepeatedHeadings);
    }
    let filled: Vec<&str> = row.cells.iter().map(|c| c.text.trim()).filter(|t| !t.is_empty()).collect();
    let first = filled.first().copied().unwrap_or_default();
    if filled.len() == 1 && width > 1 && !matches!(read_number(first), NumberCell::Number(_)) && !row.is_torn() {
        let note = !layout.names_asset() || total_name(first) == TotalName::No;
        return Some(if note {
            SetAsideReason::Note { text: text() }
        } else {
            SetAsideReason::Total { name: first.to_owned() }
        });
    }
    if row.cells.len() < width || beyond {
        if total_name(first) == TotalName::Word && !row.is_torn() {
            return Some(SetAsideReason::Total { name: first.to_owned() });
        }
        return Some(SetAsideReason::Ragged {
            cells: row.cells.len(),
            headings: width,
            lines: if row.is_torn() { row.lines } else { 1 },
            text: text(),
        });
    }
    row.is_torn().then(|| SetAsideReason::OpenQuote { text: text() })
}

/// Largest number of characters read of a name.
const NAME: usize = 200;

/// The ISIN in a cell, which may also contain a national number: `A1JX52 / IE00B3RBWM25`.
fn isin_in(cell: &str) -> Option<String> {
    let words = cell.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter_map(|word| word.parse::<Isin>().ok()).next().map(|isin| isin.as_str().to_owned())
}

fn named<'a>(row: &'a Row, layout: &Layout) -> BodyRow<'a> {
    let cell = |role: ColumnRole| layout.column(role).map_or("", |i| row.text(i));
    let filled = |text: &str| !matches!(read_number(text), NumberCell::Empty);
    let names = [ColumnRole::Asset, ColumnRole::Identifier, ColumnRole::Name].map(cell);
    let asset = names.into_iter().find(|n| filled(n)).unwrap_or_default();
    let mut identifiers = layout
        .columns
        .iter()
        .zip(&row.cells)
        .filter(|(c, _)| c.role == ColumnRole::Identifier)
        .map(|(_, c)| c.text.trim());
    let name = names.into_iter().rev().find(|n| filled(n)).unwrap_or_default();
    BodyRow {
        row,
        asset: in_one_line(&without_unseen(asset), NAME),
        name: in_one_line(&without_unseen(name), NAME),
        isin: names.into_iter().find_map(isin_in).or_else(|| identifiers.find_map(isin_in)),
        class: in_one_line(cell(ColumnRole::AssetClass), NAME),
        account: Some(cell(ColumnRole::Account)).filter(|a| filled(a)).map(|a| in_one_line(a, NAME)),
        currency: cell(ColumnRole::Currency).to_owned(),
    }
}
