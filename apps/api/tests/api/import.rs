//! Files at the door: the preview of the service and the command read the same, and a bad file is refused with its likely cause.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::cli::{run, stdout};
use crate::contract::conforms;
use crate::support::json::text;
use crate::support::post;

const PATH: &str = "/api/import/preview";

fn case(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../crates/import/testdata/import/cases").join(name)
}

fn in_base64(name: &str) -> Value {
    json!({"base64": BASE64.encode(std::fs::read(case(name)).unwrap())})
}

/// What the service reads in a file, with how it was understood.
fn preview(body: &Value) -> Value {
    let reply = post(PATH, body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    conforms(&reply, "post", PATH);
    reply.json()
}

#[test]
fn the_service_and_the_command_read_the_same() {
    for name in [
        "01_schwab_positions.csv",
        "07_european_semicolon.csv",
        "12_prices_history.csv",
        "20_german_thousand_price.csv",
        "24_latin1.csv",
        "h2_decimal_comma_returns.txt",
    ] {
        let mut served = preview(&in_base64(name));
        served.as_object_mut().unwrap().remove("metadata");
        let output = run(&["import", case(name).to_str().unwrap(), "--json"], "");
        assert_eq!(output.status.code(), Some(0), "{name}");
        assert_eq!(serde_json::from_str::<Value>(&stdout(&output)).unwrap(), served, "{name}");
    }
}

#[test]
fn a_brokers_file_is_a_book_with_its_columns_and_what_was_left_out() {
    let read = preview(&in_base64("01_schwab_positions.csv"));
    assert_eq!((text(&read, "/kind"), text(&read, "/dialect")), ("positions", "schwab"));
    assert_eq!(read["positions"][0]["quantity"], 212.0);
    assert_eq!(read["cash"], json!([{"currency": "USD", "amount": 8_431.22}]));
    assert_eq!(read["nav"], 137_554.94);
    let roles: Vec<&str> = read["columns"].as_array().unwrap().iter().map(|column| text(column, "/role")).collect();
    for role in ["asset", "quantity", "price", "value", "unused"] {
        assert!(roles.contains(&role), "{roles:?}");
    }
    let reasons = read["set_aside"].to_string();
    assert!(reasons.contains("Account Total") && reasons.contains("Cost Basis"), "{reasons}");
    // What no member of the request answers says so by leaving the member out.
    let targets = read["questions"].as_array().unwrap().iter().find(|q| text(q, "/text").contains("no target weights"));
    assert!(targets.unwrap().get("answered_by").is_none());
}

#[test]
fn a_question_names_the_member_that_answers_it() {
    let file = "Asset;Target;Current;Price\nBTC;50%;60%;67.500\nSAP;50%;40%;1.234\n";
    let asked = preview(&json!({"text": file}));
    assert_eq!(text(&asked, "/questions/0/answered_by"), "decimal_mark");
    assert_eq!((text(&asked, "/questions/0/column"), &asked["positions"][0]["price"]), ("Price", &Value::Null));
    let answered = preview(&json!({"text": file, "decimal_mark": "comma"}));
    assert_eq!((&answered["questions"], &answered["positions"][0]["price"]), (&json!([]), &json!(67_500.0)));

    let two = "Asset,Benchmark,Model,Current weight\nA,50%,60%,55%\nB,50%,40%,45%\n";
    let columns = json!({"Benchmark": "unused", "Model": "target_weight"});
    let mapped = preview(&json!({"text": two, "columns": columns}));
    assert_eq!(mapped["positions"][0]["target_weight"], 0.6);
    assert_eq!(mapped["columns"][1], json!({"heading": "Benchmark", "role": "unused"}));
}

#[test]
fn a_history_of_prices_comes_as_aligned_returns() {
    let read = preview(&json!({"text": "Date,A,B\n2026-01-02,100,50\n2026-01-05,110,\n2026-01-06,121,60\n"}));
    assert_eq!(text(&read, "/kind"), "price_history");
    assert_eq!(read["history"]["dates"], json!(["2026-01-06"]));
    let returns = &read["history"]["returns"];
    assert!((returns[0][0].as_f64().unwrap() - 0.21).abs() < 1e-12, "{returns}");
    assert!((returns[1][0].as_f64().unwrap() - 0.2).abs() < 1e-12, "{returns}");
    assert_eq!((&read["history"]["observations"], text(&read, "/set_aside/0/reason").contains('B')), (&json!(1), true));
}

#[test]
fn a_history_shows_its_series_and_an_index_of_pandas_is_its_date() {
    let read = preview(&json!({"text": ",VTI,BND\n2026-01-02,100,70\n2026-01-05,101,71.4\n"}));
    assert_eq!(text(&read, "/kind"), "price_history");
    let roles: Vec<&str> = read["columns"].as_array().unwrap().iter().map(|column| text(column, "/role")).collect();
    assert_eq!(roles, ["date", "series", "series"]);
    assert_eq!(read["history"]["dates"], json!(["2026-01-05"]));
}

#[test]
fn the_command_prints_how_a_file_was_read_and_takes_the_answers() {
    let file = "Symbol;Model;Quantity;Price\nA \"B\";60%;1;67.500\nB;40%;1;1.234\nCash;;1.000;\n";
    let open = stdout(&run(&["import", "-"], file));
    assert!(open.starts_with("Read as text in UTF-8, cells separated by ';', headings in row 1\n"), "{open}");
    assert!(open.contains("Column Model: target_weight\n"), "{open}");
    assert!(open.contains("(answer with --decimal-mark)"), "{open}");
    assert!(!open.contains("\\\""), "quotation marks stay as they are: {open}");
    let said = stdout(&run(
        &["import", "-", "--decimal-mark", "comma", "--currency", "CHF", "--column", "Model=unused"],
        file,
    ));
    assert!(said.contains("67500") && said.contains("Column Model: unused\n") && said.contains(" CHF\n"), "{said}");
    let prices = "01/02/2026,100\n03/02/2026,101\n";
    let dated = run(&["import", "-", "--date-order", "day-first", "--json"], &format!("Date,A\n{prices}"));
    let dated: Value = serde_json::from_str(&stdout(&dated)).unwrap();
    assert_eq!(dated["history"]["dates"], json!(["2026-02-03"]));
    let refused = run(&["import", "-", "--row", "4=bond"], file);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_its_likely_cause() {
    let many = format!("Date,{}\n", (0..1_000).map(|i| format!("A{i}")).collect::<Vec<_>>().join(","));
    let row = |day: usize| format!("2026-01-{day:02},{}\n", vec!["7.5"; 1_000].join(","));
    let years: String =
        (0..102).map(|i| row(1).replace("2026-01-01", &format!("{}-{:02}-01", 1990 + i / 12, 1 + i % 12))).collect();
    for (body, pointer, code, words) in [
        (json!({}), "/text", "required", "base64"),
        (json!({"text": "a", "base64": "YQ=="}), "/base64", "value", "one of the two"),
        (json!({"text": ""}), "/text", "value", "the file is empty"),
        (json!({"text": "<html><body>Log in</body></html>"}), "/text", "value", "asked for a login"),
        (json!({"base64": BASE64.encode(b"%PDF-1.7")}), "/base64", "value", "PDF"),
        (json!({"base64": "data:text/csv;base64,QQ=="}), "/base64", "value", "data URL"),
        (in_base64("29_excel.xlsx"), "/base64", "value", "cannot be opened as one"),
        (json!({"text": "Symbol,Quantity\n"}), "/text", "value", "cut off"),
        (
            json!({"text": "Symbol,Quantity\nA,1\n", "columns": {"Pieces/lot": "quantity"}}),
            "/columns/Pieces~1lot",
            "value",
            "another file",
        ),
        (
            json!({"text": "Symbol,Quantity\nA,1\n", "columns": {"Quantity": "size"}}),
            "/columns/Quantity",
            "value",
            "must be one of",
        ),
        (json!({"text": "Symbol,Quantity\nA,1\n", "currency": "ZZZ"}), "/currency", "value", "ISO 4217"),
        (json!({"text": "Symbol,Quantity\nA,1\n", "decimal_mark": "dot"}), "/decimal_mark", "value", "must be one of"),
        (json!({"text": "Symbol,Quantity\nA,1\n", "rows": {"0": "cash"}}), "/rows/0", "value", "counted from one"),
        (json!({"text": many + &years}), "/text", "limit", "returns"),
    ] {
        let reply = post(PATH, &body);
        conforms(&reply, "post", PATH);
        let problem = reply.json();
        assert_eq!((reply.status, text(&problem, "/errors/0/pointer")), (400, pointer), "{words}: {}", reply.text());
        assert_eq!(text(&problem, "/errors/0/code"), code, "{}", reply.text());
        assert!(text(&problem, "/errors/0/detail").contains(words), "{}", reply.text());
    }
    let large = post(PATH, &json!({"text": "A,1\n".repeat(2_200_000)}));
    assert_eq!(large.status, 413);
}

#[test]
fn the_command_refuses_a_file_that_it_cannot_read_with_its_likely_cause() {
    let workbook = case("29_excel.xlsx");
    for (file, input, cause) in [
        (workbook.to_str().unwrap(), "", "begins like an Excel workbook (.xlsx) and cannot be opened as one"),
        ("-", "<html><body>Log in</body></html>", "asked for a login"),
    ] {
        for arguments in [&["import", file][..], &["import", file, "--json"][..]] {
            let output = run(arguments, input);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
            assert!(said.contains(&format!("cannot import {file}: ")) && said.contains(cause), "{said}");
            assert_eq!(stdout(&output), "", "nothing is printed that a program could take for a reading");
        }
    }
}

#[test]
fn an_answer_lists_a_bounded_number_of_questions_and_says_how_many_more_there_are() {
    let rows: String = (0..1_500).map(|i| format!("A{i},many,1.00\n")).collect();
    let body = json!({"text": format!("Symbol,Quantity,Price\n{rows}")});
    let read = preview(&body);
    let listed = read["questions"].as_array().unwrap().len() as u64;
    let further = read["further_questions"].as_u64().unwrap();
    assert!(listed == 1_000 && listed + further >= 1_500, "{listed} and {further}");
}

#[test]
fn cash_under_the_price_comes_with_a_note_and_dates_with_the_member_that_answers_them() {
    let read = preview(&json!({"text": "Symbol,Quantity,Price\nVTI,212,287.31\nCash,,8431.22\n", "currency": "USD"}));
    assert_eq!(read["cash"], json!([{"currency": "USD", "amount": 8_431.22}]));
    assert_eq!(read["notes"][0]["row"], 3);
    assert!(text(&read, "/notes/0/text").starts_with("8431.22 under \"Price\""), "{read}");

    let dates = "Date,A\n01/02/2026,100\n03/02/2026,101\n";
    let asked = preview(&json!({"text": dates}));
    assert_eq!((text(&asked, "/kind"), text(&asked, "/questions/0/answered_by")), ("price_history", "date_order"));
    let answered = preview(&json!({"text": dates, "date_order": "day_first"}));
    assert_eq!((&answered["questions"], &answered["history"]["dates"]), (&json!([]), &json!(["2026-02-03"])));
    assert!(answered.get("notes").is_none());
}

#[test]
fn a_sheet_or_a_row_that_the_file_does_not_have_is_refused_by_name() {
    let file = "Symbol,Quantity,Price\nVTI,10,100\nBND,20,50\n";
    for (member, value, pointer) in [
        ("sheet", json!("Holdings"), "/sheet"),
        ("rows", json!({"9": "total"}), "/rows/9"),
        // The headings.
        ("rows", json!({"1": "asset"}), "/rows/1"),
    ] {
        let reply = post(PATH, &json!({"text": file, member: value}));
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert_eq!(text(&reply.json(), "/errors/0/pointer"), pointer);
    }
    let read = preview(&json!({"text": file, "rows": {"3": "cash"}}));
    assert_eq!(read["positions"].as_array().unwrap().len(), 1, "{read}");
    let history = "Date,VTI,BND\n2026-01-02,100,70\n2026-01-05,101,71\n";
    let refused = post(PATH, &json!({"text": history, "rows": {"2": "asset"}}));
    assert_eq!((refused.status, text(&refused.json(), "/errors/0/pointer")), (400, "/rows/2"));
}

#[test]
fn what_cannot_be_seen_is_no_part_of_a_name_that_was_imported() {
    let read = preview(&json!({"text": "Symbol,Quantity,Price\nV\u{200b}TI,10,100\n\u{feff}BND\u{200b},20,50\n"}));
    let names: Vec<&str> = read["positions"].as_array().unwrap().iter().map(|row| text(row, "/asset")).collect();
    assert_eq!(names, ["VTI", "BND"]);
}

#[test]
fn the_command_takes_a_currency_that_exists() {
    let file = case("01_schwab_positions.csv");
    for (arguments, code) in [(["--currency", "xx"], 2), (["--currency", "EUR"], 0)] {
        let output = run(&["import", file.to_str().unwrap(), arguments[0], arguments[1]], "");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
