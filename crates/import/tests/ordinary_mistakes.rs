//! Files as people have them that are unlike the samples: bonds in percent, codes that are numbers, units and prices
//! swapped.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use import::{ColumnRole, ImportOptions, Importer, Reading};

fn read(text: &str) -> Reading {
    stated(text, &[])
}

fn stated(text: &str, columns: &[(&str, ColumnRole)]) -> Reading {
    let columns = columns.iter().map(|(heading, role)| ((*heading).to_owned(), *role)).collect();
    Importer::standard().read(text.as_bytes(), &ImportOptions { columns, ..ImportOptions::default() }).unwrap()
}

/// The questions but for that of targets, which no file of these has.
fn asked(reading: &Reading) -> Vec<String> {
    let told = reading.questions.iter().map(|question| question.doubt.to_string());
    told.filter(|text| !text.contains("target weights")).collect()
}

fn numbers(reading: &Reading) -> Vec<(&str, Option<f64>, Option<f64>, Option<f64>)> {
    reading.positions.iter().map(|p| (p.asset.as_str(), p.quantity, p.price, p.value)).collect()
}

/// A nominal of 10,000 at 97.55 % is worth 9,755.00: a unit of nominal costs 0.9755.
#[test]
fn the_price_of_a_bond_is_percent_of_its_nominal() {
    let comdirect = "Stück/Nominale;WKN;Bezeichnung;Kurs;Währung;Wert in EUR\n\
        150;840400;ALLIANZ SE NA O.N.;281,40;EUR;42.210,00\n\
        10.000;110250;BUNDANL.V. 18/28;97,55;%;9.755,00\n\
        Summe;;;;;51.965,00\n";
    let signed = "Symbol,Quantity,Price,Value\nABC,150,281.40,42210.00\nBUND,10000,97.55%,9755.00\n";
    for (text, bond) in [(comdirect, "110250"), (signed, "BUND")] {
        let reading = read(text);
        assert_eq!(numbers(&reading)[1], (bond, Some(10_000.0), Some(0.9755), Some(9_755.0)));
        assert_eq!((asked(&reading), reading.nav), (vec![], Some(51_965.0)));
        let currencies: Vec<Option<&str>> = reading.positions.iter().map(|p| p.currency.as_deref()).collect();
        assert_eq!(currencies[0], currencies[1], "percent is no currency");
    }
    // Its value is held against it like any other.
    let wrong = read(&signed.replace("9755.00", "97550.00"));
    assert!(asked(&wrong)[0].starts_with("quantity times price is 9755"), "{:?}", asked(&wrong));
}

#[test]
fn codes_that_are_numbers_are_asked_about_until_they_are_stated() {
    let text = "Code,Name,Shares,Price (JPY),Market value (JPY)\n7203,Toyota Motor,300,\"2,814.5\",\"844,350\"\n\
        6758,Sony Group,200,\"13,780\",\"2,756,000\"\n,Cash JPY,,,\"412,000\"\n,Total,,,\"4,012,350\"\n";
    assert_eq!(asked(&read(text)), ["the cells of this column are numbers; do they name the assets?"]);
    let answered = stated(text, &[("Code", ColumnRole::Asset)]);
    assert_eq!((asked(&answered), answered.nav), (vec![], Some(4_012_350.0)));
}

#[test]
fn a_japanese_file_is_read() {
    let text = "口座,特定\n保有商品一覧,2026/11/27\n\n銘柄コード,銘柄名,保有数量,取得単価,現在値,評価額(円),損益\n\
        7203,トヨタ自動車,300,\"2,150\",\"2,814.5\",\"844,350\",\"+199,350\"\n\
        6758,ソニーグループ,200,\"11,000\",\"13,780\",\"2,756,000\",\"+556,000\"\n\
        ,現金,,,,\"412,000\",\n合計,,,,,\"4,012,350\",\n";
    let reading = stated(text, &[("銘柄コード", ColumnRole::Asset)]);
    let want = [
        ("7203", Some(300.0), Some(2_814.5), Some(844_350.0)),
        ("6758", Some(200.0), Some(13_780.0), Some(2_756_000.0)),
    ];
    assert_eq!(numbers(&reading), want);
    assert_eq!((asked(&reading), reading.nav), (vec![], Some(4_012_350.0)));
    assert_eq!(reading.cash.iter().map(|c| (c.currency.as_str(), c.amount)).collect::<Vec<_>>(), [("JPY", 412_000.0)]);
    assert_eq!(reading.positions[0].name.as_deref(), Some("トヨタ自動車"));
}

#[test]
fn units_and_prices_that_are_swapped_are_asked_about() {
    let text =
        "Ticker,Shares,Price,Market Value\nAAPL,231.40,50,11570.00\nMSFT,428.10,20,8562.00\nKO,62.55,150,9382.50\n";
    let question =
        "every number under \"Shares\" has cents and every one under \"Price\" is whole; are units and prices swapped?";
    assert_eq!(asked(&read(text)), [question]);
    let swapped = stated(text, &[("Shares", ColumnRole::Price), ("Price", ColumnRole::Quantity)]);
    assert_eq!(numbers(&swapped)[0], ("AAPL", Some(50.0), Some(231.4), Some(11_570.0)));
    let headed = stated(text, &[("Shares", ColumnRole::Quantity), ("Price", ColumnRole::Price)]);
    for answered in [&swapped, &headed] {
        assert_eq!((asked(answered), answered.nav), (vec![], Some(29_514.5)));
    }
    // Fractions of units at prices with cents, and whole units at whole prices, are as headed.
    for usual in ["AAPL,12.50,231.40\nKO,3.25,62.55\nT,8.75,20.10\n", "AAPL,12,231\nKO,3,62\nT,8,20\n"] {
        assert_eq!(asked(&read(&format!("Ticker,Shares,Price\n{usual}"))), Vec::<String>::new());
    }
}

#[test]
fn headings_that_are_known_keep_their_meaning_where_the_others_are_not() {
    let text = "asset,free,locked,price_usdt\nBTC,0.512384,0.1,91250.10\nETH,4.2,0,3050.55\n";
    let reading = read(text);
    assert!(asked(&reading)[0].starts_with("too few of the headings"), "{:?}", asked(&reading));
    assert_eq!(reading.understanding.columns[0], ("asset".to_owned(), ColumnRole::Asset));
    assert_eq!(reading.set_aside.len(), 3, "no row is lost");
    let mapped = stated(text, &[("free", ColumnRole::Quantity), ("price_usdt", ColumnRole::Price)]);
    assert_eq!(numbers(&mapped)[1], ("ETH", Some(4.2), Some(3_050.55), None));
}

#[test]
fn a_price_in_pounds_among_prices_in_pence_keeps_its_sign() {
    let text = "Code,Stock,Units held,Price (pence),Value (£)\nVOD.L,Vodafone,\"12,500\",68.42p,\"8,552.50\"\n\
        AZN.L,AstraZeneca,85,\"10,482\",\"8,909.70\"\nVWRL.L,Vanguard FTSE All-World,210,£108.35,\"22,753.50\"\n";
    let reading = read(text);
    let prices: Vec<Option<f64>> = reading.positions.iter().map(|p| p.price).collect();
    assert_eq!(prices, [Some(0.6842), Some(104.82), Some(108.35)]);
    assert_eq!((asked(&reading), reading.nav), (vec![], Some(40_215.7)));
}

#[test]
fn an_isin_beside_a_national_number_is_kept() {
    let text = "Stück/Nominale;WKN;ISIN;Bezeichnung;Kurs;Währung;Wert in EUR\n\
        150;840400;DE0008404005;ALLIANZ SE NA O.N.;281,40;EUR;42.210,00\n25;865985;US0378331005;APPLE INC.;214,85;EUR;5.371,25\n";
    let reading = read(text);
    let told: Vec<_> = reading.positions.iter().map(|p| (p.asset.as_str(), p.isin.as_deref())).collect();
    assert_eq!(told, [("840400", Some("DE0008404005")), ("865985", Some("US0378331005"))]);
    assert!(reading.set_aside.is_empty(), "{:?}", reading.set_aside);
}
