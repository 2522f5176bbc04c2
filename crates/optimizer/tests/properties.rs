//! Properties of every problem: the proof is valid, and the answer does not depend on order or scale.

#![expect(clippy::unwrap_used, reason = "a problem that cannot be solved fails the test")]

use optimizer::{
    ConicReference, Engine, ExposureLimit, GroupLimit, Limit, RebalanceOutcome, RebalanceProblem, RebalanceSolution,
    RestrictionKind, RiskModel, SolveOptions, TradeRestriction, solve, solve_near, verify, verify_infeasible,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// A problem with its dense covariance as rows.
#[derive(Debug, Clone)]
struct Instance {
    problem: RebalanceProblem,
    sigma: Vec<Vec<f64>>,
}

impl Instance {
    fn model(&self) -> RiskModel {
        RiskModel::dense(&self.sigma).unwrap()
    }

    fn solve(&self) -> RebalanceOutcome {
        solve(&self.problem, &self.model(), &SolveOptions::default()).unwrap()
    }
}

/// Limits are drawn around a hidden portfolio that satisfies them, so that the problem is feasible.
fn feasible() -> impl Strategy<Value = Instance> {
    (2_usize..14, any::<u64>()).prop_map(|(n, seed)| {
        let mut state = seed | 1;
        let mut u = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let b: Vec<Vec<f64>> = (0..n).map(|_| (0..3).map(|_| 0.3 * (u() - 0.3)).collect()).collect();
        let sigma: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                (0..n)
                    .map(|j| {
                        let common: f64 = b[i].iter().zip(&b[j]).map(|(x, y)| x * y).sum();
                        common + if i == j { 0.01 + 0.02 * (i % 3) as f64 } else { 0.0 }
                    })
                    .collect()
            })
            .collect();
        let short = u() < 0.3;
        let raw: Vec<f64> = (0..n).map(|_| u() + 0.05 - if short { 0.3 } else { 0.0 }).collect();
        let cash = if u() < 0.5 { 0.0 } else { 0.1 * u() };
        let total: f64 = raw.iter().sum::<f64>().max(0.2);
        let mut hidden: Vec<f64> = raw.iter().map(|r| r / total).collect();
        let gap = 1.0 - cash - hidden.iter().sum::<f64>();
        hidden.iter_mut().for_each(|h| *h += gap / n as f64);
        let w0: Vec<f64> = hidden.iter().map(|h| h + 0.3 * (u() - 0.5) / n as f64 * 4.0).collect();
        let trade: f64 = hidden.iter().zip(&w0).map(|(a, b)| (a - b).abs()).sum();
        let mut p = RebalanceProblem::long_only((0..n).map(|_| 0.15 * (u() - 0.2)).collect(), 8.0 * u());
        p.lower = hidden.iter().map(|h| h - 0.02 - 0.3 * u()).collect();
        p.upper = hidden.iter().map(|h| h + 0.02 + 0.3 * u()).collect();
        (p.cash_min, p.cash_max) = if u() < 0.5 { (cash, cash) } else { (cash - 0.05 * u(), cash + 0.05) };
        p.cost_linear = (u() < 0.7).then(|| (0..n).map(|_| 0.004 * u()).collect());
        p.cost_impact = (u() < 0.4).then(|| (0..n).map(|_| 0.05 * u()).collect());
        if u() < 0.4 {
            let members: Vec<usize> = (0..n).step_by(2).collect();
            let sum: f64 = members.iter().map(|&i| hidden[i]).sum();
            p.groups.push(GroupLimit { name: "even".into(), members, lower: sum - 0.05, upper: sum + 0.05 });
        }
        if u() < 0.3 {
            let loadings: Vec<f64> = (0..n).map(|_| u() - 0.5).collect();
            let at: f64 = loadings.iter().zip(&hidden).map(|(a, h)| a * h).sum();
            p.exposures.push(ExposureLimit { name: "tilt".into(), loadings, lower: at - 0.02, upper: at + 0.02 });
        }
        if u() < 0.5 {
            p.turnover_limit = Some(trade + 0.01 + 0.2 * u());
        }
        if u() < 0.3 {
            p.leverage_max = Some(hidden.iter().map(|h| h.abs()).sum::<f64>() + 0.01 + 0.3 * u());
        }
        if u() < 0.4 {
            p.benchmark = Some(hidden.iter().map(|h| h + 0.02 * (u() - 0.5)).collect());
            let model = RiskModel::dense(&sigma).unwrap();
            let active: Vec<f64> = hidden.iter().zip(p.benchmark.iter().flatten()).map(|(h, b)| h - b).collect();
            p.tracking_error_max = Some(model.variance(&active).sqrt() + 0.002 + 0.05 * u());
        }
        if u() < 0.3 {
            // Starting at the hidden portfolio keeps the restriction satisfiable.
            p.w0 = w0;
            p.w0[0] = hidden[0];
            let kind =
                [RestrictionKind::DoNotBuy, RestrictionKind::DoNotSell, RestrictionKind::Locked][seed as usize % 3];
            p.restrictions.push(TradeRestriction { asset: 0, kind });
        } else {
            p.w0 = w0;
        }
        Instance { problem: p, sigma }
    })
}

fn solution(o: RebalanceOutcome) -> RebalanceSolution {
    match o {
        RebalanceOutcome::Optimal(s) => s,
        RebalanceOutcome::Infeasible(i) => panic!("{}", i.sentence),
    }
}

#[test]
fn the_structured_solver_settles_all_but_a_few() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut conic, mut slow, mut inexact) = (0, 0, 0);
    for _ in 0..4_000 {
        let s = solution(feasible().new_tree(&mut runner).unwrap().current().solve());
        conic += usize::from(s.engine == Engine::Conic);
        slow += usize::from(s.iterations > 25);
        inexact += usize::from(s.certificate.stationarity > 1e-9);
        let priced = |limit: Limit| s.constraint_prices.iter().any(|price| price.limit == limit);
        let slacks = &s.certificate.slacks;
        for (limit, room) in [(Limit::Turnover, slacks.turnover), (Limit::TrackingError, slacks.tracking_error)] {
            assert!(!priced(limit.clone()) || room.unwrap() <= 1e-6, "{limit:?} has a price and room for {room:?}");
        }
    }
    assert!(conic <= 4 && slow <= 8, "{conic} fell back, {slow} took more than 25 iterations");
    assert_eq!(inexact, 0, "not polished to the exact solution");
}

/// The problem of the book after a cost, a fraction of it: what is held and what may be traded are larger shares of the rest.
fn after_a_cost(problem: &RebalanceProblem, cost: f64) -> RebalanceProblem {
    let larger = |list: &[f64]| list.iter().map(|x| x / (1.0 - cost)).collect::<Vec<f64>>();
    RebalanceProblem {
        w0: larger(&problem.w0),
        turnover_limit: problem.turnover_limit.map(|most| most / (1.0 - cost)),
        trade_max: problem.trade_max.as_deref().map(larger),
        ..problem.clone()
    }
}

#[test]
fn a_near_problem_is_settled_without_an_interior_point() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    // One iteration settles nothing, so what is proven by this engine was found from the solution nearby.
    let hardly = SolveOptions { max_iterations: 1, ..SolveOptions::default() };
    let (mut settled, mut all) = (0, 0);
    for _ in 0..500 {
        let i = feasible().new_tree(&mut runner).unwrap().current();
        let first = solution(i.solve());
        let near = after_a_cost(&i.problem, 1e-5);
        let alone = solve(&near, &i.model(), &hardly);
        let found = solve_near(&near, &i.model(), &hardly, (&i.problem, &first));
        let by_this = |outcome: &Result<RebalanceOutcome, _>| {
            outcome.as_ref().is_ok_and(|o| o.solution().is_some_and(|s| s.engine == Engine::Structured))
        };
        if !by_this(&alone) {
            all += 1;
            settled += usize::from(by_this(&found));
        }
    }
    assert!(all > 300 && 10 * settled > 9 * all, "{settled} of {all}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_solution_nearby_changes_no_answer(i in feasible(), other in feasible(), cost in 0.0_f64..0.01) {
        let model = i.model();
        let first = solution(i.solve());
        let near = after_a_cost(&i.problem, cost);
        let options = SolveOptions::default();
        let alone = solve(&near, &model, &options).unwrap();
        // One that is far away is no harm either.
        for start in [(&i.problem, &first), (&other.problem, &solution(other.solve()))] {
            let found = solve_near(&near, &model, &options, start).unwrap();
            prop_assert_eq!(found.is_optimal(), alone.is_optimal());
            if let (RebalanceOutcome::Optimal(a), RebalanceOutcome::Optimal(b)) = (&found, &alone) {
                prop_assert!(verify(&near, &model, a).unwrap().valid);
                prop_assert!((a.objective - b.objective).abs() < 1e-8, "{} {}", a.objective, b.objective);
            }
        }
    }

    #[test]
    fn a_feasible_problem_yields_a_proof_that_checks(i in feasible()) {
        let s = solution(i.solve());
        let check = verify(&i.problem, &i.model(), &s).unwrap();
        prop_assert!(check.valid, "{:?}", check.objections);
        prop_assert!(check.duality_gap < 1e-7 && check.primal_violation < 1e-8);
        // A price is never negative, and every figure is finite.
        prop_assert!(s.constraint_prices.iter().all(|p| p.multiplier > 0.0 && p.bp_per_point.is_finite()));
    }

    #[test]
    fn no_other_portfolio_within_the_limits_is_better(i in feasible()) {
        let s = solution(i.solve());
        let reference = ConicReference::new(&i.problem, &i.model()).unwrap().objective(1e-9);
        let reference = reference.unwrap();
        prop_assert!((s.objective - reference).abs() < 1e-6, "{} {}", s.objective, reference);
    }

    #[test]
    fn order_of_the_assets_does_not_matter(i in feasible()) {
        let n = i.problem.assets();
        let order: Vec<usize> = (0..n).map(|k| (2 * n - 1 - k + n / 3) % n).collect();
        let pick = |v: &[f64]| order.iter().map(|&k| v[k]).collect::<Vec<_>>();
        let place = |k: usize| order.iter().position(|&o| o == k).unwrap();
        let mut p = i.problem.clone();
        (p.mu, p.w0, p.lower, p.upper) = (pick(&p.mu), pick(&p.w0), pick(&p.lower), pick(&p.upper));
        p.cost_linear = p.cost_linear.map(|c| pick(&c));
        p.cost_impact = p.cost_impact.map(|c| pick(&c));
        p.benchmark = p.benchmark.map(|c| pick(&c));
        p.groups.iter_mut().for_each(|g| g.members.iter_mut().for_each(|m| *m = place(*m)));
        p.exposures.iter_mut().for_each(|e| e.loadings = pick(&e.loadings));
        p.restrictions.iter_mut().for_each(|r| r.asset = place(r.asset));
        let sigma = order.iter().map(|&a| pick(&i.sigma[a])).collect();
        let (a, b) = (solution(i.solve()), solution(Instance { problem: p, sigma }.solve()));
        prop_assert!((a.objective - b.objective).abs() < 1e-9);
        if i.problem.risk_aversion > 0.5 {
            for (x, y) in pick(&a.weights).iter().zip(&b.weights) {
                prop_assert!((x - y).abs() < 1e-5, "{x} {y}");
            }
        }
    }

    #[test]
    fn an_objective_in_other_units_has_the_same_weights(i in feasible(), power in -3_i32..4) {
        let scale = 10f64.powi(power);
        let mut p = i.problem.clone();
        p.risk_aversion *= scale;
        p.mu.iter_mut().for_each(|m| *m *= scale);
        p.cost_linear.iter_mut().flatten().for_each(|c| *c *= scale);
        p.cost_impact.iter_mut().flatten().for_each(|c| *c *= scale);
        let (a, b) = (solution(i.solve()), solution(Instance { problem: p, sigma: i.sigma.clone() }.solve()));
        prop_assert!((a.objective * scale - b.objective).abs() < 1e-8 * scale.max(1.0), "{} {}", a.objective, b.objective);
    }

    #[test]
    fn changed_solutions_are_refused(i in feasible(), at in 0_usize..100) {
        let s = solution(i.solve());
        let (model, n) = (i.model(), i.problem.assets());
        let refused = |p: &RebalanceProblem, s: &RebalanceSolution| !verify(p, &model, s).unwrap().valid;
        let mut moved = s.clone();
        moved.weights[at % n] += 1e-3;
        moved.weights[(at + 1) % n] -= 1e-3;
        prop_assert!(refused(&i.problem, &moved));
        let mut tighter = i.problem.clone();
        tighter.upper[at % n] += 1e-3;
        if tighter.restrictions.is_empty() {
            prop_assert!(refused(&tighter, &s));
        }
        let mut dual = s.clone();
        dual.certificate.duals.budget += 1e-3;
        prop_assert!(refused(&i.problem, &dual));
        if s.certificate.duals.turnover > 1e-4 {
            let mut swapped = s.clone();
            let d = &mut swapped.certificate.duals;
            std::mem::swap(&mut d.turnover, &mut d.budget);
            prop_assert!(refused(&i.problem, &swapped));
        }
    }

    #[test]
    fn prices_in_other_words_or_figures_are_refused(i in feasible(), which in any::<prop::sample::Index>(), worth in 1e3_f64..1e9) {
        let options = SolveOptions { portfolio_value: Some(worth), ..SolveOptions::default() };
        let s = solution(solve(&i.problem, &i.model(), &options).unwrap());
        let refused = |s: &RebalanceSolution| !verify(&i.problem, &i.model(), s).unwrap().valid;
        prop_assert!(!refused(&s));
        if s.constraint_prices.is_empty() {
            return Ok(());
        }
        let at = which.index(s.constraint_prices.len());
        let mut worded = s.clone();
        worded.constraint_prices[at].sentence.push(' ');
        prop_assert!(refused(&worded));
        let mut moved = s.clone();
        moved.constraint_prices[at].value += 1e-3;
        prop_assert!(refused(&moved));
        // With only one price, its currency can be compared with nothing but its sentence.
        let mut dearer = s.clone();
        dearer.constraint_prices[at].currency_per_point = dearer.constraint_prices[at].currency_per_point.map(|v| 2.0 * v + 1.0);
        prop_assert!(refused(&dearer));
    }

    #[test]
    fn a_contradiction_is_proven_and_its_repair_solves(i in feasible(), kind in 0..4) {
        let mut p = i.problem.clone();
        let n = p.assets();
        match kind {
            0 => p.upper = p.upper.iter().zip(&p.lower).map(|(u, l)| (u - 2.0).max(*l)).collect(),
            1 => p.turnover_limit = Some(0.0),
            2 => {
                p.benchmark = Some((0..n).map(|k| if k == 0 { 3.0 } else { -2.0 / n as f64 }).collect());
                p.tracking_error_max = Some(0.001);
            }
            _ => p.groups.push(GroupLimit { name: "all".into(), members: (0..n).collect(), lower: 1.5, upper: 2.0 }),
        }
        let instance = Instance { problem: p, sigma: i.sigma.clone() };
        if let RebalanceOutcome::Infeasible(why) = instance.solve() {
            prop_assert!(verify_infeasible(&instance.problem, &instance.model(), &why).unwrap());
            prop_assert!(!why.conflict.is_empty());
            let repaired = Instance { problem: why.repair.problem.clone(), sigma: i.sigma };
            let s = solution(repaired.solve());
            prop_assert!(verify(&repaired.problem, &repaired.model(), &s).unwrap().valid);
        }
    }
}
