//! The longest payback that the histories allow.

use std::fmt;

use risk::inference::proven_covariance;
use risk::{Confidence, RiskOptions};
use serde::{Serialize, Serializer};

use crate::admitted::Admitted;
use crate::market_data::Surveyed;
use crate::method::OptimalGoal;
use crate::proposal::{OptimalPlan, Proposed};

/// The probability with which the proven benefit does not exceed the true one.
const LEVEL: Confidence = Confidence::P95;

/// Why no payback is proven. `Display` and serialisation give a sentence without the full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoProof {
    /// There is no trade.
    NothingTraded,
    /// Too few observations are common to all assets.
    TooFewObservations,
    /// The objective contains forecasts of returns.
    Forecasts,
    /// The benefit may be zero or less.
    NotProven,
}

impl fmt::Display for NoProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingTraded => "the plan trades nothing",
            Self::TooFewObservations => "fewer than three observations of every asset",
            Self::Forecasts => "the objective contains forecasts, which no history bounds",
            Self::NotProven => "the histories do not prove at 95 % that the trades gain anything before their cost",
        })
    }
}

impl Serialize for NoProof {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A lower bound of the benefit of trades, a fraction of NAV over the horizon.
///
/// With `a` the deviation from the targets before and `x` the trades, the benefit is the covariance of two portfolios,
///
/// ```text
/// λ·a'Σa − λ·(a + x)'Σ(a + x) = λ·(−x)'Σ(2a + x)
/// ```
///
/// whatever the true covariance `Σ`. Its bound is that of [`proven_covariance`]: it holds in 95 % of histories when
/// returns are independent from day to day and normal. Only the days on which every asset has a return of its own
/// count; completed returns are no evidence. `targets` and `trade` are fixed; they were chosen with the same histories,
/// which the bound does not account for.
pub(super) fn proven_benefit(
    admitted: &Admitted<'_>,
    surveyed: &Surveyed,
    proposed: &Proposed,
    trade: &[f64],
) -> Result<f64, NoProof> {
    let targets = match proposed.optimal() {
        Some(OptimalPlan { goal: OptimalGoal::MeanVariance { .. }, .. }) => return Err(NoProof::Forecasts),
        Some(OptimalPlan { reference, .. }) => reference,
        None => &proposed.targets,
    };
    let common = &surveyed.common;
    let panel = common.panel.as_ref().ok_or(NoProof::TooFewObservations)?;
    let panel = panel.tail(common.evidence(admitted).observed());
    let current = admitted.current();
    let given: Vec<f64> = common.columns.iter().map(|&i| -trade[i]).collect();
    let both: Vec<f64> = common.columns.iter().map(|&i| 2.0 * (current[i] - targets[i]) + trade[i]).collect();
    let series = |weights: &[f64]| panel.portfolio_returns(weights).map_err(|_| NoProof::TooFewObservations);
    let bound = proven_covariance(&series(&given)?, &series(&both)?, LEVEL).map_err(|_| NoProof::TooFewObservations)?;
    let annual = admitted.config.objective.price_of_variance() * RiskOptions::default().periods_per_year;
    bound.map(|bound| annual * bound).filter(|benefit| *benefit > 0.0).ok_or(NoProof::NotProven)
}
