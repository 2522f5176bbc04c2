//! Predicted costs.

use serde::Serialize;
use statrs::function::beta::beta_reg;

use super::verdict::{CalibrationReason, CalibrationVerdict, reason_of_count, two_sided};
use crate::{RiskError, RiskParameter};

/// Outcomes that the test of costs needs.
pub const MIN_COST_OUTCOMES: usize = 10;
/// Costs that differ by less, in basis points of the portfolio, count as equal: one cent in ten billion.
const SAME_BPS: f64 = 1e-8;

/// A predicted and a realised cost, in basis points of the portfolio's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CostPair {
    /// The prediction.
    pub predicted_bps: f64,
    /// The realised cost; negative when trading brought more than it cost.
    pub realised_bps: f64,
}

/// Predicted against realised costs, in basis points of each portfolio's value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CostCalibration {
    /// Predictions with an outcome.
    #[cfg_attr(feature = "openapi", schema(example = 24))]
    pub outcomes: usize,
    /// Mean of the predictions; null without outcomes.
    #[cfg_attr(feature = "openapi", schema(required, example = 1.9))]
    pub predicted_bps: Option<f64>,
    /// Mean of the realised costs; null without outcomes.
    #[cfg_attr(feature = "openapi", schema(required, example = 2.3))]
    pub realised_bps: Option<f64>,
    /// Realised over predicted; null when nothing was predicted.
    #[cfg_attr(feature = "openapi", schema(required, example = 1.21))]
    pub ratio: Option<f64>,
    /// How often the realised figure was above the predicted one.
    #[cfg_attr(feature = "openapi", schema(example = 17))]
    pub above: usize,
    /// How often it was below.
    #[cfg_attr(feature = "openapi", schema(example = 7))]
    pub below: usize,
    /// Probability of a split at least as uneven, one-sided and doubled, when above and below are equally likely; null
    /// without outcomes.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.064))]
    pub p_value: Option<f64>,
    /// `too_low` when realised costs exceeded the predicted ones more often than chance allows. Needs 10 outcomes.
    pub verdict: CalibrationVerdict,
    /// Why figures are null or the verdict is `not_enough`; null otherwise.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub reason: Option<CalibrationReason>,
}

/// Compares predicted with realised costs by the sign test: with `a` costs above and `b` below their predictions,
///
/// ```text
/// p-value = min(1, 2·min(P(X ≤ a), P(X ≥ a))),    X ~ Binomial(a + b, ½)
/// ```
///
/// Costs that equal their predictions are left out of the test. It concerns the median, not the mean, so one costly day
/// does not decide it.
///
/// # Errors
/// [`RiskError::OutOfRange`] for a cost that is not finite.
///
/// # Example
/// ```
/// use risk::calibration::{CalibrationVerdict, CostPair, assess_cost};
///
/// // Ten times above and never below: 2·2⁻¹⁰.
/// let found = assess_cost(&[CostPair { predicted_bps: 2.0, realised_bps: 3.0 }; 10])?;
/// assert!((found.p_value.unwrap() - 2.0 / 1024.0).abs() < 1e-12);
/// assert_eq!((found.verdict, found.ratio), (CalibrationVerdict::TooLow, Some(1.5)));
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn assess_cost(pairs: &[CostPair]) -> Result<CostCalibration, RiskError> {
    let mut values = pairs.iter().flat_map(|pair| [pair.predicted_bps, pair.realised_bps]);
    if let Some(value) = values.find(|value| !value.is_finite()) {
        return Err(RiskError::OutOfRange { parameter: RiskParameter::Cost, value });
    }
    let mean =
        |of: fn(&CostPair) -> f64| (!pairs.is_empty()).then(|| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64);
    let (predicted_bps, realised_bps) = (mean(|pair| pair.predicted_bps), mean(|pair| pair.realised_bps));
    let ratio =
        realised_bps.zip(predicted_bps).filter(|(_, predicted)| *predicted > 0.0).map(|(came, said)| came / said);
    let excess = |pair: &CostPair| pair.realised_bps - pair.predicted_bps;
    let above = pairs.iter().filter(|pair| excess(pair) > SAME_BPS).count();
    let below = pairs.iter().filter(|pair| excess(pair) < -SAME_BPS).count();
    let p_value = (!pairs.is_empty()).then(|| two_sided(at_most(above, above + below), at_most(below, above + below)));
    let is_enough = pairs.len() >= MIN_COST_OUTCOMES;
    let nothing_said = ratio.is_none().then_some(CalibrationReason::ZeroPrediction);
    Ok(CostCalibration {
        outcomes: pairs.len(),
        predicted_bps,
        realised_bps,
        ratio,
        above,
        below,
        verdict: CalibrationVerdict::of(is_enough, p_value.unwrap_or(1.0), above > below),
        reason: reason_of_count(pairs.len(), is_enough).or(nothing_said),
        p_value,
    })
}

/// `P(X ≤ count)` for `X ~ Binomial(trials, ½)`: the regularised incomplete beta function `I_½(trials − count, count + 1)`.
fn at_most(count: usize, trials: usize) -> f64 {
    if count >= trials { 1.0 } else { beta_reg((trials - count) as f64, count as f64 + 1.0, 0.5) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(above: usize, below: usize, same: usize) -> Vec<CostPair> {
        let pair = |realised_bps| CostPair { predicted_bps: 2.0, realised_bps };
        [vec![pair(2.5); above], vec![pair(1.5); below], vec![pair(2.0); same]].concat()
    }

    #[test]
    fn the_split_is_tested_and_ties_are_left_out() {
        // 14 to 3: 2·(1 + 17 + 136 + 680)/2¹⁷.
        let found = assess_cost(&pairs(14, 3, 5)).unwrap();
        assert!((found.p_value.unwrap() - 2.0 * 834.0 / 131_072.0).abs() < 1e-12, "{found:?}");
        assert_eq!((found.outcomes, found.verdict), (22, CalibrationVerdict::TooLow));
        assert_eq!(assess_cost(&pairs(3, 14, 0)).unwrap().verdict, CalibrationVerdict::TooHigh);
        assert_eq!(assess_cost(&pairs(9, 8, 0)).unwrap().p_value, Some(1.0));
        assert_eq!(assess_cost(&pairs(0, 0, 12)).unwrap().verdict, CalibrationVerdict::Consistent);
    }

    #[test]
    fn what_the_record_cannot_support_is_absent_with_a_reason() {
        let none = assess_cost(&[]).unwrap();
        assert_eq!((none.predicted_bps, none.p_value, none.reason), (None, None, Some(CalibrationReason::NoOutcomes)));
        assert_eq!(assess_cost(&pairs(9, 0, 0)).unwrap().verdict, CalibrationVerdict::NotEnough);
        let free = assess_cost(&[CostPair { predicted_bps: 0.0, realised_bps: 0.0 }; 10]).unwrap();
        assert_eq!((free.ratio, free.reason), (None, Some(CalibrationReason::ZeroPrediction)));
        assert!(assess_cost(&[CostPair { predicted_bps: f64::NAN, realised_bps: 0.0 }]).is_err());
    }
}
