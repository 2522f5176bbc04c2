//! Health, readiness and the blueprint.

use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;

/// Whether the service is alive.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` while the process answers.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// Name of the service.
    #[schema(example = "smart-portfolio-rebalancer")]
    pub service: &'static str,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// Whether the service accepts work.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ready` while requests are accepted.
    #[schema(example = "ready")]
    pub status: &'static str,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// The agents, the order they work in, and the controls that run on every plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgentBlueprint {
    /// The agents in the order they work.
    pub agents: Vec<AgentRole>,
    /// The order in one line.
    #[schema(example = json!(pipeline::orchestration()))]
    pub orchestration: String,
    /// Controls that run today.
    #[schema(example = json!([
        "Input control: malformed, senseless or unknown members are refused with a pointer to each fault",
        "Pre-trade control: one turnover budget, no short sale, no negative cash, checked on every plan",
        "Cash control: trades, costs and change of cash cancel to the minor unit, asserted on every plan",
        "Reproducibility: model versions and seed stand in the metadata; equal requests give equal plans"]), min_items = 4, max_items = 4)]
    pub governance_standards: Vec<&'static str>,
}

/// One agent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgentRole {
    /// Name of the agent.
    #[schema(example = "Risk Agent")]
    pub name: &'static str,
    /// What it does.
    #[schema(example = "Measures risk of the current book on its own history.")]
    pub role: &'static str,
}
