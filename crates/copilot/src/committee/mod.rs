//! The brief for an investment committee: eight questions, each number with its location in the plan.

mod cited;
mod control_facts;
mod controls;
mod facts;
mod orders;
mod piece;
mod proposal;
mod verdict;
mod words;
mod write;

use pipeline::VerdictDecision;
use portfolio_core::Action;
use serde::Serialize;

use crate::CopilotError;
pub use cited::Cited;
pub use control_facts::{ControlBreach, ControlFacts};
pub use facts::{
    AnnualCited, BenchmarkFacts, CommitteeAsset, CommitteeFacts, CostPartFacts, DataIssue, LimitFacts, OrderFacts,
    PathFacts, PricedLimit, RelaxationFacts, RiskLine, WaitFacts,
};
pub use orders::OrderLine;
pub use piece::{BriefSentence, CitedNumber, Piece};
pub use proposal::Proposer;

/// The stored plan that a brief describes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanSource {
    /// The plan's id.
    #[cfg_attr(feature = "openapi", schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f"))]
    pub plan_id: String,
    /// When its request was received, UTC.
    #[cfg_attr(feature = "openapi", schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time"))]
    pub created_at: String,
    /// Version of the engine that made it.
    #[cfg_attr(feature = "openapi", schema(example = "0.1.0"))]
    pub engine_version: String,
    /// The digest of the stored plan.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    )]
    pub digest: String,
}

/// A plan in answers to the questions of an investment committee. The same facts give the same words.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommitteeBrief {
    /// The stored plan that it describes; absent if the plan is not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub plan: Option<PlanSource>,
    /// The title of the portfolio or of the plan; absent when the client gave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "Balanced book, July"))]
    pub title: Option<String>,
    /// What tracking error is measured against; absent when the plan does not state it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "the targets, rebalanced daily"))]
    pub benchmark: Option<String>,
    /// Who proposes the plan. A person approves it.
    pub proposed_by: Proposer,
    /// The supervisor's decision.
    pub decision: VerdictDecision,
    /// The questions in a fixed order, each with its answer.
    pub sections: Vec<BriefSection>,
    /// All orders as a table, sells before the buys they pay for.
    pub orders: Vec<OrderLine>,
    /// The orders, the most worthwhile first; at most eight.
    pub actions: Vec<RankedAction>,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BriefSection {
    /// The question as a code.
    pub topic: BriefTopic,
    /// The question.
    #[cfg_attr(feature = "openapi", schema(example = "What does it cost?"))]
    pub question: &'static str,
    /// The answer.
    pub sentences: Vec<BriefSentence>,
}

/// The questions, in the order they are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BriefTopic {
    /// What has changed since the targets were set.
    WhatChanged,
    /// The orders.
    WhatToDo,
    /// What calls for them.
    Why,
    /// Cost, turnover and cash.
    WhatItCosts,
    /// Risk before and after, and the verdict.
    WhatItRisks,
    /// The control policy, and each of its limits that the orders breach.
    WhichControls,
    /// What remains undone, and because of which limit.
    WhatWasRejected,
    /// A week without the plan.
    IfWeWait,
}

impl BriefTopic {
    pub(crate) const ALL: [Self; 8] = [
        Self::WhatChanged,
        Self::WhatToDo,
        Self::Why,
        Self::WhatItCosts,
        Self::WhatItRisks,
        Self::WhichControls,
        Self::WhatWasRejected,
        Self::IfWeWait,
    ];

    /// The question in words.
    #[must_use]
    pub fn question(self) -> &'static str {
        match self {
            Self::WhatChanged => "What changed?",
            Self::WhatToDo => "What should we do?",
            Self::Why => "Why?",
            Self::WhatItCosts => "What does it cost?",
            Self::WhatItRisks => "What does it risk?",
            Self::WhichControls => "Which controls does it breach?",
            Self::WhatWasRejected => "What was rejected, and by which limit?",
            Self::IfWeWait => "What happens if we wait a week?",
        }
    }
}

/// One order among the most worthwhile.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RankedAction {
    /// Position, from 1.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub rank: usize,
    /// The asset's name as it was sent: data, to be escaped wherever it is shown.
    #[cfg_attr(feature = "openapi", schema(example = "AAPL"))]
    pub asset: String,
    /// What to do.
    pub action: Action,
    /// What the order contributes to the worth of the plan, basis points of NAV over the horizon, after its cost; null
    /// when the data do not support it.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 4.1))]
    pub marginal_benefit_bps: Option<f64>,
    /// The order in a sentence.
    pub sentence: BriefSentence,
}

/// Answers a committee's questions about a plan from its facts. Nothing is computed: every number is one of the facts
/// and carries its pointer. Facts are compared to put them in order.
///
/// # Errors
/// [`CopilotError`] for invalid facts: no asset, a number that is not finite, or an order or a limit for an asset that
/// does not exist.
pub fn committee_brief(facts: &CommitteeFacts) -> Result<CommitteeBrief, CopilotError> {
    facts.check()?;
    let sections = BriefTopic::ALL
        .into_iter()
        .map(|topic| BriefSection { topic, question: topic.question(), sentences: write::answer(facts, topic) })
        .collect();
    Ok(CommitteeBrief {
        plan: facts.plan.clone(),
        title: facts.title.clone(),
        benchmark: facts.benchmark.as_ref().map(words::benchmark),
        proposed_by: facts.proposed_by.clone(),
        decision: facts.decision,
        sections,
        orders: orders::table(facts),
        actions: write::ranked(facts),
    })
}
