//! Workbooks: read like texts, bounded, and refused by name when they are damaged.

use std::io::{Cursor, Write};

use import::{Doubt, ImportError, ImportOptions, Importer, Reading};
use zip::write::SimpleFileOptions;

fn workbook(sheet: &str) -> Vec<u8> {
    pack(sheet).expect("writing to memory works")
}

fn pack(sheet: &str) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let types = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
    let rels = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let book = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Positions" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let book_rels = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    for (name, text) in [
        ("[Content_Types].xml", types),
        ("_rels/.rels", rels),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", book_rels),
        ("xl/worksheets/sheet1.xml", sheet),
    ] {
        archive.start_file(name, SimpleFileOptions::default())?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

fn sheet(rows: &[&[&str]]) -> String {
    let mut out = r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#.to_owned();
    for (r, row) in rows.iter().enumerate() {
        out.push_str(&format!("<row r=\"{}\">", r + 1));
        for (c, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let place = format!("{}{}", char::from(b'A' + c as u8), r + 1);
            match cell.parse::<f64>() {
                Ok(number) => out.push_str(&format!("<c r=\"{place}\"><v>{number}</v></c>")),
                Err(_) => out.push_str(&format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>")),
            }
        }
        out.push_str("</row>");
    }
    out + "</sheetData></worksheet>"
}

#[test]
fn a_workbook_is_read_like_a_text_and_its_numbers_are_exact() {
    let bytes = workbook(&sheet(&[
        &["Household Smith"],
        &["Symbol", "Quantity", "Price", "Target weight"],
        &["VTI", "12", "1.234", "0.6"],
        &["BND", "40.5", "88.2", "0.4"],
    ]));
    let reading = Importer::standard().read(&bytes, &ImportOptions::default()).unwrap();
    assert_eq!(reading.positions[0].price, Some(1.234));
    assert_eq!(reading.positions[1].target_weight, Some(0.4));
    assert_eq!(reading.questions, []);
    assert_eq!((reading.set_aside[0].row, reading.positions[0].row), (1, 3));
}

#[test]
fn the_caller_names_the_sheet_that_is_read() {
    let bytes = include_bytes!("../testdata/import/two_sheets.xlsx");
    let read = |sheet: Option<&str>| {
        let options = ImportOptions { sheet: sheet.map(str::to_owned), ..ImportOptions::default() };
        Importer::standard().read(bytes, &options)
    };
    let asks = |reading: &Reading| reading.questions.iter().any(|q| matches!(q.doubt, Doubt::Sheets { .. }));
    let (first, named) = (read(None).unwrap(), read(Some("New")).unwrap());
    assert_eq!((first.positions[0].quantity, asks(&first)), (Some(12.0), true));
    assert_eq!((named.positions[0].quantity, asks(&named)), (Some(40.0), false));
    assert!(!asks(&read(Some("Old")).unwrap()));
    assert_eq!(read(Some("Third")), Err(ImportError::NoSheet { sheet: "Third".to_owned() }));
}

#[test]
fn a_damaged_workbook_never_panics() {
    let whole = workbook(&sheet(&[&["Symbol", "Quantity"], &["VTI", "12"]]));
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        let _ = Importer::standard().read(&bytes, &ImportOptions::default());
        let _ = Importer::standard().read(&whole[..at], &ImportOptions::default());
    }
}

#[test]
fn an_archive_that_unpacks_to_too_much_is_refused() {
    let spaces = " ".repeat(80 << 20);
    let bytes = workbook(&spaces);
    assert!(bytes.len() < 1 << 20);
    let error = Importer::standard().read(&bytes, &ImportOptions::default()).unwrap_err();
    assert!(matches!(error, ImportError::WorkbookTooLarge { .. }), "{error}");
}

#[test]
fn a_cell_far_away_takes_no_memory() {
    let far = r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"#;
    let error = Importer::standard().read(&workbook(far), &ImportOptions::default()).unwrap_err();
    assert!(matches!(error, ImportError::TableTooLarge { .. }), "{error}");
}
