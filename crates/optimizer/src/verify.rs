//! Checks a solution, or a proof that there is none, without solving anything.

use serde::{Deserialize, Serialize};

use crate::OptimizerError;
use crate::certificate::certify;
use crate::error::check_vector;
use crate::infeasible::Infeasibility;
use crate::model::AsRiskModel;
use crate::multipliers::Multipliers;
use crate::outcome::RebalanceSolution;
use crate::prices::prices;
use crate::problem::RebalanceProblem;
use crate::program::Program;
use crate::shortfall::shortfall;
use crate::tolerance::{RESTATED, VERIFIED};
use crate::words;

/// The result of checking a solution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SolutionVerification {
    /// True when nothing is wrong.
    pub valid: bool,
    /// The duality gap as recomputed, in units of the objective.
    pub duality_gap: f64,
    /// The largest violation of a limit as recomputed.
    pub primal_violation: f64,
    /// What is wrong, in words; empty when valid.
    pub objections: Vec<String>,
}

/// Checks a solution against its problem without solving anything.
///
/// Everything is recomputed from the weights and the multipliers: the objective and its parts, every slack, the lower
/// bound on the objective, the prices and their sentences. The solution is invalid when a limit is violated or the gap
/// is open by more than `1e-6`, or when a stated figure differs from the recomputed one by more than `1e-9`. A weight,
/// a multiplier or a limit that was changed afterwards is therefore detected even if the result could still pass as
/// optimal.
///
/// # Errors
/// A malformed problem ([`RebalanceProblem::check`]), or a solution whose vectors have the wrong lengths.
pub fn verify(
    problem: &RebalanceProblem,
    model: &impl AsRiskModel,
    solution: &RebalanceSolution,
) -> Result<SolutionVerification, OptimizerError> {
    let model = model.as_risk_model();
    let model = &*model;
    problem.check()?;
    let n = problem.assets();
    if model.assets() != n {
        return Err(OptimizerError::LengthMismatch {
            what: "the risk model's assets",
            expected: n,
            got: model.assets(),
        });
    }
    check_vector("weights", &solution.weights, n)?;
    let stated = &solution.certificate;
    check_vector("group duals", &stated.duals.groups, problem.groups.len())?;
    check_vector("exposure duals", &stated.duals.exposures, problem.exposures.len())?;
    let program = Program::new(problem, model);
    let c = certify(problem, &program, &solution.weights, &Multipliers::from(&stated.duals));
    let fresh = &c.certificate;
    let mut objections = Vec::new();
    if program.relative_violation(&solution.weights) > VERIFIED {
        objections.push(format!("a limit is violated by {:.3e}", fresh.primal_violation));
    }
    let size = c.terms.size();
    if fresh.duality_gap.is_nan() || fresh.duality_gap > VERIFIED * size {
        objections.push(format!("the duality gap is {:.3e}", fresh.duality_gap));
    }
    let mut same = |what: &str, stated: f64, fresh: f64| {
        let off = (stated - fresh).abs();
        if off.is_nan() || off > RESTATED * fresh.abs().max(1.0) {
            objections.push(format!("{what} is stated as {stated} and comes out as {fresh}"));
        }
    };
    same("objective", solution.objective, c.objective);
    same("terms.risk", solution.terms.risk, c.terms.risk);
    same("terms.return", solution.terms.expected_return, c.terms.expected_return);
    same("terms.linear_cost", solution.terms.linear_cost, c.terms.linear_cost);
    same("terms.impact_cost", solution.terms.impact_cost, c.terms.impact_cost);
    same("cash", solution.cash, c.cash);
    same("turnover", solution.turnover, c.turnover);
    same("duality_gap", stated.duality_gap, fresh.duality_gap);
    same("dual_objective", stated.dual_objective, fresh.dual_objective);
    same("cash_identity", stated.cash_identity, 0.0);
    same("primal_violation", stated.primal_violation, fresh.primal_violation);
    same("stationarity", stated.stationarity, fresh.stationarity);
    same("complementarity", stated.complementarity, fresh.complementarity);
    let pairs = [
        ("tracking_error", solution.tracking_error, c.tracking_error),
        ("slacks.turnover", stated.slacks.turnover, fresh.slacks.turnover),
        ("slacks.leverage", stated.slacks.leverage, fresh.slacks.leverage),
        ("slacks.tracking_error", stated.slacks.tracking_error, fresh.slacks.tracking_error),
    ];
    for (what, stated, fresh) in pairs {
        match (stated, fresh) {
            (Some(a), Some(b)) => same(what, a, b),
            (None, None) => {}
            _ => same(what, f64::NAN, fresh.or(stated).unwrap_or_default()),
        }
    }
    same("slacks.cash_min", stated.slacks.cash_min, fresh.slacks.cash_min);
    same("slacks.cash_max", stated.slacks.cash_max, fresh.slacks.cash_max);
    let vectors = [
        ("slacks.lower", &stated.slacks.lower, &fresh.slacks.lower),
        ("slacks.upper", &stated.slacks.upper, &fresh.slacks.upper),
    ];
    for (what, stated, fresh) in vectors {
        same(&format!("length of {what}"), stated.len() as f64, fresh.len() as f64);
        for (i, (a, b)) in stated.iter().zip(fresh).enumerate() {
            same(&format!("{what}[{i}]"), *a, *b);
        }
    }
    for ((what, stated), (_, fresh)) in stated.slacks.named().into_iter().zip(fresh.slacks.named()) {
        same(&format!("length of {what}"), stated.len() as f64, fresh.len() as f64);
        for (a, b) in stated.iter().zip(fresh) {
            same(&format!("{what} {} lower", b.name), a.lower, b.lower);
            same(&format!("{what} {} upper", b.name), a.upper, b.upper);
        }
    }
    // Multipliers need not be unique; the quoted prices must belong to the stated multipliers. The value of the book is
    // not part of the problem: the first price implies it, and the others must agree.
    let book = solution
        .constraint_prices
        .first()
        .and_then(|price| Some(price.currency_per_point? / (0.01 * price.multiplier)));
    let fresh_prices = prices(problem, &program, &solution.weights, &c, book);
    same("number of constraint_prices", solution.constraint_prices.len() as f64, fresh_prices.len() as f64);
    for (a, b) in solution.constraint_prices.iter().zip(&fresh_prices) {
        let named = if a.limit == b.limit { a.multiplier } else { f64::NAN };
        same(&format!("the price of {}", b.limit), named, b.multiplier);
        same(&format!("the price in basis points of {}", b.limit), a.bp_per_point, b.bp_per_point);
        same(&format!("the value of {}", b.limit), a.value, b.value);
        match (a.currency_per_point, b.currency_per_point) {
            (None, None) => {}
            (a, b) => same("a price in currency", a.unwrap_or(f64::NAN), b.unwrap_or(f64::NAN)),
        }
    }
    for price in &solution.constraint_prices {
        if price.sentence != words::price(price) {
            objections.push(format!("the sentence on {} says something else than its figures", price.limit));
        }
    }
    Ok(SolutionVerification {
        valid: objections.is_empty(),
        duality_gap: fresh.duality_gap,
        primal_violation: fresh.primal_violation,
        objections,
    })
}

/// Checks a proof of infeasibility without solving anything. True when its multipliers show that no portfolio satisfies
/// the limits, by more than the rounding of the proof's own sums, or when the range of a single weight is empty.
///
/// # Errors
/// A malformed problem ([`RebalanceProblem::check`]), or a proof whose vectors have the wrong lengths.
pub fn verify_infeasible(
    problem: &RebalanceProblem,
    model: &impl AsRiskModel,
    infeasibility: &Infeasibility,
) -> Result<bool, OptimizerError> {
    let model = model.as_risk_model();
    let model = &*model;
    problem.check()?;
    let program = Program::new(problem, model);
    let proof = &infeasibility.proof;
    check_vector("tangent", &proof.tangent, problem.assets())?;
    check_vector("group duals", &proof.duals.groups, problem.groups.len())?;
    check_vector("exposure duals", &proof.duals.exposures, problem.exposures.len())?;
    Ok(program.crossed() || shortfall(&program, &proof.tangent, &Multipliers::from(&proof.duals)).is_some())
}
