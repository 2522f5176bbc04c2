//! Excel workbooks (`.xlsx`), read from memory: the first sheet that contains a table.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, Reader, Xlsx};

use crate::error::ImportError;
use crate::limits::{MAX_CELLS, MAX_COLUMNS, MAX_PARTS, MAX_ROWS, MAX_UNPACKED_BYTES};
use crate::number::is_sized;
use crate::table::{Cell, Row, Table};

/// The rows of the named sheet, or of the first one with content, and the names of the other sheets with content.
pub(crate) fn read(bytes: &[u8], wanted: Option<&str>) -> Result<(Table, Vec<String>), ImportError> {
    measure(bytes)?;
    // The reader is another project's: whatever it does with damaged bytes, this crate answers with an error.
    catch_unwind(AssertUnwindSafe(|| sheets(bytes, wanted))).unwrap_or_else(|_| Err(damaged("its content is damaged")))
}

fn damaged(reason: impl Into<String>) -> ImportError {
    ImportError::Workbook { reason: reason.into() }
}

/// Unpacks every part once without storing it, because sizes stated in an archive may be wrong.
fn measure(bytes: &[u8]) -> Result<(), ImportError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    let too_large = ImportError::WorkbookTooLarge { limit: MAX_UNPACKED_BYTES };
    if archive.len() > MAX_PARTS {
        return Err(too_large);
    }
    let mut left = MAX_UNPACKED_BYTES;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| damaged(error.to_string()))?;
        let unpacked = std::io::copy(&mut part.take(left + 1), &mut std::io::sink())
            .map_err(|error| damaged(error.to_string()))?;
        left = left.checked_sub(unpacked).ok_or(too_large.clone())?;
    }
    Ok(())
}

fn sheets(bytes: &[u8], wanted: Option<&str>) -> Result<(Table, Vec<String>), ImportError> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    let (mut first, mut others) = (None, Vec::new());
    let names = book.sheet_names();
    if let Some(sheet) = wanted.filter(|wanted| !names.iter().any(|name| name == wanted)) {
        return Err(ImportError::NoSheet { sheet: sheet.to_owned() });
    }
    for name in names {
        let rows = sheet(&mut book, &name)?;
        if rows.is_empty() {
        } else if first.is_none() && wanted.is_none_or(|wanted| wanted == name) {
            first = Some(rows);
        } else {
            others.push(name);
        }
    }
    let rows = first.ok_or(ImportError::Empty)?;
    Ok((Table { rows, delimiter: None }, others))
}

/// Reads cell by cell: a range would allocate the whole rectangle spanned by two distant cells.
fn sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Vec<Row>, ImportError> {
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        // A sheet of charts has no cells.
        Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(Vec::new()),
        Err(error) => return Err(damaged(error.to_string())),
    };
    let (mut rows, mut count): (Vec<Row>, usize) = (Vec::new(), 0);
    loop {
        let next = cells.next_cell().map_err(|error| damaged(error.to_string()))?;
        let Some(cell) = next else { break };
        let (row, column) = cell.get_position();
        let content = content(&Data::from(cell.get_value().clone()));
        if content.text.trim().is_empty() {
            continue;
        }
        let (number, column) = (row as usize + 1, column as usize);
        if column >= MAX_COLUMNS {
            return Err(ImportError::TableTooLarge { what: "columns", limit: MAX_COLUMNS });
        }
        let place = match rows.last() {
            Some(last) if last.number >= number => rows.iter().position(|r| r.number == number),
            _ => None,
        };
        let place = place.unwrap_or_else(|| {
            rows.push(Row::of(number, Vec::new()));
            rows.len() - 1
        });
        let row = &mut rows[place];
        if row.cells.len() <= column {
            count += column + 1 - row.cells.len();
            row.cells.resize(column + 1, Cell::default());
        }
        row.cells[column] = content;
        if rows.len() > MAX_ROWS {
            return Err(ImportError::TableTooLarge { what: "rows", limit: MAX_ROWS });
        }
        if count > MAX_CELLS {
            return Err(ImportError::TableTooLarge { what: "cells", limit: MAX_CELLS });
        }
    }
    rows.sort_by_key(|row| row.number);
    // A sheet keeps no empty cells at the end of a row: all rows are as wide as the widest.
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    if width.saturating_mul(rows.len()) > MAX_CELLS {
        return Err(ImportError::TableTooLarge { what: "cells", limit: MAX_CELLS });
    }
    rows.iter_mut().for_each(|row| row.cells.resize(width, Cell::default()));
    Ok(rows)
}

fn content(data: &Data) -> Cell {
    let text = |text: String| Cell { text, exact: None };
    match data {
        Data::Int(value) => Cell { text: value.to_string(), exact: Some(*value as f64) },
        Data::Float(value) if is_sized(*value) => Cell { text: value.to_string(), exact: Some(*value) },
        Data::DateTime(value) if value.is_datetime() => {
            let (year, month, day, ..) = value.to_ymd_hms_milli();
            text(format!("{year:04}-{month:02}-{day:02}"))
        }
        Data::DateTimeIso(value) | Data::String(value) => text(value.clone()),
        Data::Bool(value) => text(if *value { "TRUE" } else { "FALSE" }.to_owned()),
        Data::Empty => Cell::default(),
        other => text(other.to_string()),
    }
}
