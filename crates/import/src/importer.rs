//! Bytes in, reading out.

use std::sync::Arc;

use crate::column::ColumnRole;
use crate::dialect::{Dialect, standard_dialects};
use crate::encoding::decode;
use crate::error::ImportError;
use crate::format::{FileFormat, recognise, recognise_text};
use crate::header::{self, Layout};
use crate::heading::sense;
use crate::limits::MAX_BYTES;
use crate::number::{NumberCell, read_number};
use crate::options::ImportOptions;
use crate::positions;
use crate::question::{Doubt, ImportQuestion};
use crate::reading::{Reading, ReadingKind, Understanding};
use crate::series::{HistoryRead, is_long, read_list, read_long, read_wide};
use crate::set_aside::{SetAside, SetAsideReason};
use crate::table::{Table, shortened, split};
use crate::unheaded;
use crate::workbook;

/// Reads files in the known dialects. A file in an unknown dialect is read by the common words of its headings.
#[derive(Clone)]
pub struct Importer {
    dialects: Vec<Arc<dyn Dialect>>,
}

impl Default for Importer {
    fn default() -> Self {
        Self::standard()
    }
}

impl Importer {
    /// An importer with the dialects of this crate.
    #[must_use]
    pub fn standard() -> Self {
        Self { dialects: standard_dialects().iter().map(|d| Arc::new(*d) as Arc<dyn Dialect>).collect() }
    }

    /// Adds a dialect, which is tried before the others.
    #[must_use]
    pub fn with_dialect(mut self, dialect: impl Dialect + 'static) -> Self {
        self.dialects.insert(0, Arc::new(dialect));
        self
    }

    /// Reads a file. The same bytes and options give the same reading.
    ///
    /// # Errors
    /// [`ImportError`] for a file that cannot be read at all. A file that can be read in part gives a reading with questions.
    pub fn read(&self, bytes: &[u8], options: &ImportOptions) -> Result<Reading, ImportError> {
        if bytes.is_empty() {
            return Err(ImportError::Empty);
        }
        if bytes.len() > MAX_BYTES {
            return Err(ImportError::TooLarge { bytes: bytes.len(), limit: MAX_BYTES });
        }
        let mut questions = Vec::new();
        let (table, encoding) = match recognise(bytes)? {
            FileFormat::Workbook => {
                let (table, others) = workbook::read(bytes, options.sheet.as_deref())?;
                if !others.is_empty() && options.sheet.is_none() {
                    questions.push(ImportQuestion::of_file(Doubt::Sheets { sheets: others.join(", ") }));
                }
                (table, None)
            }
            FileFormat::Text => {
                if let Some(sheet) = &options.sheet {
                    return Err(ImportError::NoSheet { sheet: sheet.clone() });
                }
                let decoded = decode(bytes)?;
                recognise_text(&decoded.text)?;
                if decoded.damaged > 0 {
                    questions.push(ImportQuestion::of_file(Doubt::Letters { count: decoded.damaged }));
                }
                (split(&decoded.text)?, Some(decoded.encoding))
            }
        };
        let mut reading = self.table(&table, options)?;
        if let (ReadingKind::PriceHistory | ReadingKind::Returns, Some(row)) =
            (reading.kind, options.rows.keys().next())
        {
            return Err(ImportError::NoRow { row: *row });
        }
        reading.questions.splice(0..0, questions);
        reading.understanding.encoding = encoding;
        reading.understanding.delimiter = table.delimiter;
        reading.set_aside.sort_by_key(|aside| aside.row);
        Ok(reading)
    }

    fn table(&self, table: &Table, options: &ImportOptions) -> Result<Reading, ImportError> {
        if let Some(layout) = header::find(table, &self.dialects, options)? {
            return headed(table, layout, options);
        }
        if let Some(list) = read_list(table, options) {
            return Ok(of_history(list, Understanding::default()));
        }
        if let Some((table, question)) = unheaded::with_headings(table)
            && let Some(layout) = header::find(&table, &[], &ImportOptions::default())?
        {
            let mut reading = headed(&table, layout, options)?;
            reading.understanding.header_row = None;
            reading.questions.insert(0, question);
            return Ok(reading);
        }
        unknown(table)
    }
}

fn headed(table: &Table, layout: Layout, options: &ImportOptions) -> Result<Reading, ImportError> {
    let header_row = table.rows[layout.header].number;
    if table.rows.len() == layout.header + 1 {
        return Err(ImportError::NoRows { row: header_row });
    }
    let understanding = Understanding {
        dialect: layout.dialect.as_ref().map(|d| d.id().to_owned()),
        header_row: Some(header_row),
        columns: layout.columns.iter().map(|c| (c.heading.clone(), c.role)).collect(),
        ..Understanding::default()
    };
    let history = if layout.names_asset() {
        is_long(table, &layout).then(|| read_long(table, &layout, options)).flatten()
    } else {
        read_wide(table, &layout, options)
    };
    let mut reading = match history {
        Some(history) => {
            let mut understanding = understanding;
            // Whatever the headings are called, the columns of a history are series of assets.
            if !layout.names_asset() {
                for (i, (_, role)) in understanding.columns.iter_mut().enumerate() {
                    *role = match *role {
                        ColumnRole::Date => ColumnRole::Date,
                        _ if history.series.contains(&i) => ColumnRole::Series,
                        _ => ColumnRole::Unused,
                    };
                }
            }
            of_history(history, understanding)
        }
        None => of_positions(table, &layout, options, understanding)?,
    };
    reading.questions.splice(0..0, layout.questions);
    reading.set_aside.extend(layout.set_aside);
    Ok(reading)
}

fn of_positions(
    table: &Table,
    layout: &Layout,
    options: &ImportOptions,
    understanding: Understanding,
) -> Result<Reading, ImportError> {
    let read = positions::read(table, layout, options)?;
    let mut set_aside = read.set_aside;
    if let Some(date) = layout.column(ColumnRole::Date) {
        let heading = layout.columns[date].heading.clone();
        set_aside.push(SetAside { row: table.rows[layout.header].number, reason: SetAsideReason::Column { heading } });
    }
    Ok(Reading {
        kind: ReadingKind::Positions,
        positions: read.positions,
        cash: read.cash,
        history: None,
        questions: read.questions,
        set_aside,
        notes: read.notes,
        nav: read.nav,
        understanding,
    })
}

fn of_history(read: HistoryRead, understanding: Understanding) -> Reading {
    Reading {
        kind: read.kind,
        positions: Vec::new(),
        cash: Vec::new(),
        history: read.history,
        questions: read.questions,
        set_aside: read.set_aside,
        notes: read.notes,
        nav: None,
        understanding,
    }
}

/// A heading of a table that was not read, with what it would hold.
fn known_role(heading: String) -> (String, ColumnRole) {
    let role = sense(&heading).map_or(ColumnRole::Unused, |known| known.role);
    (heading, role)
}

/// A table with unknown headings: every row is set aside, and a question asks what its columns contain.
fn unknown(table: &Table) -> Result<Reading, ImportError> {
    let numbers = |i: usize| {
        table.rows[i]
            .cells
            .iter()
            .filter(|c| c.exact.is_some() || matches!(read_number(&c.text), NumberCell::Number(_)))
            .count()
    };
    let first = (0..table.rows.len()).find(|&i| numbers(i) > 0 && table.rows[i].filled() > 1).filter(|i| *i > 0);
    let first = first.ok_or(ImportError::NoTable)?;
    let headings: Vec<String> = table.rows[first - 1].cells.iter().map(|c| shortened(c.text.trim(), 60)).collect();
    if headings.iter().filter(|h| !h.is_empty()).count() < 2 {
        return Err(ImportError::NoTable);
    }
    let quoted: Vec<String> = headings.iter().map(|h| format!("{h:?}")).collect();
    let doubt = Doubt::UnknownHeadings { headings: shortened(&quoted.join(", "), 300) };
    let aside = |row: &crate::table::Row| SetAside {
        row: row.number,
        reason: SetAsideReason::UnknownTable { text: row.shown() },
    };
    Ok(Reading {
        kind: ReadingKind::Positions,
        positions: Vec::new(),
        cash: Vec::new(),
        history: None,
        questions: vec![ImportQuestion::of_file(doubt)],
        set_aside: table.rows.iter().map(aside).collect(),
        notes: Vec::new(),
        nav: None,
        understanding: Understanding {
            header_row: Some(table.rows[first - 1].number),
            columns: headings.into_iter().map(known_role).collect(),
            ..Understanding::default()
        },
    })
}
