//! Returns of an index, and a measure of each day's variance.

use std::error::Error;
use std::fs::File;
use std::path::PathBuf;

use flate2::read::GzDecoder;

/// An index.
pub(crate) struct Series {
    /// How the table names it.
    pub(crate) name: &'static str,
    /// Simple returns from close to close, oldest first.
    pub(crate) returns: Vec<f64>,
    /// A measure of the variance of each of these days.
    pub(crate) measures: Vec<f64>,
}

fn open(file: &str) -> Result<csv::Reader<GzDecoder<File>>, Box<dyn Error>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data").join(file);
    Ok(csv::Reader::from_reader(GzDecoder::new(File::open(path)?)))
}

impl Series {
    /// The S&P 500 from 1990 to 2022 by its closes: the measure is the squared return.
    pub(crate) fn stocks() -> Result<Self, Box<dyn Error>> {
        let mut reader = open("stocks_1990_2022.csv.gz")?;
        let column = reader.headers()?.iter().position(|name| name == "SP500_INDEX").ok_or("there is no index")?;
        let mut closes = Vec::new();
        for row in reader.records() {
            closes.push(row?.get(column).ok_or("a row is short")?.parse::<f64>()?);
        }
        let returns = simple(&closes);
        let measures = returns.iter().map(|r| r * r).collect();
        Ok(Self { name: "S&P 500, 1990 to 2022", returns, measures })
    }

    /// An index from 1999 to 2018 with its ranges: the measure is the variance of Garman and Klass (1980), of the trading hours.
    pub(crate) fn bars(name: &'static str, file: &str) -> Result<Self, Box<dyn Error>> {
        let mut reader = open(&format!("{file}_ohlcv_1999_2018.csv.gz"))?;
        let (mut closes, mut measures) = (Vec::new(), Vec::new());
        for row in reader.records() {
            let row = row?;
            let price = |column: usize| -> Result<f64, Box<dyn Error>> {
                Ok(row.get(column).ok_or("a row is short")?.parse::<f64>()?)
            };
            let (open, high, low, close) = (price(1)?, price(2)?, price(3)?, price(4)?);
            let (range, body) = ((high / low).ln(), (close / open).ln());
            measures.push(0.5 * range * range - (2.0 * 2.0_f64.ln() - 1.0) * body * body);
            closes.push(close);
        }
        Ok(Self { name, returns: simple(&closes), measures: measures.split_off(1) })
    }

    /// Squared returns.
    pub(crate) fn squares(&self) -> Vec<f64> {
        self.returns.iter().map(|r| r * r).collect()
    }
}

fn simple(closes: &[f64]) -> Vec<f64> {
    closes.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}
