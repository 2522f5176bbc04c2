//! A made-up file of each known dialect: the same three holdings, in the words and numbers of each broker or program.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use import::{Doubt, ImportOptions, Importer, Reading, standard_dialects};

fn read(id: &str) -> Reading {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("testdata/import/brokers/{id}.csv"));
    Importer::standard().read(&std::fs::read(file).unwrap(), &ImportOptions::default()).unwrap()
}

/// Dialects whose sample states cash of 1,250.75.
const WITH_CASH: [&str; 13] = [
    "schwab",
    "fidelity",
    "vanguard",
    "etrade",
    "merrill",
    "robinhood",
    "degiro",
    "swissquote",
    "scalable-capital",
    "trade-republic",
    "hargreaves-lansdown",
    "aj-bell",
    "morningstar",
];

#[test]
fn each_dialect_reads_its_sample_whole() {
    for dialect in standard_dialects() {
        let id = dialect.id;
        let reading = read(id);
        assert_eq!(reading.understanding.dialect.as_deref(), Some(id), "{:?}", reading.understanding);
        assert_eq!(reading.positions.len(), 3, "{id}: {reading:#?}");
        let quantities: Vec<Option<f64>> = reading.positions.iter().map(|p| p.quantity).collect();
        assert_eq!(quantities, [Some(12.0), Some(150.0), Some(40.5)], "{id}");
        let prices: Vec<Option<f64>> = reading.positions.iter().map(|p| p.price).collect();
        assert_eq!(prices, [Some(310.5), Some(42.18), Some(88.2)], "{id}");
        let cash: Vec<f64> = reading.cash.iter().map(|c| c.amount).collect();
        let nav = if WITH_CASH.contains(&id) {
            assert_eq!(cash, [1_250.75], "{id}: {reading:#?}");
            assert_ne!(reading.cash[0].currency, "XXX", "{id}");
            14_875.85
        } else {
            assert!(cash.is_empty(), "{id}: {cash:?}");
            13_625.1
        };
        assert_eq!(reading.nav, Some(nav), "{id}");
        let others: Vec<&Doubt> =
            reading.questions.iter().map(|q| &q.doubt).filter(|d| **d != Doubt::NoTargets).collect();
        assert!(others.is_empty(), "{id}: {others:?}");
    }
}

#[test]
fn there_are_more_than_twenty_dialects_with_different_names() {
    let mut ids: Vec<&str> = standard_dialects().iter().map(|d| d.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), standard_dialects().len());
    assert!(ids.len() >= 20);
}

#[test]
fn a_file_without_prices_has_them_from_values_and_units_and_says_so() {
    for id in ["avanza", "trading-212"] {
        let notes = read(id).notes;
        let told: Vec<String> = notes.iter().map(|note| note.note.to_string()).collect();
        assert_eq!(told.len(), 3, "{id}: {told:?}");
        assert_eq!(told[1], "the file has no prices: 42.18 is the value divided by the quantity", "{id}");
    }
    assert!(read("schwab").notes.is_empty());
}

#[test]
fn names_and_isins_are_kept() {
    for id in ["degiro", "ing", "trade-republic", "scalable-capital", "avanza"] {
        let reading = read(id);
        let first = reading.positions.iter().find(|p| p.quantity == Some(12.0)).unwrap();
        assert_eq!(first.isin.as_deref(), Some("US9229087690"), "{id}: {first:?}");
        assert_eq!(first.name.as_deref(), Some("Example Total Market"), "{id}: {first:?}");
    }
    let schwab = &read("schwab").positions[0];
    assert_eq!(schwab.isin, None, "a symbol is no ISIN: {schwab:?}");
}

#[test]
fn accounts_are_kept_apart() {
    let accounts: Vec<Option<String>> = read("wealthsimple").positions.into_iter().map(|p| p.account).collect();
    assert_eq!(accounts, [Some("RRSP".to_owned()), Some("TFSA".to_owned()), Some("TFSA".to_owned())]);
    assert_eq!(read("schwab").positions[0].account.as_deref(), Some("Roth ...101"));
}

#[test]
fn pence_become_pounds() {
    let reading = read("hargreaves-lansdown");
    assert_eq!(reading.positions[0].currency.as_deref(), Some("GBP"));
    assert_eq!(reading.positions[0].value, Some(3_726.0));
}
