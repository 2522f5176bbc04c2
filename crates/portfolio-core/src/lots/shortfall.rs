//! A starting plan: missing cash is raised by sales.

use super::search::search;
use super::{LotAsset, LotError, LotOptions, LotProblem};

/// A plan within all limits: no trade, or sales that raise the cash to its minimum.
pub(super) fn raise_cash(problem: &LotProblem<'_>, options: &LotOptions) -> Result<Vec<i64>, LotError> {
    let none = vec![0; problem.assets.len()];
    if problem.cash >= problem.cash_least {
        return Ok(none);
    }
    // With no goals but the missing cash, the deviation is half of what stays missing.
    let sale = |asset: &LotAsset| LotAsset {
        goal: 0.0,
        weight: 0.0,
        most: asset.most.min(0),
        least: asset.least.min(0),
        ..*asset
    };
    let assets: Vec<LotAsset> = problem.assets.iter().map(sale).collect();
    let missing = LotProblem {
        assets: &assets,
        cash_least: f64::NEG_INFINITY,
        cash_goal: problem.cash_least,
        idle_weight: 0.0,
        short_weight: 1.0,
        cost_weight: 0.0,
        ..*problem
    };
    let roundoff = 1e-12 * problem.scale();
    // How much is missing at least may be known within the gap; that something is missing has to be certain.
    let plan = search(&missing, options, none, roundoff);
    let shortfall = 2.0 * plan.deviation;
    if shortfall > roundoff {
        return Err(LotError::Infeasible { shortfall });
    }
    Ok(plan.lots)
}
