//! What a plan predicted, read from its stored answer.

use serde::Deserialize;

/// The answer of a plan, as far as it predicts. Each field has the name of its member; answers of earlier builds lack some.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Predicted {
    pub(super) portfolio_value: f64,
    pub(super) estimated_total_transaction_cost: f64,
    pub(super) weights: Vec<PredictedWeight>,
    #[serde(default)]
    pub(super) after_risk_metrics: PredictedRisk,
    #[serde(default)]
    pub(super) active_risk: PredictedActiveRisk,
    #[serde(default)]
    pub(super) monte_carlo: PredictedSimulation,
    #[serde(default)]
    pub(super) outlook: PredictedOutlook,
}

/// The weights of one asset.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PredictedWeight {
    pub(super) asset: String,
    pub(super) current_weight: f64,
    pub(super) target_weight: f64,
    pub(super) weight_after: f64,
}

/// The risk of the weights after the plan.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct PredictedRisk {
    pub(super) var_95: Option<f64>,
}

/// The distance from the policy.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct PredictedActiveRisk {
    pub(super) after: PredictedTrackingError,
}

/// The distance of the weights after the plan.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct PredictedTrackingError {
    pub(super) tracking_error: Option<f64>,
}

/// The simulation of the current weights.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct PredictedSimulation {
    pub(super) probability_of_loss: Option<f64>,
    pub(super) var_95: Option<f64>,
    pub(super) horizon_days: usize,
}

/// The expected effect of waiting.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct PredictedOutlook {
    pub(super) days: usize,
    pub(super) figures: Option<PredictedWait>,
}

/// The figures of waiting.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PredictedWait {
    pub(super) loss_95_waiting: f64,
}
