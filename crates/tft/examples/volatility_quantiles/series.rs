//! Logarithms of each day's variance, of the shipped indices.

use std::error::Error;
use std::fs::File;
use std::path::PathBuf;

use flate2::read::GzDecoder;

/// The days of an index.
pub(crate) struct Index {
    /// ln of a measure of each day's variance.
    pub(crate) log_variance: Vec<f64>,
    /// Simple returns from close to close.
    pub(crate) returns: Vec<f64>,
    /// Day of the week, from 0.
    pub(crate) weekdays: Vec<usize>,
    /// Its day, ISO 8601.
    pub(crate) dates: Vec<String>,
}

/// Indices with the same days.
pub(crate) struct Market {
    /// How the table names it.
    pub(crate) name: &'static str,
    /// The name of the file of its page.
    pub(crate) file: &'static str,
    pub(crate) indices: Vec<Index>,
}

fn open(file: &str) -> Result<csv::Reader<GzDecoder<File>>, Box<dyn Error>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data").join(file);
    Ok(csv::Reader::from_reader(GzDecoder::new(File::open(path)?)))
}

/// The day of the week of a date such as 1990-01-02, by Zeller's congruence.
fn weekday(date: &str) -> Result<usize, Box<dyn Error>> {
    let part = |range| date.get(range).ok_or("no date").map(str::parse::<usize>);
    let (mut year, mut month, day) = (part(0..4)??, part(5..7)??, part(8..10)??);
    if month < 3 {
        (year, month) = (year - 1, month + 12);
    }
    Ok((day + 13 * (month + 1) / 5 + year + year / 4 + year / 400 - year / 100) % 7)
}

impl Market {
    /// The S&P 500 from 1990 to 2022 by its closes: the measure is the squared return, at least that of 3 basis points.
    pub(crate) fn stocks() -> Result<Self, Box<dyn Error>> {
        let mut reader = open("stocks_1990_2022.csv.gz")?;
        let column = reader.headers()?.iter().position(|name| name == "SP500_INDEX").ok_or("there is no index")?;
        let (mut closes, mut weekdays, mut dates) = (Vec::new(), Vec::new(), Vec::new());
        for row in reader.records() {
            let row = row?;
            closes.push(row.get(column).ok_or("a row is short")?.parse::<f64>()?);
            let date = row.get(0).ok_or("a row is short")?;
            weekdays.push(weekday(date)?);
            dates.push(date.to_owned());
        }
        let returns = simple(&closes);
        let log_variance = returns.iter().map(|r| (r * r).max(9e-8).ln()).collect();
        let index = Index { log_variance, returns, weekdays: weekdays.split_off(1), dates: dates.split_off(1) };
        Ok(Self { name: "S&P 500, 1990 to 2022", file: "closes", indices: vec![index] })
    }

    /// The S&P 500 and the Nasdaq from 1999 to 2018 by their ranges: the measure is the variance of Garman and Klass
    /// (1980).
    pub(crate) fn ranges() -> Result<Self, Box<dyn Error>> {
        let indices = ["sp500", "nasdaq"].map(bars).into_iter().collect::<Result<Vec<Index>, _>>()?;
        let [first, second] = indices.as_slice() else { return Err("two indices".into()) };
        if first.weekdays != second.weekdays {
            return Err("the indices have other days".into());
        }
        Ok(Self { name: "S&P 500 and Nasdaq, ranges", file: "ranges", indices })
    }
}

fn bars(name: &str) -> Result<Index, Box<dyn Error>> {
    let mut reader = open(&format!("{name}_ohlcv_1999_2018.csv.gz"))?;
    let (mut closes, mut log_variance, mut weekdays, mut dates) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in reader.records() {
        let row = row?;
        let price =
            |column: usize| -> Result<f64, Box<dyn Error>> { Ok(row.get(column).ok_or("a row is short")?.parse()?) };
        let (open, high, low, close) = (price(1)?, price(2)?, price(3)?, price(4)?);
        let (range, body) = ((high / low).ln(), (close / open).ln());
        let variance = 0.5 * range * range - (2.0 * 2.0_f64.ln() - 1.0) * body * body;
        log_variance.push(variance.max(1e-8).ln());
        closes.push(close);
        let date = row.get(0).ok_or("a row is short")?;
        weekdays.push(weekday(date)?);
        dates.push(date.to_owned());
    }
    let returns = simple(&closes);
    let (log_variance, weekdays) = (log_variance.split_off(1), weekdays.split_off(1));
    Ok(Index { log_variance, returns, weekdays, dates: dates.split_off(1) })
}

fn simple(closes: &[f64]) -> Vec<f64> {
    closes.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}
