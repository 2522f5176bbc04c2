//! Decides whether multipliers prove, by more than rounding, that no portfolio satisfies the limits.

use crate::lagrangian::lagrangian_bound;
use crate::multipliers::Multipliers;
use crate::program::Program;

/// The sign of a net gradient above this share of the sum of its terms' sizes is certain.
const SURE: f64 = 1e-12;

/// The Lagrangian bound with a zero objective, if it is positive by more than the rounding of its own sums.
///
/// Limits that meet in one point (upper bounds of 0.7, 0.1 and 0.2 in a book without cash) have a bound of exactly
/// zero, and in floating point its sign depends on the order of the terms. A sum of `m` terms is off by at most `m·ε`
/// times the sum of their sizes (Higham 2002, *Accuracy and Stability of Numerical Algorithms*, section 4.2).
pub(crate) fn shortfall(program: &Program<'_>, tangent: &[f64], m: &Multipliers) -> Option<f64> {
    let n = program.n();
    let bound = lagrangian_bound(&program.without_objective(), tangent, m);
    let terms = 4.0 * (n + program.rows.len() + 3) as f64;
    (bound > terms * f64::EPSILON * size(program, tangent, m)).then_some(bound)
}

/// The sum of the sizes of the terms of the bound.
fn size(p: &Program<'_>, w: &[f64], m: &Multipliers) -> f64 {
    let n = p.n();
    // Per weight, the net gradient and, without cancellation, the gross one.
    let (mut net, mut gross) = (vec![0.0; n], vec![0.0; n]);
    let mut total = 0.0;
    for (r, row) in p.rows.iter().enumerate() {
        let y = m.rows[r];
        let mut pull = vec![0.0; n];
        row.a.add_to(y, &mut pull);
        for ((net, gross), pull) in net.iter_mut().zip(&mut gross).zip(&pull) {
            *net += pull;
            *gross += pull.abs();
        }
        total += y.abs() * if y > 0.0 { row.hi.abs() } else { row.lo.abs() };
    }
    if let Some(t) = &p.tracking {
        let (mut active, mut half) = (vec![0.0; n], vec![0.0; n]);
        let value = t.evaluate(&p.model, w, &mut active, &mut half);
        for ((net, gross), half) in net.iter_mut().zip(&mut gross).zip(&half) {
            *net += 2.0 * m.tracking * half;
            *gross += 2.0 * m.tracking * half.abs();
        }
        total += m.tracking * (t.limit.abs() + value.abs());
    }
    total += m.turnover * p.turnover.unwrap_or(0.0) + m.leverage * p.leverage.unwrap_or(0.0);
    let caps = m.turnover + m.leverage;
    for i in 0..n {
        // The minimum is at the end that the sign of the net gradient selects; if the net is only rounding, it could be
        // either end.
        let sure = net[i].abs() > SURE * gross[i];
        let end = match (sure, net[i] > 0.0) {
            (true, true) => p.lower[i].abs(),
            (true, false) => p.upper[i].abs(),
            (false, _) => p.lower[i].abs().max(p.upper[i].abs()),
        };
        let far = end.max(w[i].abs());
        total += (gross[i] + caps) * far + m.turnover * p.w0[i].abs();
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RiskModel;
    use crate::problem::RebalanceProblem;

    /// Counts the positive bounds under a budget multiplier of −1 at many tangent points, with and without regard to
    /// rounding.
    fn positive(upper: &[f64]) -> (usize, usize) {
        let n = upper.len();
        let model = RiskModel::factor(&vec![Vec::<f64>::new(); n], &[], &vec![0.04; n]).unwrap();
        let problem = RebalanceProblem { upper: upper.to_vec(), ..RebalanceProblem::long_only(vec![0.0; n], 1.0) };
        let program = Program::new(&problem, &model);
        let m = Multipliers { rows: vec![-1.0], ..Multipliers::default() };
        let (mut bare, mut proven) = (0, 0);
        for k in 0..100 {
            let w: Vec<f64> = upper.iter().enumerate().map(|(i, u)| u * ((i + 1) * k % 101) as f64 / 101.0).collect();
            bare += usize::from(lagrangian_bound(&program.without_objective(), &w, &m) > 0.0);
            proven += usize::from(shortfall(&program, &w, &m).is_some());
        }
        (bare, proven)
    }

    #[test]
    fn rounding_alone_proves_nothing() {
        // Each book can be filled exactly, and in only one way.
        for upper in [vec![0.7, 0.1, 0.2], vec![0.1; 10], vec![0.3, 0.6, 0.1]] {
            let (bare, proven) = positive(&upper);
            assert!(bare > 0, "{upper:?} no longer shows what this test is about");
            assert_eq!(proven, 0, "{upper:?}");
        }
    }

    #[test]
    fn a_contradiction_of_a_billionth_is_proven() {
        for upper in [vec![0.7, 0.1, 0.2 - 1e-9], vec![0.1 - 1e-10; 10]] {
            assert_eq!(positive(&upper).1, 100, "{upper:?}");
        }
    }
}
