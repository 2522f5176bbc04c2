//! Choice of the block length of a bootstrap.

use super::sharpe::autocovariance;
use crate::RiskError;
use crate::error::check_returns;
use crate::spread::Spread;

/// Mean block length of the stationary bootstrap that minimises the error of its variance estimate.
///
/// With autocovariances `R(k)`, the flat-top window `λ(t) = min(1, 2(1 − |t|))`, and `M` twice the lag beyond which
/// autocorrelations are no longer significant,
///
/// ```text
/// b = ( 2G²/D )^{1/3} · T^{1/3},   G = Σ_{|k|≤M} λ(k/M)·|k|·R(k),   D = 2·( Σ_{|k|≤M} λ(k/M)·R(k) )²
/// ```
///
/// limited to the range from 1 to `min(3√T, T/3)`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`].
///
/// # Reference
/// Politis and White (2004), "Automatic block-length selection for the dependent bootstrap", Econometric Reviews
/// 23(1), 53–70, as corrected by Patton, Politis and White (2009), Econometric Reviews 28(4), 372–375.
///
/// # Example
/// ```
/// let mut state = 1_u32;
/// let mut noise = || {
///     state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
///     f64::from(state) / f64::from(u32::MAX) - 0.5
/// };
/// let independent: Vec<f64> = (0..2000).map(|_| noise()).collect();
/// let mut last = 0.0;
/// let persistent: Vec<f64> = (0..2000).map(|_| { last = 0.9 * last + noise(); last }).collect();
/// assert!(risk::inference::suggest_block_length(&independent)? < 10.0);
/// // The optimum for this process is (2·0.9/(1 − 0.9²))^{2/3}·2000^{1/3} = 56.
/// assert!((risk::inference::suggest_block_length(&persistent)? - 56.0).abs() < 20.0);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn suggest_block_length(returns: &[f64]) -> Result<f64, RiskError> {
    check_returns(returns)?;
    let count = returns.len();
    let n = count as f64;
    let spread = Spread::of(returns);
    if count < 4 || spread.divisor().is_err() {
        return Ok(1.0);
    }
    // In units of the standard deviation, the length does not depend on the scale, and nothing overflows.
    let scale = (spread.squares / n).sqrt();
    let centred: Vec<f64> = returns.iter().map(|r| (r - spread.mean) / scale).collect();
    let run = (n.log10().sqrt().ceil() as usize).max(5);
    let most = ((n.sqrt().ceil() as usize) + run).min(count - 1);
    let covariances: Vec<f64> = (0..=most).map(|k| autocovariance(&centred, k)).collect();
    let bound = 2.0 * (n.log10() / n).sqrt();
    let quiet = |m: &usize| (1..=run).all(|k| covariances.get(m + k).is_none_or(|c| c.abs() < bound));
    let significant = (0..most).find(quiet).unwrap_or(most);
    let window = (2 * significant.max(1)).min(most);

    let (mut g, mut d) = (0.0, covariances[0]);
    for (k, covariance) in covariances.iter().enumerate().skip(1).take(window) {
        let weight = (2.0 * (1.0 - k as f64 / window as f64)).min(1.0);
        g += 2.0 * weight * k as f64 * covariance;
        d += 2.0 * weight * covariance;
    }
    let length = (g * g / (d * d)).cbrt() * n.cbrt();
    let longest = (3.0 * n.sqrt()).min(n / 3.0).max(1.0);
    Ok(if length.is_finite() { length.clamp(1.0, longest) } else { longest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_constant_series_have_blocks_of_one() {
        assert_eq!(suggest_block_length(&[0.1, 0.1]), Ok(1.0));
        assert_eq!(suggest_block_length(&[0.1; 100]), Ok(1.0));
        assert_eq!(suggest_block_length(&[]), Err(RiskError::Empty));
    }
}
