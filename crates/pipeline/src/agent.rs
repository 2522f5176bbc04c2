use serde::Serialize;

use crate::PipelineError;

/// One step of a run: it takes what the agent before it made, and nothing else.
///
/// An agent's input can only be made by its predecessor, so agents cannot be run in another order, twice, or without the
/// ones before them:
///
/// ```compile_fail
/// use pipeline::{Agent, ForecastAgent, MarketDataAgent, Portfolio, RiskAgent, Supervisor};
///
/// fn forecasts_left_out(portfolio: Portfolio) {
///     let admitted = Supervisor::default().admit(portfolio).unwrap();
///     let surveyed = MarketDataAgent.act(admitted).unwrap();
///     // The Risk Agent takes what the Forecast Agent made.
///     let assessed = RiskAgent.act(surveyed);
/// }
/// ```
pub trait Agent {
    /// What it works on.
    type Input;
    /// What it hands on, with its input inside.
    type Output;
    /// Which agent it is.
    const ID: AgentId;
    /// What it does, in a sentence: the blueprint prints it.
    const ROLE: &'static str;
    /// What one step of it is for, the headline of its step.
    const OBJECTIVE: &'static str;

    /// Does its work.
    ///
    /// # Errors
    /// A [`Veto`] when it refuses its input: the run ends there, without a plan.
    fn act(&self, input: Self::Input) -> Result<Self::Output, Veto>;
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

    /// The agent's name in one line of the whole order.
    fn short(self) -> &'static str {
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

/// What a blueprint says about an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentCard {
    /// Which agent.
    pub id: AgentId,
    /// What it does.
    pub role: &'static str,
    /// What one step of it is for.
    pub objective: &'static str,
}

impl AgentCard {
    /// The card of an agent, read off its type.
    #[must_use]
    pub const fn of<A: Agent>() -> Self {
        Self { id: A::ID, role: A::ROLE, objective: A::OBJECTIVE }
    }
}

/// The agents of a run in the order they work. The types of [`run`](crate::run) fix the same order.
pub const AGENTS: [AgentCard; 6] = [
    AgentCard::of::<crate::MarketDataAgent>(),
    AgentCard::of::<crate::ForecastAgent>(),
    AgentCard::of::<crate::RiskAgent>(),
    AgentCard::of::<crate::OptimizerAgent>(),
    AgentCard::of::<crate::ExecutionAgent>(),
    AgentCard::of::<crate::Supervisor>(),
];

/// The order in one line; the supervisor opens a run and closes it.
#[must_use]
pub fn orchestration() -> String {
    let mut line = AgentId::Supervisor.short().to_owned();
    for card in AGENTS {
        line += " -> ";
        line += card.id.short();
    }
    line + " Approval"
}

/// An agent's refusal: the run ends without a plan.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the {} refuses", agent.name())]
pub struct Veto {
    /// Who refuses.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blueprint_is_the_order_of_the_types() {
        assert_eq!(
            orchestration(),
            "Supervisor -> Data -> Forecast -> Risk -> Optimizer -> Execution -> Supervisor Approval"
        );
        assert!(AGENTS.is_sorted_by_key(|card| card.id));
        // Each agent takes what the one before it makes: this compiles or the order is wrong.
        fn follows<A: Agent, B: Agent<Input = A::Output>>() {}
        follows::<crate::MarketDataAgent, crate::ForecastAgent>();
        follows::<crate::ForecastAgent, crate::RiskAgent>();
        follows::<crate::RiskAgent, crate::OptimizerAgent>();
        follows::<crate::OptimizerAgent, crate::ExecutionAgent>();
        follows::<crate::ExecutionAgent, crate::Supervisor>();
    }
}
