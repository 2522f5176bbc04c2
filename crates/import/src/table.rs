//! A table of texts: rows with their lines in the file, cells, and the cell separator.

use csv::ReaderBuilder;

use crate::error::ImportError;
use crate::heading;
use crate::limits::{HEADER_ROWS, MAX_CELLS, MAX_COLUMNS, MAX_ROWS};
use crate::quoting::{Quoting, quoting};

/// One cell: its text, and its value if the file itself stores a number and not a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) exact: Option<f64>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Line of the file or row of the sheet on which it begins, counted from one.
    pub(crate) number: usize,
    /// Lines that it covers.
    pub(crate) lines: usize,
    /// Whether its quotation marks are in pairs.
    pub(crate) quoting: Quoting,
    pub(crate) cells: Vec<Cell>,
}

impl Row {
    /// A row of one line without quotation marks.
    pub(crate) fn of(number: usize, cells: Vec<Cell>) -> Self {
        Self { number, lines: 1, quoting: Quoting::Regular, cells }
    }

    /// The trimmed text of a cell, empty where the row ends before it.
    pub(crate) fn text(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| cell.text.trim())
    }

    /// A quotation mark was never closed, or one that opens another cell closed it.
    pub(crate) fn is_torn(&self) -> bool {
        self.quoting == Quoting::Open || self.quoting == Quoting::Irregular && self.lines > 1
    }

    /// Cells that are not empty.
    pub(crate) fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.text.trim().is_empty()).count()
    }

    /// The row in one line, shortened.
    pub(crate) fn shown(&self) -> String {
        let texts: Vec<&str> = self.cells.iter().map(|c| c.text.trim()).filter(|t| !t.is_empty()).collect();
        shortened(&texts.join(" | "), 80)
    }
}

/// A text of at most `most` characters, without line breaks.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most + 1).collect();
    match plain.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}

/// A text of a cell that may have line breaks, in one line of at most `most` characters.
pub(crate) fn in_one_line(text: &str, most: usize) -> String {
    if text.contains(['\n', '\r']) {
        shortened(&text.split_whitespace().collect::<Vec<_>>().join(" "), most)
    } else {
        shortened(text, most)
    }
}

/// The rows of a file that are not empty.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    /// The cell separator; none in a workbook and in a list of one number per line.
    pub(crate) delimiter: Option<char>,
}

const DELIMITERS: [u8; 4] = *b",;\t|";

/// Splits a text into rows and cells.
pub(crate) fn split(text: &str) -> Result<Table, ImportError> {
    let (text, skipped, stated) = stated_delimiter(text);
    if stated.is_none() && is_list_of_decimal_commas(text) {
        return lines(text);
    }
    let delimiter = stated.unwrap_or_else(|| likeliest(text));
    let rows = parse(text, delimiter, usize::MAX, skipped)?;
    Ok(Table { rows, delimiter: Some(char::from(delimiter)) })
}

/// The sign that a first line such as `sep=;` states, and the text below that line.
fn stated_delimiter(text: &str) -> (&str, usize, Option<u8>) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let line = first.trim_end_matches('\r').trim_matches('"').to_ascii_lowercase();
    match line.strip_prefix("sep=").map(str::as_bytes) {
        Some([sign]) if DELIMITERS.contains(sign) => (rest, 1, Some(*sign)),
        _ => (text, 0, None),
    }
}

/// One number with a decimal comma on each line: the comma is not a separator.
fn is_list_of_decimal_commas(text: &str) -> bool {
    let is_number = |line: &str| {
        let digits = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_digit());
        let line = line.trim().trim_end_matches('%').trim_end();
        let line = line.strip_prefix(['-', '+']).unwrap_or(line);
        line.split_once(',').map_or_else(|| digits(line), |(whole, fraction)| digits(whole) && digits(fraction))
    };
    let mut rest = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    rest.next_if(|line| !line.contains(|c: char| c.is_ascii_digit() || DELIMITERS.contains(&(c as u8))));
    rest.peek().is_some() && rest.all(is_number)
}

fn lines(text: &str) -> Result<Table, ImportError> {
    let filled = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let rows: Vec<Row> = filled
        .take(MAX_ROWS + 1)
        .map(|(i, line)| Row::of(i + 1, vec![Cell { text: line.to_owned(), exact: None }]))
        .collect();
    if rows.len() > MAX_ROWS {
        Err(ImportError::TableTooLarge { what: "rows", limit: MAX_ROWS })
    } else {
        Ok(Table { rows, delimiter: None })
    }
}

/// The separator for which a row of known headings appears or, without one, for which most rows have the same number of
/// cells.
fn likeliest(text: &str) -> u8 {
    let score = |delimiter: u8| {
        let rows = parse(text, delimiter, 4 * HEADER_ROWS, 0).unwrap_or_default();
        let known = rows.iter().take(HEADER_ROWS).map(known_headings).max().unwrap_or(0);
        let mut widths: Vec<usize> = rows.iter().map(|row| row.cells.len()).filter(|w| *w > 1).collect();
        widths.sort_unstable();
        let (alike, width) =
            widths.chunk_by(|a, b| a == b).map(|chunk| (chunk.len(), chunk[0])).max().unwrap_or((0, 0));
        (if known > 1 { known } else { 0 }, alike, width)
    };
    // The first of equals is the comma.
    DELIMITERS.into_iter().rev().max_by_key(|d| score(*d)).unwrap_or(b',')
}

/// Cells of a row that are known headings.
pub(crate) fn known_headings(row: &Row) -> usize {
    row.cells.iter().filter(|cell| heading::sense(&cell.text).is_some()).count()
}

fn parse(text: &str, delimiter: u8, most: usize, skipped: usize) -> Result<Vec<Row>, ImportError> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let (mut rows, mut cells) = (Vec::new(), 0);
    let starts = line_starts(text);
    while rows.len() < most {
        // The reader skips empty lines before a record, so the record's own place counts.
        match reader.read_record(&mut record) {
            Ok(true) => {}
            // Text is valid UTF-8 and rows may have any length: there is no other error to tell.
            Ok(false) | Err(_) => break,
        }
        let first = record.position().map_or(0, |p| p.byte() as usize);
        let first = first + blank_lines(&text[first.min(text.len())..]);
        let last = reader.position().byte() as usize;
        let (line, end) = (line_at(&starts, first), line_at(&starts, last.saturating_sub(1).max(first)));
        if record.len() > MAX_COLUMNS {
            return Err(ImportError::TableTooLarge { what: "columns", limit: MAX_COLUMNS });
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() == MAX_ROWS {
            return Err(ImportError::TableTooLarge { what: "rows", limit: MAX_ROWS });
        }
        cells += record.len();
        if cells > MAX_CELLS {
            return Err(ImportError::TableTooLarge { what: "cells", limit: MAX_CELLS });
        }
        let texts = record.iter().map(|text| Cell { text: text.to_owned(), exact: None }).collect();
        let quoting = quoting(text.get(first..last).unwrap_or_default(), delimiter);
        rows.push(Row { number: line + skipped, lines: end + 1 - line, quoting, cells: texts });
    }
    Ok(rows)
}

fn blank_lines(text: &str) -> usize {
    text.len() - text.trim_start_matches(['\r', '\n']).len()
}

/// Where each line begins, in bytes.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = (0..bytes.len()).filter(|&i| bytes[i] == b'\n' || bytes[i] == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
    std::iter::once(0).chain(ends.map(|i| i + 1)).collect()
}

/// The line of a byte, counted from one.
fn line_at(starts: &[usize], byte: usize) -> usize {
    starts.partition_point(|start| *start <= byte).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(table: &Table) -> Vec<Vec<&str>> {
        table.rows.iter().map(|r| r.cells.iter().map(|c| c.text.as_str()).collect()).collect()
    }

    #[test]
    fn the_delimiter_is_found_or_stated() {
        for (text, delimiter) in [
            ("a,b\n1,2\n", ','),
            ("Name;Kurs\nA;45,00\nB;41,244\n", ';'),
            ("a\tb\n1,5\t2\n", '\t'),
            ("a|b\n1|2\n", '|'),
            ("sep=;\na;b\n1,5;2\n", ';'),
            ("\"Fund; A\",60,55,10\nBBB,40,45,20\n", ','),
        ] {
            assert_eq!(split(text).unwrap().delimiter, Some(delimiter), "{text}");
        }
    }

    #[test]
    fn rows_keep_their_lines() {
        let table = split("\n;;;\nasset;price\n\nA;\"two\nlines\"\nB;2\n").unwrap();
        let numbers: Vec<(usize, usize)> = table.rows.iter().map(|r| (r.number, r.lines)).collect();
        assert_eq!(numbers, [(3, 1), (5, 2), (7, 1)]);
        assert_eq!(split("sep=;\na;b\n1;2").unwrap().rows[0].number, 2);
    }

    #[test]
    fn one_decimal_comma_a_line_is_one_cell() {
        let table = split("0,01\n-0,02\n0,005\n").unwrap();
        assert_eq!(texts(&table), [["0,01"], ["-0,02"], ["0,005"]]);
    }
}
