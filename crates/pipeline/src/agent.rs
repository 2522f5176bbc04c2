//! The definition of an agent, and its refusal.

use serde::Serialize;

use crate::error::PipelineError;

/// One step of a run.
///
/// Each agent has its own method `act`, which takes the admitted case and borrows the results of the agents before it.
/// Only an agent can make its own result, so agents cannot run in another order or without the agents before them:
///
/// ```compile_fail
/// use pipeline::{Admitted, MarketDataAgent, RiskAgent};
///
/// fn forecasts_left_out(admitted: &Admitted<'_>) {
///     let surveyed = MarketDataAgent.act(admitted).unwrap();
///     // The Risk Agent asks for the forecasts too.
///     let assessed = RiskAgent.act(admitted, &surveyed);
/// }
/// ```
pub trait Agent {
    /// Which agent it is.
    const ID: AgentId;
    /// What it does, in a sentence for the blueprint.
    const ROLE: &'static str;
    /// The purpose of its step, used as the headline of the step.
    const OBJECTIVE: &'static str;
}

/// The agents, in the order they work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AgentId {
    /// Aligns the histories and judges the data.
    MarketData,
    /// Forecasts each asset.
    Forecast,
    /// Measures risk and compares limits.
    Risk,
    /// Tilts targets and sizes trades.
    Optimizer,
    /// Orders and schedules the trades.
    Execution,
    /// Admits the portfolio and gives the verdict.
    Supervisor,
}

impl AgentId {
    /// The position of the agent's step, from 1.
    #[must_use]
    pub const fn step(self) -> usize {
        self as usize + 1
    }

    /// The agent's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MarketData => "Market Data Agent",
            Self::Forecast => "Forecast Agent",
            Self::Risk => "Risk Agent",
            Self::Optimizer => "Rebalance Optimizer Agent",
            Self::Execution => "Execution Agent",
            Self::Supervisor => "Supervisor Agent",
        }
    }

    /// A short name, for one line with the whole order.
    pub(crate) fn short(self) -> &'static str {
        match self {
            Self::MarketData => "Data",
            Self::Forecast => "Forecast",
            Self::Risk => "Risk",
            Self::Optimizer => "Optimizer",
            Self::Execution => "Execution",
            Self::Supervisor => "Supervisor",
        }
    }
}

/// The description of an agent in a blueprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentCard {
    /// Which agent.
    pub id: AgentId,
    /// What it does.
    pub role: &'static str,
    /// The purpose of its step.
    pub objective: &'static str,
}

impl AgentCard {
    /// The card of an agent, taken from its type.
    #[must_use]
    pub const fn of<A: Agent>() -> Self {
        Self { id: A::ID, role: A::ROLE, objective: A::OBJECTIVE }
    }
}

/// An agent's refusal: the run ends without a plan.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the {} refuses", agent.name())]
pub struct Veto {
    /// The agent that refuses.
    pub agent: AgentId,
    /// Why.
    #[source]
    pub cause: PipelineError,
}

impl Veto {
    /// Turns a cause into the veto of an agent.
    pub(crate) fn by<E: Into<PipelineError>>(agent: AgentId) -> impl Fn(E) -> Self {
        move |cause| Self { agent, cause: cause.into() }
    }
}
