//! Quotation marks of a record, by RFC 4180: a cell in marks begins and ends with one, and doubles those inside it.
//!
//! A line break in such a cell belongs to the cell. In any other record it is the trace of a mark that is missing, because a mark
//! that was left open swallows the lines up to the next one.

/// Whether the quotation marks of a record are in pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// Each cell in marks begins and ends with one, and other cells have none.
    Regular,
    /// A mark stands inside a cell without marks, or text follows a closing mark.
    Irregular,
    /// The file ends in a cell whose mark is not closed.
    Open,
}

/// Where the reading of a record is.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Start,
    Plain,
    Quoted,
    /// After a mark in a cell in marks: it closes the cell, or it is the first of two.
    Mark,
}

/// The marks of one record, whose cells this sign separates.
pub(crate) fn quoting(record: &str, delimiter: u8) -> Quoting {
    let mut at = At::Start;
    let mut is_regular = true;
    for &byte in record.as_bytes() {
        at = match (at, byte) {
            (At::Quoted, b'"') => At::Mark,
            (At::Quoted, _) | (At::Mark, b'"') => At::Quoted,
            (_, byte) if byte == delimiter || byte == b'\n' || byte == b'\r' => At::Start,
            (At::Start, b'"') => At::Quoted,
            (At::Mark, _) | (At::Plain, b'"') => {
                is_regular = false;
                At::Plain
            }
            _ => At::Plain,
        };
    }
    match (at, is_regular) {
        (At::Quoted, _) => Quoting::Open,
        (_, true) => Quoting::Regular,
        (_, false) => Quoting::Irregular,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_in_pairs_by_rfc_4180() {
        for (record, expected) in [
            ("VTI,\"Total\nStock\",212\r\n", Quoting::Regular),
            ("\"a \"\"b\"\"\",\"\",1\n", Quoting::Regular),
            ("VTI,5\" pipe,1\n", Quoting::Irregular),
            ("VTI,\"Total\nBND,500,\"x\"\n", Quoting::Irregular),
            ("VTI,\"Total\nBND,x\n", Quoting::Open),
        ] {
            assert_eq!(quoting(record, b','), expected, "{record:?}");
        }
    }
}
