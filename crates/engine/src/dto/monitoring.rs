//! The monitoring of a model on the wire: what its triggers measure now.

use models::TriggerLimit;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;

/// Why a trigger has no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriggerReason {
    /// No record of the service gives the figure: a person has to look.
    NotRecorded,
    /// Fewer observations than the limit needs.
    TooFewObservations,
    /// What is observed does not vary, or the plans state no prediction.
    NoVariation,
    /// The figure is too large for a floating-point number.
    TooLarge,
}

/// A trigger of a card and what it measures now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TriggerReading {
    /// What is measured, as on the card.
    #[schema(example = "coverage of the 90 % intervals for the next return")]
    pub measure: String,
    /// When it calls for action, as on the card.
    #[schema(example = "outside 87 % to 93 %, from 660 intervals")]
    pub threshold: String,
    /// The action to take, as on the card.
    #[schema(example = "demote, and review the interval")]
    pub action: String,
    /// The threshold as numbers; absent where no record gives the figure, and in versions that were kept before limits were numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub limit: Option<TriggerLimit>,
    /// The present figure, as `limit` names it; null with a reason.
    #[schema(required, example = 0.91)]
    pub value: Option<f64>,
    /// Observations that there are.
    #[schema(example = 720, minimum = 0)]
    pub observations: usize,
    /// Whether the figure is outside the limit; null where there is no figure.
    #[schema(required, example = false)]
    pub has_fired: Option<bool>,
    /// Why there is no figure; null where there is one.
    #[schema(required)]
    pub reason: Option<TriggerReason>,
}

/// What the triggers of a model measure over stored plans and their outcomes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelMonitoring {
    /// The model's id.
    #[schema(example = "ensemble_v3")]
    pub id: String,
    /// Its version: plans of another one are not read.
    #[schema(example = "3.0.0")]
    pub version: String,
    /// Plans with an outcome that came after them: made with this version, or on whose inputs it ran in shadow.
    #[schema(example = 72, minimum = 0)]
    pub plans: usize,
    /// One for each trigger of the card, in its order; a tool has none.
    pub triggers: Vec<TriggerReading>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}
