//! The distance of weights from the policy, and the contribution of each asset to the tracking error.

use risk::{RiskError, RiskOptions, UnavailableReason, active_risk, active_share};
use serde::Serialize;

use crate::market_data::CommonHistory;

/// The distance of weights from the policy, with the contribution of each asset to the tracking error.
///
/// The tracking error is measured against the target weights, on the histories as one panel, both sides rebalanced
/// daily, whether or not a benchmark was sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyActiveRisk {
    /// Half the sum of the absolute differences to the target weights, cash included: a fraction, 0 on the targets.
    #[cfg_attr(feature = "openapi", schema(example = 0.08))]
    pub active_share: f64,
    /// Annualised tracking error to the target weights, a fraction, never negative; null when the histories are too short.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.012))]
    pub tracking_error: Option<f64>,
    /// The contribution of each asset to the tracking error, in input order, a fraction: the contributions sum to it,
    /// and an asset with a negative one hedges the others. Null with the tracking error.
    #[cfg_attr(feature = "openapi", schema(required = true, example = json!([0.009, 0.003])))]
    pub contributions: Option<Vec<f64>>,
    /// Why the figures are null; null when they are not.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub reason: Option<UnavailableReason>,
}

impl PolicyActiveRisk {
    /// The distance of `weights` from `policy`, one entry per asset of the book each.
    pub(crate) fn of(common: &CommonHistory, weights: &[f64], policy: &[f64]) -> Result<Self, RiskError> {
        let active_share = active_share(weights, policy)?;
        let absent = |reason| Self { active_share, tracking_error: None, contributions: None, reason: Some(reason) };
        let Some(panel) = &common.panel else { return Ok(absent(UnavailableReason::TooFewReturns)) };
        let columns: Vec<&[f64]> = panel.columns().collect();
        let held = |weights: &[f64]| -> Vec<f64> { common.columns.iter().map(|&asset| weights[asset]).collect() };
        let active = active_risk(&columns, &held(weights), &held(policy), &RiskOptions::default())?;
        let reason = |metric| active.unavailable.iter().find(|missing| missing.metric == metric).map(|u| u.reason);
        if let Some(reason) = reason("tracking_error") {
            return Ok(absent(reason));
        }
        let components = match (active.component_tracking_error, reason("component_tracking_error")) {
            (Some(components), _) => components,
            // A zero tracking error has zero contributions.
            (None, Some(UnavailableReason::ZeroTrackingError)) => vec![0.0; columns.len()],
            (None, other) => return Ok(absent(other.unwrap_or(UnavailableReason::Overflow))),
        };
        // An asset outside the panel is neither held nor in the policy.
        let mut contributions = vec![0.0; weights.len()];
        for (&asset, component) in common.columns.iter().zip(components) {
            contributions[asset] = component;
        }
        Ok(Self {
            active_share,
            tracking_error: active.tracking_error,
            contributions: Some(contributions),
            reason: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;

    #[test]
    fn contributions_share_out_the_distance_from_the_policy() {
        let case = Case::pair();
        let lent = case.lend();
        let (admitted, surveyed) = (lent.admitted(), lent.surveyed());
        let active = PolicyActiveRisk::of(&surveyed.common, admitted.current(), admitted.target()).unwrap();
        let sum: f64 = active.contributions.as_ref().unwrap().iter().sum();
        assert!(active.active_share > 0.0 && sum > 0.0);
        assert!((sum - active.tracking_error.unwrap()).abs() < 1e-15);
        // Without a benchmark it equals the tracking error among the risk figures.
        assert!((sum - lent.assessed().now().tracking_error.unwrap()).abs() < 1e-12);
    }

    #[test]
    fn on_the_policy_nothing_contributes() {
        let case = Case::pair();
        let lent = case.lend();
        let (admitted, surveyed) = (lent.admitted(), lent.surveyed());
        let active = PolicyActiveRisk::of(&surveyed.common, admitted.target(), admitted.target()).unwrap();
        let nothing = PolicyActiveRisk {
            active_share: 0.0,
            tracking_error: Some(0.0),
            contributions: Some(vec![0.0; 2]),
            reason: None,
        };
        assert_eq!(active, nothing);
    }

    #[test]
    fn without_a_history_the_active_share_remains() {
        let mut case = Case::pair();
        case.returns[0].clear();
        let lent = case.lend();
        let (admitted, surveyed) = (lent.admitted(), lent.surveyed());
        let active = PolicyActiveRisk::of(&surveyed.common, admitted.current(), admitted.target()).unwrap();
        assert!(active.active_share > 0.0 && active.contributions.is_none());
        assert_eq!(active.reason, Some(UnavailableReason::TooFewReturns));
    }
}
