//! The rebalancing problem as a convex programme: solved, certified, priced, repaired when infeasible.

#![expect(clippy::needless_range_loop, reason = "kernels walk several arrays of one length by one index")]

mod allocate;
mod black_litterman;
mod certificate;
mod conic;
mod error;
mod infeasible;
mod interior;
mod limits;
mod linear;
mod model;
mod outcome;
mod polish;
mod problem;
mod program;
mod solve;
mod verify;

pub use allocate::{
    AllocationAnswer, AllocationInput, AllocationMethod, AllocationOutcome, AllocationPortfolio, FrontierPoint,
    HierarchicalLinkage, WeightBounds, allocate, efficient_frontier, hierarchical_risk_parity, max_diversification,
    max_sharpe, max_utility, min_cvar95, min_evar95, min_variance, risk_parity,
};
pub use black_litterman::{BlackLittermanPosterior, InvestorViews, black_litterman, equilibrium_returns};
pub use certificate::{LimitSlacks, NamedSlack, OptimalityCertificate};
pub use conic::ConicReference;
pub use error::OptimizerError;
pub use infeasible::{Infeasibility, InfeasibilityProof, Relaxation, Repair};
pub use limits::{ConstraintPrice, Limit};
pub use model::{RiskModel, RiskModelParts};
pub use outcome::{Engine, RebalanceOutcome, RebalanceSolution};
pub use problem::{ExposureLimit, GroupLimit, RebalanceProblem, RestrictionKind, TradeRestriction};
pub use program::{DualValues, ObjectiveTerms};
pub use solve::{SolveOptions, solve};
pub use verify::{SolutionVerification, verify, verify_infeasible};
