//! Histories: orders of dates, gaps, calendars, splits, long tables, returns in percent; and files of unknown headings.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use import::{
    ColumnRole, DateOrder, Doubt, HistoryNumbers, ImportError, ImportOptions, Importer, Reading, ReadingKind,
    RowContent, SetAsideReason,
};

fn read(text: &str) -> Reading {
    Importer::standard().read(text.as_bytes(), &ImportOptions::default()).unwrap()
}

fn asks(reading: &Reading, wanted: impl Fn(&Doubt) -> bool) -> bool {
    reading.questions.iter().any(|q| wanted(&q.doubt))
}

#[test]
fn the_newest_date_may_stand_first() {
    let reading = read("Date,A,B\n2026-01-07,121,50\n2026-01-06,110,50\n2026-01-05,100,40\n");
    let history = reading.history.as_ref().unwrap();
    assert_eq!(history.dates.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-01-06", "2026-01-07"]);
    assert!((history.returns[0][0] - 0.1).abs() < 1e-12 && (history.returns[1][0] - 0.25).abs() < 1e-12);
    assert_eq!(reading.questions, []);
}

#[test]
fn a_split_is_asked_about_and_so_is_a_jump() {
    let reading = read("Date,A,B\n2026-01-05,100,10\n2026-01-06,50.4,10.1\n2026-01-07,51,99\n");
    assert!(asks(&reading, |d| *d == Doubt::Split { before: 100.0, after: 50.4 }));
    assert!(asks(&reading, |d| matches!(d, Doubt::Split { .. } | Doubt::Jump { .. })));
}

#[test]
fn a_split_that_the_caller_confirms_is_adjusted_with_a_note() {
    let options = ImportOptions { adjust_splits: true, ..ImportOptions::default() };
    let text = "Date,A,B\n2026-01-05,100,10\n2026-01-06,50.5,10.1\n2026-01-07,51,30.3\n";
    let reading = Importer::standard().read(text.as_bytes(), &options).unwrap();
    let returns = &reading.history.as_ref().unwrap().returns;
    // Two for one: 2 · 50.5/100 − 1 = 1 %. One for three: 30.3/10.1/3 − 1 = 0.
    assert!((returns[0][0] - 0.01).abs() < 1e-12 && returns[1][1].abs() < 1e-12, "{returns:?}");
    let told: Vec<String> = reading.notes.iter().map(|note| note.note.to_string()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("of A") && told[0].ends_with("a split of 2 for 1"), "{told:?}");
    assert!(told[1].contains("of B") && told[1].ends_with("a split of 1 for 3"), "{told:?}");
    assert!(!asks(&reading, |d| matches!(d, Doubt::Split { .. } | Doubt::Jump { .. })));
}

#[test]
fn an_index_of_pandas_has_no_heading_and_is_the_date() {
    for head in [",VTI,BND", "Unnamed: 0,VTI,BND", "index,VTI,BND"] {
        let reading = read(&format!("{head}\n2026-01-02,100,70\n2026-01-05,101,71.4\n"));
        assert_eq!(reading.kind, ReadingKind::PriceHistory, "{head}: {reading:#?}");
        let history = reading.history.as_ref().unwrap();
        assert_eq!(history.assets, ["VTI", "BND"]);
        assert!((history.returns[0][0] - 0.01).abs() < 1e-12 && (history.returns[1][0] - 0.02).abs() < 1e-12);
        assert_eq!(reading.questions, []);
    }
    assert_eq!(read(",VTI\n2026-01-02,100\n2026-01-05,101\n").history.unwrap().assets, ["VTI"]);
}

#[test]
fn the_columns_of_a_history_are_series_of_assets() {
    let text = "Date,VTI,Close,Note\n2026-01-05,100,10,x\n2026-01-06,101,10.1,\n";
    let roles = |reading: &Reading| reading.understanding.columns.iter().map(|(_, role)| *role).collect::<Vec<_>>();
    use ColumnRole::{Date, Series, Unused};
    assert_eq!(roles(&read(text)), [Date, Series, Series, Unused]);
    let mut options = ImportOptions::default();
    options.columns.insert("Close".to_owned(), Unused);
    let without = Importer::standard().read(text.as_bytes(), &options).unwrap();
    assert_eq!(roles(&without), [Date, Series, Unused, Unused]);
    assert_eq!(without.history.unwrap().assets, ["VTI"]);
    // What is said again changes nothing.
    options.columns.insert("Close".to_owned(), Series);
    let again = Importer::standard().read(text.as_bytes(), &options).unwrap();
    assert_eq!(again.history, read(text).history);
}

#[test]
fn the_caller_says_what_the_numbers_of_a_history_are() {
    let text = "Date,A,B\n2026-01-05,0.32,-0.41\n2026-01-06,-0.21,0.22\n";
    let first = |unit| {
        let options = ImportOptions { history_unit: Some(unit), ..ImportOptions::default() };
        let reading = Importer::standard().read(text.as_bytes(), &options).unwrap();
        assert!(!asks(&reading, |d| *d == Doubt::HistoryUnit));
        reading.history.unwrap().returns[0][0]
    };
    assert_eq!(first(HistoryNumbers::Fractions), 0.32);
    assert!((first(HistoryNumbers::Percent) - 0.0032).abs() < 1e-15);
    let open = read(text);
    assert!(open.set_aside.iter().all(|aside| matches!(aside.reason, SetAsideReason::OpenUnit { .. })), "{open:#?}");
    // A list that looks like prices is asked about, and the answer is taken; whose prices they are is asked too.
    let list = "60.2\n60.5\n60.1\n60.9\n";
    assert!(asks(&read(list), |d| *d == Doubt::Prices) && asks(&read(list), |d| *d == Doubt::AssetName));
    let options = ImportOptions {
        history_unit: Some(HistoryNumbers::Prices),
        asset_name: Some("VTI".to_owned()),
        ..ImportOptions::default()
    };
    let said = Importer::standard().read(list.as_bytes(), &options).unwrap();
    assert_eq!((said.questions.len(), said.history.unwrap().assets), (0, vec!["VTI".to_owned()]));
}

#[test]
fn the_caller_says_what_a_row_holds() {
    let text = "Symbol,Quantity,Price\nA,2,10.50\nB,1,3.25\nTotal,3,8.00\nCash,4,2.00\n";
    let of = |rows: &[(usize, RowContent)]| {
        let options = ImportOptions { rows: rows.iter().copied().collect(), ..ImportOptions::default() };
        Importer::standard().read(text.as_bytes(), &options).unwrap()
    };
    let doubts = |reading: &Reading| {
        reading
            .questions
            .iter()
            .filter(|q| matches!(q.doubt, Doubt::TotalOrAsset { .. } | Doubt::CashOrAsset { .. }))
            .count()
    };
    let open = of(&[]);
    assert!(doubts(&open) > 0, "{open:#?}");
    let said = of(&[(4, RowContent::Total), (5, RowContent::Cash)]);
    assert_eq!(doubts(&said), 0, "{said:#?}");
    assert_eq!(said.positions.len(), 2);
    assert_eq!(said.cash.iter().map(|cash| cash.amount).collect::<Vec<_>>(), [8.0]);
    let assets = of(&[(4, RowContent::Asset), (5, RowContent::Asset)]);
    assert_eq!((doubts(&assets), assets.positions.len()), (0, 4));
}

#[test]
fn a_row_for_each_date_and_asset() {
    let text = "Date;Ticker;Close\n05.01.2026;A;100,00\n05.01.2026;B;50,00\n06.01.2026;A;110,00\n27.01.2026;A;121,00\n27.01.2026;B;55,00\n";
    let reading = read(text);
    let history = reading.history.as_ref().unwrap();
    assert_eq!((history.assets.as_slice(), history.observations), (&["A".to_owned(), "B".to_owned()][..], 1));
    assert!((history.returns[0][0] - 0.21).abs() < 1e-12);
    assert!(reading.set_aside.iter().any(|a| matches!(a.reason, SetAsideReason::Gap { .. })));
}

#[test]
fn of_opening_and_closing_prices_the_adjusted_one_is_read() {
    let options = ImportOptions { asset_name: Some("VTI".to_owned()), ..ImportOptions::default() };
    let text = "Date,Open,High,Low,Close,Adj Close,Volume\n2026-01-05,99,101,98,100,90,1000\n2026-01-06,100,111,99,110,99,1100\n";
    let reading = Importer::standard().read(text.as_bytes(), &options).unwrap();
    let history = reading.history.as_ref().unwrap();
    assert_eq!(history.assets, ["VTI"]);
    assert!((history.returns[0][0] - 0.1).abs() < 1e-12);
    assert!(reading.set_aside.iter().any(|a| a.reason == SetAsideReason::Column { heading: "Volume".to_owned() }));
}

#[test]
fn returns_in_percent_and_returns_of_an_open_unit() {
    let reading = read("Date,A,B\n2026-01-05,1.2%,-0.4%\n2026-01-06,-1.1%,0.2%\n");
    assert_eq!(reading.kind, ReadingKind::Returns);
    assert!((reading.history.as_ref().unwrap().returns[0][0] - 0.012).abs() < 1e-15);
    let open = read("Date,A,B\n2026-01-05,0.32,-0.41\n2026-01-06,-0.21,0.22\n");
    assert!(open.history.is_none() && asks(&open, |d| *d == Doubt::HistoryUnit));
}

#[test]
fn day_and_month_are_a_question_where_nothing_proves_their_order() {
    let reading = read("Date,A\n01/02/2026,100\n02/02/2026,101\n");
    assert!(reading.history.is_none() || reading.history.as_ref().unwrap().observations == 0);
    assert!(asks(&reading, |d| matches!(d, Doubt::DayOrMonth { .. })));
}

#[test]
fn a_repeated_date_is_set_aside_and_asked_about_when_it_differs() {
    let reading = read("Date,A\n2026-01-05,100\n2026-01-06,101\n2026-01-06,102\n2026-01-06,101\n");
    assert_eq!(reading.questions.iter().filter(|q| matches!(q.doubt, Doubt::RepeatedDate { .. })).count(), 1);
    assert_eq!(reading.set_aside.len(), 2);
}

#[test]
fn unknown_headings_are_a_question_that_a_mapping_answers() {
    let text = "Papier;Happen\nVTI;12\nBND;40\n";
    let reading = read(text);
    assert!(reading.positions.is_empty() && asks(&reading, |d| matches!(d, Doubt::UnknownHeadings { .. })));
    let columns = [("Papier".to_owned(), ColumnRole::Asset), ("Happen".to_owned(), ColumnRole::Quantity)].into();
    let options = ImportOptions { columns, ..ImportOptions::default() };
    let mapped = Importer::standard().read(text.as_bytes(), &options).unwrap();
    assert_eq!(mapped.positions.iter().map(|p| p.quantity).collect::<Vec<_>>(), [Some(12.0), Some(40.0)]);
    let error = Importer::standard().read(b"Symbol;Quantity\nVTI;1\n", &options).unwrap_err();
    assert!(matches!(error, ImportError::NoColumn { .. }));
}

#[test]
fn files_of_other_kinds_are_refused_by_name() {
    for (bytes, words) in [
        (&b"%PDF-1.7"[..], "PDF"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ".xls"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"{\"a\": 1}", "JSON"),
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"Dear customer,\nplease find attached nothing.\n", "no table"),
        (b"Symbol,Quantity\n", "no rows"),
    ] {
        let error = Importer::standard().read(bytes, &ImportOptions::default()).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn identical_rows_are_kept() {
    let reading = read("Symbol,Quantity,Price\nVTI,10,300.50\nVTI,10,300.50\n");
    assert_eq!(reading.positions.len(), 2);
    assert_eq!(reading.nav, Some(6_010.0));
}

#[test]
fn a_history_of_prices_is_one_while_its_dates_are_open() {
    let long = "Date,Ticker,Close\n01/02/2026,A,100\n02/02/2026,A,101\n";
    for (text, kind) in [
        ("Date,A\n01/02/2026,100\n02/02/2026,101\n", ReadingKind::PriceHistory),
        (long, ReadingKind::PriceHistory),
        ("Date,A\n01/02/2026,1.2%\n02/02/2026,-1%\n", ReadingKind::Returns),
    ] {
        let reading = read(text);
        // Only the order is asked about.
        assert_eq!((reading.kind, reading.questions.len()), (kind, 1), "{:?}", reading.questions);
        assert!(reading.history.is_none() && asks(&reading, |d| matches!(d, Doubt::DayOrMonth { .. })));
    }
}

#[test]
fn the_caller_answers_which_of_day_and_month_stands_first() {
    for (date_order, ends) in [(DateOrder::DayFirst, "2026-02-03"), (DateOrder::MonthFirst, "2026-03-02")] {
        let options = ImportOptions { date_order: Some(date_order), ..ImportOptions::default() };
        let reading = Importer::standard().read(b"Date,A\n01/02/2026,100\n03/02/2026,101\n", &options).unwrap();
        let history = reading.history.as_ref().unwrap();
        assert_eq!(reading.questions, []);
        assert_eq!(history.dates.iter().map(ToString::to_string).collect::<Vec<_>>(), [ends]);
        // A column that proves its order is read by its proof.
        let text = b"Date,A\n27/01/2026,100\n28/01/2026,101\n01/02/2026,102\n";
        let proven = Importer::standard().read(text, &options).unwrap();
        assert_eq!(proven.history.unwrap().dates.last().unwrap().to_string(), "2026-02-01");
    }
}
