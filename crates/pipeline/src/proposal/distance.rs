//! Whether a plan takes the book further from its policy.

use portfolio_core::{Action, Intent, TradePlan};

use crate::admitted::Admitted;
use crate::error::PipelineError;
use crate::limit_check::{CheckReason, LimitCheck, LimitPoint, Measure};
use crate::limits::Severity;
use crate::market_data::CommonHistory;
use crate::risk_stage::PolicyActiveRisk;

/// By how much the plan takes the book further from its policy; `None` if it does not, by at least a basis point.
///
/// The distance is the tracking error to the policy, and the active share where the histories give none. Cash that was asked
/// for is on its way out: the book that remains is compared.
pub(super) fn further(
    admitted: &Admitted<'_>,
    common: &CommonHistory,
    before: &PolicyActiveRisk,
    trades: &TradePlan,
    after: &PolicyActiveRisk,
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
            (by >= 1.0).then_some(CheckReason::FurtherFromPolicy { by_bps: by as u32 })
        }
        _ => {
            let by = bps(after.active_share - before.active_share);
            (by >= 1.0).then_some(CheckReason::LargerActiveShare { by_bps: by as u32 })
        }
    })
}

/// Makes the check of the tracking error after the plan critical, for this reason.
pub(super) fn flag(checks: &mut [LimitCheck], reason: CheckReason) {
    for check in checks {
        if (check.measure, check.point) == (Measure::TrackingError, LimitPoint::After) {
            *check = check.clone().at_least(Severity::Critical, reason);
        }
    }
}
