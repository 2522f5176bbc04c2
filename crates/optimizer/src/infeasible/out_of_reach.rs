//! Linear limits that, taken alone, no weights within their own ranges can reach.
//!
//! For example, a floor of a million on an exposure with loadings of one contradicts the bounds of the weights alone.
//! Such a floor also ruins the scale of the elastic problem, so these limits are found without it.

use super::diagnose::diagnose;
use super::repair::{MARGINS, outward, set};
use super::{Infeasibility, InfeasibilityProof, LimitRelaxation, Repair};
use crate::limits::{DualValues, Limit};
use crate::linear_limit::Bound;
use crate::model::RiskModel;
use crate::multipliers::Multipliers;
use crate::problem::RebalanceProblem;
use crate::program::Program;
use crate::shortfall::shortfall;
use crate::tolerance::KEPT;
use crate::{OptimizerError, words};

/// A side of a row that the ranges of the weights do not reach.
struct Missed {
    /// Position of the row in the programme.
    row: usize,
    coefficients: Vec<f64>,
    largest: f64,
    side: Bound,
    limit: Limit,
    /// The limit as the problem states it, and the nearest value that can be reached.
    from: f64,
    reached: f64,
    /// +1 if the limit must be raised, −1 if it must be lowered.
    sign: f64,
    /// The distance of the row from the limit, divided by the largest of its coefficients.
    gap: f64,
}

/// The diagnosis when the elastic problem is not solved; `None` when every limit alone can be reached.
///
/// 1. Find the limits out of reach. The one with the largest shortfall is the proof, with a multiplier of its own row
///    only.
/// 2. It conflicts with the bounds and restrictions that bind the weights in it.
/// 3. Move each limit out of reach to the nearest value that can be reached, and diagnose the remaining problem.
///
/// # Errors
/// A covariance without a factor.
pub(super) fn explain(
    problem: &RebalanceProblem,
    program: &Program<'_>,
    model: &RiskModel,
) -> Result<Option<Infeasibility>, OptimizerError> {
    let missed = missed(problem); // 1
    let Some(worst) = missed.iter().max_by(|a, b| a.gap.total_cmp(&b.gap)) else { return Ok(None) };
    let mut multipliers = Multipliers::zero(program.rows.len());
    multipliers.rows[worst.row] = worst.multiplier();
    let Some(shortfall) = shortfall(program, &problem.w0, &multipliers) else { return Ok(None) };
    let duals = DualValues::of(problem, &multipliers);
    let proof = InfeasibilityProof { duals, tangent: problem.w0.clone(), shortfall };
    let conflict = worst.conflict(problem); // 2
    let repair = repair(problem, model, &missed)?; // 3
    let sentence = words::infeasibility(&conflict, &repair.relaxations);
    Ok(Some(Infeasibility { conflict, sentence, proof, repair }))
}

fn missed(problem: &RebalanceProblem) -> Vec<Missed> {
    let (lower, upper) = problem.weight_box();
    let mut out = Vec::new();
    if lower.iter().zip(&upper).any(|(l, u)| l > u) {
        return out;
    }
    for (position, limit) in problem.linear_limits().into_iter().enumerate() {
        let row = limit.clone().into_row();
        let (least, most) = row.range(&lower, &upper);
        let coefficients = row.a.to_dense(lower.len());
        let largest = coefficients.iter().fold(KEPT, |m, a| m.max(a.abs()));
        // The sign is that of the limit as the problem states it: cash is one minus the sum of the row.
        let complement = limit.is_complement();
        for (side, over, reached, sign) in
            [(Bound::Lower, row.lo - most, most, -1.0), (Bound::Upper, least - row.hi, least, 1.0)]
        {
            if over > KEPT * reached.abs().max(1.0) {
                out.push(Missed {
                    row: position,
                    side,
                    limit: limit.limit(side),
                    from: limit.stated(side),
                    reached: if complement { 1.0 - reached } else { reached },
                    sign: if complement { -sign } else { sign },
                    gap: over / largest,
                    coefficients: coefficients.clone(),
                    largest,
                });
            }
        }
    }
    out
}

impl Missed {
    /// The multiplier of the row: positive for its upper side, scaled so that the largest coefficient becomes one.
    fn multiplier(&self) -> f64 {
        if self.side == Bound::Upper { 1.0 / self.largest } else { -1.0 / self.largest }
    }

    /// The limit, and the bound or restriction of each of its weights on the side beyond which the weight would have to
    /// go.
    fn conflict(&self, problem: &RebalanceProblem) -> Vec<Limit> {
        let (lower, upper) = problem.trade_box();
        let mut out = vec![self.limit.clone()];
        for (asset, &a) in self.coefficients.iter().enumerate() {
            if a == 0.0 {
                continue;
            }
            let upwards = (a > 0.0) == (self.side == Bound::Lower);
            out.push(match upwards {
                true if upper[asset] < problem.upper[asset] => Limit::Trade { asset },
                true => Limit::Upper { asset },
                false if lower[asset] > problem.lower[asset] => Limit::Trade { asset },
                false => Limit::Lower { asset },
            });
        }
        out
    }
}

/// Moves every limit out of reach to the nearest value that can be reached, and repairs the remaining problem.
fn repair(problem: &RebalanceProblem, model: &RiskModel, missed: &[Missed]) -> Result<Repair, OptimizerError> {
    let mut moved = problem.clone();
    let mut relaxations: Vec<LimitRelaxation> = Vec::with_capacity(missed.len());
    for m in missed {
        let to = outward(m.reached, m.sign, MARGINS[0]);
        set(&mut moved, &m.limit, to);
        relaxations.push(LimitRelaxation { limit: m.limit.clone(), from: m.from, to, by: (to - m.from).abs() });
    }
    // In the moved problem every limit alone can be reached, so the recursion is one level deep.
    if let Some(rest) = diagnose(&moved, &Program::new(&moved, model), model)? {
        moved = rest.repair.problem;
        for further in rest.repair.relaxations {
            match relaxations.iter_mut().find(|r| r.limit == further.limit) {
                Some(first) => (first.to, first.by) = (further.to, (further.to - first.from).abs()),
                None => relaxations.push(further),
            }
        }
    }
    Ok(Repair { relaxations, problem: moved })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExposureLimit, RebalanceOutcome, SolveOptions, solve, verify_infeasible};

    fn model() -> RiskModel {
        RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]]).unwrap()
    }

    fn exposure(name: &str, loadings: [f64; 2], lower: f64, upper: f64) -> ExposureLimit {
        ExposureLimit { name: name.into(), loadings: loadings.to_vec(), lower, upper }
    }

    /// Explains `problem`, checks the proof without solving, and checks that the repaired problem has an optimum.
    fn infeasible(problem: &RebalanceProblem) -> Infeasibility {
        let model = model();
        let why = explain(problem, &Program::new(problem, &model), &model).unwrap().unwrap();
        assert!(verify_infeasible(problem, &model, &why).unwrap());
        let repaired = solve(&why.repair.problem, &model, &SolveOptions::default()).unwrap();
        assert!(matches!(repaired, RebalanceOutcome::Optimal(_)), "{}", why.sentence);
        why
    }

    #[test]
    fn floors_of_hundreds_of_millions_are_named_with_what_can_be_reached() {
        // A weight of 0 to 1 with a loading of 850 reaches at most 850; no weight has a negative value.
        let problem = RebalanceProblem {
            exposures: vec![
                exposure("size", [850.0, 0.0], 5e7, 3.5e8),
                exposure("value", [0.0, -725.0], 7e8, 9e8),
                exposure("tiny", [1e-4, 0.0], -1e8, -2.0),
            ],
            ..RebalanceProblem::long_only(vec![0.05, 0.06], 3e5)
        };
        let why = infeasible(&problem);
        let floor = |name: &str| Limit::ExposureLower { name: name.into() };
        assert_eq!(why.conflict, [floor("value"), Limit::Lower { asset: 1 }]);
        let moved: Vec<(f64, f64)> = why.repair.relaxations.iter().map(|r| (r.from, r.to)).collect();
        // With the first weight at one, as the first floor then requires, the last cap cannot be below its loading.
        let expected = [(5e7, 850.0), (7e8, 0.0), (-2.0, 1e-4)];
        for ((from, to), (stated, reached)) in moved.into_iter().zip(expected) {
            assert!(from == stated && (to - reached).abs() < 1e-5, "{}", why.sentence);
        }
    }

    #[test]
    fn a_weight_that_may_not_trade_is_held_by_its_restriction() {
        let problem = RebalanceProblem {
            trade_max: Some(vec![0.0; 2]),
            exposures: vec![exposure("beta", [1.0, 0.5], 3e8, 4e8)],
            ..RebalanceProblem::long_only(vec![0.05, 0.06], 1.0)
        };
        let model = model();
        let why = explain(&problem, &Program::new(&problem, &model), &model).unwrap().unwrap();
        let beta = Limit::ExposureLower { name: "beta".into() };
        assert_eq!(why.conflict, [beta, Limit::Trade { asset: 0 }, Limit::Trade { asset: 1 }]);
        // Half in each: 0.75, from 300 million.
        assert!((why.repair.relaxations[0].to - 0.75).abs() < 1e-5);
        // The multiplier of the largest loading is one, so the shortfall is that of the row.
        assert!((why.proof.shortfall - (3e8 - 0.75)).abs() < 1e-6);
    }

    #[test]
    fn limits_that_are_reached_one_by_one_are_left_to_the_elastic_problem() {
        let problem = RebalanceProblem {
            exposures: vec![exposure("a", [1.0, 0.0], 0.8, 1.0), exposure("b", [0.0, 1.0], 0.8, 1.0)],
            ..RebalanceProblem::long_only(vec![0.05, 0.06], 1.0)
        };
        let model = model();
        assert_eq!(explain(&problem, &Program::new(&problem, &model), &model).unwrap(), None);
    }
}
