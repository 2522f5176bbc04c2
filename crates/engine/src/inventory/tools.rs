//! Cards of the tools: arithmetic and deterministic rules, which are right when they do what is stated.

use models::{Card, Exposure, Influence, ModelKind, Purpose};

use super::words::Words;

/// Version of the tools: it changes whenever the same plan gets another trade.
const TOOLS_VERSION: &str = "0.1.0";

/// Id of the sizing in the inventory.
pub const SIZING: &str = "drift_sizing";

const TOOL: Words = Words {
    id: SIZING,
    purpose: Purpose::Sizing,
    kind: ModelKind::Tool,
    exposure: Exposure::EveryPlan,
    influence: Influence::Decides,
    summary: "bands, one turnover budget, costs inside the cash identity",
    intended_use: "The trades of every plan of the drift method, exact to the minor unit.",
    not_for: &["a judgement on whether the policy is right"],
    features: &["weights and prices of the book", "policy", "limits of the request"],
    target: "amounts that meet the stated rules",
    crates: &["portfolio-core"],
    figures: &[],
    trials: 1,
    limits: &[],
    triggers: &[],
    dependencies: &["bands", "transaction_costs"],
    outcomes_analysis: "Not an estimate: money is exact and rules hold on 100,000 random books (crates/portfolio-core/tests).",
};

const TOOLS: [Words; 4] = [
    TOOL,
    Words {
        id: "bands",
        purpose: Purpose::Bands,
        summary: "no-trade bands by stated rules, or self-computed from costs and risk by a closed form",
        intended_use: "What is outside its band in every plan, and how far a trade goes.",
        not_for: &["a forecast: a band says when a trade pays for its costs, if risk and costs are as stated"],
        features: &["weights", "policy", "costs and covariance where a band is self-computed"],
        target: "the band of each asset and group",
        dependencies: &["transaction_costs"],
        outcomes_analysis: "Not an estimate; the closed form reaches 99.5 % of the optimum of dynamic programming \
                            (crates/portfolio-core/tests/merton_band.rs), and bands were replayed over 1990-2022 (docs/evidence.md).",
        ..TOOL
    },
    Words {
        id: "structured_interior_point",
        purpose: Purpose::Allocation,
        exposure: Exposure::SomePlans,
        summary: "the best weights of a stated convex problem, with a certificate and the price of each limit",
        intended_use: "Plans of the optimal method, and questions of allocation.",
        not_for: &["a problem whose inputs are wrong: it is right about the problem, not about the world"],
        features: &["covariance", "expected returns", "costs", "limits"],
        target: "weights within a proven distance of the optimum",
        crates: &["optimizer"],
        dependencies: &["ledoit_wolf_constant_correlation", "ensemble_v3", "transaction_costs"],
        outcomes_analysis: "Not an estimate: each answer carries its proof, and golden problems agree with independent solvers \
                            (docs/optimizer.md).",
        ..TOOL
    },
    Words {
        id: "transaction_costs",
        purpose: Purpose::Costs,
        summary: "a rate, commission with its minimum, fees per unit, duty and square-root impact, each as the request states it",
        intended_use: "The costs of every trade inside its cash identity.",
        not_for: &["an estimate of rates: the request states them", "orders beyond a day's volume"],
        features: &["traded amounts", "rates of the request", "average daily volume where stated"],
        target: "cost in the currency of the book",
        dependencies: &[],
        outcomes_analysis: "Predicted against realised cost of reported outcomes (docs/calibration.md).",
        ..TOOL
    },
];

/// The cards of the tools.
pub(super) fn tools() -> Vec<Card> {
    TOOLS.iter().map(|words| words.card(TOOLS_VERSION)).collect()
}
