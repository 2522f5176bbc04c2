//! A report of fills as a table.

use std::str::from_utf8;

use orders::Decimal;
use serde_json::{Map, Number, Value};

use crate::fault::Faults;
use crate::fault_code::FaultCode;
use crate::refusal::{Refusal, json};

/// The columns, each a member of an event; the first two are required.
const COLUMNS: [&str; 8] =
    ["fill_id", "executed_at", "kind", "refers_to", "client_order_id", "quantity", "price", "fees"];
/// The columns with numbers.
const NUMBERS: [&str; 3] = ["quantity", "price", "fees"];
/// Digits of a number that a double keeps in every case.
const DIGITS: usize = 15;
/// What a cell begins with that a spreadsheet could take for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A table (RFC 4180, UTF-8, with a line of headings in any order) as the bytes of the same report in JSON. Empty cells are absent members.
///
/// Nothing is evaluated: cells are texts and plain decimals. An apostrophe that a writer put before a text which a spreadsheet could take
/// for a formula is taken off, so an id that was written safely reads as itself.
///
/// # Errors
/// What is wrong, with pointers of the report in JSON: row 0 is the first after the headings.
pub(super) fn report_of_csv(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let whole = |code, detail: String| Refusal::fault("", code, detail);
    let text = from_utf8(bytes).map_err(|_| whole(FaultCode::Syntax, "the table must be UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let unreadable = |error: csv::Error| whole(FaultCode::Syntax, format!("the table cannot be read: {error}"));
    let headings = reader.headers().map_err(unreadable)?.clone();
    let mut places = Vec::with_capacity(headings.len());
    for heading in &headings {
        let Some(place) = COLUMNS.iter().position(|column| *column == heading) else {
            let detail = format!("`{heading}` is no column of fills; the columns are {}", COLUMNS.join(", "));
            return Err(whole(FaultCode::UnknownMember, detail));
        };
        if places.contains(&place) {
            return Err(whole(FaultCode::DuplicateMember, format!("the column `{heading}` is there twice")));
        }
        places.push(place);
    }
    if let Some(missing) = (0..2).find(|place| !places.contains(place)) {
        return Err(whole(FaultCode::Required, format!("the column `{}` is missing", COLUMNS[missing])));
    }
    let (mut faults, mut fills) = (Faults::default(), Vec::new());
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(unreadable)?;
        let mut event = Map::new();
        for (cell, place) in record.iter().zip(&places).filter(|(cell, _)| !cell.is_empty()) {
            let name = COLUMNS[*place];
            let value = match NUMBERS.contains(&name) {
                false => Value::String(bare(cell).to_owned()),
                true => match number(cell) {
                    Ok(number) => Value::Number(number),
                    Err(detail) => {
                        faults.add(format!("/fills/{row}/{name}"), FaultCode::Value, detail);
                        continue;
                    }
                },
            };
            event.insert(name.to_owned(), value);
        }
        fills.push(Value::Object(event));
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults.into_vec()));
    }
    json(&Map::from_iter([("fills".to_owned(), Value::Array(fills))]))
}

/// A text without the apostrophe that makes it no formula.
fn bare(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start().starts_with(FORMULA) => rest,
        _ => cell,
    }
}

/// A plain decimal, with a minus where it is below zero.
fn number(cell: &str) -> Result<Number, String> {
    let cell = bare(cell);
    let unsigned = cell.strip_prefix('-').unwrap_or(cell);
    unsigned.parse::<Decimal>().map_err(|error| error.to_string())?;
    let digits = unsigned.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count();
    if digits > DIGITS {
        return Err(format!("must have at most {DIGITS} significant digits"));
    }
    cell.parse().ok().and_then(Number::from_f64).ok_or_else(|| format!("`{cell}` is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Value, Refusal> {
        report_of_csv(text.as_bytes()).map(|bytes| serde_json::from_slice(&bytes).unwrap())
    }

    fn fault(text: &str) -> (String, FaultCode) {
        match read(text) {
            Err(Refusal::Invalid(faults)) => (faults[0].pointer.clone().unwrap(), faults[0].code),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn columns_are_named_in_any_order_and_empty_cells_are_absent() {
        let table = "\u{feff}price,fill_id,executed_at,quantity,client_order_id,refers_to,kind,fees\r\n\
            95.02,X-1,2026-11-30T14:31:07Z,20,\"B\",,,-0.35\r\n,X-2,2026-11-30T14:31:08Z,,,X-1,bust,\r\n";
        let want = json!({"fills": [
            {"fill_id": "X-1", "executed_at": "2026-11-30T14:31:07Z", "client_order_id": "B", "quantity": 20.0, "price": 95.02, "fees": -0.35},
            {"fill_id": "X-2", "executed_at": "2026-11-30T14:31:08Z", "refers_to": "X-1", "kind": "bust"}
        ]});
        assert_eq!(read(table).unwrap(), want);
    }

    #[test]
    fn an_id_that_was_written_safely_reads_as_itself_and_a_formula_is_a_text() {
        let ids = |cell: &str| {
            let told = read(&format!("fill_id,executed_at\n\"{cell}\",t\n")).unwrap();
            told["fills"][0]["fill_id"].as_str().unwrap().to_owned()
        };
        assert_eq!((ids("'-7").as_str(), ids("'a").as_str(), ids("=1+1").as_str()), ("-7", "'a", "=1+1"));
        assert_eq!(fault("fill_id,executed_at,price\na,t,=1+1\n"), ("/fills/0/price".to_owned(), FaultCode::Value));
        assert_eq!(fault("fill_id,executed_at,price\na,t,1e3\n"), ("/fills/0/price".to_owned(), FaultCode::Value));
        assert_eq!(fault("fill_id,executed_at,fees\na,t,1\nb,t,0.1234567890123456\n").0, "/fills/1/fees");
    }

    #[test]
    fn a_table_that_is_none_says_why() {
        assert_eq!(fault("fill_id,price\n"), (String::new(), FaultCode::Required));
        assert_eq!(fault("fill_id,executed_at,color\n"), (String::new(), FaultCode::UnknownMember));
        assert_eq!(fault("fill_id,executed_at,fill_id\n"), (String::new(), FaultCode::DuplicateMember));
        assert_eq!(fault("fill_id,executed_at\na\n"), (String::new(), FaultCode::Syntax));
        let broken = report_of_csv(&[0xff, 0xfe]).unwrap_err();
        assert!(matches!(broken, Refusal::Invalid(_)), "{broken:?}");
    }
}
