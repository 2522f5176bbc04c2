//! Which agents there are, in the order in which they work.

use crate::agent::{AgentCard, AgentId};
use crate::execution::ExecutionAgent;
use crate::forecasting::ForecastAgent;
use crate::market_data::MarketDataAgent;
use crate::proposal::OptimizerAgent;
use crate::risk_stage::RiskAgent;
use crate::supervisor::Supervisor;

/// The agents of a run in the order they work; [`run`](crate::run) calls them in the same order, which their arguments fix.
pub const AGENTS: [AgentCard; 6] = [
    AgentCard::of::<MarketDataAgent>(),
    AgentCard::of::<ForecastAgent>(),
    AgentCard::of::<RiskAgent>(),
    AgentCard::of::<OptimizerAgent>(),
    AgentCard::of::<ExecutionAgent>(),
    AgentCard::of::<Supervisor>(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blueprint_is_the_order_of_the_agents() {
        assert_eq!(
            orchestration(),
            "Supervisor -> Data -> Forecast -> Risk -> Optimizer -> Execution -> Supervisor Approval"
        );
        assert!(AGENTS.is_sorted_by_key(|card| card.id));
    }
}
