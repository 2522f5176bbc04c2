//! Daily returns of the shipped shares.

use std::error::Error;
use std::fs::File;
use std::path::PathBuf;

use flate2::read::GzDecoder;

/// Daily simple returns by share, of the first `most` days of prices.
pub(crate) fn returns(most: usize) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/stocks_1990_2022.csv.gz");
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path)?));
    let headers = reader.headers()?.clone();
    let columns: Vec<usize> = (1..headers.len()).filter(|column| &headers[*column] != "SP500_INDEX").collect();
    let mut prices: Vec<Vec<f64>> = vec![Vec::new(); columns.len()];
    for row in reader.records().take(most) {
        let row = row?;
        for (series, column) in prices.iter_mut().zip(&columns) {
            series.push(row.get(*column).ok_or("a row is short")?.parse()?);
        }
    }
    let simple = |series: &Vec<f64>| series.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
    Ok(prices.iter().map(simple).collect())
}
