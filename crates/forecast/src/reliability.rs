//! How much of an estimate is signal, and how estimates of different reliability are pooled.

use crate::member::MemberForecast;

/// The share of an estimate's variance that is signal: how far the evidence moves a forecast from "all assets earn the
/// same".
///
/// Where true mean returns differ between assets with standard deviation `τ` and an estimate has standard error `s`,
///
/// ```text
/// reliability = τ² / (τ² + s²)
/// ```
///
/// is the factor by which the best linear predictor shrinks the estimate: 0 for noise, 1 for certainty. Multiplying all
/// returns by a constant multiplies `τ` and `s` alike and leaves the reliability unchanged. More observations make `s`
/// smaller and the reliability larger.
///
/// `standard_error` and `dispersion` (`τ`): the same unit, `≥ 0`. Result: between 0 and 1; 0 when `dispersion` is 0.
///
/// # Reference
/// Kelley (1927), "Interpretation of Educational Measurements"; Efron and Morris (1973), "Stein's estimation rule and its
/// competitors", Journal of the American Statistical Association 68(341), 117–130.
///
/// # Example
/// ```
/// // As much signal as noise: half.
/// assert_eq!(forecast::reliability(0.01, 0.01), 0.5);
/// // Ten times the unit, the same reliability.
/// assert_eq!(forecast::reliability(0.10, 0.10), 0.5);
/// ```
#[must_use]
pub fn reliability(standard_error: f64, dispersion: f64) -> f64 {
    if dispersion > 0.0 {
        // As a ratio, so that neither square can underflow alone.
        let ratio = standard_error / dispersion;
        1.0 / (1.0 + ratio * ratio)
    } else {
        0.0
    }
}

/// Several opinions pooled into one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PooledForecast {
    /// Reliability-weighted mean of the opinions.
    pub expected_return: f64,
    /// Weighted sum of their standard errors.
    pub standard_error: f64,
    /// Reliability of the pooled estimate.
    pub reliability: f64,
}

/// Weights the members that have an opinion by their reliability, and writes the weights into them.
///
/// With the reliability `q_i` of member `i` and `w_i = q_i / Σ q`,
///
/// ```text
/// expected_return = Σ w_i · m_i
/// standard_error  = Σ w_i · s_i
/// ```
///
/// The members read the same returns, so their errors are correlated. The sum of the errors is the largest possible
/// error of the mean, reached at perfect correlation, so pooling never claims more precision than its members do.
///
/// `members`: any number. `dispersion`: `τ` of [`reliability`]. `None` when no member has an opinion (or `dispersion` is 0); all
/// weights are then 0.
///
/// # Example
/// ```
/// use forecast::{AbstentionCode, MemberForecast, pool};
///
/// let mut members = [
///     MemberForecast::opinion(0.03, 0.01),
///     MemberForecast::opinion(0.00, 0.01),
///     MemberForecast::abstain(0.50, AbstentionCode::NoReversal),
/// ];
/// let pooled = pool(&mut members, 0.01).unwrap();
/// assert!((pooled.expected_return - 0.015).abs() < 1e-15);
/// assert_eq!(members[2].weight, 0.0);
/// ```
pub fn pool(members: &mut [MemberForecast], dispersion: f64) -> Option<PooledForecast> {
    let mut total = 0.0;
    for member in members.iter_mut() {
        let error = member.standard_error.filter(|_| member.abstained.is_none());
        member.weight = error.map_or(0.0, |error| reliability(error, dispersion));
        total += member.weight;
    }
    if total.is_nan() || total <= 0.0 {
        return None;
    }
    let (mut expected_return, mut standard_error) = (0.0, 0.0);
    for member in members.iter_mut() {
        member.weight /= total;
        // A member without an opinion has weight zero, and its number is finite.
        expected_return += member.weight * member.expected_return;
        standard_error += member.weight * member.standard_error.unwrap_or(0.0);
    }
    Some(PooledForecast { expected_return, standard_error, reliability: reliability(standard_error, dispersion) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AbstentionCode;

    #[test]
    fn weights_and_error_by_hand() {
        // τ = 1, errors 1 and 3: reliabilities 1/2 and 1/10, weights 5/6 and 1/6.
        let mut members = [MemberForecast::opinion(0.6, 1.0), MemberForecast::opinion(-0.6, 3.0)];
        let pooled = pool(&mut members, 1.0).unwrap();
        assert!((members[0].weight - 5.0 / 6.0).abs() < 1e-15);
        assert!((pooled.expected_return - 0.4).abs() < 1e-15);
        assert!((pooled.standard_error - 8.0 / 6.0).abs() < 1e-15);
        assert!((pooled.reliability - 1.0 / (1.0 + 16.0 / 9.0)).abs() < 1e-15);
    }

    #[test]
    fn members_without_an_opinion_cannot_be_pooled() {
        let mut members = [MemberForecast::abstain(0.1, AbstentionCode::NoHistory); 3];
        assert_eq!(pool(&mut members, 0.01), None);
        assert_eq!(pool(&mut [MemberForecast::opinion(0.1, 0.1)], 0.0), None);
    }

    #[test]
    fn extremes_stay_between_zero_and_one() {
        for (error, dispersion, expected) in
            [(0.0, 1.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1e-200, 1e-200, 0.5), (1e200, 1e-200, 0.0)]
        {
            assert_eq!(reliability(error, dispersion), expected);
        }
    }
}
