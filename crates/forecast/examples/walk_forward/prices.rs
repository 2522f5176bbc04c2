//! Daily returns of one of the shipped price files.

use std::error::Error;
use std::path::Path;

use portfolio_core::{ReturnPanel, Universe};

/// The returns of every asset of a file; its last column, the benchmark, is left out.
pub(crate) fn daily_returns(file: &str) -> Result<ReturnPanel, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(file);
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let assets = header.len() - 2;
    let (mut series, mut last) = (vec![Vec::new(); assets], Vec::new());
    for record in reader.records() {
        let prices = record?.iter().skip(1).take(assets).map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        if !last.is_empty() {
            for (returns, (now, before)) in series.iter_mut().zip(prices.iter().zip(&last)) {
                returns.push(now / before - 1.0);
            }
        }
        last = prices;
    }
    Ok(ReturnPanel::new(Universe::new(header.iter().skip(1).take(assets))?, series)?)
}
