//! What an order is worth on its own.

use optimizer::RiskModelParts;
use portfolio_core::round_to_12_decimals;
use risk::RiskOptions;

use crate::{Admitted, OptimalPlan, Proposed, Surveyed};

/// Risk aversion γ at which variance against the targets is priced: `γ/2` of return for one unit of variance a year.
///
/// Five is in the middle of what investors' choices are usually explained with; it makes a tracking error of 2 % cost
/// 10 basis points a year.
pub const RISK_AVERSION: f64 = 5.0;

/// What each order is worth on its own, basis points of NAV a year, in the order of `sequence`.
///
/// With `a` the weights after the plan less the optimised targets, `Σ` the annual sample covariance of the common history,
/// `x` an order as a fraction of NAV and `c` its cost as one, leaving the order out (its money in cash) changes the price
/// of the deviation by
///
/// ```text
/// benefit = γ/2 · ( (a − x·e)ᵀ Σ (a − x·e) − aᵀΣa ) − c = γ/2 · ( x²·Σᵢᵢ − 2·x·(Σa)ᵢ ) − c
/// ```
///
/// Under the optimal method an order is worth what leaving it out adds to the objective that was minimised, with the problem's
/// own `λ`, `μ`, `Σ` and costs and the solved weights `w`, the money it moves valued at its price in the certificate (the
/// multiplier `β` of the budget): `λ·(x²·Σᵢᵢ − 2·x·(Σw)ᵢ) + x·(μᵢ − β) − cᵢ·|x| − kᵢ·|x|^1.5`. Without that price every sale
/// of a fully invested book would look like a gain and every buy like a loss. A rate that differs by side is in `cᵢ` and `μᵢ` of the
/// problem, so `x·μᵢ − cᵢ·|x|` charges each side its own.
///
/// `Σa` is the covariance of each asset with the deviation's own return series, so nothing of size N × N is built.
/// Cost: `O(T·N)`. `None` when there is no common history of at least two periods.
pub(super) fn marginal(
    admitted: &Admitted<'_>,
    surveyed: &Surveyed,
    proposed: &Proposed,
    sequence: &[usize],
) -> Option<Vec<f64>> {
    if let Some(found) = proposed.optimal() {
        return solved(admitted, proposed, found, sequence);
    }
    let common = &surveyed.common;
    let panel = common.panel.as_ref()?;
    let periods = panel.periods();
    if periods < 2 || sequence.is_empty() {
        return (periods >= 2).then(Vec::new);
    }
    let rows = &proposed.trades.rows;
    let gap: Vec<f64> = common.columns.iter().map(|&i| rows[i].weight_after - proposed.targets[i]).collect();
    let deviation = panel.portfolio_returns(&gap).ok()?;
    let deviation_mean = mean(&deviation);
    let mut column_of = vec![None; admitted.assets()];
    for (column, &i) in common.columns.iter().enumerate() {
        column_of[i] = Some(column);
    }
    let annual = RiskOptions::default().periods_per_year / (periods - 1) as f64;
    let nav = admitted.nav().minor() as f64;
    let one = |&i: &usize| {
        let series = panel.series(column_of[i]?)?;
        let mean = mean(series);
        let (mut variance, mut covariance) = (0.0, 0.0);
        for (r, d) in series.iter().zip(&deviation) {
            let centred = r - mean;
            variance += centred * centred;
            covariance += centred * (d - deviation_mean);
        }
        let x = rows[i].value.minor() as f64 / nav;
        let cost = rows[i].cost.minor() as f64 / nav;
        let worth = 0.5 * RISK_AVERSION * annual * (x * x * variance - 2.0 * x * covariance) - cost;
        worth.is_finite().then(|| round_to_12_decimals(1e4 * worth))
    };
    sequence.iter().map(one).collect()
}

/// The worth of orders in the objective of the problem they solve.
fn solved(admitted: &Admitted<'_>, proposed: &Proposed, found: &OptimalPlan, sequence: &[usize]) -> Option<Vec<f64>> {
    let solution = found.outcome.solution()?;
    let RiskModelParts::Dense { sigma } = &found.model else { return None };
    let problem = &found.problem;
    let money = solution.certificate.duals.budget;
    let nav = admitted.nav().minor() as f64;
    let one = |&i: &usize| {
        let x = proposed.trades.rows[i].value.minor() as f64 / nav;
        let row = &sigma[i];
        let towards: f64 = row.iter().zip(&solution.weights).map(|(s, w)| s * w).sum();
        let linear = problem.cost_linear.as_ref().map_or(0.0, |cost| cost[i]) * x.abs();
        let impact = problem.cost_impact.as_ref().map_or(0.0, |cost| cost[i]) * x.abs().powf(1.5);
        let risk = problem.risk_aversion * (x * x * row[i] - 2.0 * x * towards);
        let worth = risk + x * (problem.mu[i] - money) - linear - impact;
        worth.is_finite().then(|| round_to_12_decimals(1e4 * worth))
    };
    sequence.iter().map(one).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Method;
    use crate::sample::Case;

    #[test]
    fn the_worth_of_an_order_is_the_difference_of_two_quadratic_forms() {
        let case = Case::four();
        let lent = case.lend();
        let (admitted, surveyed, proposed) = (lent.admitted(), lent.surveyed(), lent.proposed());
        let panel = surveyed.common.panel.as_ref().unwrap();
        let rows = &proposed.trades.rows;
        let sequence: Vec<usize> = (0..rows.len()).filter(|&i| rows[i].value.minor() != 0).collect();
        let worth = marginal(&admitted, &surveyed, &proposed, &sequence).unwrap();
        let variance = |gap: &[f64]| {
            let returns = panel.portfolio_returns(gap).unwrap();
            let mean = mean(&returns);
            252.0 * returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (returns.len() - 1) as f64
        };
        let nav = admitted.nav().minor() as f64;
        let gap: Vec<f64> = (0..rows.len()).map(|i| rows[i].weight_after - proposed.targets[i]).collect();
        for (&i, got) in sequence.iter().zip(worth) {
            let mut without = gap.clone();
            without[i] -= rows[i].value.minor() as f64 / nav;
            let cost = rows[i].cost.minor() as f64 / nav;
            let want = 1e4 * (0.5 * RISK_AVERSION * (variance(&without) - variance(&gap)) - cost);
            assert!((got - want).abs() < 1e-8 * want.abs().max(1.0), "{got} is not {want}");
        }
    }

    #[test]
    fn under_the_optimal_method_an_order_is_worth_its_part_of_the_objective() {
        let mut case = Case::four();
        case.config.method = Method::Optimal(Box::new(crate::OptimalMethod::long_only(4)));
        let lent = case.lend();
        let (admitted, surveyed, proposed) = (lent.admitted(), lent.surveyed(), lent.proposed());
        let found = proposed.optimal().unwrap();
        let (problem, weights) = (&found.problem, &found.outcome.solution().unwrap().weights);
        let RiskModelParts::Dense { sigma } = &found.model else { panic!("a factor model") };
        let objective = |w: &[f64]| {
            let row = |i: usize| -> f64 { sigma[i].iter().zip(w).map(|(s, w)| s * w).sum() };
            let risk: f64 = (0..w.len()).map(|i| w[i] * row(i)).sum();
            let earned: f64 = problem.mu.iter().zip(w).map(|(m, w)| m * w).sum();
            problem.risk_aversion * risk - earned
        };
        let rows = &proposed.trades.rows;
        let sequence: Vec<usize> = (0..rows.len()).filter(|&i| rows[i].value.minor() != 0).collect();
        assert!(!sequence.is_empty());
        let nav = admitted.nav().minor() as f64;
        for (&i, got) in sequence.iter().zip(marginal(&admitted, &surveyed, &proposed, &sequence).unwrap()) {
            let x = rows[i].value.minor() as f64 / nav;
            let mut without = weights.clone();
            without[i] -= x;
            let cost = problem.cost_linear.as_ref().unwrap()[i] * x.abs();
            let money = found.outcome.solution().unwrap().certificate.duals.budget;
            let want = 1e4 * (objective(&without) - objective(weights) - cost - money * x);
            assert!((got - want).abs() < 1e-8 * want.abs().max(1.0), "{got} is not {want}");
        }
    }

    #[test]
    fn without_a_history_nothing_is_claimed() {
        let mut case = Case::pair();
        case.returns.iter_mut().for_each(Vec::clear);
        let lent = case.lend();
        assert_eq!(marginal(&lent.admitted(), &lent.surveyed(), &lent.proposed(), &[0, 1]), None);
    }
}
