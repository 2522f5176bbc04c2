//! Models of trading costs that were fitted to fills: versions of the inventory that come from the records and not from the build.

use governance::Digest;
use models::{
    Card, Exposure, Influence, ModelError, ModelKind, ModelMetric, ModelVersion, MonitoredFigure, MonitoringTrigger,
    Purpose, Runnable, Tier, TrainingSpan, canonical_json,
};
use risk::standard_deviation;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::StoredControl;
use tca::{CostFit, Estimate};

use super::words::below;
use super::{FirstStanding, Part, Registered};
use crate::dto::metadata::ENGINE_VERSION;
use crate::dto::plan::FittedCosts;
use crate::refusal::Refusal;

/// The topic of their records.
pub(crate) const TOPIC: &str = "cost_models";
/// Returns that a history needs, so that its volatility counts.
const FEWEST_RETURNS: usize = 20;
/// Standard errors on either side of an interval of 95 %.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// The weights of a version.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CostWeights {
    exponent: f64,
    half_spread: f64,
    impact: f64,
}

/// The input of a golden case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CostInput {
    participation: f64,
    volatility: f64,
}

/// The code of every version: the cost of an input as a fraction of the value traded.
struct CostCode;

impl Runnable for CostCode {
    fn run(&self, weights: &[u8], input: &Value) -> Result<Value, String> {
        let weights: CostWeights = serde_json::from_slice(weights).map_err(|error| error.to_string())?;
        let CostInput { participation, volatility } =
            serde_json::from_value(input.clone()).map_err(|error| error.to_string())?;
        Ok(json!(weights.half_spread + weights.impact * volatility * participation.powf(weights.exponent)))
    }
}

/// The volatility of one period that a cost model reads from a history; `None` for one that is too short or does not move.
pub(crate) fn period_volatility(returns: &[f64]) -> Option<f64> {
    let long_enough = returns.len() >= FEWEST_RETURNS;
    long_enough.then(|| standard_deviation(returns).ok()).flatten().filter(|volatility| *volatility > 0.0)
}

/// What a refit rests on.
pub(crate) struct CostEvidence {
    /// SHA-256 of the observations.
    pub(crate) data: Digest,
    /// The days on which the first and the last of the orders left.
    pub(crate) span: TrainingSpan,
    /// Refits before this one, and itself.
    pub(crate) trials: u32,
}

/// A fit as a version of the inventory, the `number`-th of its kind.
///
/// # Errors
/// A [`ModelError`], which would be a bug.
pub(crate) fn seal(fit: &CostFit, evidence: CostEvidence, number: usize) -> Result<ModelVersion, ModelError> {
    let unreadable = |error: serde_json::Error| ModelError::Unreadable { detail: error.to_string() };
    let weights =
        CostWeights { exponent: fit.exponent.value, half_spread: fit.half_spread.value, impact: fit.impact.value };
    let costs = FittedCosts {
        id: format!("fitted_costs_{number}"),
        version: "1.0.0".to_owned(),
        digest: Digest::ZERO,
        half_spread: weights.half_spread,
        impact: weights.impact,
        exponent: weights.exponent,
    };
    let card = card(fit, evidence, &costs);
    let inputs = (0..models::GOLDENS as i32)
        .map(|i| json!({"participation": 0.0005 * f64::from(1 << i), "volatility": 0.004 * f64::from(i + 1)}));
    ModelVersion::seal(card, canonical_json(&weights).map_err(unreadable)?, inputs.collect(), &CostCode)
}

fn card(fit: &CostFit, evidence: CostEvidence, costs: &FittedCosts) -> Card {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    let metric = |name: &str, Estimate { value, standard_error }: Estimate| ModelMetric {
        name: name.to_owned(),
        value,
        interval: Some([value - NORMAL_95 * standard_error, value + NORMAL_95 * standard_error]),
        verdict: "an estimate with its interval at 95 %".to_owned(),
    };
    let (exposure, influence) = (Exposure::EveryPlan, Influence::Decides);
    Card {
        id: costs.id.clone(),
        version: costs.version.clone(),
        purpose: Purpose::Costs,
        kind: ModelKind::Model,
        exposure,
        influence,
        tier: Tier::of(exposure, influence),
        owner: "the operator of the service".to_owned(),
        summary: format!("half-spread and power-law impact fitted to {} executed orders", fit.observations),
        intended_use: "The cost of a trade whose request states no rate, once a person has promoted it.".to_owned(),
        not_for: owned(&["orders larger than those it was fitted to", "assets or venues that its fills do not cover"]),
        features: owned(&["volatility of the asset's history", "average daily volume", "units traded"]),
        target: "cost against the arrival price as a fraction of the value traded, fees apart".to_owned(),
        data_digest: Some(evidence.data),
        training_span: Some(evidence.span),
        seed: None,
        crate_versions: [("tca".to_owned(), ENGINE_VERSION.to_owned())].into(),
        metrics: vec![
            metric("half-spread, fraction of the price", fit.half_spread),
            metric("impact coefficient, without a unit", fit.impact),
            metric("exponent of the participation", fit.exponent),
        ],
        trials: evidence.trials,
        known_limits: owned(&[
            "One half-spread for all assets, and errors of one variance.",
            "Orders that were not filled are not among its data, so it may read low.",
        ]),
        monitoring_triggers: vec![MonitoringTrigger::measured(
            "p-value that the realised costs of the plans that name it are as often above the estimated ones as below",
            below(0.01, MonitoredFigure::CostPValue, 10),
            "refit, and promote or demote",
        )],
        dependencies: owned(&["transaction_costs"]),
        outcomes_analysis: "Predicted against realised cost of reported outcomes (docs/calibration.md).".to_owned(),
    }
}

/// The versions that were kept, oldest first: each is loaded as one of the build is, its golden inputs run again.
///
/// # Errors
/// [`Refusal::RecordChanged`] for a document that is no version.
pub(crate) fn registered(records: &[StoredControl]) -> Result<Vec<Registered>, Refusal> {
    records.iter().map(|stored| registered_of(stored.record.document.bytes())).collect()
}

fn registered_of(document: &[u8]) -> Result<Registered, Refusal> {
    let version = ModelVersion::load(document, None, &CostCode).map_err(|error| Refusal::unreadable(&error))?;
    let weights: CostWeights =
        serde_json::from_slice(version.weights()).map_err(|error| Refusal::unreadable(&error))?;
    let costs = FittedCosts {
        id: version.card().id.clone(),
        version: version.card().version.clone(),
        digest: version.digest(),
        half_spread: weights.half_spread,
        impact: weights.impact,
        exponent: weights.exponent,
    };
    Ok(Registered { version, part: Part::Costs(costs), first: FirstStanding::Challenger, use_digest: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit() -> CostFit {
        let of = |value, standard_error| Estimate { value, standard_error };
        CostFit {
            half_spread: of(0.0003, 0.00002),
            impact: of(0.8, 0.1),
            exponent: of(0.55, 0.04),
            residual_sd: 0.0004,
            observations: 240,
        }
    }

    fn sealed(number: usize) -> ModelVersion {
        let span = TrainingSpan { from: "2026-01-02".to_owned(), to: "2026-03-31".to_owned() };
        let evidence = CostEvidence { data: Digest::of_bytes(b"fills"), span, trials: number as u32 };
        seal(&fit(), evidence, number).unwrap()
    }

    #[test]
    fn a_version_comes_back_from_its_document_with_its_parameters() {
        let version = sealed(3);
        let read = registered_of(&version.document().unwrap()).unwrap();
        assert_eq!(read.version(), &version);
        let Part::Costs(costs) = read.part() else { panic!("{:?}", read.part()) };
        assert_eq!((costs.id.as_str(), costs.digest), ("fitted_costs_3", version.digest()));
        assert_eq!((costs.half_spread, costs.impact, costs.exponent), (0.0003, 0.8, 0.55));
        let golden = &version.goldens()[2];
        assert_eq!(golden.input, json!({"participation": 0.002, "volatility": 0.012}));
        let cost = 0.0003 + 0.8 * 0.012 * 0.002_f64.powf(0.55);
        assert!((golden.output.as_f64().unwrap() - cost).abs() < 1e-15);
        let interval = version.card().metrics[0].interval.unwrap();
        assert!((interval[1] - 0.000_339_199).abs() < 1e-8, "{interval:?}");
    }

    #[test]
    fn other_numbers_are_another_version_and_a_changed_document_is_none() {
        assert_ne!(sealed(1).digest(), sealed(2).digest());
        let text = String::from_utf8(sealed(1).document().unwrap()).unwrap();
        assert!(registered_of(text.replace("operator", "0perator").as_bytes()).is_err());
    }

    #[test]
    fn a_history_needs_twenty_returns_that_move() {
        let moving: Vec<f64> = (0..20).map(|i| if i % 2 == 0 { 0.01 } else { -0.01 }).collect();
        assert!((period_volatility(&moving).unwrap() - 0.01 * (20.0_f64 / 19.0).sqrt()).abs() < 1e-15);
        assert_eq!(period_volatility(&moving[..19]), None);
        assert_eq!(period_volatility(&[0.01; 30]), None);
    }
}
