//! The books of the studies, with the shipped prices of their assets.

use std::error::Error;
use std::fs::File;

use backtest::History;
use flate2::read::GzDecoder;
use portfolio_core::{NaiveDate, Universe};

/// A book: its name, its file, and target weights by column.
pub(crate) struct Book {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    pub(crate) target: Vec<(&'static str, f64)>,
    /// What flatters it, or the opposite.
    #[allow(dead_code, reason = "a study says it once")]
    pub(crate) caveat: &'static str,
}

/// All but RRC, whose early prices have a split that is not adjusted for and stand still on many days.
const STOCKS: [&str; 19] = [
    "AAPL", "AMD", "BAC", "BBY", "CVX", "GE", "HD", "JNJ", "JPM", "KO", "LLY", "MRK", "MSFT", "PEP", "PFE", "PG",
    "UNH", "WMT", "XOM",
];

pub(crate) fn books() -> [Book; 2] {
    [
        Book {
            name: "Nineteen stocks, equal weights",
            file: "stocks_1990_2022.csv.gz",
            target: STOCKS.iter().map(|stock| (*stock, 1.0 / 19.0)).collect(),
            caveat: "The file holds companies that still existed in 2022: survivors only, so every wealth is too high.",
        },
        Book {
            name: "Mixed book",
            file: "multi_asset_1999_2017.csv.gz",
            target: vec![
                ("SP500_INDEX", 0.50),
                ("UST2Y_TR", 0.15),
                ("UST10Y_TR", 0.20),
                ("WTI", 0.05),
                ("EURUSD", 0.05),
                ("JPYUSD", 0.05),
            ],
            caveat: "The equity index and the currencies are without dividends and interest: every wealth is too low.",
        },
    ]
}

/// The prices of a book's assets.
pub(crate) fn prices(book: &Book) -> Result<History, Box<dyn Error>> {
    let file = File::open(format!("{}/../../data/{}", env!("CARGO_MANIFEST_DIR"), book.file))?;
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let header = reader.headers()?.clone();
    let column = |name: &str| header.iter().position(|column| column == name).ok_or(format!("no column {name}"));
    let columns = book.target.iter().map(|(name, _)| column(name)).collect::<Result<Vec<_>, _>>()?;
    let (mut dates, mut series) = (Vec::<NaiveDate>::new(), vec![Vec::new(); columns.len()]);
    for record in reader.records() {
        let record = record?;
        dates.push(record[0].parse()?);
        for (series, column) in series.iter_mut().zip(&columns) {
            series.push(Some(record[*column].parse::<f64>()?));
        }
    }
    let universe = Universe::new(book.target.iter().map(|(name, _)| *name))?;
    Ok(History::from_prices(universe, &series)?.with_dates(dates)?)
}
