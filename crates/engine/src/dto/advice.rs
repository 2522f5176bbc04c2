//! The brief on the wire.

use copilot::{CommitteeBrief, RiskFlag, TopAction};
use pipeline::VerdictDecision;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;

/// The plan in words, for portfolio managers and investment committees. Every number comes from the plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct InsightsResponse {
    /// What to do, why, what it costs, and what the data could not support.
    #[schema(
        example = "Portfolio of 250,000.00 USD: sell \"MRK\" 12,851.23 USD; buy \"AAPL\" 12,825.53 USD. Cost 25.70 USD."
    )]
    pub narrative: String,
    /// The orders that matter most, at most three; the largest drifts as Hold when nothing trades.
    #[schema(min_items = 1, max_items = 3)]
    pub top_actions: Vec<TopAction>,
    /// Limits exceeded, each with its number; the all-clear sentence when there are none.
    #[schema(example = json!(["Max drawdown above 8% (19.36% against a limit of 8.00%, critical above 16.00%)"]))]
    pub risk_flags: Vec<String>,
    /// The flags with value, limit and severity; empty when all is clear.
    pub risk_flag_details: Vec<RiskFlag>,
    /// What follows from the flags.
    pub decision: VerdictDecision,
    /// The questions an investment committee asks, each number with the JSON pointer of its source in the plan.
    pub committee_brief: CommitteeBrief,
    /// What to do first, next and last.
    #[schema(example = json!([
        "Sell first: \"MRK\" 12,851.23 USD (217.5262 units). Wait for the fills before buying.",
        "Then buy: \"AAPL\" 12,825.53 USD (363.0536 units).",
        "Then review the fills against cost 25.70 USD and turnover 10.27%."]), min_items = 3, max_items = 3)]
    pub execution_playbook: Vec<String>,
    /// The models of the inventory behind the plan, in words.
    #[schema(example = json!(["ensemble_v3 3.0.0 (in use by default): Posterior of each mean return."]))]
    pub cutting_edge_model_stack: Vec<String>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
