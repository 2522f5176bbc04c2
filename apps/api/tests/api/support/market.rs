//! Real prices of the project's data files, as simple daily returns.

use std::path::Path;
use std::sync::OnceLock;

/// Returns of one data file, a column per asset.
pub(crate) struct Market {
    pub(crate) start_date: String,
    pub(crate) dates: Vec<String>,
    columns: Vec<(String, Vec<f64>)>,
}

impl Market {
    pub(crate) fn returns(&self, asset: &str) -> &[f64] {
        &self.columns.iter().find(|(name, _)| name == asset).unwrap().1
    }
}

/// 2,516 days of twenty large US stocks and the S&P 500.
pub(crate) fn stocks() -> &'static Market {
    static STOCKS: OnceLock<Market> = OnceLock::new();
    STOCKS.get_or_init(|| read("stocks_2010_2019.csv"))
}

fn read(file: &str) -> Market {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(file);
    let mut reader = csv::Reader::from_path(path).unwrap();
    let names: Vec<String> = reader.headers().unwrap().iter().skip(1).map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let price = |row: usize, column: usize| rows[row][column + 1].parse::<f64>().unwrap();
    let series = |column| (1..rows.len()).map(|t| price(t, column) / price(t - 1, column) - 1.0).collect();
    Market {
        start_date: rows[0][0].to_owned(),
        dates: rows[1..].iter().map(|row| row[0].to_owned()).collect(),
        columns: names.into_iter().enumerate().map(|(column, name)| (name, series(column))).collect(),
    }
}
