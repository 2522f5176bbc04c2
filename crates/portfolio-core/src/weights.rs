//! Interprets raw weights: policies for sums other than one, and an order to liquidate.

use crate::{CoreError, Intent, WeightSide};

/// What to do with weights that do not sum to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WeightPolicy {
    /// Scale them to sum to one and report it: the book is fully invested.
    #[default]
    Normalize,
    /// The remainder is cash; sums above one are rejected.
    CashRemainder,
    /// Sums further than 1e-6 from one are rejected.
    Strict,
}

/// Resolved target and current weights; each side sums to one together with its cash.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedWeights {
    /// Target weight of each asset, a fraction of NAV.
    pub target: Vec<f64>,
    /// Current weight of each asset, a fraction of NAV.
    pub current: Vec<f64>,
    /// `1 − Σ target`, 0 for a fully invested policy.
    pub target_cash: f64,
    /// `1 − Σ current`; 1 when nothing is held.
    pub current_cash: f64,
    /// The sums as given (target, current), when at least one side was scaled.
    pub normalized_from: Option<(f64, f64)>,
}

/// How far a sum of weights may be from one before it is rejected.
const SUM_TOLERANCE: f64 = 1e-6;
/// A sum this close to one counts as one: scaling would only add noise to decimal weights.
const EXACT: f64 = 1e-12;
/// Scaling by less than this is rounding noise of the sum and not worth a warning.
const REPORTED: f64 = 1e-9;

/// Interprets raw target and current weights under a policy.
///
/// Both slices: length `N`, non-negative, in any common unit under [`WeightPolicy::Normalize`] (30 and 10 are 0.75 and
/// 0.25), fractions otherwise. All current weights zero means all cash under every policy.
///
/// Under [`Intent::Liquidate`] all targets are zero; otherwise at least one is not. An unfilled form looks the same as
/// an order to sell everything, so a liquidation must be requested explicitly.
///
/// # Errors
/// [`CoreError`] for mismatched lengths, a negative or non-finite weight, all-zero targets (or other targets under
/// [`Intent::Liquidate`]), or a sum the policy rejects.
///
/// # Example
/// ```
/// use portfolio_core::{Intent, WeightPolicy, resolve_weights};
///
/// let w = resolve_weights(&[0.6, 0.3], &[0.5, 0.3], WeightPolicy::CashRemainder, Intent::Rebalance)?;
/// assert!((w.target_cash - 0.1).abs() < 1e-12 && (w.current_cash - 0.2).abs() < 1e-12);
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
pub fn resolve_weights(
    target: &[f64],
    current: &[f64],
    policy: WeightPolicy,
    intent: Intent,
) -> Result<ResolvedWeights, CoreError> {
    if target.len() != current.len() || target.is_empty() {
        return Err(CoreError::Lengths { expected: target.len().max(1), got: current.len() });
    }
    let target_sum = sum(target, WeightSide::Target)?;
    let current_sum = sum(current, WeightSide::Current)?;
    match (intent == Intent::Liquidate, target_sum == 0.0) {
        (false, true) => return Err(CoreError::AllTargetsZero),
        (true, false) => return Err(CoreError::TargetsInLiquidation),
        (false, false) | (true, true) => {}
    }
    let (target, target_scaled) = resolve(target, target_sum, policy, WeightSide::Target)?;
    let (current, current_scaled) = resolve(current, current_sum, policy, WeightSide::Current)?;
    Ok(ResolvedWeights {
        target_cash: cash(&target),
        current_cash: cash(&current),
        target,
        current,
        normalized_from: (target_scaled || current_scaled).then_some((target_sum, current_sum)),
    })
}

fn sum(weights: &[f64], side: WeightSide) -> Result<f64, CoreError> {
    if let Some(asset) = weights.iter().position(|w| !w.is_finite() || *w < 0.0) {
        return Err(CoreError::Weight { side, asset, value: weights[asset] });
    }
    let total: f64 = weights.iter().sum();
    if total.is_finite() { Ok(total) } else { Err(CoreError::WeightSum { side, sum: total }) }
}

/// The weights under the policy, and whether they were scaled by more than rounding.
fn resolve(weights: &[f64], total: f64, policy: WeightPolicy, side: WeightSide) -> Result<(Vec<f64>, bool), CoreError> {
    let off = (total - 1.0).abs();
    if total == 0.0 || off <= EXACT {
        return Ok((weights.to_vec(), false));
    }
    let scaled = || weights.iter().map(|w| w / total).collect();
    match policy {
        WeightPolicy::Normalize => Ok((scaled(), off > REPORTED)),
        WeightPolicy::CashRemainder if total < 1.0 => Ok((weights.to_vec(), false)),
        WeightPolicy::CashRemainder | WeightPolicy::Strict if off <= SUM_TOLERANCE => Ok((scaled(), false)),
        WeightPolicy::CashRemainder | WeightPolicy::Strict => Err(CoreError::WeightSum { side, sum: total }),
    }
}

fn cash(weights: &[f64]) -> f64 {
    let rest = 1.0 - weights.iter().sum::<f64>();
    if rest > EXACT { rest } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizing_is_reported_with_the_sums() {
        let w = resolve_weights(&[30.0, 10.0], &[1.0, 1.0], WeightPolicy::Normalize, Intent::Rebalance).unwrap();
        assert_eq!(w.target, [0.75, 0.25]);
        assert_eq!(w.normalized_from, Some((40.0, 2.0)));
        let same = resolve_weights(&[0.7, 0.3], &[0.1, 0.9], WeightPolicy::Normalize, Intent::Rebalance).unwrap();
        assert_eq!(same.normalized_from, None);
    }

    #[test]
    fn nothing_held_is_all_cash_under_every_policy() {
        for policy in [WeightPolicy::Normalize, WeightPolicy::CashRemainder, WeightPolicy::Strict] {
            let w = resolve_weights(&[0.5, 0.5], &[0.0, 0.0], policy, Intent::Rebalance).unwrap();
            assert_eq!((w.current_cash, w.target_cash), (1.0, 0.0));
        }
    }

    #[test]
    fn sums_above_one_are_refused_where_the_rest_is_cash() {
        let over = resolve_weights(&[0.7, 0.4], &[0.5, 0.5], WeightPolicy::CashRemainder, Intent::Rebalance);
        assert!(matches!(over, Err(CoreError::WeightSum { side: WeightSide::Target, .. })));
        let strict = resolve_weights(&[0.5, 0.5], &[0.5, 0.4], WeightPolicy::Strict, Intent::Rebalance);
        assert!(matches!(strict, Err(CoreError::WeightSum { side: WeightSide::Current, .. })));
        // The sum of printed weights may differ from one by their rounding.
        assert!(resolve_weights(&[0.5, 0.500_000_5], &[1.0, 0.0], WeightPolicy::Strict, Intent::Rebalance).is_ok());
    }

    #[test]
    fn selling_everything_has_to_be_said() {
        let zero = resolve_weights(&[0.0, 0.0], &[0.5, 0.5], WeightPolicy::Normalize, Intent::Rebalance);
        assert_eq!(zero, Err(CoreError::AllTargetsZero));
        let w = resolve_weights(&[0.0, 0.0], &[0.5, 0.5], WeightPolicy::Normalize, Intent::Liquidate).unwrap();
        assert_eq!(w.target_cash, 1.0);
        let both = resolve_weights(&[0.1, 0.0], &[0.5, 0.5], WeightPolicy::Normalize, Intent::Liquidate);
        assert_eq!(both, Err(CoreError::TargetsInLiquidation));
    }
}
