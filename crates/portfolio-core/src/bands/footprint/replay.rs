//! A policy replayed over a history: its drifts, its trades, its deviation from the targets.

use chrono::NaiveDate;

use super::{FootprintPolicy, StaggeredTrade, Staggering};
use crate::bands::calendar::SessionList;
use crate::bands::destination;
use crate::bands::timing::Looks;
use crate::drift::exceeds_band;

/// Returns by session and asset, with the dates on which the sessions end.
pub(super) struct History<'a> {
    pub(super) dates: &'a [NaiveDate],
    pub(super) columns: Vec<&'a [f64]>,
}

/// The result of a replay.
pub(super) struct Replay {
    /// Drift of each asset at the close of each session, before a trade.
    pub(super) drifts: Vec<Vec<f64>>,
    /// Trade of each asset after that close, as a change of its weight; zeros without one.
    pub(super) trades: Vec<Vec<f64>>,
    /// Return of the book minus that of the targets, each session.
    pub(super) active_returns: Vec<f64>,
}

impl Replay {
    pub(super) fn traded(&self, session: usize) -> bool {
        self.trades[session].iter().any(|trade| *trade != 0.0)
    }
}

/// Replays the policy from its targets. A trade that is due happens at the close of its session, or as many sessions
/// later as the staggering draws; while a trade is pending no other becomes due.
pub(super) fn replay(policy: &FootprintPolicy, history: &History<'_>, staggering: Option<&Staggering>) -> Replay {
    let sessions = SessionList::new(history.dates.iter().copied());
    let mut weights = policy.targets.clone();
    let mut breaches = Vec::with_capacity(history.dates.len());
    let mut last_trade = None;
    let mut pending: Option<StaggeredTrade> = None;
    let mut done = Replay { drifts: Vec::new(), trades: Vec::new(), active_returns: Vec::new() };
    for (session, today) in history.dates.iter().enumerate() {
        let returns: Vec<f64> = history.columns.iter().map(|column| column[session]).collect();
        done.active_returns.push(active_return(&weights, &policy.targets, &returns));
        weights = grown(&weights, &returns);
        done.drifts.push(weights.iter().zip(&policy.targets).map(|(w, t)| w - t).collect());
        breaches.push(weights.iter().zip(&policy.targets).any(|(w, t)| policy.rule.is_breached(*w, *t)));

        let looks = Looks { today: *today, last_trade, breaches: &breaches };
        if pending.is_none() && policy.timing.due(&looks, &sessions).is_due {
            let plain = StaggeredTrade { on: Some(*today), kappa: policy.kappa };
            pending = Some(staggering.map_or(plain, |staggering| staggering.trade(*today, policy.kappa, &sessions)));
        }
        let due = pending.take_if(|trade| trade.on == Some(*today));
        let traded = due.map_or_else(|| weights.clone(), |trade| rebalanced(&weights, policy, trade.kappa));
        let trades: Vec<f64> = traded.iter().zip(&weights).map(|(after, before)| after - before).collect();
        if trades.iter().any(|trade| *trade != 0.0) {
            last_trade = Some(*today);
        }
        done.trades.push(trades);
        weights = traded;
    }
    done
}

fn active_return(weights: &[f64], targets: &[f64], returns: &[f64]) -> f64 {
    weights.iter().zip(targets).zip(returns).map(|((w, t), r)| (w - t) * r).sum()
}

/// The weights after a session without a trade; a book that lost everything keeps them.
fn grown(weights: &[f64], returns: &[f64]) -> Vec<f64> {
    let values: Vec<f64> = weights.iter().zip(returns).map(|(w, r)| w * (1.0 + r)).collect();
    let total: f64 = values.iter().sum();
    if total > 0.0 { values.iter().map(|value| value / total).collect() } else { weights.to_vec() }
}

/// Every asset at its destination. A surplus or deficit is shared in proportion to the destinations.
fn rebalanced(weights: &[f64], policy: &FootprintPolicy, kappa: f64) -> Vec<f64> {
    let moved = |(w, t): (&f64, &f64)| destination(*t, w - t, policy.rule.half_width(*t), kappa);
    let outside = |(w, t): (&f64, &f64)| exceeds_band(w - t, kappa * policy.rule.half_width(*t));
    if !weights.iter().zip(&policy.targets).any(outside) {
        return weights.to_vec();
    }
    let raw: Vec<f64> = weights.iter().zip(&policy.targets).map(moved).collect();
    let total: f64 = raw.iter().sum();
    if total > 0.0 { raw.iter().map(|w| w / total).collect() } else { weights.to_vec() }
}
