//! The block length of a bootstrap, chosen from the dependence of the series.

/// Mean block length of the stationary bootstrap with the smallest error of the variance of the mean, in periods, from 1 to
/// `min(3√T, T/3)`.
///
/// `b = (2Ĝ²/D̂)^{1/3}·T^{1/3}` with `Ĝ = Σ λ(k/M)·|k|·R̂(k)`, `D̂ = 2ĝ(0)²`, `ĝ(0) = Σ λ(k/M)·R̂(k)`, the flat-top window `λ`, and `M`
/// twice the lag after which autocorrelations stay within `±2√(log₁₀T/T)` for `max(5, √log₁₀T)` lags.
///
/// `series`: oldest first, any scale. A constant series has length 1.
///
/// # References
/// Politis and White (2004), "Automatic block-length selection for the dependent bootstrap", Econometric Reviews 23(1), 53–70; corrected
/// by Patton, Politis and White (2009), 28(4), 372–375.
///
/// # Example
/// ```
/// // Alternating signs without memory of size need short blocks; a slow wave needs long ones.
/// let wave: Vec<f64> = (0..1000).map(|t| (f64::from(t) / 20.0).sin()).collect();
/// assert!(stress::automatic_block_length(&wave) > 20.0);
/// ```
#[must_use]
pub fn automatic_block_length(series: &[f64]) -> f64 {
    let n = series.len();
    let count = n as f64;
    let mean = series.iter().sum::<f64>() / count;
    let covariance =
        |lag: usize| series[lag..].iter().zip(series).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / count;
    let variance = covariance(0);
    if n < 10 || variance.is_nan() || variance <= 0.0 {
        return 1.0;
    }
    let log10 = count.log10();
    let run = 5.0_f64.max(log10.sqrt()).ceil() as usize;
    let furthest = (count.sqrt().ceil() as usize + run).min(n - 1);
    let bound = 2.0 * (log10 / count).sqrt();
    let autocovariances: Vec<f64> = (0..=furthest).map(covariance).collect();
    let small = |lag: usize| (autocovariances[lag] / variance).abs() < bound;
    // The last lag before `run` small ones; else the last that is not small.
    let first = (1..=furthest.saturating_sub(run)).find(|m| (*m..*m + run).all(small)).map(|m| m - 1);
    let last = first.or_else(|| (1..=furthest).rev().find(|lag| !small(*lag))).unwrap_or(0);
    let window = (2 * last.max(1)).min(furthest);
    let (mut g, mut spectrum) = (0.0, variance);
    for (lag, covariance) in autocovariances.iter().enumerate().take(window + 1).skip(1) {
        let share = lag as f64 / window as f64;
        let weight = if share <= 0.5 { 1.0 } else { 2.0 * (1.0 - share) };
        g += 2.0 * weight * lag as f64 * covariance;
        spectrum += 2.0 * weight * covariance;
    }
    let length = (g * g / (spectrum * spectrum) * count).cbrt();
    let longest = (3.0 * count.sqrt()).min(count / 3.0).ceil();
    if length.is_finite() { length.clamp(1.0, longest) } else { longest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LANES, LaneStream, NormalShocks, Seed, ShockLaw};

    /// For an autoregression of order one, `G/g(0)` is `2ρ/(1 − ρ²)`, so `b = (4ρ²/(1 − ρ²)²·T)^{1/3}`.
    #[test]
    fn an_autoregression_gets_its_closed_form() {
        for rho in [0.3, 0.6] {
            let mut rows = [[0.0; LANES]; 80];
            NormalShocks.fill(&mut LaneStream::new(Seed(1), 0), &mut rows);
            let mut x = 0.0;
            let series: Vec<f64> = rows
                .iter()
                .flatten()
                .map(|z| {
                    x = rho * x + z;
                    x
                })
                .collect();
            let ratio: f64 = 2.0 * rho / (1.0 - rho * rho);
            let want = (ratio * ratio * series.len() as f64).cbrt();
            let found = automatic_block_length(&series);
            assert!((found / want - 1.0).abs() < 0.25, "{found} {want}");
        }
        assert_eq!(automatic_block_length(&[1.0; 100]), 1.0);
    }
}
