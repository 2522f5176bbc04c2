//! What a policy sees of a day beside its own book.

use crate::spec::YEAR;

/// Features of each asset beside the drift of its weight.
pub const FEATURES: usize = 2;

/// Returns of a month.
const MONTH: usize = 21;
/// Brings trends of a year, relative to the mean of the assets, to the order of 1.
const TREND_UNIT: f64 = 3.0;
/// No feature is further from zero.
const MOST: f64 = 3.0;
/// Smallest standard deviation of a day that a logarithm is taken of.
const STILL: f64 = 1e-6;

/// The features of a day from the returns of each asset up to it, oldest first: the trends of all assets (logarithmic return of eleven months until a
/// month ago, less the mean of the assets), then the logarithm of each one's volatility of a month over that of a year. `None` before the
/// first year has passed.
pub(crate) fn features(returns: &[&[f64]]) -> Option<Vec<f64>> {
    let latest: Vec<&[f64]> =
        returns.iter().map(|own| own.len().checked_sub(YEAR).map(|first| &own[first..])).collect::<Option<_>>()?;
    let trends: Vec<f64> = latest.iter().map(|own| own[..YEAR - MONTH].iter().map(|r| r.ln_1p()).sum()).collect();
    let mean = trends.iter().sum::<f64>() / trends.len() as f64;
    let trends = trends.iter().map(|trend| TREND_UNIT * (trend - mean));
    let volatilities = latest.iter().map(|own| (deviation(&own[YEAR - MONTH..]) / deviation(own)).ln());
    Some(trends.chain(volatilities).map(|feature| feature.clamp(-MOST, MOST)).collect())
}

fn deviation(returns: &[f64]) -> f64 {
    let count = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / count;
    let variance = returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / count;
    variance.sqrt().max(STILL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_need_a_year_and_say_which_asset_rose_and_which_is_restless() {
        let calm: Vec<f64> = (0..YEAR).map(|t| if t % 2 == 0 { 0.011 } else { -0.009 }).collect();
        let mut restless: Vec<f64> = calm.iter().map(|r| r - 0.001).collect();
        restless[YEAR - MONTH..].iter_mut().for_each(|r| *r *= 3.0);
        assert_eq!(features(&[&calm[1..], &restless[1..]]), None);
        let seen = features(&[&calm, &restless]).unwrap();
        assert_eq!(seen.len(), 2 * FEATURES);
        assert!((seen[0] + seen[1]).abs() < 1e-12 && seen[0] > 0.3, "{seen:?}");
        assert!(seen[2].abs() < 0.01 && seen[3] > 0.5, "{seen:?}");
    }

    #[test]
    fn features_know_the_latest_year_alone() {
        let mut own: Vec<f64> = (0..400).map(|t| 0.01 * (t as f64).sin()).collect();
        let other: Vec<f64> = (0..400).map(|t| 0.01 * (2.0 * t as f64).cos()).collect();
        let seen = features(&[&own, &other]);
        own[..400 - YEAR].fill(0.5);
        assert_eq!(features(&[&own, &other]), seen);
    }
}
