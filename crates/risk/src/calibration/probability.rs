//! Predicted probabilities of an event.

use serde::Serialize;

use super::verdict::{CalibrationReason, CalibrationVerdict, reason_of_count, two_sided};
use crate::{RiskError, RiskParameter, normal_cdf};

/// Outcomes that the test of a probability needs.
pub const MIN_EVENT_OUTCOMES: usize = 20;
/// Forecasts up to which the law of the number of events is computed exactly; the work grows with their square.
const EXACT_FORECASTS: usize = 4_000;

/// A predicted probability and the outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbabilityForecast {
    /// The predicted probability, 0 to 1.
    pub probability: f64,
    /// Whether the event happened.
    pub happened: bool,
}

/// A probability compared with the events that occurred.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProbabilityCalibration {
    /// Forecasts with an outcome.
    #[cfg_attr(feature = "openapi", schema(example = 24))]
    pub outcomes: usize,
    /// How often it happened.
    #[cfg_attr(feature = "openapi", schema(example = 9))]
    pub events: usize,
    /// Sum of the predicted probabilities.
    #[cfg_attr(feature = "openapi", schema(example = 9.7))]
    pub expected_events: f64,
    /// Mean squared error of the predicted probabilities: 0 is perfect, 0.25 is a coin toss. Null without outcomes.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.231))]
    pub brier_score: Option<f64>,
    /// How often it happened, a share; null without outcomes.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.375))]
    pub base_rate: Option<f64>,
    /// Brier score of predicting the base rate every time, which was not known beforehand; null without outcomes.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.2344))]
    pub base_rate_brier_score: Option<f64>,
    /// 1 less the ratio of the two scores: positive when the predictions beat the base rate; null when the base rate
    /// makes no error.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.0145))]
    pub skill: Option<f64>,
    /// Probability of a number of events at least this far from the expected one, one-sided and doubled, when the
    /// predictions are right; null without outcomes.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.93))]
    pub p_value: Option<f64>,
    /// `too_low` when it happened more often than predicted. Needs 20 outcomes.
    pub verdict: CalibrationVerdict,
    /// Why figures are null or the verdict is `not_enough`; null otherwise.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub reason: Option<CalibrationReason>,
}

/// Compares predicted probabilities `pᵢ` with events `oᵢ` (1 when it happened, else 0), with `ō` their mean:
///
/// ```text
/// Brier = 1/n · Σ (pᵢ − oᵢ)²,    base rate: ō·(1 − ō),    skill = 1 − Brier / (ō·(1 − ō))
/// p-value = min(1, 2·min(P(X ≤ Σoᵢ), P(X ≥ Σoᵢ))),    X = Σ Bernoulli(pᵢ)
/// ```
///
/// The law of `X` (Poisson's binomial) is computed exactly up to 4,000 forecasts, beyond them by the normal law with the same mean and
/// variance and a correction for continuity.
///
/// # Errors
/// [`RiskError::OutOfRange`] for a probability outside 0 to 1.
///
/// # Reference
/// Brier (1950), "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78(1), 1–3.
///
/// # Example
/// ```
/// use risk::calibration::{ProbabilityForecast, assess_probability};
///
/// let forecast = |probability, happened| ProbabilityForecast { probability, happened };
/// let found = assess_probability(&[forecast(0.5, true), forecast(0.5, false)])?;
/// assert_eq!((found.brier_score, found.skill), (Some(0.25), Some(0.0)));
/// // P(X ≤ 1) = P(X ≥ 1) = 3/4: no evidence at all.
/// assert_eq!(found.p_value, Some(1.0));
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn assess_probability(forecasts: &[ProbabilityForecast]) -> Result<ProbabilityCalibration, RiskError> {
    if let Some(wrong) = forecasts.iter().find(|forecast| !(0.0..=1.0).contains(&forecast.probability)) {
        return Err(RiskError::OutOfRange { parameter: RiskParameter::ForecastProbability, value: wrong.probability });
    }
    let n = forecasts.len() as f64;
    let events = forecasts.iter().filter(|forecast| forecast.happened).count();
    // A sum of nothing would be -0.
    let expected_events = forecasts.iter().fold(0.0, |sum, forecast| sum + forecast.probability);
    let error = |forecast: &ProbabilityForecast| forecast.probability - f64::from(u8::from(forecast.happened));
    let squares: f64 = forecasts.iter().map(|forecast| error(forecast).powi(2)).sum();
    let known = |value: f64| (!forecasts.is_empty()).then_some(value);
    let brier_score = known(squares / n);
    let base_rate = known(events as f64 / n);
    let of_base_rate = base_rate.map(|rate| rate * (1.0 - rate));
    let skill = brier_score.zip(of_base_rate.filter(|&score| score > 0.0)).map(|(own, base)| 1.0 - own / base);
    let p_value = known(p_value(forecasts, events));
    let is_enough = forecasts.len() >= MIN_EVENT_OUTCOMES;
    let one_kind = skill.is_none().then_some(CalibrationReason::OneKindOfOutcome);
    Ok(ProbabilityCalibration {
        outcomes: forecasts.len(),
        events,
        expected_events,
        brier_score,
        base_rate,
        base_rate_brier_score: of_base_rate,
        skill,
        verdict: CalibrationVerdict::of(is_enough, p_value.unwrap_or(1.0), events as f64 > expected_events),
        reason: reason_of_count(forecasts.len(), is_enough).or(one_kind),
        p_value,
    })
}

fn p_value(forecasts: &[ProbabilityForecast], events: usize) -> f64 {
    if forecasts.len() <= EXACT_FORECASTS {
        let law = law_of_events(forecasts);
        let lower: f64 = law[..=events].iter().sum();
        let upper: f64 = law[events..].iter().sum();
        return two_sided(lower, upper);
    }
    let mean: f64 = forecasts.iter().map(|forecast| forecast.probability).sum();
    let variance: f64 = forecasts.iter().map(|forecast| forecast.probability * (1.0 - forecast.probability)).sum();
    // Every forecast certain: the number is `mean`, or the predictions are refuted.
    if variance <= 0.0 {
        return if (events as f64 - mean).abs() < 0.5 { 1.0 } else { 0.0 };
    }
    let distance = ((events as f64 - mean).abs() - 0.5).max(0.0) / variance.sqrt();
    (2.0 * normal_cdf(-distance)).min(1.0)
}

/// Probability of each number of events, from none to all.
fn law_of_events(forecasts: &[ProbabilityForecast]) -> Vec<f64> {
    let mut law = vec![0.0; forecasts.len() + 1];
    law[0] = 1.0;
    for (known, forecast) in forecasts.iter().enumerate() {
        let p = forecast.probability;
        for count in (0..=known).rev() {
            let mass = law[count];
            law[count + 1] += mass * p;
            law[count] = mass * (1.0 - p);
        }
    }
    law
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecasts(probability: f64, happened: usize, n: usize) -> Vec<ProbabilityForecast> {
        (0..n).map(|i| ProbabilityForecast { probability, happened: i < happened }).collect()
    }

    #[test]
    fn equal_probabilities_give_the_binomial_test() {
        // P(X ≤ 3) of Binomial(24, 0.4), term by term.
        let found = assess_probability(&forecasts(0.4, 3, 24)).unwrap();
        let lower: f64 = (0..=3)
            .map(|k| {
                let choose: f64 = (0..k).map(|i| f64::from(24 - i) / f64::from(k - i)).product();
                choose * 0.4_f64.powi(k) * 0.6_f64.powi(24 - k)
            })
            .sum();
        assert!((found.p_value.unwrap() - 2.0 * lower).abs() < 1e-15, "{found:?}");
        assert_eq!(found.verdict, CalibrationVerdict::TooHigh);
        assert_eq!(assess_probability(&forecasts(0.4, 20, 24)).unwrap().verdict, CalibrationVerdict::TooLow);
        assert_eq!(assess_probability(&forecasts(0.4, 10, 24)).unwrap().verdict, CalibrationVerdict::Consistent);
    }

    #[test]
    fn the_normal_law_continues_the_exact_one() {
        let exact = p_value(&forecasts(0.3, 1_250, EXACT_FORECASTS), 1_250);
        let near = p_value(&forecasts(0.3, 1_250, EXACT_FORECASTS + 1), 1_250);
        assert!((exact - near).abs() < 2e-3, "{exact} {near}");
        let certain = forecasts(1.0, EXACT_FORECASTS + 1, EXACT_FORECASTS + 1);
        assert_eq!((p_value(&certain, certain.len()), p_value(&certain, 1)), (1.0, 0.0));
    }

    #[test]
    fn what_the_record_cannot_support_is_absent_with_a_reason() {
        let none = assess_probability(&[]).unwrap();
        assert_eq!((none.brier_score, none.p_value), (None, None));
        assert_eq!(none.reason, Some(CalibrationReason::NoOutcomes));
        let few = assess_probability(&forecasts(0.4, 8, 19)).unwrap();
        assert_eq!((few.verdict, few.reason), (CalibrationVerdict::NotEnough, Some(CalibrationReason::TooFewOutcomes)));
        let one_kind = assess_probability(&forecasts(0.01, 0, 24)).unwrap();
        assert_eq!((one_kind.skill, one_kind.reason), (None, Some(CalibrationReason::OneKindOfOutcome)));
        assert!(assess_probability(&forecasts(1.5, 0, 1)).is_err());
        assert!(assess_probability(&forecasts(f64::NAN, 0, 1)).is_err());
    }
}
