//! How predictable a policy's trades are, and what it costs to make them less so.
//!
//! Others can trade ahead of a rule that trades at the end of the month, or when a public index has moved far enough.
//! This module replays a policy over a history and measures how much of the variance of its trades is explained by an
//! observer who knows the targets, the bands, the calendar, the returns, and all of the policy except the seed of its
//! [`Staggering`].
//!
//! The observer replays the policy without staggering (the replica) and runs two regressions over all sessions `t`:
//!
//! | explained | by |
//! |---|---|
//! | whether the policy trades after close `t` | whether the replica trades then; how often it traded in the window of the staggering; its drift `½·Σ\|d\|` before the trade; first session of a month, of a quarter |
//! | by how much it trades asset `i` after close `t` | the replica's trade of `i` then; its trades of `i` in the window; its drift of `i`; that drift on the first session of a month, of a quarter |
//!
//! Sizes are weights traded, zero on sessions without a trade, with all assets in one regression. Both results are
//! in-sample least-squares R²: a lower bound on what a better model could explain, and an upper bound on what this
//! model would explain out of sample. Without staggering the replica equals the policy, so both are 1: a public rule is
//! fully predictable.
//!
//! The observer does not see the policy's own trades, so the replica and the staggered book diverge over time. An
//! observer who sees the holdings knows when a trade is pending: with rare trades and a window of `D` sessions this
//! explains about `(1 + 1/2 + … + 1/(D + 1))/(D + 1)` of the variance of the dates, 0.17 for `D` = 20.
//!
//! On the prices in `data/`, with 5/25 bands, trades half way to the edge (`κ` = ½, shifted by up to ¼), a window of 20
//! sessions, `γ` = 5, and the mean of seeds 1 to 20 (`cargo test -p portfolio-core --test footprint -- --nocapture`):
//!
//! | policy | trades | R² of dates | R² of sizes | extra tracking cost, bp a year |
//! |---|---|---|---|---|
//! | 60/40, 1999–2005, on a breach | 8 | 0.033 | 0.039 | 0.52 |
//! | 60/40, on a breach seen on the first session of a month | 7 | 0.023 | 0.028 | 0.23 |
//! | 60/40, on the first session of a month | 26 | 0.013 | 0.027 | 0.05 |
//! | four equal stocks, 2010–2019, on a breach | 23 | 0.011 | 0.018 | 0.13 |
//! | four equal stocks, on a breach seen on the first session of a month | 19 | 0.013 | 0.017 | 0.48 |
//! | four equal stocks, on the first session of a month | 79 | 0.006 | 0.024 | 0.00 |
//!
//! No single seed of the twenty has an R² above 0.08 or an extra cost above 0.96 bp.
//!
//! # Reference
//! Harvey, Mazzoleni and Melone (2025), "The Unintended Consequences of Rebalancing", SSRN 5122748.

mod policy;
mod predictors;
mod regression;
mod replay;
mod staggering;

pub use policy::FootprintPolicy;
pub use staggering::{StaggerDraw, StaggeredTrade, Staggering};

use crate::{CoreError, ReturnPanel};
use predictors::Outsider;
use replay::{History, Replay, replay};

/// The footprint of a policy with and without staggering.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FootprintReport {
    /// Trades when they are due.
    pub plain: PolicyFootprint,
    /// Trades on the days and in the sizes that the staggering draws.
    pub staggered: PolicyFootprint,
}

impl FootprintReport {
    /// What staggering adds to the cost of tracking, basis points a year; negative when the staggered replay tracked
    /// closer.
    #[must_use]
    pub fn extra_tracking_cost_bps_annual(&self) -> f64 {
        self.staggered.tracking_cost_bps_annual - self.plain.tracking_cost_bps_annual
    }
}

/// How predictable the trades of one replay are, and what they cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PolicyFootprint {
    /// Sessions with a trade.
    pub trade_dates: usize,
    /// Share of the variance of the trade dates that the observer explains; `None` without a trade.
    pub date_r_squared: Option<f64>,
    /// Share of the variance of the trade sizes that the observer explains; `None` without a trade.
    pub size_r_squared: Option<f64>,
    /// Root mean square of the return in excess of that of the targets, a fraction a year.
    pub tracking_error_annual: f64,
    /// `½·γ·TE²`, basis points a year.
    pub tracking_cost_bps_annual: f64,
    /// Cost rate times the sum of all trades, bought and sold, basis points a year.
    pub trading_cost_bps_annual: f64,
}

/// Replays a policy over a history, with and without staggering, and measures how predictable it is.
///
/// `panel`: returns with dates, all histories of full length; its dates are the sessions. The book starts at its targets.
/// Cost: `O(T·N)` for each of the two replays.
///
/// # Errors
/// [`CoreError::Lengths`] when targets and assets, or the lengths of the histories, differ; [`CoreError::NoDates`] for a
/// panel without dates or without a session; the errors of [`FootprintPolicy::check`] and [`Staggering::check`].
pub fn measure_footprint(
    policy: &FootprintPolicy,
    panel: &ReturnPanel,
    staggering: &Staggering,
) -> Result<FootprintReport, CoreError> {
    policy.check()?;
    staggering.check()?;
    if policy.targets.len() != panel.assets() {
        return Err(CoreError::Lengths { expected: panel.assets(), got: policy.targets.len() });
    }
    if panel.common_periods() != panel.periods() {
        return Err(CoreError::Lengths { expected: panel.periods(), got: panel.common_periods() });
    }
    let dates = panel.dates().filter(|dates| !dates.is_empty()).ok_or(CoreError::NoDates)?;
    let history = History { dates, columns: panel.columns().collect() };
    let replica = replay(policy, &history, None);
    let staggered = replay(policy, &history, Some(staggering));
    let outsider = Outsider::new(dates, &replica, staggering.window_sessions);
    let measured = |of: &Replay| footprint_of(of, &outsider, policy, dates);
    Ok(FootprintReport { plain: measured(&replica), staggered: measured(&staggered) })
}

fn footprint_of(
    replay: &Replay,
    outsider: &Outsider<'_>,
    policy: &FootprintPolicy,
    dates: &[crate::NaiveDate],
) -> PolicyFootprint {
    const DAYS_A_YEAR: f64 = 365.25;
    const BPS: f64 = 10_000.0;
    let span = dates.last().zip(dates.first()).map_or(0, |(last, first)| (*last - *first).num_days());
    // One session stands for one day.
    let years = (span + 1) as f64 / DAYS_A_YEAR;
    let active: f64 = replay.active_returns.iter().map(|r| r * r).sum();
    let traded: f64 = replay.trades.iter().flatten().map(|trade| trade.abs()).sum();
    let variance_annual = active / years;
    PolicyFootprint {
        trade_dates: (0..dates.len()).filter(|session| replay.traded(*session)).count(),
        date_r_squared: outsider.explains_dates(replay),
        size_r_squared: outsider.explains_sizes(replay),
        tracking_error_annual: variance_annual.sqrt(),
        tracking_cost_bps_annual: BPS * policy.risk_aversion * variance_annual / 2.0,
        trading_cost_bps_annual: BPS * policy.cost_rate * traded / years,
    }
}
