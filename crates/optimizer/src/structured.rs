//! The structured engine: runs the interior point on the assets that can move, then the polish on all of them.

use crate::active_set::{ActiveSet, Lean};
use crate::interior::{self, End, Interior};
use crate::lagrangian::slopes;
use crate::multipliers::Multipliers;
use crate::polish::{Candidate, polish, settle};
use crate::program::Program;
use crate::settings::SolveOptions;
use crate::tolerance::{SAME, STILL};

/// The best candidate and the number of iterations; no candidate when the interior point proved that the limits
/// contradict each other.
pub(crate) fn structured(p: &Program<'_>, options: &SolveOptions) -> (Option<Candidate>, usize) {
    let (reduced, keep) = p.reduce();
    let held: Vec<f64> = (0..p.n())
        .map(|i| if p.upper[i] - p.lower[i] <= SAME { p.lower[i] } else { p.w0[i].clamp(p.lower[i], p.upper[i]) })
        .collect();
    if keep.is_empty() {
        let mut multipliers = Multipliers::zero(p.rows.len());
        hold(p, &held, &mut multipliers);
        return (Some(Candidate::new(p, held, multipliers)), 0);
    }
    let mut early = None;
    let run = interior::solve(&reduced, options, &mut |run| {
        let (start, set) = whole(p, &held, &keep, run);
        early = settle(p, start, set);
        early.is_some()
    });
    if early.is_some() {
        return (early, run.iterations);
    }
    if run.end == End::Infeasible {
        return (None, run.iterations);
    }
    let (start, set) = whole(p, &held, &keep, &run);
    (Some(polish(p, start, set)), run.iterations)
}

/// True when the structured engine proves an optimum under the default options.
#[cfg(feature = "conic")]
pub(crate) fn is_solvable(p: &Program<'_>) -> bool {
    let options = SolveOptions::default();
    structured(p, &options).0.is_some_and(|c| c.is_proven(p, options.proven_gap))
}

/// The point and the active set of a run, with the removed assets put back.
fn whole(p: &Program<'_>, held: &[f64], keep: &[usize], run: &Interior) -> (Candidate, ActiveSet) {
    let mut w = held.to_vec();
    // A removed asset is at its bound, or at its weight before the trade under a turnover cap of zero.
    let mut leans: Vec<Lean> =
        w.iter().zip(&p.lower).map(|(w, l)| if w == l { Lean::Lower } else { Lean::Start }).collect();
    for (at, &i) in keep.iter().enumerate() {
        w[i] = run.w[at];
        leans[i] = run.set.leans[at];
    }
    let mut multipliers = run.multipliers.clone();
    hold(p, &w, &mut multipliers);
    (Candidate::new(p, w, multipliers), ActiveSet { leans, ..run.set.clone() })
}

/// Under a turnover cap of zero every weight stays. The cap's multiplier is the least that keeps every weight in place.
fn hold(p: &Program<'_>, w: &[f64], m: &mut Multipliers) {
    if p.turnover.is_some_and(|t| t <= STILL) {
        m.turnover = 0.0;
        let s = slopes(p, w, m);
        m.turnover = s.left.iter().zip(&s.right).fold(0.0_f64, |m, (l, r)| m.max(*l).max(-r));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RebalanceProblem, RiskModel};

    #[test]
    fn a_book_that_may_not_trade_is_proven_without_an_iteration() {
        let model = RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]]).unwrap();
        let problem = RebalanceProblem { turnover_limit: Some(0.0), ..RebalanceProblem::long_only(vec![0.0; 2], 1.0) };
        let p = Program::new(&problem, &model);
        let (found, iterations) = structured(&p, &SolveOptions::default());
        let found = found.unwrap();
        assert_eq!((found.w, iterations), (vec![0.5, 0.5], 0));
        // Marginal variances of 0.04 and 0.01; with a budget multiplier of 0, the cap's multiplier has to offset the
        // larger one.
        assert!((found.multipliers.turnover - 0.04).abs() < 1e-15 && found.gap.abs() < 1e-15, "{}", found.gap);
    }
}
