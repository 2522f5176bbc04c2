//! The row of headings below titles and notes, and the content of each column.

use std::sync::Arc;

use crate::column::ColumnRole;
use crate::date::is_date;
use crate::dialect::Dialect;
use crate::error::ImportError;
use crate::heading::{normalise, sense};
use crate::limits::HEADER_ROWS;
use crate::number::{NumberCell, read_number};
use crate::options::ImportOptions;
use crate::question::{Doubt, ImportQuestion};
use crate::set_aside::{SetAside, SetAsideReason};
use crate::table::{Row, Table, known_headings};

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) heading: String,
    pub(crate) role: ColumnRole,
    pub(crate) currency: Option<String>,
    pub(crate) percent: bool,
    pub(crate) pence: bool,
    pub(crate) says_weight: bool,
    /// The caller says what the column holds.
    pub(crate) stated: bool,
}

/// The headings of a table.
#[derive(Clone)]
pub(crate) struct Layout {
    /// Index of the row of headings.
    pub(crate) header: usize,
    pub(crate) columns: Vec<Column>,
    pub(crate) dialect: Option<Arc<dyn Dialect>>,
    pub(crate) questions: Vec<ImportQuestion>,
    pub(crate) set_aside: Vec<SetAside>,
}

impl Layout {
    /// The first column with this role.
    pub(crate) fn column(&self, role: ColumnRole) -> Option<usize> {
        self.columns.iter().position(|c| c.role == role)
    }

    pub(crate) fn names_asset(&self) -> bool {
        self.columns.iter().any(|c| c.role.names_asset())
    }
}

/// A row of headings: its index, how many are known, the dialect.
type Found = (usize, usize, Option<Arc<dyn Dialect>>);

/// Finds the row of headings: one of a known dialect, one that has all columns of the mapping, or the one with the most
/// known headings.
pub(crate) fn find(
    table: &Table,
    dialects: &[Arc<dyn Dialect>],
    options: &ImportOptions,
) -> Result<Option<Layout>, ImportError> {
    let rows = &table.rows[..table.rows.len().min(HEADER_ROWS)];
    let sectioned = |dialect: &Arc<dyn Dialect>, row: &Row| {
        dialect.section().is_none_or(|s| row.text(0) == s.name && row.text(1) == s.header)
    };
    let mut best: Option<Found> = None;
    // A dialect with parts may have its headings anywhere.
    for (index, row) in table.rows.iter().enumerate() {
        let words: Vec<String> = row.cells.iter().map(|c| normalise(&c.text)).collect();
        let spoken = dialects.iter().find(|d| d.recognises(&words) && sectioned(d, row));
        if let Some(dialect) = spoken.filter(|d| index < HEADER_ROWS || d.section().is_some()) {
            best = Some((index, usize::MAX, Some(Arc::clone(dialect))));
            break;
        }
    }
    if !options.columns.is_empty() {
        let has = |row: &Row, wanted: &str| row.cells.iter().any(|c| normalise(&c.text) == normalise(wanted));
        let mapped = rows.iter().position(|row| options.columns.keys().all(|wanted| has(row, wanted)));
        let missing = || {
            let lost = options.columns.keys().find(|wanted| !rows.iter().any(|row| has(row, wanted)));
            lost.or(options.columns.keys().next()).cloned().unwrap_or_default()
        };
        let index = mapped.ok_or_else(|| ImportError::NoColumn { column: missing() })?;
        let dialect = best.filter(|(found, ..)| *found == index).and_then(|(.., dialect)| dialect);
        best = Some((index, usize::MAX, dialect));
    }
    if best.is_none() {
        for (index, row) in rows.iter().enumerate() {
            let score = plain_score(row, &table.rows[index + 1..]);
            if score > best.as_ref().map_or(0, |(_, most, _)| *most) {
                best = Some((index, score, None));
            }
        }
    }
    Ok(best.map(|(index, _, dialect)| layout(table, index, dialect, options)))
}

/// Number of known headings in a possible row of headings, 0 otherwise.
fn plain_score(row: &Row, below: &[Row]) -> usize {
    if row.cells.iter().any(|c| c.exact.is_some() || matches!(read_number(&c.text), NumberCell::Number(_))) {
        return 0;
    }
    let known = known_headings(row);
    let roles: Vec<ColumnRole> = row.cells.iter().filter_map(|c| sense(&c.text)).map(|s| s.role).collect();
    let numbers = roles.iter().filter(|r| r.is_number()).count();
    let names = roles.iter().any(|r| r.names_asset());
    if names && numbers > 0 || numbers > 1 {
        return known;
    }
    // Dates below the first cell make the other cells names of assets; the cell itself may be empty, as above an index of pandas.
    let is_headed = row.filled() > 1 || row.filled() == 1 && row.text(0).is_empty() && row.cells.len() > 1;
    let dated = is_headed && !is_date(row.text(0)) && below.iter().take(3).filter(|r| is_date(r.text(0))).count() > 0;
    usize::from(dated)
}

fn layout(table: &Table, header: usize, dialect: Option<Arc<dyn Dialect>>, options: &ImportOptions) -> Layout {
    let row = &table.rows[header];
    let width = row.cells.iter().rposition(|c| !c.text.trim().is_empty()).map_or(0, |last| last + 1);
    let mut columns: Vec<Column> =
        row.cells[..width].iter().map(|c| column(c.text.trim(), dialect.as_deref(), options)).collect();
    let (mut questions, mut set_aside) = (Vec::new(), Vec::new());
    let below = || table.rows[header + 1..].iter().map(|row| row.text(0)).filter(|text| !text.is_empty());
    let is_index = columns.first().is_some_and(|first| {
        let words = normalise(&first.heading);
        first.role == ColumnRole::Unused && (words.is_empty() || words == "index" || words == "unnamed 0")
    });
    let is_stated = columns.first().is_some_and(|first| options.columns.contains_key(&first.heading));
    if is_index
        && !is_stated
        && columns.iter().all(|c| c.role != ColumnRole::Date)
        && below().next().is_some()
        && below().all(is_date)
    {
        columns[0].role = ColumnRole::Date;
    }
    if !columns.iter().any(|c| c.role.names_asset() || c.role == ColumnRole::Date) {
        let below = &table.rows[header + 1..];
        let holds_words = |i: usize| {
            below.iter().any(|r| !r.text(i).is_empty())
                && !below.iter().any(|r| matches!(read_number(r.text(i)), NumberCell::Number(_)))
        };
        if let Some(i) = (0..width).find(|&i| columns[i].role == ColumnRole::Unused && holds_words(i)) {
            columns[i].role = ColumnRole::Asset;
            questions.push(ImportQuestion::of_column(&columns[i].heading, Doubt::AssetColumn));
        }
    }
    // In a history the other columns are assets.
    let history = columns.iter().any(|c| c.role == ColumnRole::Date) && !columns.iter().any(|c| c.role.names_asset());
    for i in 0..width {
        let role = columns[i].role;
        if matches!(role, ColumnRole::Unused | ColumnRole::Series) || history {
            continue;
        }
        // Beside the national number of an asset its ISIN is read too.
        if role == ColumnRole::Identifier && normalise(&columns[i].heading).contains("isin") {
            continue;
        }
        if let Some(first) = (0..i).find(|&first| columns[first].role == role) {
            let (read, heading) = (columns[first].heading.clone(), columns[i].heading.clone());
            if normalise(&read) == normalise(&heading) {
                let doubt = Doubt::TwoColumns { first: read.clone(), second: heading.clone(), role: role.words() };
                questions.push(ImportQuestion::of_column(&heading, doubt));
            }
            let reason = SetAsideReason::SecondColumn { heading, role: role.words(), read };
            set_aside.push(SetAside { row: row.number, reason });
            columns[i].role = ColumnRole::Unused;
        }
    }
    let repeated: Vec<String> = set_aside
        .iter()
        .filter_map(|s: &SetAside| match &s.reason {
            SetAsideReason::SecondColumn { heading, .. } => Some(heading.clone()),
            _ => None,
        })
        .collect();
    if !history {
        let unused = columns.iter().filter(|c| c.role == ColumnRole::Unused && !repeated.contains(&c.heading));
        set_aside.extend(
            unused.map(|c| SetAside { row: row.number, reason: SetAsideReason::Column { heading: c.heading.clone() } }),
        );
    }
    Layout { header, columns, dialect, questions, set_aside }
}

fn column(heading: &str, dialect: Option<&dyn Dialect>, options: &ImportOptions) -> Column {
    let words = normalise(heading);
    let meaning = sense(heading);
    let stated = options.columns.iter().find(|(name, _)| normalise(name) == words).map(|(_, role)| *role);
    let spoken = stated.or_else(|| dialect.and_then(|d| d.role(&words)));
    Column {
        heading: heading.to_owned(),
        role: spoken.or(meaning.as_ref().map(|m| m.role)).unwrap_or(ColumnRole::Unused),
        currency: meaning.as_ref().and_then(|m| m.currency.clone()),
        percent: meaning.as_ref().is_some_and(|m| m.percent),
        pence: meaning.as_ref().is_some_and(|m| m.pence),
        says_weight: spoken.is_some() || meaning.is_some_and(|m| m.says_weight),
        stated: stated.is_some(),
    }
}
