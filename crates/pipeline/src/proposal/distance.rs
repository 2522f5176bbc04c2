//! Whether a plan takes the book further from its policy.

use portfolio_core::{Action, Intent, TradePlan, TradeReason, TradeSide};

use crate::admitted::Admitted;
use crate::error::PipelineError;
use crate::limit_check::{CheckReason, LimitCheck, LimitPoint, Measure};
use crate::limits::Severity;
use crate::market_data::CommonHistory;
use crate::obstacle;
use crate::risk_stage::{Doubt, PolicyActiveRisk};

use super::OptimalPlan;

/// By how much the plan takes the book further from its policy; `None` if it does not, by at least a basis point.
///
/// The distance is the tracking error to the policy, and the active share where the histories give none. Requested cash
/// is about to be withdrawn: the comparison uses the remaining book.
///
/// Where completed histories chose where the trades lead (`is_chosen`), whole ones might have led them further from the policy: unless the tracking
/// error falls by more than its own error and that of the trades (`doubt`), the reason says so.
pub(super) fn further(
    admitted: &Admitted<'_>,
    common: &CommonHistory,
    before: &PolicyActiveRisk,
    trades: &TradePlan,
    after: &PolicyActiveRisk,
    (is_chosen, doubt): (bool, Doubt),
) -> Result<Option<CheckReason>, PipelineError> {
    // Cash that was there already leaves whatever the plan does.
    if trades.rows.iter().all(|row| row.action == Action::Hold) {
        return Ok(None);
    }
    let remains = match admitted.config.rules.as_ref().map(|rules| rules.intent) {
        Some(Intent::RaiseCash { amount }) => {
            let leaving = (amount.minor() - trades.unraised.minor()) as f64 / trades.nav_after.minor() as f64;
            let kept = 1.0 - leaving;
            let weights: Vec<f64> = trades.rows.iter().map(|row| row.weight_after / kept).collect();
            // Nothing is left to compare if all of it leaves.
            if kept <= 0.0 || weights.iter().sum::<f64>() > 1.0 + 1e-9 {
                return Ok(None);
            }
            Some(PolicyActiveRisk::of(common, &weights, admitted.target())?)
        }
        _ => None,
    };
    let after = remains.as_ref().unwrap_or(after);
    let bps = |by: f64| (1e4 * by).round();
    Ok(match (before.tracking_error, after.tracking_error) {
        (Some(before), Some(after)) => {
            let by = bps(after - before);
            let is_open = is_chosen && doubt.critical > 0.0 && after * (1.0 + doubt.critical) > before;
            match by >= 1.0 {
                true => Some(CheckReason::FurtherFromPolicy { by_bps: by as u32 }),
                false => is_open.then_some(CheckReason::HistoriesChoseTrades),
            }
        }
        _ => {
            let by = bps(after.active_share - before.active_share);
            (by >= 1.0).then_some(CheckReason::LargerActiveShare { by_bps: by as u32 })
        }
    })
}

/// By how much a plan takes the book further from its policy, and why: what the intent asks for, and the rules that
/// prevent trades; for a plan by the optimal method (`is_solved`) that nothing else explains, its goal and limits.
pub(super) fn in_words(
    admitted: &Admitted<'_>,
    trades: &TradePlan,
    found: Option<&OptimalPlan>,
    reason: CheckReason,
) -> String {
    let rules = admitted.config.rules.as_ref();
    let held = trades.rows.iter().filter(|row| row.action == Action::Hold).map(|row| row.reason);
    let mut kept: Vec<TradeReason> = held.filter(|reason| *reason != TradeReason::OutsideIntent).collect();
    // An asset in its band may not trade either, and a row that trades may be kept from trading the other way.
    if let Some(rules) = rules {
        let buys = rules.intent.buys().then_some(TradeSide::Buy);
        let sides = buys.into_iter().chain(rules.intent.sells().then_some(TradeSide::Sell));
        kept.extend(sides.flat_map(|side| rules.permits.iter().filter_map(move |permit| permit.refusal(side))));
    }
    let asked = rules.and_then(|rules| of_intent(rules.intent));
    let mut causes = obstacle::joined(asked.into_iter().chain(kept.into_iter().filter_map(obstacle::in_words)));
    if causes.is_empty() {
        causes = match (found, &trades.tickets) {
            (Some(found), _) if found.reference != admitted.target() => {
                "the views of the forecasts that were asked for".to_owned()
            }
            (Some(_), _) => "the goal and the limits of the optimal method".to_owned(),
            (None, Some(_)) => "whole lots and the number and size of orders".to_owned(),
            (None, None) => return reason.to_string(),
        };
    }
    format!("{reason}, because of {causes}")
}

/// What an intent asks for, as a noun; `None` for a rebalance.
fn of_intent(intent: Intent) -> Option<&'static str> {
    match intent {
        Intent::Rebalance => None,
        Intent::InvestCash { .. } => Some("the cash to invest"),
        Intent::RaiseCash { .. } => Some("the cash to raise"),
        Intent::BuyOnly => Some("the intent to buy only"),
        Intent::SellOnly => Some("the intent to sell only"),
        Intent::Liquidate => Some("the liquidation"),
    }
}

/// Makes the check of the tracking error after the plan critical, for this reason.
pub(super) fn flag(checks: &mut [LimitCheck], reason: CheckReason) {
    for check in checks {
        if (check.measure, check.point) == (Measure::TrackingError, LimitPoint::After) {
            *check = check.clone().at_least(Severity::Critical, reason);
        }
    }
}
