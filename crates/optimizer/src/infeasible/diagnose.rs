//! Finds which limits contradict each other, with a proof.

use super::elastic::{Place, Relaxed, Soft, relax};
use super::out_of_reach::explain;
use super::repair::repair;
use super::{Infeasibility, InfeasibilityProof};
use crate::limits::{DualValues, Limit};
use crate::linear_limit::Bound;
use crate::model::RiskModel;
use crate::multipliers::Multipliers;
use crate::problem::RebalanceProblem;
use crate::program::Program;
use crate::shortfall::shortfall;
use crate::{OptimizerError, words};

/// Violations with a smaller sum than this are rounding: the limits do not contradict each other.
pub(super) const VIOLATED: f64 = 1e-7;
/// A limit is part of the conflict when its multiplier exceeds this share of the largest one.
const INVOLVED: f64 = 1e-4;
/// A restriction binds a weight that is this close to it.
const HELD: f64 = 1e-6;
/// A multiplier is divided by a tracking error of at least this.
const LEAST_ERROR: f64 = 1e-12;

/// Why no portfolio satisfies the limits; `None` when the limits do not contradict each other or the proof does not
/// hold.
///
/// 1. Solve the elastic problem, in which every limit may be relaxed at a price (`elastic`).
/// 2. If no limit is relaxed, the limits do not contradict each other.
/// 3. Take the multipliers of the limits as a proof, and check it (`shortfall`).
/// 4. The conflict consists of the limits with a multiplier and the restrictions that bind the weights in those limits.
/// 5. Move every violated limit by its violation: this is the repair (`repair`).
///
/// If the elastic problem is not solved or its multipliers prove nothing, limits that are out of reach by themselves
/// are the reason (`out_of_reach`).
///
/// # Errors
/// A covariance without a factor.
pub(crate) fn diagnose(
    problem: &RebalanceProblem,
    program: &Program<'_>,
    model: &RiskModel,
) -> Result<Option<Infeasibility>, OptimizerError> {
    let Some(relaxed) = relax(problem, program, model)? else { return explain(problem, program, model) }; // 1
    if relaxed.total() < VIOLATED {
        return Ok(None); // 2
    }
    let Some(proof) = proof(problem, program, &relaxed) else { return explain(problem, program, model) }; // 3
    let conflict = conflict(problem, program, &relaxed); // 4
    let Some(repair) = repair(problem, model, &relaxed) else { return Ok(None) }; // 5
    let sentence = words::infeasibility(&conflict, &repair.relaxations);
    Ok(Some(Infeasibility { conflict, sentence, proof, repair }))
}

/// The proof that the multipliers of the elastic problem give, if it holds.
fn proof(problem: &RebalanceProblem, program: &Program<'_>, relaxed: &Relaxed) -> Option<InfeasibilityProof> {
    let w = &relaxed.w;
    let mut m = Multipliers::zero(program.rows.len());
    for soft in &relaxed.soft {
        let multiplier = relaxed.multiplier(soft);
        match soft.place {
            Place::Row(r, Bound::Upper) => m.rows[r] += multiplier,
            Place::Row(r, Bound::Lower) => m.rows[r] -= multiplier,
            Place::Turnover => m.turnover = multiplier,
            Place::Leverage => m.leverage = multiplier,
            Place::Tracking => {
                if let Some(t) = &program.tracking {
                    // The cone's multiplier belongs to the tracking error; the programme's belongs to its square.
                    let active: Vec<f64> = w.iter().zip(&t.benchmark).map(|(w, b)| w - b).collect();
                    m.tracking = multiplier / (2.0 * program.model.variance(&active).sqrt().max(LEAST_ERROR));
                }
            }
            Place::Asset => {}
        }
    }
    let crossing = program.lower.iter().zip(&program.upper).fold(0.0_f64, |m, (l, u)| m.max(l - u));
    let shortfall = if crossing > 0.0 { crossing } else { shortfall(program, w, &m)? };
    Some(InfeasibilityProof { duals: DualValues::of(problem, &m), tangent: w.clone(), shortfall })
}

/// The limits with a multiplier, then the restrictions that bind a weight.
fn conflict(problem: &RebalanceProblem, program: &Program<'_>, relaxed: &Relaxed) -> Vec<Limit> {
    // Both sides of a row can have a multiplier. The net multiplier decides, so only the stronger side is in the
    // conflict.
    let net = |soft: &Soft| {
        let own = relaxed.multiplier(soft);
        let Place::Row(row, side) = soft.place else { return own };
        let other = relaxed.soft.iter().find(|s| matches!(s.place, Place::Row(r, b) if r == row && b != side));
        own - other.map_or(0.0, |s| relaxed.multiplier(s))
    };
    let pushes: Vec<f64> = relaxed.soft.iter().map(net).collect();
    let largest = pushes.iter().fold(0.0_f64, |m, push| m.max(*push));
    let involved = relaxed.soft.iter().zip(&pushes).filter(|(_, push)| **push > INVOLVED * largest);
    let mut out: Vec<Limit> = involved.map(|(soft, _)| soft.limit.clone()).collect();
    let (lower, upper) = problem.trade_box();
    for asset in 0..problem.assets() {
        let held = |bound: f64| bound.is_finite() && (relaxed.w[asset] - bound).abs() < HELD;
        let own = out.iter().any(|l| matches!(l, Limit::Lower { asset: a } | Limit::Upper { asset: a } if *a == asset));
        let is_empty = own && program.lower[asset] > program.upper[asset];
        if is_empty || !own && (held(lower[asset]) || held(upper[asset])) {
            out.push(Limit::Trade { asset });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GroupLimit;

    fn model() -> RiskModel {
        RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]]).unwrap()
    }

    fn diagnosed(problem: &RebalanceProblem) -> Option<Infeasibility> {
        let model = model();
        diagnose(problem, &Program::new(problem, &model), &model).unwrap()
    }

    #[test]
    fn bounds_that_cannot_be_filled_conflict_with_the_largest_cash() {
        let problem = RebalanceProblem { upper: vec![0.5, 0.4], ..RebalanceProblem::long_only(vec![0.0; 2], 1.0) };
        let why = diagnosed(&problem).unwrap();
        assert_eq!(why.conflict, [Limit::CashMax, Limit::Upper { asset: 0 }, Limit::Upper { asset: 1 }]);
        // Weights may add up to 0.9 where 1 is required, at a multiplier of about one.
        assert!((why.proof.shortfall - 0.1).abs() < 1e-4 && (why.proof.duals.budget + 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_group_that_turnover_does_not_reach_shares_the_conflict_with_it() {
        let group = GroupLimit { name: "second".into(), members: vec![1], lower: 0.8, upper: 1.0 };
        let problem = RebalanceProblem {
            groups: vec![group],
            turnover_limit: Some(0.2),
            ..RebalanceProblem::long_only(vec![0.0; 2], 1.0)
        };
        let why = diagnosed(&problem).unwrap();
        let floor = Limit::GroupLower { name: "second".into() };
        assert!(why.conflict.contains(&Limit::Turnover) && why.conflict.contains(&floor), "{:?}", why.conflict);
        // Half of the turnover is buying: 0.3 must be bought and 0.1 is allowed, so the cap has to rise to 0.6.
        assert_eq!(why.repair.relaxations.len(), 1);
        assert!((why.repair.problem.turnover_limit.unwrap() - 0.6).abs() < 1e-4);
    }

    #[test]
    fn a_lock_above_an_upper_bound_conflicts_with_it_by_the_gap_between_them() {
        let locked = crate::TradeRestriction { asset: 0, kind: crate::RestrictionKind::Locked };
        let problem = RebalanceProblem {
            upper: vec![0.4, 1.0],
            restrictions: vec![locked],
            ..RebalanceProblem::long_only(vec![0.0; 2], 1.0)
        };
        let why = diagnosed(&problem).unwrap();
        assert_eq!(why.conflict, [Limit::Upper { asset: 0 }, Limit::Trade { asset: 0 }]);
        // Held at 0.5; at most 0.4 is allowed.
        assert!((why.proof.shortfall - 0.1).abs() < 1e-15);
        assert!((why.repair.problem.upper[0] - 0.5).abs() < 1e-5);
    }

    #[test]
    fn limits_that_agree_are_no_conflict() {
        assert_eq!(diagnosed(&RebalanceProblem::long_only(vec![0.0; 2], 1.0)), None);
    }
}
