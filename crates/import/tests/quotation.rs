//! Cells in quotation marks: line breaks inside them belong to the cell (RFC 4180), and an open mark is still found.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use import::{ImportOptions, Importer, Reading};

fn read(text: &str) -> Reading {
    Importer::standard().read(text.as_bytes(), &ImportOptions::default()).unwrap()
}

fn assets(reading: &Reading) -> Vec<(&str, Option<f64>)> {
    reading.positions.iter().map(|position| (position.asset.as_str(), position.quantity)).collect()
}

fn rows_set_aside(reading: &Reading) -> Vec<(usize, String)> {
    reading.set_aside.iter().map(|aside| (aside.row, aside.reason.to_string())).collect()
}

#[test]
fn a_quoted_cell_may_have_a_line_break() {
    for end in ["\n", "\r\n", "\r"] {
        let lines = ["Symbol,Name,Quantity,Price", "VTI,\"Total", "\"\"US\"\" Stock\",212,287.31", "BND,x,500,73.44"];
        let reading = read(&(lines.join(end) + end));
        assert_eq!(assets(&reading), [("VTI", Some(212.0)), ("BND", Some(500.0))], "{end:?}");
        assert_eq!((rows_set_aside(&reading), reading.nav), (vec![], Some(97_629.72)));
        // The rows keep the lines on which they begin.
        assert_eq!(reading.positions.iter().map(|position| position.row).collect::<Vec<_>>(), [2, 4]);
    }
}

#[test]
fn a_line_break_stays_out_of_what_names_an_asset() {
    let text = "Name;Asset class;Account;\"Market\nvalue\"\n\"Global\r\nStock\";\"US\nequity\";\"Joint\n2\";100,50\nBonds;Debt;A;20,25\n";
    let reading = read(text);
    let first = &reading.positions[0];
    assert_eq!(
        (first.asset.as_str(), first.asset_class.as_deref(), first.account.as_deref(), first.value),
        ("Global Stock", Some("US equity"), Some("Joint 2"), Some(100.5))
    );
}

#[test]
fn a_quotation_mark_that_is_not_closed_is_a_reason() {
    for text in [
        // Open to the end of the file.
        "Symbol,Name,Quantity,Price\nVXUS,y,340,64.02\nVTI,\"Total,212,287.31\nBND,x,500,73.44\n",
        // Closed by the mark that opens another cell.
        "Symbol,Quantity,Price,Name\nVXUS,340,64.02,\"y\"\nVTI,212,287.31,\"Total\nBND,500,73.44,\"x\"\n",
    ] {
        let reading = read(text);
        assert_eq!(assets(&reading), [("VXUS", Some(340.0))]);
        let aside = rows_set_aside(&reading);
        assert!(
            aside.iter().any(|(row, why)| *row == 3 && why.contains("a quotation mark is not closed")),
            "{aside:?}"
        );
    }
}

#[test]
fn a_well_quoted_row_of_the_wrong_width_does_not_blame_its_quotation_marks() {
    let reading = read("Symbol,Name,Quantity,Price\nVTI,\"Total\nStock\",212,287.31,7,8\nBND,x,500,73.44\n");
    let aside = rows_set_aside(&reading);
    assert!(aside[0].1.starts_with("has 6 cells where the headings have 4: "), "{aside:?}");
    let reading = read("Symbol,Name,Quantity,Price\nBND,x,500,73.44\n\"As of\n27 Nov 2026\"\n");
    assert!(rows_set_aside(&reading)[0].1.starts_with("note, not an asset"), "{:?}", reading.set_aside);
}
