//! The smallest relaxation, as a problem that can be solved.

use super::diagnose::VIOLATED;
use super::elastic::{Relaxed, Soft};
use super::{LimitRelaxation, Repair};
use crate::limits::Limit;
use crate::linear_limit::repair::relax;
use crate::model::RiskModel;
use crate::problem::RebalanceProblem;
use crate::program::Program;
use crate::structured::is_solvable;

/// New limits are multiples of one of these: the first at which the repaired problem is proven solvable.
pub(super) const MARGINS: [f64; 4] = [1e-6, 1e-5, 1e-4, 1e-3];

/// Relaxes every violated limit by its violation and a margin, until the problem solves; `None` when nothing is violated.
pub(super) fn repair(problem: &RebalanceProblem, model: &RiskModel, relaxed: &Relaxed) -> Option<Repair> {
    let mut last = None;
    for margin in MARGINS {
        let mut repaired = problem.clone();
        let mut relaxations = Vec::new();
        for soft in &relaxed.soft {
            let by = relaxed.violation(soft);
            if by < VIOLATED {
                continue;
            }
            let relaxation = relaxation(soft, by, margin);
            set(&mut repaired, &soft.limit, relaxation.to);
            relaxations.push(relaxation);
        }
        let program = Program::new(&repaired, model);
        let solves = !program.crossed() && is_solvable(&program);
        last = Some(Repair { relaxations, problem: repaired });
        if solves {
            break;
        }
    }
    last
}

fn relaxation(soft: &Soft, by: f64, margin: f64) -> LimitRelaxation {
    let (from, sign) = if soft.is_complement { (1.0 - soft.from, -soft.sign) } else { (soft.from, soft.sign) };
    let to = outward(from + sign * (by / margin).ceil() * margin, sign, margin);
    LimitRelaxation { limit: soft.limit.clone(), from, to, by: (to - from).abs() }
}

/// Moves `value` outward by a margin and rounds it to a multiple of the margin, so that the number is readable and the
/// feasible set has an interior.
pub(super) fn outward(value: f64, sign: f64, margin: f64) -> f64 {
    let past = (value + sign * margin) / margin;
    if sign > 0.0 { past.ceil() * margin } else { past.floor() * margin }
}

pub(super) fn set(problem: &mut RebalanceProblem, limit: &Limit, to: f64) {
    match limit {
        Limit::Lower { asset } => problem.lower[*asset] = to,
        Limit::Upper { asset } => problem.upper[*asset] = to,
        Limit::Turnover => problem.turnover_limit = Some(to),
        Limit::Leverage => problem.leverage_max = Some(to),
        Limit::TrackingError => problem.tracking_error_max = Some(to),
        linear => relax(problem, linear, to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_limit_goes_to_its_own_place() {
        let mut p = RebalanceProblem::long_only(vec![0.0; 2], 1.0);
        set(&mut p, &Limit::CashMax, 0.2);
        set(&mut p, &Limit::Upper { asset: 1 }, 1.5);
        assert_eq!((p.cash_max, p.upper[1], p.upper[0]), (0.2, 1.5, 1.0));
        set(&mut p, &Limit::Trade { asset: 0 }, 9.0);
        assert_eq!(p.upper[0], 1.0);
    }
}
