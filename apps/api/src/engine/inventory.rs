//! What models and controls there are, in the words the face prints.

use forecast::{ForecastModel, ForecastModelStatus};

use crate::dto::metadata::{ENGINE_VERSION, ModelReference};
use crate::dto::service::{AgentBlueprint, AgentRole};

/// The order of the agents in one line.
pub const ORCHESTRATION: &str =
    "Supervisor -> Data -> Forecast -> Risk -> Optimizer -> Execution -> Supervisor Approval";

/// The agents' names, in the order they work.
pub const AGENTS: [&str; 6] = [
    "Market Data Agent",
    "Forecast Agent",
    "Risk Agent",
    "Rebalance Optimizer Agent",
    "Execution Agent",
    "Supervisor Agent",
];

/// The forecast model that made a plan.
#[must_use]
pub fn forecast_reference(model: &ForecastModel) -> ModelReference {
    ModelReference { id: model.id(), version: model.version() }
}

/// Models behind every plan that are not forecasts.
const ENGINE_MODELS: [(&str, &str); 3] = [
    (
        "historical-risk",
        "volatility, drawdown, VaR (inverted CDF) and CVaR (Rockafellar-Uryasev) on the book's own history",
    ),
    ("gbm-monte-carlo", "geometric Brownian motion of the book, exact in law, with standard errors"),
    ("drift-sizing", "bands, one turnover budget, costs inside the cash identity"),
];

/// Every model of the inventory with version and status, in words.
#[must_use]
pub fn model_stack() -> Vec<String> {
    let forecasts = ForecastModel::all().map(|model| {
        let card = model.card();
        let status = match card.status {
            ForecastModelStatus::Default => "in use by default",
            ForecastModelStatus::Compatibility => "kept for comparison, used when named",
        };
        format!("{} {} ({status}): {}", card.id, card.version, card.purpose)
    });
    let engine = ENGINE_MODELS.map(|(id, what)| format!("{id} {ENGINE_VERSION} (in use): {what}"));
    forecasts.into_iter().chain(engine).collect()
}

/// The models that made the figures of a house view, in words: forecasts, risk and simulation.
#[must_use]
pub fn proposed_models() -> Vec<String> {
    let mut models = model_stack();
    models.truncate(4);
    models
}

/// The agents and the controls that run on every plan.
#[must_use]
pub fn blueprint() -> AgentBlueprint {
    let roles = [
        "Reads the book, aligns the histories on their common tail and names what is missing.",
        "Runs the forecast ensemble; each member states its error or abstains.",
        "Measures the current, target and planned book on its own history and compares limits.",
        "Tilts targets inside half of each band and sizes trades under one turnover budget.",
        "Queues the orders, sells before buys, with costs; Hold is no order.",
        "Decides from the severity of the flags and publishes the brief.",
    ];
    let agents = AGENTS.iter().zip(roles).map(|(name, role)| AgentRole { name, role }).collect();
    AgentBlueprint {
        agents,
        orchestration: ORCHESTRATION,
        governance_standards: vec![
            "Input control: malformed, senseless or unknown members are refused with a pointer to each fault",
            "Pre-trade control: one turnover budget, no short sale, no negative cash, checked on every plan",
            "Cash control: trades, costs and change of cash cancel to the minor unit, asserted on every plan",
            "Reproducibility: model versions and seed stand in the metadata; equal requests give equal plans",
        ],
    }
}
