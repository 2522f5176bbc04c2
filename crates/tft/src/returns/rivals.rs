//! The plainer forecasts that the network is compared with.

use crate::examination::quantile;

/// Names of the rivals, in the order of their losses.
pub const RIVALS: [&str; 2] = ["rolling quantiles", "volatility-scaled quantiles"];

/// Days of the rolling quantiles.
const LATEST: usize = 252;
/// Weight of the past in the volatility, as RiskMetrics (1996) has it for days.
const DECAY: f64 = 0.94;
/// Returns from which the volatility starts.
pub(super) const START: usize = 20;

/// The exponentially weighted volatility after each day, around zero; `None` before the first.
pub(super) fn volatilities(returns: &[f64]) -> Vec<Option<f64>> {
    let mut variance = 0.0;
    let known = |(t, r): (usize, &f64)| {
        // The first volatility is that of the first returns, which count alike.
        variance = match t {
            _ if t < START => variance + r * r / START as f64,
            _ => DECAY * variance + (1.0 - DECAY) * r * r,
        };
        (t + 1 >= START).then(|| f64::sqrt(variance))
    };
    returns.iter().enumerate().map(known).collect()
}

/// The rivals of an asset that know its first days.
pub(super) struct Rivals<'a> {
    returns: &'a [f64],
    levels: &'a [f64],
    volatilities: Vec<Option<f64>>,
    /// The quantiles of returns over the volatility of the day before.
    scaled: Vec<f64>,
}

impl<'a> Rivals<'a> {
    pub(super) fn fit(returns: &'a [f64], known: usize, levels: &'a [f64]) -> Self {
        let volatilities = volatilities(returns);
        let pairs = volatilities.iter().zip(returns.iter().skip(1)).take(known.saturating_sub(1));
        let ratio = |(volatility, r): (&Option<f64>, &f64)| volatility.filter(|v| *v > 0.0).map(|v| r / v);
        let scaled = quantiles(pairs.filter_map(ratio).collect(), levels);
        Self { returns, levels, volatilities, scaled }
    }

    /// Quantiles of the return of any coming day at an origin: of each rival, in order.
    pub(super) fn at(&self, origin: usize) -> [Vec<f64>; 2] {
        let latest = self.returns.get((origin + 1).saturating_sub(LATEST)..=origin).unwrap_or_default();
        let volatility = self.volatilities.get(origin).copied().flatten().unwrap_or(0.0);
        let scaled = self.scaled.iter().map(|z| z * volatility).collect();
        [quantiles(latest.to_vec(), self.levels), scaled]
    }
}

/// Quantiles of numbers; zeros of none.
fn quantiles(mut numbers: Vec<f64>, levels: &[f64]) -> Vec<f64> {
    if numbers.is_empty() {
        return vec![0.0; levels.len()];
    }
    numbers.sort_unstable_by(f64::total_cmp);
    levels.iter().map(|level| quantile(&numbers, *level)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volatility_starts_from_twenty_returns_and_decays() {
        let mut returns = vec![0.01; START];
        returns.push(0.03);
        let told = volatilities(&returns);
        assert!(told[..START - 1].iter().all(Option::is_none));
        assert!((told[START - 1].unwrap() - 0.01).abs() < 1e-15);
        // 0.94 of 1e-4 and 0.06 of 9e-4.
        assert!((told[START].unwrap() - 1.48e-4_f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn quantiles_are_of_the_latest_year_and_of_ratios_to_the_volatility() {
        let returns: Vec<f64> = (0..300).map(|t| if t < 48 { 9.0 } else { f64::from(t - 48) }).collect();
        let rivals = Rivals::fit(&returns, 300, &[0.0, 1.0]);
        // The last 252 days hold 0 to 251.
        assert_eq!(rivals.at(299)[0], [0.0, 251.0]);
        // Returns of ±1 have a volatility of 1.
        let flat: Vec<f64> = (0..100).map(|t| if t % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let scaled = &Rivals::fit(&flat, 100, &[0.0, 1.0]).at(99)[1];
        assert!((scaled[0] + 1.0).abs() < 1e-12 && (scaled[1] - 1.0).abs() < 1e-12);
    }
}
