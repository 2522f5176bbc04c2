//! The rebalancing problem as a convex programme: solved, certified, priced, and repaired when infeasible.
//!
//! A book holds weights `w0`. One objective weighs risk, expected return, proportional cost and market impact, under
//! limits on budget, bounds, groups, turnover, leverage and tracking error. [`solve()`] finds the optimal weights with
//! a structured interior point and a polish, and proves them optimal with a lower bound that anyone can recompute
//! ([`verify`]). Every binding limit gets a price. When no portfolio satisfies the limits, the outcome has no weights.
//! It has the conflicting limits, a proof, and the smallest relaxation as a problem ready to be solved.
//!
//! ```
//! use optimizer::{RebalanceOutcome, RebalanceProblem, RiskModel, SolveOptions, solve, verify};
//!
//! let model = RiskModel::dense(&[[0.04, 0.01], [0.01, 0.02]])?;
//! let problem = RebalanceProblem {
//!     w0: vec![0.9, 0.1],
//!     turnover_limit: Some(0.2),
//!     cost_linear: Some(vec![0.001, 0.001]),
//!     ..RebalanceProblem::long_only(vec![0.06, 0.05], 3.0)
//! };
//! let RebalanceOutcome::Optimal(s) = solve(&problem, &model, &SolveOptions::default())? else { panic!() };
//! // The cap lets 10 % change hands each way.
//! assert!((s.weights[0] - 0.8).abs() < 1e-12 && verify(&problem, &model, &s)?.valid);
//! // One more unit of turnover moves half a unit from the first asset to the second: variance falls by
//! // 2·(0.034 − 0.012)/2 a unit, times 3, less 0.01/2 of return and the cost of 0.001.
//! assert!((s.constraint_prices[0].multiplier - (0.066 - 0.005 - 0.001)).abs() < 1e-12);
//! # Ok::<(), optimizer::OptimizerError>(())
//! ```
//!
//! - [`RebalanceProblem`], [`RiskModel`]: the question. Every function that takes a risk model also takes a
//!   `portfolio_core::Covariance`, and [`RebalanceProblem::with_costs`] reads a `portfolio_core::CostModel`.
//! - [`solve()`], [`SolveOptions`], [`RebalanceOutcome`]: the answer. [`OptimalityCertificate`] is its proof,
//!   [`ConstraintPrice`] the price of a limit in units of the [`Objective`], [`Infeasibility`] the reason why there is
//!   no answer.
//! - [`verify`], [`verify_infeasible`]: checks that solve nothing.
//! - [`allocate()`] and the functions it calls: minimum variance, maximum Sharpe, frontier, risk parity, hierarchical
//!   risk parity, minimum CVaR and EVaR.
//! - [`no_trade_intervals`]: the weights of each asset between which no trade of it pays.
//! - [`solve_path`]: a plan over several periods, of which the first step is traded.
//! - [`black_litterman`]: expected returns from views.
//!
//! # Features
//! - `conic`: adds the solver `clarabel`. It diagnoses and repairs contradictory limits, tries again where the crate's
//!   own engine proves no optimum, and provides `min_cvar95`, `min_evar95` and the independent check `ConicReference`.
//!   Without it these end in [`OptimizerError::NeedsConic`]. The answers that the crate's own engine proves are the
//!   same to the bit with and without it.
//! - `openapi`: schemas of the result types.
//!
//! # Inside
//! `program` is the problem as the engines see it. `structured` solves it: first `interior` (start, Newton system,
//! loop), then `polish` (the equations of an `active_set`, and their corrections). `lagrangian` bounds the objective
//! from multipliers, `certificate` and `prices` report, `infeasible` diagnoses and repairs, `fallback` calls `conic`.
//! `cost` holds everything about the cost of one trade, `tolerance` every fixed tolerance, `words` every sentence.
//!
//! A new limit on a weighted sum of weights touches four files: `problem.rs` (the member and its check), `linear_limit.rs`
//! (row, slack, price, repair), `limits.rs` (name, multiplier, slack on the wire) and `words.rs`.

#![expect(clippy::needless_range_loop, reason = "kernels walk several arrays of one length by one index")]

mod active_set;
mod allocate;
mod black_litterman;
mod certificate;
mod cholesky;
#[cfg(feature = "conic")]
mod conic;
mod cost;
mod decimals;
mod error;
mod fallback;
mod hessian;
mod infeasible;
mod interior;
mod lagrangian;
mod limits;
mod linear_limit;
mod model;
mod multi_period;
mod multipliers;
mod no_trade;
mod objective;
mod outcome;
mod polish;
mod prices;
mod problem;
mod program;
mod settings;
mod shortfall;
mod solve;
mod structured;
mod terms;
mod tolerance;
mod vector;
mod verify;
mod words;

/// The example of the README, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The examples of the guide, as tests: one of them diagnoses a contradiction.
#[cfg(all(doctest, feature = "conic"))]
#[doc = include_str!("../../../docs/optimizer.md")]
struct Guide;

pub use allocate::{
    AllocationAnswer, AllocationInput, AllocationMethod, AllocationOutcome, AllocationPortfolio, FrontierPoint,
    HierarchicalLinkage, WeightBounds, allocate, efficient_frontier, hierarchical_risk_parity, max_diversification,
    max_sharpe, max_utility, min_variance, risk_parity,
};
#[cfg(feature = "conic")]
pub use allocate::{min_cvar95, min_evar95};
pub use black_litterman::{BlackLittermanPosterior, InvestorViews, black_litterman, equilibrium_returns};
pub use certificate::OptimalityCertificate;
#[cfg(feature = "conic")]
pub use conic::ConicReference;
pub use error::{ConicPurpose, OptimizerError, RisklessCause};
pub use infeasible::{Infeasibility, InfeasibilityProof, LimitRelaxation, Repair};
pub use limits::{DualValues, Limit, LimitSlacks, NamedSlack};
pub use model::{AsRiskModel, RiskModel, RiskModelParts};
pub use multi_period::{
    MultiPeriodProblem, MultiPeriodSolution, PathConflict, PathLimitPrices, PathLimits, path_conflict, solve_path,
    verify_path,
};
pub use no_trade::{HeldBook, NoInterval, NoTradeInterval, no_trade_intervals};
pub use objective::Objective;
pub use outcome::{Engine, RebalanceOutcome, RebalanceSolution};
pub use prices::ConstraintPrice;
pub use problem::{ExposureLimit, GroupLimit, RebalanceProblem, RestrictionKind, TradeRestriction};
pub use settings::SolveOptions;
pub use solve::{solve, solve_near};
pub use terms::ObjectiveTerms;
pub use verify::{SolutionVerification, verify, verify_infeasible};
