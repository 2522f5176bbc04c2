//! Files and tables that went wrong elsewhere, each with the reading that is right or the question that may stand for it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use import::{Doubt, ImportError, ImportOptions, Importer, Reading, ReadingKind, SetAsideReason};
use serde_json::Value;

macro_rules! case {
    ($name:literal) => {
        include_bytes!(concat!("../testdata/import/cases/", $name))
    };
}

fn read(bytes: &[u8]) -> Reading {
    Importer::standard().read(bytes, &ImportOptions::default()).unwrap()
}

fn assets(reading: &Reading) -> Vec<&str> {
    reading.positions.iter().map(|p| p.asset.as_str()).collect()
}

fn column(reading: &Reading, of: impl Fn(&import::ImportedPosition) -> Option<f64>) -> Vec<Option<f64>> {
    reading.positions.iter().map(of).collect()
}

fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

fn asks(reading: &Reading, wanted: impl Fn(&Doubt) -> bool) -> bool {
    reading.questions.iter().any(|q| wanted(&q.doubt))
}

fn set_aside(reading: &Reading, words: &str) -> bool {
    reading.set_aside.iter().any(|aside| aside.reason.to_string().contains(words))
}

#[test]
fn a_positions_export_with_title_dashes_cash_and_total() {
    for (bytes, title) in [(&case!("01_schwab_positions.csv")[..], true), (&case!("02_schwab_no_title.csv")[..], false)]
    {
        let reading = read(bytes);
        assert_eq!(assets(&reading), ["VTI", "VXUS", "BND", "GLD"]);
        assert_eq!(column(&reading, |p| p.quantity), some(&[212.0, 340.0, 500.0, 40.0]));
        assert_eq!(column(&reading, |p| p.price), some(&[287.31, 64.02, 73.44, 243.18]));
        assert_eq!(column(&reading, |p| p.value), some(&[60_909.72, 21_766.80, 36_720.0, 9_727.20]));
        assert_eq!((reading.cash[0].currency.as_str(), reading.cash[0].amount), ("USD", 8_431.22));
        assert_eq!(reading.nav, Some(137_554.94));
        assert!(set_aside(&reading, "Account Total") && set_aside(&reading, "Cost Basis"));
        assert_eq!(set_aside(&reading, "Positions for account"), title);
        assert_eq!(reading.positions[0].account.is_some(), title);
        assert!(asks(&reading, |d| *d == Doubt::NoTargets));
        assert!(!asks(&reading, |d| matches!(d, Doubt::Total { .. } | Doubt::Product { .. } | Doubt::Mark { .. })));
        assert_eq!(reading.understanding.dialect.as_deref(), Some("schwab"));
        // The weights of this file are not those of its values.
        assert!(asks(&reading, |d| matches!(d, Doubt::WeightAgainstValue { .. })));
    }
}

#[test]
fn a_total_row_is_set_aside_and_checked() {
    let reading = read(case!("06_weights_total_row.csv"));
    assert_eq!(assets(&reading), ["VTI", "VXUS", "BND", "GLD", "BTC", "Cash"]);
    assert_eq!(column(&reading, |p| p.target_weight), some(&[0.45, 0.2, 0.25, 0.05, 0.05, 0.0]));
    assert_eq!(reading.positions[4].price, Some(67_500.0));
    assert_eq!(reading.positions[5].asset_class.as_deref(), Some("cash"));
    assert!(set_aside(&reading, "Total"));
    assert_eq!(reading.questions, []);
}

#[test]
fn values_give_the_net_asset_value_and_the_weights() {
    for (bytes, total) in
        [(&case!("30_values_total_no_dashes.csv")[..], true), (&case!("31_values_no_total.csv")[..], false)]
    {
        let reading = read(bytes);
        assert_eq!(assets(&reading).len(), 5);
        assert_eq!(reading.nav, Some(139_248.72));
        assert_eq!(set_aside(&reading, "Total"), total);
        assert!((reading.positions[0].current_weight.unwrap() - 60_909.72 / 139_248.72).abs() < 1e-12);
        assert_eq!(reading.positions[4].price, Some(67_500.0));
        assert!(!asks(&reading, |d| matches!(d, Doubt::Total { .. })));
    }
}

#[test]
fn the_decimal_comma_is_proven_by_the_file() {
    for bytes in [&case!("07_european_semicolon.csv")[..], &case!("08_european_english_heads.csv")[..]] {
        let reading = read(bytes);
        assert_eq!(assets(&reading).len(), 5);
        assert_eq!(column(&reading, |p| p.price), some(&[287.31, 64.02, 73.44, 243.18, 67_500.0]));
        assert_eq!(reading.positions[0].current_weight, Some(0.41244));
        assert!(asks(&reading, |d| matches!(d, Doubt::WeightSum { .. })));
    }
}

#[test]
fn prices_become_aligned_returns_and_gaps_are_said() {
    let reading = read(case!("12_prices_history.csv"));
    assert_eq!(reading.kind, ReadingKind::PriceHistory);
    let history = reading.history.as_ref().unwrap();
    assert_eq!(history.assets, ["VTI", "VXUS", "BND", "GLD"]);
    assert_eq!(history.observations, 1);
    assert!((history.returns[0][0] - (272.5 / 270.1 - 1.0)).abs() < 1e-15);
    let gaps = reading.set_aside.iter().filter(|a| matches!(a.reason, SetAsideReason::Gap { .. }));
    assert_eq!(gaps.map(|a| a.row).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(history.panel().unwrap().periods(), 1);
}

#[test]
fn columns_that_only_resemble_others_are_set_aside_by_name() {
    let reading = read(case!("14_ytd_return_targetprice.csv"));
    assert_eq!(column(&reading, |p| p.current_weight), some(&[0.4, 0.35, 0.25]));
    assert_eq!(column(&reading, |p| p.price), some(&[190.5, 420.2, 112.9]));
    assert_eq!(column(&reading, |p| p.target_weight), [None; 3]);
    for heading in ["Price target", "YTD return", "Cost basis"] {
        assert!(set_aside(&reading, heading));
    }
}

#[test]
fn an_ambiguous_column_is_a_question_with_both_readings() {
    let reading = read(case!("20_german_thousand_price.csv"));
    assert_eq!(column(&reading, |p| p.price), [None, None]);
    assert_eq!(column(&reading, |p| p.target_weight), some(&[0.5, 0.5]));
    let question = reading
        .questions
        .iter()
        .find(|q| q.column.as_deref() == Some("Kurs") || q.column.as_deref() == Some("Price"))
        .unwrap();
    assert_eq!(question.doubt, Doubt::Mark { sample: "67.500".to_owned(), point: 67.5, comma: 67_500.0 });
    assert!(question.doubt.readings()[0].starts_with("67.5 ") && question.doubt.readings()[1].starts_with("67500 "));
}

#[test]
fn notes_above_the_headings_and_a_stated_delimiter() {
    let reading = read(case!("21_notes_before_header.csv"));
    assert_eq!(assets(&reading), ["VTI", "BND"]);
    assert!(set_aside(&reading, "Household Smith") && set_aside(&reading, "As of 27 Nov 2026"));
    let reading = read(case!("23_excel_sep.csv"));
    assert_eq!(column(&reading, |p| p.price), some(&[287.31, 73.44]));
    assert_eq!(assets(&read(case!("24_latin1.csv"))), ["Nestlé", "Zürich"]);
}

#[test]
fn a_damaged_workbook_is_refused_by_name() {
    let error = Importer::standard().read(case!("29_excel.xlsx"), &ImportOptions::default()).unwrap_err();
    assert!(matches!(error, ImportError::Workbook { .. }));
    assert!(error.to_string().contains(".xlsx"));
}

#[test]
fn the_benchmark_is_never_the_target_or_the_current_weight() {
    let reading = read(case!("38_benchmark_weight.csv"));
    assert_eq!(column(&reading, |p| p.target_weight), some(&[0.6, 0.4]));
    assert_eq!(column(&reading, |p| p.current_weight), some(&[0.62, 0.38]));
    assert!(set_aside(&reading, "Benchmark weight"));
}

#[test]
fn lists_of_prices_and_of_returns() {
    let reading = read(case!("h1_prices_pasted_as_returns_VXUS.txt"));
    assert_eq!(reading.kind, ReadingKind::PriceHistory);
    assert_eq!(reading.history.as_ref().unwrap().observations, 9);
    assert!(asks(&reading, |d| *d == Doubt::Prices));
    let reading = read(case!("h2_decimal_comma_returns.txt"));
    assert_eq!(reading.kind, ReadingKind::Returns);
    assert_eq!(reading.history.as_ref().unwrap().returns, [[0.01, -0.02, 0.005, 0.012]]);
}

/// Each table that this crate can read means its rows, or a question of the stated pattern stands for them.
#[test]
fn tables_mean_their_rows() {
    let tables: Vec<Value> = serde_json::from_slice(case!("tables.json")).unwrap();
    let mut read_tables = 0;
    for table in &tables {
        let id = table["id"].as_str().unwrap();
        for text in table["texts"].as_array().unwrap() {
            let text = text.as_str().unwrap();
            let result = Importer::standard().read(text.as_bytes(), &ImportOptions::default());
            if text.trim_start().starts_with('{') {
                assert!(matches!(result, Err(ImportError::OtherFormat { format: "a JSON document", .. })), "{id}");
                continue;
            }
            let reading = result.unwrap_or_else(|error| panic!("{id}: {error}"));
            let questions = reading.questions.iter().map(|q| q.doubt.to_string()).collect::<Vec<_>>().join("\n");
            let asked = table["or_remark"].as_str().is_some_and(|p| p.split('|').any(|word| questions.contains(word)));
            if let Some(rows) = table["rows"].as_array() {
                check_rows(id, &reading, rows, asked);
                read_tables += 1;
            }
            if let Some(targets) = table["targets"].as_array() {
                let read: Vec<(&str, f64)> =
                    reading.positions.iter().map(|p| (p.asset.as_str(), p.target_weight.unwrap())).collect();
                let meant: Vec<(&str, f64)> =
                    targets.iter().map(|t| (t[0].as_str().unwrap(), t[1].as_f64().unwrap() / 100.0)).collect();
                assert_eq!(read, meant, "{id}");
                assert_eq!(reading.nav, Some(16_100.0), "{id}");
                read_tables += 1;
            }
            if let Some(alternatives) = table["request_any"].as_array() {
                check_members(id, &reading, alternatives);
                read_tables += usize::from(table["rows"].is_null());
            }
            if let Some(remark) = table["remark"].as_str() {
                assert!(set_aside(&reading, remark), "{id}: {:?}", reading.set_aside);
            }
        }
    }
    assert!(read_tables >= 24, "{read_tables}");
}

/// One of the alternatives gives the prices that were read. Costs of trading are no part of a reading: their column is set aside by name.
fn check_members(id: &str, reading: &Reading, alternatives: &[Value]) {
    let prices = column(reading, |p| p.price);
    let of = |request: &Value, member: &str| -> Vec<Option<f64>> {
        request["assets"].as_array().unwrap().iter().map(|row| row[member].as_f64()).collect()
    };
    for request in alternatives {
        if request["assets"][0].get("transaction_cost_bps").is_some() {
            assert!(set_aside(reading, "cost"), "{id}: {:?}", reading.set_aside);
            return;
        }
        if of(request, "price") == prices {
            return;
        }
    }
    panic!("{id}: {prices:?}, {:?}", reading.questions);
}

fn check_rows(id: &str, reading: &Reading, rows: &[Value], asked: bool) {
    assert_eq!(reading.positions.len(), rows.len(), "{id}: {reading:?}");
    for (position, row) in reading.positions.iter().zip(rows) {
        assert_eq!(position.asset, row[0].as_str().unwrap(), "{id}");
        let members = [(position.target_weight, 100.0), (position.current_weight, 100.0), (position.price, 1.0)];
        for (place, (read, scale)) in members.into_iter().enumerate() {
            let meant = row[place + 1].as_f64().unwrap();
            match read {
                Some(value) => assert!((scale * value - meant).abs() < 1e-9, "{id}: {position:?} for {row}"),
                None => assert!(asked, "{id}: {position:?} for {row}, {:?}", reading.questions),
            }
        }
    }
}

#[test]
fn every_row_is_booked_or_set_aside_and_reading_twice_changes_nothing() {
    let files: [&[u8]; 8] = [
        case!("01_schwab_positions.csv"),
        case!("06_weights_total_row.csv"),
        case!("07_european_semicolon.csv"),
        case!("12_prices_history.csv"),
        case!("14_ytd_return_targetprice.csv"),
        case!("21_notes_before_header.csv"),
        case!("30_values_total_no_dashes.csv"),
        case!("38_benchmark_weight.csv"),
    ];
    for bytes in files {
        let reading = read(bytes);
        assert_eq!(reading, read(bytes));
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let filled = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(i, _)| i + 1);
        for row in filled.filter(|row| Some(*row) != reading.understanding.header_row) {
            let booked = reading.positions.iter().any(|p| p.row == row) || reading.cash.iter().any(|c| c.row == row);
            let dated = reading.history.is_some();
            assert!(booked || dated || reading.set_aside.iter().any(|a| a.row == row), "row {row} of\n{text}");
        }
    }
}

#[test]
fn the_json_has_exactly_the_stated_members() {
    let value = serde_json::to_value(read(case!("20_german_thousand_price.csv"))).unwrap();
    let members: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(members, ["cash", "kind", "positions", "questions", "set_aside"]);
    assert_eq!(value["kind"], "positions");
    let question = value["questions"][0].as_object().unwrap();
    assert!(question.keys().all(|k| ["column", "row", "text", "readings"].contains(&k.as_str())));
    let history = serde_json::to_value(read(case!("12_prices_history.csv"))).unwrap();
    assert_eq!(history["kind"], "price_history");
    assert_eq!(history["history"]["observations"], 1);
}
