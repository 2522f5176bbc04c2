//! Whether one of two forecasts is more accurate.

use serde::Serialize;

use crate::error::{EvaluateInput, EvaluateParameter, check_companion, check_series, require};
use crate::mean_test::scaled_test;
use crate::{EvaluateError, Judgement, LongRunVariance, MeanTest, NoFigure};

/// Minimum number of losses for a test.
const LEAST_LOSSES: usize = 10;

/// Two forecasts compared by their losses.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DieboldMariano {
    /// The test of the mean of first losses minus second losses: positive where the second forecast is better.
    #[serde(flatten)]
    pub test: MeanTest,
    /// Periods that the forecasts look ahead.
    pub horizon: usize,
}

impl DieboldMariano {
    /// The verdict on the first forecast compared with the second, as one of `trials` comparisons.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a level outside (0, 1) or no trials.
    pub fn judge(&self, level: f64, trials: u64) -> Result<Judgement, EvaluateError> {
        Judgement::bonferroni(self.test.p_value, self.test.mean < 0.0, level, trials)
    }
}

/// Test of Diebold and Mariano with the correction of Harvey, Leybourne and Newbold for small samples.
///
/// With loss differences `d_t`, horizon `h` and rectangular weights over `h − 1` lags,
///
/// ```text
/// DM* = d̄/√(ω²/T) · √( (T + 1 − 2h + h(h − 1)/T)/T ),   against the t distribution with T − 1 degrees of freedom
/// ```
///
/// If the rectangular variance is not positive, Bartlett weights over the same lags are used instead; the result names
/// the variance that was used. `first`, `second`: losses in order of time, lower is better, length `T ≥ 10`; `horizon`:
/// periods that the forecasts look ahead, at least 1 and below `T`.
///
/// # Errors
/// [`EvaluateError::Empty`], [`EvaluateError::NotFinite`], [`EvaluateError::LengthMismatch`],
/// [`EvaluateError::OutOfRange`]; [`EvaluateError::Unavailable`] for fewer than ten losses, or differences that do not
/// vary.
///
/// # Reference
/// Diebold and Mariano (1995), "Comparing predictive accuracy", Journal of Business & Economic Statistics 13(3), 253–263.
/// Harvey, Leybourne and Newbold (1997), "Testing the equality of prediction mean squared errors", International Journal
/// of Forecasting 13(2), 281–291.
///
/// # Example
/// ```
/// use evaluate::{Verdict, diebold_mariano};
///
/// let first = [1.0, 3.0, 2.0, 4.0, 2.0, 3.0, 1.0, 4.0, 2.0, 3.0];
/// let second = [2.0, 2.0, 3.0, 3.0, 3.0, 2.0, 2.0, 3.0, 3.0, 2.0];
/// let test = diebold_mariano(&first, &second, 1)?;
/// // Differences of −1 and 1 in turn: their mean is zero.
/// assert_eq!((test.test.statistic, test.judge(0.05, 1)?.verdict), (0.0, Verdict::NotDistinguishable));
/// # Ok::<(), evaluate::EvaluateError>(())
/// ```
pub fn diebold_mariano(first: &[f64], second: &[f64], horizon: usize) -> Result<DieboldMariano, EvaluateError> {
    check_series(EvaluateInput::FirstLosses, first)?;
    check_companion(EvaluateInput::SecondLosses, first.len(), second)?;
    if first.len() < LEAST_LOSSES {
        return Err(NoFigure::TooFewObservations.into());
    }
    require((1..first.len()).contains(&horizon), EvaluateParameter::Horizon, horizon as f64)?;
    let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    let (count, ahead) = (first.len() as f64, horizon as f64);
    let correction = ((count + 1.0 - 2.0 * ahead + ahead * (ahead - 1.0) / count) / count).max(0.0).sqrt();
    let lags = horizon - 1;
    let with = |variance| scaled_test(&differences, variance, correction);
    let test = match with(LongRunVariance::Rectangular { lags }) {
        Err(EvaluateError::Unavailable(NoFigure::NoVariation)) if lags > 0 => with(LongRunVariance::Bartlett { lags })?,
        other => other?,
    };
    Ok(DieboldMariano { test, horizon })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    #[test]
    fn a_negative_variance_gives_way_to_bartlett_weights() {
        // Differences that alternate: γ₁ ≈ −γ₀, so γ₀ + 2γ₁ < 0.
        let first: Vec<f64> = (0..40).map(|i| if i % 2 == 0 { 1.1 } else { -1.0 }).collect();
        let test = diebold_mariano(&first, &[0.0; 40], 2).unwrap();
        assert_eq!(test.test.variance, LongRunVariance::Bartlett { lags: 1 });
        assert!(test.test.statistic.is_finite());
    }

    #[test]
    fn the_correction_is_the_published_one() {
        let first: Vec<f64> = (0..50).map(|i| f64::from((i * 17) % 53) / 53.0).collect();
        let zero = [0.0; 50];
        let corrected = diebold_mariano(&first, &zero, 3).unwrap().test;
        let plain = crate::test_mean(&first, corrected.variance).unwrap();
        // (50 + 1 − 6 + 6/50)/50.
        assert!((corrected.statistic / plain.statistic - (45.12_f64 / 50.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn the_lower_loss_is_better() {
        let low: Vec<f64> = (0..50).map(|i| f64::from((i * 17) % 53) / 53.0).collect();
        let high: Vec<f64> = (0..50).map(|i| 1.0 + f64::from((i * 29) % 53) / 53.0).collect();
        let verdict = |a: &[f64], b: &[f64]| diebold_mariano(a, b, 1).unwrap().judge(0.05, 10).unwrap().verdict;
        assert_eq!((verdict(&low, &high), verdict(&high, &low)), (Verdict::Better, Verdict::Worse));
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let losses: Vec<f64> = (0..20).map(f64::from).collect();
        assert!(matches!(diebold_mariano(&losses, &losses[1..], 1), Err(EvaluateError::LengthMismatch { .. })));
        assert_eq!(diebold_mariano(&losses, &losses, 1), Err(EvaluateError::Unavailable(NoFigure::NoVariation)));
        assert!(matches!(diebold_mariano(&losses, &[0.0; 20], 20), Err(EvaluateError::OutOfRange { .. })));
        assert!(diebold_mariano(&losses[..9], &losses[1..10], 1).is_err());
    }
}
