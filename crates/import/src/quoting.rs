//! Quotation marks of a record, by RFC 4180: a cell in marks begins and ends with one, and doubles those inside it.
//!
//! A line break in such a cell belongs to the cell. In any other record it indicates a missing mark, because an
//! unclosed mark extends the cell to the next mark, across lines.

/// Whether the quotation marks of a record are in pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// Each cell in marks begins and ends with one, and other cells have none.
    Regular,
    /// A mark is inside a cell without marks, or text follows a closing mark.
    Irregular,
    /// The file ends in a cell whose mark is not closed.
    Open,
}

/// The state of reading a record.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Start,
    Plain,
    Quoted,
    /// After a mark inside a quoted cell: it closes the cell, or it is the first of two.
    Mark,
}

/// The marks of one record whose cells are separated by this sign.
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
