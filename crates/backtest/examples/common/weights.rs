//! Weights that are fitted to returns.

use backtest::PolicyError;
use optimizer::{RiskModel, WeightBounds, min_variance};

/// Long-only weights of least variance, by the sample covariance of series of one length, oldest first.
pub(crate) fn least_variance(series: &[&[f64]]) -> Result<Vec<f64>, PolicyError> {
    let centred: Vec<Vec<f64>> = series.iter().map(|returns| centred(returns)).collect();
    let periods = series.first().map_or(0, |returns| returns.len()) as f64;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() * 252.0 / (periods - 1.0);
    let sigma: Vec<Vec<f64>> = centred.iter().map(|a| centred.iter().map(|b| product(a, b)).collect()).collect();
    let model = RiskModel::dense(&sigma).map_err(PolicyError::new)?;
    let found = min_variance(&model, &WeightBounds::long_only(series.len())).map_err(PolicyError::new)?;
    Ok(whole(&found.weights))
}

/// Scaled to a sum of one: what the last bits leave is no cash.
pub(crate) fn whole(weights: &[f64]) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// Less its mean.
pub(crate) fn centred(returns: &[f64]) -> Vec<f64> {
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    returns.iter().map(|r| r - mean).collect()
}
