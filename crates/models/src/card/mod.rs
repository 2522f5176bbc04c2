//! The card of a model: its intended and excluded uses, what it is based on, and what is monitored.

mod tier;
mod trigger;

use std::collections::BTreeMap;

use governance::Digest;
use serde::{Deserialize, Serialize};

pub use tier::{Exposure, Influence, Tier};
pub use trigger::{MonitoredFigure, MonitoringTrigger, TriggerLimit};

use crate::error::ModelError;

/// The purpose of a model. One version for each purpose is the champion: it is used where a request names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum Purpose {
    /// The expected return of each asset, with confidence and interval.
    ExpectedReturn,
    /// The covariance of the returns of many assets.
    Covariance,
    /// The distribution of future values.
    Simulation,
    /// Figures of risk of the book's own history.
    RiskFigures,
    /// Which assets are outside their bands, and how far trades go.
    Bands,
    /// Which trades follow, and their amounts.
    Sizing,
    /// The best weights of a stated problem.
    Allocation,
    /// The costs of trades.
    Costs,
    /// The states of the market and how sure they are.
    Regimes,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 9] = [
        Self::ExpectedReturn,
        Self::Covariance,
        Self::Simulation,
        Self::RiskFigures,
        Self::Bands,
        Self::Sizing,
        Self::Allocation,
        Self::Costs,
        Self::Regimes,
    ];

    /// The purpose as stored in records: `expected_return`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExpectedReturn => "expected_return",
            Self::Covariance => "covariance",
            Self::Simulation => "simulation",
            Self::RiskFigures => "risk_figures",
            Self::Bands => "bands",
            Self::Sizing => "sizing",
            Self::Allocation => "allocation",
            Self::Costs => "costs",
            Self::Regimes => "regimes",
        }
    }
}

/// The kind of an inventory entry, following SR 26-2 (April 2026).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ModelKind {
    /// A quantitative method that applies theory to data and gives an estimate, which may be wrong although it is
    /// computed correctly.
    Model,
    /// Arithmetic or a deterministic rule: it is right when it does what is stated.
    Tool,
}

/// The days on which a model was trained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrainingSpan {
    /// The first day, ISO 8601.
    #[cfg_attr(feature = "openapi", schema(example = "1990-01-02", format = "date"))]
    pub from: String,
    /// The last day, ISO 8601.
    #[cfg_attr(feature = "openapi", schema(example = "2022-12-28", format = "date"))]
    pub to: String,
}

/// A figure of a trial, with its interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelMetric {
    /// The measured quantity, the comparison, and the unit.
    #[cfg_attr(feature = "openapi", schema(example = "out-of-sample R² against the expanding mean, mixed book"))]
    pub name: String,
    /// The figure.
    #[cfg_attr(feature = "openapi", schema(example = 0.017))]
    pub value: f64,
    /// Its interval at 95 %; absent where the trial gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = Option<Vec<f64>>, min_items = 2, max_items = 2, example = json!([-0.014, 0.048])))]
    pub interval: Option<[f64; 2]>,
    /// The conclusion of the trial: better, worse, not distinguishable; with the test.
    #[cfg_attr(feature = "openapi", schema(example = "not distinguishable (Diebold-Mariano, p = 0.277)"))]
    pub verdict: String,
}

/// The card of a version of a model or a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Card {
    /// The id, the same for every version.
    #[cfg_attr(feature = "openapi", schema(example = "ensemble_v3"))]
    pub id: String,
    /// The version. It changes whenever the same input gives another number.
    #[cfg_attr(feature = "openapi", schema(example = "3.0.0"))]
    pub version: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it is a model or a tool.
    pub kind: ModelKind,
    /// How much depends on it.
    pub exposure: Exposure,
    /// How its figures are used.
    pub influence: Influence,
    /// How closely it is monitored, 1 the most: a function of exposure and influence.
    pub tier: Tier,
    /// Who is responsible for it.
    #[cfg_attr(feature = "openapi", schema(example = "the operator of this service"))]
    pub owner: String,
    /// What it is, in a sentence.
    #[cfg_attr(feature = "openapi", schema(example = "Posterior of each asset's mean return given all histories."))]
    pub summary: String,
    /// What it is for, in a sentence.
    #[cfg_attr(feature = "openapi", schema(example = "The forecast of plans; a tilt where a request asks for one."))]
    pub intended_use: String,
    /// What it is not for.
    #[cfg_attr(feature = "openapi", schema(example = json!(["a forecast of the next day"])))]
    pub not_for: Vec<String>,
    /// What it reads.
    #[cfg_attr(feature = "openapi", schema(example = json!(["periodic returns of each asset"])))]
    pub features: Vec<String>,
    /// What it estimates.
    #[cfg_attr(feature = "openapi", schema(example = "mean return per period"))]
    pub target: String,
    /// SHA-256 of the training data; null when nothing was trained.
    #[cfg_attr(feature = "openapi", schema(required, value_type = Option<String>, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub data_digest: Option<Digest>,
    /// The days of the training data; null when nothing was trained.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub training_span: Option<TrainingSpan>,
    /// Seed of the training; null when nothing was drawn.
    #[cfg_attr(feature = "openapi", schema(required, example = 42, minimum = 0))]
    pub seed: Option<u64>,
    /// Versions of the crates whose code computes it, when this version was sealed.
    #[cfg_attr(feature = "openapi", schema(example = json!({"forecast": "0.1.0"})))]
    pub crate_versions: BTreeMap<String, String>,
    /// Results of trials; empty when there was no trial, which `outcomes_analysis` then states.
    pub metrics: Vec<ModelMetric>,
    /// Number of configurations that were tried before this one was chosen, itself included: the count that deflates
    /// its figures.
    #[cfg_attr(feature = "openapi", schema(example = 3, minimum = 1))]
    pub trials: u32,
    /// Known faults and gaps.
    #[cfg_attr(feature = "openapi", schema(example = json!(["No trial finds it better than the plain mean."])))]
    pub known_limits: Vec<String>,
    /// What is monitored, and what follows from it.
    pub monitoring_triggers: Vec<MonitoringTrigger>,
    /// Ids of the models and tools on which it depends.
    #[cfg_attr(feature = "openapi", schema(example = json!([])))]
    pub dependencies: Vec<String>,
    /// How its estimates are compared with outcomes.
    #[cfg_attr(feature = "openapi", schema(example = "Each stored plan is scored when its outcome is recorded."))]
    pub outcomes_analysis: String,
}

impl Card {
    /// Whether the card states everything that a card must state.
    ///
    /// # Errors
    /// [`ModelError::Card`] with the first missing item: a model without limits, triggers or features is not
    /// documented.
    pub fn check(&self) -> Result<(), ModelError> {
        let texts = [
            (&self.id, "an id"),
            (&self.version, "a version"),
            (&self.owner, "an owner"),
            (&self.summary, "a summary"),
            (&self.intended_use, "an intended use"),
            (&self.target, "a target"),
            (&self.outcomes_analysis, "an outcomes analysis"),
        ];
        let is_model = self.kind == ModelKind::Model;
        let required = [
            (self.known_limits.is_empty() && is_model, "known limits"),
            (self.monitoring_triggers.is_empty() && is_model, "monitoring triggers"),
            (
                !self.monitoring_triggers.iter().all(MonitoringTrigger::is_sound),
                "monitoring triggers whose words are their limits",
            ),
            (self.features.is_empty(), "features"),
            (self.not_for.is_empty(), "what it is not for"),
            (self.trials == 0, "the number of trials"),
            (self.tier != Tier::of(self.exposure, self.influence), "the tier of its exposure and influence"),
            (self.data_digest.is_some() != self.training_span.is_some(), "a training span with its data digest"),
            (
                self.metrics.iter().any(|metric| !metric.is_sound()),
                "metrics that are finite and inside their intervals",
            ),
        ];
        let blank = texts.into_iter().find(|(text, _)| text.trim().is_empty()).map(|(_, what)| what);
        let missing = required.into_iter().find(|&(is_missing, _)| is_missing).map(|(_, what)| what);
        blank.or(missing).map_or(Ok(()), |what| Err(ModelError::Card { what }))
    }
}

impl ModelMetric {
    fn is_sound(&self) -> bool {
        self.value.is_finite()
            && self.interval.is_none_or(|[low, high]| (low..=high).contains(&self.value) && (high - low).is_finite())
    }
}
