//! The brief on the wire.

use copilot::{CommitteeBrief, Decision, RiskFlag, TopAction};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;

/// The plan in words, for portfolio managers and investment committees. Every number is a number of the plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct InsightsResponse {
    /// What to do, why, what it costs, and what the data could not support.
    pub narrative: String,
    /// The orders that matter most, at most three; the largest drifts as Hold when nothing trades.
    #[schema(min_items = 1, max_items = 3)]
    pub top_actions: Vec<TopAction>,
    /// Limits passed, each with its number; the all-clear sentence when none is.
    pub risk_flags: Vec<String>,
    /// The flags with value, limit and severity; empty when all is clear.
    pub risk_flag_details: Vec<RiskFlag>,
    /// What follows from the flags.
    pub decision: Decision,
    /// The questions an investment committee asks, each number with the JSON pointer of its source in the plan.
    pub committee_brief: CommitteeBrief,
    /// What to do first, next and last.
    #[schema(min_items = 3, max_items = 3)]
    pub execution_playbook: Vec<String>,
    /// The models of the inventory behind the plan, in words.
    pub cutting_edge_model_stack: Vec<String>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
