//! Books that cannot be right, and rows that yield nothing: each is a question, a note or a reason, and none passes as plain.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use import::{Doubt, ImportOptions, Importer, Reading};

fn read(text: &str) -> Reading {
    Importer::standard().read(text.as_bytes(), &ImportOptions::default()).unwrap()
}

fn asks(reading: &Reading, row: Option<usize>, words: &str) -> bool {
    reading.questions.iter().any(|q| q.row == row && q.doubt.to_string().contains(words))
}

fn set_aside(reading: &Reading, row: usize, words: &str) -> bool {
    reading.set_aside.iter().any(|aside| aside.row == row && aside.reason.to_string().contains(words))
}

#[test]
fn the_only_number_of_a_row_of_cash_is_its_amount() {
    let reading = read("Symbol,Quantity,Price\nVTI,212,287.31\nBND,500,73.44\nCash,,8431.22\n");
    assert_eq!(reading.cash.iter().map(|cash| cash.amount).collect::<Vec<_>>(), [8_431.22]);
    assert_eq!((reading.positions.len(), reading.nav), (2, Some(106_060.94)));
    let notes: Vec<(usize, String)> = reading.notes.iter().map(|note| (note.row, note.note.to_string())).collect();
    let said = "8431.22 under \"Price\" is the only number of this cash and was read as its amount";
    assert_eq!(notes, [(4, said.to_owned())]);
    // Cash whose amount stands where it belongs needs no note.
    assert_eq!(read("Symbol,Quantity,Price\nVTI,212,287.31\nCash,8431.22,\n").notes, []);
}

#[test]
fn cash_that_has_only_the_price_of_a_unit_is_asked_about_and_set_aside() {
    for row in ["Cash,,1.00", "SPAXX,,1"] {
        let reading = read(&format!("Symbol,Quantity,Price\nVTI,212,287.31\n{row}\n"));
        assert!(asks(&reading, Some(3), "is it the amount"), "{:?}", reading.questions);
        assert!(set_aside(&reading, 3, "cash without an amount"), "{:?}", reading.set_aside);
        assert_eq!((reading.positions.len(), reading.cash.len()), (1, 0));
    }
    // A target and a number under the price: nothing says that the number is the amount.
    let reading = read("Symbol,Quantity,Price,Target\nVTI,212,287.31,90%\nCash,,8431.22,10%\n");
    assert!(asks(&reading, Some(3), "is it the amount"), "{:?}", reading.questions);
    // The price of a unit of cash beside its target, in a list of targets, is no amount of cash.
    let reading = read("Symbol,Price,Target\nVTI,287.31,90%\nCash,1.00,10%\n");
    assert_eq!((reading.questions.len(), reading.positions.len()), (0, 2), "{:?}", reading.questions);
}

#[test]
fn a_row_of_cash_that_cannot_be_read_is_asked_about_and_set_aside() {
    let reading = read("Symbol,Quantity,Price\nVTI,212,287.31\nCash,much,\n");
    assert!(asks(&reading, Some(3), "\"much\" is not a number"));
    assert!(set_aside(&reading, 3, "cash without an amount"), "{:?}", reading.set_aside);
    assert_eq!(reading.positions.len(), 1);
}

#[test]
fn a_position_with_a_price_alone_is_asked_how_many_units_are_held() {
    let reading = read("Symbol,Quantity,Price\nVTI,NaN,287.31\nBND,500,73.44\nGLD,,243.18\n");
    assert!(asks(&reading, Some(2), "\"NaN\" is not a number"), "{:?}", reading.questions);
    assert!(asks(&reading, Some(4), "how many units are held"), "{:?}", reading.questions);
    assert_eq!((reading.positions.len(), reading.nav), (3, None));
    // With its value or its weight the row says how much is held.
    let reading = read("Symbol,Quantity,Price,Value\nVTI,NaN,287.31,60909.72\nBND,,73.44,36720.00\n");
    assert!(asks(&reading, Some(2), "\"NaN\" is not a number") && !asks(&reading, Some(3), "how many units"));
}

#[test]
fn a_program_that_writes_nan_for_nothing_leaves_cash_and_histories_as_they_are() {
    let reading = read("Symbol,Quantity,Price,Value\nVTI,212,287.31,60909.72\nCash,NaN,NaN,8431.22\n");
    assert!(!asks(&reading, Some(3), "not a number"), "{:?}", reading.questions);
    assert_eq!(reading.nav, Some(69_340.94));
    let reading = read("Date,A,B\n2026-01-05,100,50\n2026-01-06,NaN,51\n2026-01-07,101,52\n");
    assert_eq!(reading.questions, []);
    assert!(set_aside(&reading, 3, "no number on this date"));
}

#[test]
fn a_negative_price_is_asked_about_and_not_read() {
    let reading = read("Symbol,Quantity,Price\nVTI,212,287.31\nBND,500,-73.44\n");
    assert!(asks(&reading, Some(3), "the price is -73.44, which is not positive"), "{:?}", reading.questions);
    assert_eq!((reading.positions[1].price, reading.positions[1].quantity, reading.nav), (None, Some(500.0), None));
    let reading = read("Symbol,Quantity,Price\nVTI,212,287.31\nBND,500,0.00\n");
    assert!(asks(&reading, Some(3), "which is not positive"));
}

#[test]
fn a_net_asset_value_below_zero_is_asked_about() {
    let reading =
        read("Symbol,Quantity,Price,Value\nVTI,-500,287.31,-143655\nBND,500,73.44,36720.00\nCash,,,8431.22\n");
    assert_eq!(reading.nav, Some(-98_503.78));
    assert!(asks(&reading, None, "the net asset value is -98503.78"), "{:?}", reading.questions);
}

#[test]
fn one_wrong_digit_beside_rows_that_agree_is_asked_about() {
    let doubts = |text: &str| {
        let reading = read(text);
        let asked: Vec<Option<usize>> =
            reading.questions.iter().filter(|q| matches!(q.doubt, Doubt::Product { .. })).map(|q| q.row).collect();
        (asked, reading.notes.len())
    };
    // 8,293.56 · 272.98 = 2,263,976.0088; the value is off by 3,000.
    let good = "VTI,12,310.50,3726.00\nNESN,150,42.18,6327.00\n";
    let head = "Symbol,Quantity,Price,Market value\n";
    assert_eq!(doubts(&format!("{head}{good}XYZ,8293.56,272.98,2263976.01\n")), (vec![], 0));
    assert_eq!(doubts(&format!("{head}{good}XYZ,8293.56,272.98,2266976.01\n")), (vec![Some(4)], 0));
    // Prices of another hour than the values: every row differs a little, and each says so.
    let older = "VTI,12,310.60,3726.00\nNESN,150,42.20,6327.00\n";
    assert_eq!(doubts(&format!("{head}{older}")), (vec![], 2));
    // Prices that are printed with one decimal, and units with two: half of the last places explain the rest. Among prices with two, a last digit
    // is missing.
    let tenths = "VTI,12,310.5,3726.00\nNESN,150,42.2,6327.00\n";
    assert_eq!(doubts(&format!("{head}{tenths}XYZ,40.51,88.2,3574.50\n")), (vec![], 0));
    assert_eq!(doubts(&format!("{head}{good}XYZ,40.51,88.2,3574.50\n")), (vec![Some(4)], 0));
    // 3,726.00 + 6,327.00 = 10,053.00, a total that is off by one unit in ten thousand.
    let total = |stated: &str| {
        let reading = read(&format!("{head}{good}Total,,,{stated}\n"));
        reading.questions.iter().any(|q| matches!(q.doubt, Doubt::Total { .. }))
    };
    assert_eq!([total("10053.00"), total("10053.01"), total("10053.90")], [false, false, true]);
}

#[test]
fn weights_above_one_leave_no_rest() {
    let reading = read("Symbol,Target\nVTI,90%\nBND,80%\n");
    let [question] = reading.questions.as_slice() else { panic!("{:?}", reading.questions) };
    let text = question.doubt.to_string();
    assert!(text.contains("170 %") && !text.contains("rest"), "{text}");
    assert!(!question.doubt.readings().iter().any(|reading| reading.contains("rest")));
    let reading = read("Symbol,Target\nVTI,60%\nBND,30%\n");
    assert!(reading.questions[0].doubt.to_string().contains("is the rest cash"));
}
