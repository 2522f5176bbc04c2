//! The rebalancing problem as a convex programme: solved, certified, priced, and repaired when infeasible.
//!
//! A book stands at weights `w0`; risk, expected return, proportional cost and market impact are weighed in one
//! objective under budget, bounds, groups, turnover, leverage and a tracking-error cap. [`solve()`] finds the best
//! weights with a structured interior point and a polish, and proves them with a lower bound anyone can recompute
//! ([`verify`]); every binding limit gets a price. When no portfolio satisfies the limits there are no weights but the
//! limits in conflict, a proof, and the smallest relaxation, ready to be solved.
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
//! - [`RebalanceProblem`], [`RiskModel`]: what is asked. A `portfolio_core::Covariance` stands wherever a risk model does, and
//!   [`RebalanceProblem::with_costs`] reads a `portfolio_core::CostModel`.
//! - [`solve()`], [`SolveOptions`], [`RebalanceOutcome`]: the answer; [`OptimalityCertificate`], [`ConstraintPrice`] with the
//!   [`Objective`] it is a price in, [`Infeasibility`].
//! - [`verify`], [`verify_infeasible`]: checks without solving.
//! - [`allocate()`] and the functions it names: minimum variance, maximum Sharpe, frontier, risk parity, hierarchical
//!   risk parity, minimum CVaR and EVaR.
//! - [`black_litterman`]: expected returns from views.
//!
//! # Features
//! - `conic`: the solver `clarabel` beside the crate's own. With it, limits that contradict each other are diagnosed and
//!   repaired, what the own engine cannot prove is tried again, `min_cvar95` and `min_evar95` exist, and `ConicReference` is a
//!   second opinion. Without it these end in [`OptimizerError::NeedsConic`]; what the own engine proves is the same, to the bit.
//! - `openapi`: schemas of the result types.
//!
//! # Inside
//! `program` is the problem as the engines see it. `structured` solves it: `interior` (the start, the Newton system, the
//! loop), then `polish` (the equations of an `active_set`, their corrections). `lagrangian` bounds the objective from
//! multipliers, `certificate` and `prices` report, `infeasible` diagnoses and repairs, `fallback` asks `conic`. `cost` holds
//! everything about the cost of one trade, `tolerance` every fixed tolerance, `words` every sentence.
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
mod multipliers;
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
pub use objective::Objective;
pub use outcome::{Engine, RebalanceOutcome, RebalanceSolution};
pub use prices::ConstraintPrice;
pub use problem::{ExposureLimit, GroupLimit, RebalanceProblem, RestrictionKind, TradeRestriction};
pub use settings::SolveOptions;
pub use solve::solve;
pub use terms::ObjectiveTerms;
pub use verify::{SolutionVerification, verify, verify_infeasible};
