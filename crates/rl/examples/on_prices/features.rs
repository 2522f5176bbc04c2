//! What a policy sees of each day besides its own book: trends, volatilities, and the probability of the restless state of the market.

use std::error::Error;

use portfolio_core::Seed;
use regimes::{HmmSpec, Observations, fit};

/// Rows of a month and of a year.
const MONTH: usize = 21;
pub(crate) const YEAR: usize = 252;
/// Weight that yesterday's variance keeps in today's.
const DECAY: f64 = 0.94;
/// Brings relative trends of a year to the order of 1.
const TREND_UNIT: f64 = 3.0;

/// The features of every day from the end of the first year, row by row: for each asset its return over eleven months until a month ago, relative to the mean of the
/// assets, and the logarithm of its volatility over the mean of those before; then the filtered probability that the market is in its state of
/// higher variance. The model of the states is fitted to the first `fitted` days alone.
pub(crate) fn features(prices: &[Vec<f64>], fitted: usize) -> Result<Vec<f64>, Box<dyn Error>> {
    let assets = prices[0].len();
    let returns: Vec<Vec<f64>> = prices
        .windows(2)
        .map(|days| days[1].iter().zip(&days[0]).map(|(now, then)| (now / then).ln()).collect())
        .collect();
    let market: Vec<f64> = returns.iter().map(|day| 100.0 * day.iter().sum::<f64>() / assets as f64).collect();
    let model = fit(&Observations::of_series(&market[..fitted - 1])?, &HmmSpec::new(2), Seed(1))?.model;
    let filtered = model.filter(&Observations::of_series(&market)?)?;
    let restless: Vec<f64> = filtered.rows().map(|states| states[1]).collect();

    let mut variance: Vec<f64> = vec![0.0; assets];
    let mut sum_of_logs = vec![0.0; assets];
    let mut rows = Vec::new();
    for day in 1..prices.len() {
        for asset in 0..assets {
            let square = returns[day - 1][asset].powi(2);
            // The mean of the squares until there are as many as the decay remembers.
            let keep = DECAY.min(1.0 - 1.0 / day as f64);
            variance[asset] = keep * variance[asset] + (1.0 - keep) * square;
        }
        let logs: Vec<f64> = variance.iter().map(|variance| variance.max(1e-12).ln() / 2.0).collect();
        if day >= YEAR {
            let trend: Vec<f64> =
                (0..assets).map(|asset| (prices[day - MONTH][asset] / prices[day - YEAR][asset]).ln()).collect();
            let mean = trend.iter().sum::<f64>() / assets as f64;
            rows.extend(trend.iter().map(|trend| TREND_UNIT * (trend - mean)));
            rows.extend(logs.iter().zip(&sum_of_logs).map(|(log, sum)| log - sum / (day - 1) as f64));
            rows.push(restless[day - 1]);
        }
        sum_of_logs.iter_mut().zip(&logs).for_each(|(sum, log)| *sum += log);
    }
    Ok(rows)
}
