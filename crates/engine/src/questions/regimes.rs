//! The regimes of a return series.

use ::regimes::{Filtered, GaussianHmm, HmmSpec, Observations, RegimeError, fit_until, match_states};
use pipeline::ImplausibleInput;
use portfolio_core::Seed;
use risk::RiskOptions;
use stress::Stop;

use crate::context::RequestContext;
use crate::dto::absent;
use crate::dto::metadata::Metadata;
use crate::dto::regimes::{
    MissingRegimeFigure, MissingRegimeReason, PreviousStates, RegimeMatching, RegimeRequest, RegimeResponse,
};
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault_code::FaultCode;
use crate::inventory::regimes::REGIMES;
use crate::refusal::Refusal;
use crate::telling::inventory::reference;

/// Fewer returns than this say little of states that last for weeks.
const FEW_RETURNS: usize = 60;
/// Steps of one climb times returns, at most: the time of an answer has a bound.
const MOST_ROW_STEPS: usize = 5_000_000;
/// Steps of one climb that any series has.
const LEAST_STEPS: usize = 250;

/// Answers a question about regimes.
///
/// # Errors
/// [`Refusal::Invalid`] for returns in which no regimes can be told apart.
pub fn regime_answer(
    request: &RegimeRequest,
    context: &RequestContext,
    stop: &Stop,
) -> Result<RegimeResponse, Refusal> {
    let seed = request.seed.unwrap_or(absent::REGIME_SEED);
    let states = request.states();
    let base = HmmSpec::new(states);
    let steps = (MOST_ROW_STEPS / request.returns.len().max(1)).max(LEAST_STEPS).min(base.max_iterations);
    let spec = HmmSpec { sticky: request.sticky.unwrap_or_default(), max_iterations: steps, ..base };
    let rows = Observations::of_series(&request.returns).map_err(|error| refused(&error))?;
    let fitted = fit_until(&rows, &spec, Seed(seed), &|| stop.is_raised()).map_err(|error| refused(&error))?;
    let model = &fitted.model;
    let filtered: Filtered = model.filter(&rows).map_err(|error| refused(&error))?;
    let smoothed = model.smooth(&rows).map_err(|error| refused(&error))?;
    let path = model.path(&rows).map_err(|error| refused(&error))?;
    let next = filtered.predict();
    let matching = request.previous.as_ref().map(|previous| matched(previous, model)).transpose()?;

    let mut unavailable = Vec::new();
    let expected_durations = (0..states)
        .map(|state| {
            let duration = model.expected_duration(state).filter(|periods| *periods <= rows.rows() as f64);
            if duration.is_none() {
                let reason = MissingRegimeReason::LongerThanHistory;
                unavailable.push(MissingRegimeFigure {
                    pointer: format!("/expected_durations/{state}"),
                    reason,
                    detail: reason.sentence().to_owned(),
                });
            }
            duration
        })
        .collect();
    Ok(RegimeResponse {
        states,
        observations: rows.rows(),
        names: model.names(),
        means: model.means().concat(),
        variances: model.variances().concat(),
        start: model.start().to_vec(),
        transition: model.transition().to_vec(),
        expected_durations,
        log_likelihood: fitted.log_likelihood,
        bic: fitted.bic,
        filtered: filtered.rows().map(<[f64]>::to_vec).collect(),
        predicted: next.probabilities().to_vec(),
        predicted_uncertainty: next.uncertainty(),
        smoothed_last: smoothed.rows().next_back().unwrap_or_default().to_vec(),
        path,
        restarts: fitted.restarts,
        restarts_agreeing: fitted.agreeing,
        iterations: fitted.iterations,
        converged: fitted.converged,
        degenerate: fitted.degenerate,
        matching,
        unavailable,
        warnings: warnings(&request.returns),
        metadata: Metadata::of(context, Some(seed), vec![reference(REGIMES)]),
    })
}

/// The states of an earlier fit matched to those of this one. How it went from one to another is not a part of the distance.
fn matched(previous: &PreviousStates, model: &GaussianHmm) -> Result<RegimeMatching, Refusal> {
    let states = previous.means.len();
    let even = vec![1.0 / states as f64; states];
    let rows = |list: &[f64]| list.iter().map(|figure| vec![*figure]).collect::<Vec<_>>();
    let (means, variances) = (rows(&previous.means), rows(&previous.variances));
    let before = GaussianHmm::new(&even, &vec![even.clone(); states], &means, &variances);
    let matching = before.and_then(|before| match_states(&before, model));
    let refused = |error: RegimeError| Refusal::fault("/previous", FaultCode::Value, error.to_string());
    matching.map(RegimeMatching::from).map_err(refused)
}

/// What the library refuses although the fields were in range.
fn refused(error: &RegimeError) -> Refusal {
    let detail = match error {
        RegimeError::Constant { .. } => "do not vary, so they have no regimes".to_owned(),
        other => other.to_string(),
    };
    Refusal::fault("/returns", FaultCode::Value, detail)
}

/// Few returns, prices in the place of returns, and returns that are no fractions.
fn warnings(returns: &[f64]) -> Vec<PlanWarning> {
    let mut warnings = Vec::new();
    let mut warn = |code, detail: String| {
        warnings.push(PlanWarning { code, pointer: "/returns".to_owned(), detail });
    };
    if returns.len() < FEW_RETURNS {
        let count = returns.len();
        warn(WarningCode::HistoryShort, format!("only {count} returns: the states are rough at best"));
    }
    if returns.iter().any(|r| *r < -1.0) {
        let detail = "returns below -1 are no fractions: they are taken as sent, and every figure is in their unit";
        warn(WarningCode::ImplausibleInput, detail.to_owned());
    } else if let Some(found) = ImplausibleInput::in_returns(returns, RiskOptions::default().periods_per_year) {
        warn(WarningCode::ImplausibleInput, found.to_string());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_and_percentages_do_not_pass_as_fractions() {
        let codes = |returns: &[f64]| warnings(returns).iter().map(|w| w.code).collect::<Vec<_>>();
        let fractions: Vec<f64> = (0..100).map(|t| 0.01 * f64::from(t % 7 - 3)).collect();
        assert!(codes(&fractions).is_empty());
        let percent: Vec<f64> = fractions.iter().map(|r| 100.0 * r).collect();
        assert_eq!(codes(&percent), [WarningCode::ImplausibleInput]);
        let prices: Vec<f64> = fractions.iter().map(|r| 100.0 + r).collect();
        assert_eq!(codes(&prices), [WarningCode::ImplausibleInput]);
        assert_eq!(codes(&fractions[..20]), [WarningCode::HistoryShort]);
    }
}
