//! Histories for the tests.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::{Path, PathBuf};

use backtest::History;
use portfolio_core::{NaiveDate, Universe};

/// A file of the repository.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// Names, dates and prices of the first assets of the stock file, row by row.
pub(crate) struct Table {
    pub(crate) names: Vec<String>,
    pub(crate) dates: Vec<NaiveDate>,
    pub(crate) rows: Vec<Vec<f64>>,
}

/// `days` rows from row `first` on of the first `assets` stocks.
pub(crate) fn stocks(assets: usize, first: usize, days: usize) -> Table {
    let mut reader = csv::Reader::from_path(file("data/stocks_2010_2019.csv")).expect("valid");
    let names = reader.headers().expect("valid").iter().skip(1).take(assets).map(str::to_owned).collect();
    let (mut dates, mut rows) = (Vec::new(), Vec::new());
    for record in reader.records().skip(first).take(days) {
        let record = record.expect("valid");
        dates.push(record[0].parse().expect("valid"));
        rows.push(record.iter().skip(1).take(assets).map(|cell| cell.parse().expect("valid")).collect());
    }
    Table { names, dates, rows }
}

impl Table {
    pub(crate) fn history(&self) -> History {
        of_rows(Universe::new(self.names.clone()).expect("valid"), &self.rows)
            .with_dates(self.dates.clone())
            .expect("valid")
    }
}

/// A history without gaps.
pub(crate) fn of_rows(universe: Universe, rows: &[Vec<f64>]) -> History {
    let series: Vec<Vec<Option<f64>>> =
        (0..universe.len()).map(|asset| rows.iter().map(|row| Some(row[asset])).collect()).collect();
    History::from_prices(universe, &series).expect("valid")
}

/// A history of assets named by their index; 0 is a day without a price.
pub(crate) fn of_series(series: &[&[f64]]) -> History {
    let universe = Universe::new((0..series.len()).map(|i| format!("asset {i}"))).expect("valid");
    let some = |series: &&[f64]| series.iter().map(|&price| (price > 0.0).then_some(price)).collect();
    History::from_prices(universe, &series.iter().map(some).collect::<Vec<_>>()).expect("valid")
}
