//! The card of the states of the market, and how a plan names the model of them.

use models::{Card, Exposure, Influence, ModelKind, Purpose};
use pipeline::{ModelRole, ModelUse};
use portfolio_core::{ModelParameter, Seed};
use regimes::HmmSpec;

use super::words::{Trigger, Words};

/// Id of the model of regimes in the inventory.
pub(crate) const REGIMES: &str = "gaussian_hmm";
/// Its version: it changes whenever the same returns give other states.
const VERSION: &str = "1";
/// Calm and turbulent: the states of plans and golden cases.
pub(crate) const STATES: usize = 2;
/// Starts of the fit: fixed, so that the same returns give the same bits.
pub(crate) const SEED: Seed = Seed(19);

const HMM: Words = Words {
    id: REGIMES,
    purpose: Purpose::Regimes,
    kind: ModelKind::Model,
    exposure: Exposure::SomePlans,
    influence: Influence::Decides,
    summary: "Hidden Markov model of returns with Gaussian states, fitted by expectation maximisation from several starts.",
    intended_use: "Bands that are wider while the state is uncertain (regime_band_widening), the covariance regime_weighted, and \
                   questions about regimes.",
    not_for: &["forecasts of returns", "histories of less than half a year", "a switch on the likeliest state"],
    features: &["periodic returns of the target weights over their common periods"],
    target: "filtered and predicted probabilities of the states",
    crates: &["regimes", "portfolio-core"],
    figures: &[(
        "regime_band_widening 2, certainty equivalent, bp a year more than plain bands of two points, net of 10 bp, five baskets, 1992 to 2022",
        8.0,
        Some([-5.0, 20.0]),
        "not distinguishable (p = 0.251)",
    )],
    trials: 10,
    limits: &[
        "Returns within a state are taken as independent and normal: fat tails look like a turbulent state.",
        "The states are fitted to the history up to the plan: a state that it does not hold is unknown.",
        "The likelihood has several maxima; the best of twelve starts is kept.",
    ],
    triggers: &[Trigger::InWords([
        "starts that agree on the best likelihood (POST /api/regimes, restarts_agreeing)",
        "fewer than two of twelve",
        "do not widen bands by it, and review the history",
    ])],
    dependencies: &[],
    outcomes_analysis: "Agreement with hmmlearn and with Hamilton's table is tested (crates/regimes/tests), which shows that the states are \
                        computed right. Wider bands were tried net of costs (cargo run --release -p evaluate --example least_risk_net, docs/models.md).",
};

/// The card of the model of regimes.
pub(super) fn regimes() -> Card {
    HMM.card(VERSION)
}

/// The specification of plans.
pub(crate) fn spec() -> HmmSpec {
    HmmSpec::new(STATES)
}

/// The model as a plan names it whose bands it widened.
pub(crate) fn regimes_use() -> ModelUse {
    let HmmSpec { states, restarts, max_iterations, tolerance, sticky, variance_floor } = spec();
    let parameters = vec![
        ModelParameter::new("states", states as f64),
        ModelParameter::new("restarts", restarts as f64),
        ModelParameter::new("max_iterations", max_iterations as f64),
        ModelParameter::new("tolerance", tolerance),
        ModelParameter::new("sticky", sticky),
        ModelParameter::new("variance_floor", variance_floor),
        ModelParameter::new("seed", SEED.0 as f64),
    ];
    ModelUse { role: ModelRole::Regimes, id: REGIMES.to_owned(), version: VERSION.to_owned(), parameters }
}
