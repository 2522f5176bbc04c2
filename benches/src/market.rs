//! Returns of the real price files in `data/`.

use std::error::Error;

/// Days of a block of the bootstrap: two trading weeks keep most of the memory that daily returns have.
const BLOCK_DAYS: usize = 10;

/// Simple daily returns of every column of `data/stocks_2010_2019.csv`: twenty stocks and, last, the S&P 500; 2,516 days.
///
/// # Errors
/// When the file cannot be read as a date and prices.
pub fn stocks() -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/stocks_2010_2019.csv");
    let mut reader = csv::Reader::from_path(path)?;
    let mut prices = vec![Vec::new(); reader.headers()?.len() - 1];
    for record in reader.records() {
        for (column, price) in prices.iter_mut().zip(record?.iter().skip(1)) {
            column.push(price.parse::<f64>()?);
        }
    }
    Ok(prices.iter().map(|p| p.windows(2).map(|w| w[1] / w[0] - 1.0).collect()).collect())
}

/// `assets` histories of `periods` returns, made from real columns in turn by a block bootstrap that always draws the
/// same blocks; rounded to eight decimals, as a price file with five digits supports.
///
/// # Errors
/// As [`stocks`].
pub fn bootstrap(assets: usize, periods: usize) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let columns = stocks()?;
    let mut state = 0_u64;
    let history = |asset: usize| {
        let column = &columns[asset % columns.len()];
        let mut history = Vec::with_capacity(periods + BLOCK_DAYS);
        while history.len() < periods {
            let start = (next(&mut state) * (column.len() - BLOCK_DAYS) as f64) as usize;
            history.extend(column[start..start + BLOCK_DAYS].iter().map(|r| (r * 1e8).round() / 1e8));
        }
        history.truncate(periods);
        history
    };
    Ok((0..assets).map(history).collect())
}

/// The next number in [0, 1) of a SplitMix64 sequence (Steele, Lea and Flood 2014).
pub(crate) fn next(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}
