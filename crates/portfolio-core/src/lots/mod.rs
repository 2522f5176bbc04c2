//! Trades in whole lots: the plan closest to the goals, with a proof of how close any plan could be.
//!
//! Shares trade in lots, small tickets are not worth their fee, and the number of tickets has a limit. [`fit_lots`]
//! rounds the wanted trades to allowed trades, and rounds all assets together: what one asset leaves is spent on
//! another. The search is a branch and bound whose bounds come from prices of cash and turnover.

mod account;
mod branch;
mod domain;
mod dual;
mod error;
mod limits;
mod options;
mod outline;
mod plan;
mod problem;
mod repair;
mod search;
mod shortfall;

pub use error::LotError;
pub use options::LotOptions;
pub use plan::LotPlan;
pub use problem::{LotAsset, LotProblem};

/// The trades in whole lots that leave the least deviation from their goals, and a lower bound on it.
///
/// The objective is stated at [`LotProblem`]. Every plan satisfies the limits on cash, budget, tickets and each asset.
/// When there is less cash than must remain, sales make up for it. Among the plans it finds with the same deviation, up
/// to `1e-9` of the amounts involved, the search keeps the one with the lower cost, then the smaller sum of squared
/// deviations, then fewer tickets. The same problem gives the same plan.
///
/// Cost: a few passes over the assets per node of the search; the number of lots does not matter.
///
/// # Errors
/// [`LotError::Asset`] and [`LotError::OutOfRange`] for a value outside its range; [`LotError::Cost`] for a cost that is
/// negative or not finite; [`LotError::Infeasible`] when no allowed sales raise the cash to `cash_least`.
///
/// # Example
/// ```
/// use portfolio_core::{LotAsset, LotOptions, LotProblem, fit_lots};
///
/// // 100 to spend: 62 on lots of 25, 38 on lots of 10.
/// let asset = |goal, step| LotAsset { goal, step, least: 0, most: 1_000, min_value: 0.0, weight: 1.0 };
/// let problem = LotProblem {
///     assets: &[asset(62.0, 25.0), asset(38.0, 10.0)],
///     cash: 100.0,
///     cash_least: 0.0,
///     cash_goal: 0.0,
///     idle_weight: 1.0,
///     short_weight: 1.0,
///     cost_weight: 0.0,
///     budget: None,
///     max_tickets: None,
///     cost: &|_, _| 0.0,
/// };
/// let plan = fit_lots(&problem, &LotOptions::default())?;
/// // 50 and 40 are 12 and 2 off and leave 10 idle: half of 24.
/// assert_eq!(plan.lots, [2, 4]);
/// assert_eq!((plan.deviation, plan.bound, plan.is_exact), (12.0, 12.0, true));
/// # Ok::<(), portfolio_core::LotError>(())
/// ```
pub fn fit_lots(problem: &LotProblem<'_>, options: &LotOptions) -> Result<LotPlan, LotError> {
    problem.check()?;
    for (i, domain) in domain::Domain::all(problem).iter().enumerate() {
        domain.check_costs(problem, i)?;
    }
    let start = shortfall::raise_cash(problem, options)?;
    Ok(search::search(problem, options, start, f64::NEG_INFINITY))
}
