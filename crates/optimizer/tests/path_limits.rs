//! Limits of a path: within them, proven, and as good as a conic solver's answer to the same problem.
#![expect(clippy::unwrap_used, reason = "a test fails where a value is missing")]

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettingsBuilder, DefaultSolver, IPSolver, NonnegativeConeT, SecondOrderConeT, SolverStatus, SupportedConeT,
    ZeroConeT,
};
use optimizer::{
    ExposureLimit, GroupLimit, Limit, MultiPeriodProblem, OptimizerError, PathLimits, RiskModel, SolveOptions,
    path_conflict, solve_path, verify_infeasible, verify_path,
};
use proptest::prelude::*;

const OPTIONS: SolveOptions = SolveOptions {
    portfolio_value: None,
    tolerance: 1e-10,
    max_iterations: 100,
    proven_gap: 1e-7,
    second_tolerance: 1e-12,
};

/// A covariance of one factor, and the `n + 1` columns of a root of it: `Σ = R·Rᵀ`.
fn one_factor(betas: &[f64], specific: &[f64]) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let n = betas.len();
    let own = |i: usize, j: usize| if i == j { specific[i] } else { 0.0 };
    let sigma = (0..n).map(|i| (0..n).map(|j| 4e-4 * betas[i] * betas[j] + own(i, j)).collect()).collect();
    let root = (0..=n).map(|k| (0..n).map(|i| if k == n { 0.02 * betas[i] } else { own(i, k).sqrt() }).collect());
    (sigma, root.collect())
}

/// The conic form, row by row: `row·x + s = right` with `s` in a cone.
#[derive(Default)]
struct Rows {
    entries: Vec<(usize, usize, f64)>,
    right: Vec<f64>,
}

impl Rows {
    fn push(&mut self, terms: &[(usize, f64)], right: f64) {
        let row = self.right.len();
        self.entries.extend(terms.iter().map(|(column, value)| (row, *column, *value)));
        self.right.push(right);
    }

    fn append(&mut self, other: Self) {
        let first = self.right.len();
        self.entries.extend(other.entries.into_iter().map(|(row, column, value)| (first + row, column, value)));
        self.right.extend(other.right);
    }
}

fn sparse(rows: usize, columns: usize, mut entries: Vec<(usize, usize, f64)>) -> CscMatrix<f64> {
    entries.sort_by_key(|(row, column, _)| (*column, *row));
    let mut starts = vec![0; columns + 1];
    entries.iter().for_each(|(_, column, _)| starts[column + 1] += 1);
    (0..columns).for_each(|c| starts[c + 1] += starts[c]);
    let (rows_of, values) = entries.iter().map(|(row, _, value)| (*row, *value)).unzip();
    CscMatrix::new(rows, columns, starts, rows_of, values)
}

/// The least objective by clarabel; `None` when it proves that there is no path.
fn by_clarabel(p: &MultiPeriodProblem, sigma: &[Vec<f64>], root: &[Vec<f64>]) -> Option<f64> {
    let (n, periods) = (p.assets(), p.periods());
    let columns = 2 * n * periods;
    let (x, t) = (|h: usize, i: usize| h * n + i, |h: usize, i: usize| (periods + h) * n + i);
    let benchmark = p.benchmark.clone().unwrap();
    let sigma_b: Vec<f64> = sigma.iter().map(|row| row.iter().zip(&benchmark).map(|(s, b)| s * b).sum()).collect();
    let (mut curvature, mut slope) = (Vec::new(), vec![0.0; columns]);
    let (mut least, mut caps) = (Rows::default(), Rows::default());
    let quadratic = p.cost_quadratic.clone().unwrap();
    let mut value = 1.0;
    for h in 0..periods {
        value += p.flows[h];
        for j in 0..n {
            curvature.extend((0..=j).map(|i| (x(h, i), x(h, j), 2.0 * p.risk_aversion * sigma[i][j])));
            curvature.push((t(h, j), t(h, j), 2.0 * quadratic[j]));
            slope[x(h, j)] = -p.mu[h][j] - 2.0 * p.risk_aversion * sigma_b[j];
            slope[t(h, j)] = p.cost_linear.as_ref().unwrap()[j];
        }
        let sum = |side: f64, loadings: &[f64]| -> Vec<(usize, f64)> {
            loadings.iter().enumerate().map(|(i, a)| (x(h, i), side * a)).collect()
        };
        let ones = vec![1.0; n];
        least.push(&sum(1.0, &ones), value - p.cash_min);
        least.push(&sum(-1.0, &ones), p.cash_max - value);
        for group in &p.limits.groups {
            let loadings: Vec<f64> = (0..n).map(|i| f64::from(u8::from(group.members.contains(&i)))).collect();
            least.push(&sum(1.0, &loadings), group.upper);
            least.push(&sum(-1.0, &loadings), -group.lower);
        }
        for limit in &p.limits.exposures {
            least.push(&sum(1.0, &limit.loadings), limit.upper);
            least.push(&sum(-1.0, &limit.loadings), -limit.lower);
        }
        for i in 0..n {
            least.push(&[(x(h, i), 1.0)], p.upper[i]);
            least.push(&[(x(h, i), -1.0)], -p.lower[i]);
            if let Some(most) = &p.limits.trade_max {
                least.push(&[(t(h, i), 1.0)], most[i]);
            }
            for side in [-1.0, 1.0] {
                match h {
                    0 => least.push(&[(x(h, i), side), (t(h, i), -1.0)], side * p.w0[i]),
                    _ => least.push(&[(x(h, i), side), (x(h - 1, i), -side), (t(h, i), -1.0)], 0.0),
                }
            }
        }
        if let Some(most) = p.limits.turnover_max {
            least.push(&(0..n).map(|i| (t(h, i), 1.0)).collect::<Vec<_>>(), most);
        }
        if let Some(most) = p.limits.tracking_error_max {
            caps.push(&[], value * most);
            for column in root {
                let terms: Vec<(usize, f64)> = (0..n).map(|i| (x(h, i), -column[i])).collect();
                caps.push(&terms, -(0..n).map(|i| column[i] * value * benchmark[i]).sum::<f64>());
            }
        }
    }
    let mut cones: Vec<SupportedConeT<f64>> = vec![ZeroConeT(0), NonnegativeConeT(least.right.len())];
    if !caps.right.is_empty() {
        cones.extend((0..periods).map(|_| SecondOrderConeT(n + 2)));
    }
    least.append(caps);
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .direct_solve_method("faer".to_owned())
        .tol_gap_abs(1e-10)
        .tol_gap_rel(1e-10)
        .tol_feas(1e-10)
        .build()
        .unwrap();
    let limits = sparse(least.right.len(), columns, least.entries);
    let curvature = sparse(columns, columns, curvature);
    let mut solver = DefaultSolver::new(&curvature, &slope, &limits, &least.right, &cones, settings).unwrap();
    solver.solve();
    let constant = periods as f64 * p.risk_aversion * benchmark.iter().zip(&sigma_b).map(|(b, s)| b * s).sum::<f64>();
    match solver.solution.status {
        SolverStatus::Solved | SolverStatus::AlmostSolved => Some(solver.solution.obj_val + constant),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_path_within_its_limits_is_as_good_as_the_conic_solvers(
        n in 2..9_usize,
        periods in 1..7_usize,
        seeds in prop::collection::vec(0.0..1.0_f64, 120),
        risk_aversion in 0.5..30.0_f64,
        cost in 0.0..0.005_f64,
        quadratic in prop_oneof![Just(0.0), 0.0..0.5_f64],
        cash_room in prop_oneof![Just(0.0), 0.01..0.3_f64],
        flow in prop_oneof![Just(0.0), -0.03..0.03_f64],
        turnover in prop::option::of(0.02..0.5_f64),
        trade in prop::option::of(0.02..0.2_f64),
        group in prop::option::of(0.2..0.7_f64),
        exposure in prop::option::of(0.9..1.2_f64),
        tracking in prop::option::of(0.002..0.03_f64),
        locked in prop::option::of(0..2_usize),
    ) {
        let at = |i: usize| seeds[i % seeds.len()];
        let betas: Vec<f64> = (0..n).map(|i| 0.5 + at(i)).collect();
        let specific: Vec<f64> = (0..n).map(|i| 1e-4 * (0.2 + at(i + 20))).collect();
        let (sigma, root) = one_factor(&betas, &specific);
        let model = RiskModel::dense(&sigma).unwrap();
        let whole = |from: usize| {
            let raw: Vec<f64> = (0..n).map(|i| 0.05 + at(i + from)).collect();
            let total: f64 = raw.iter().sum();
            raw.iter().map(|w| w / total).collect::<Vec<f64>>()
        };
        let (w0, benchmark) = (whole(40), whole(50));
        let mu = (0..periods).map(|h| (0..n).map(|i| 0.01 * (at(i + 60) - 0.5) * 0.8_f64.powi(h as i32)).collect());
        let (mut lower, mut upper) = (vec![0.0; n], vec![0.9; n]);
        if let Some(i) = locked.filter(|_| n > 2) {
            lower[i] = w0[i];
            upper[i] = w0[i];
        }
        let half = |upper| GroupLimit {
            name: "half".to_owned(),
            members: (0..n.div_ceil(2)).collect(),
            lower: 0.1,
            upper,
        };
        let beta = |upper| ExposureLimit {
            name: "beta".to_owned(),
            loadings: betas.clone(),
            lower: 0.0,
            upper,
        };
        let problem = MultiPeriodProblem {
            benchmark: Some(benchmark),
            cost_linear: Some(vec![cost; n]),
            cost_quadratic: Some((0..n).map(|i| quadratic * at(i + 80)).collect()),
            cash_max: cash_room,
            flows: (0..periods).map(|h| flow * at(h + 100)).collect(),
            lower,
            upper,
            w0,
            limits: PathLimits {
                groups: group.map(half).into_iter().collect(),
                exposures: exposure.map(beta).into_iter().collect(),
                turnover_max: turnover,
                trade_max: trade.map(|most| (0..n).map(|i| most * (0.5 + at(i + 110))).collect()),
                tracking_error_max: tracking,
            },
            ..MultiPeriodProblem::long_only(mu.collect(), risk_aversion)
        };
        let known = by_clarabel(&problem, &sigma, &root);
        match (solve_path(&problem, &model, &OPTIONS), known) {
            (Ok(solution), Some(known)) => {
                let gap = verify_path(&problem, &model, &solution).unwrap();
                let is_small = gap.is_some_and(|gap| (-1e-7..=1e-7).contains(&gap));
                prop_assert!(is_small, "{gap:?} after {}", solution.iterations);
                prop_assert!((solution.objective - known).abs() <= 1e-7, "{} against {known}", solution.objective);
                // Two weights that trade places break a limit or are worse.
                let mut worse = solution.clone();
                worse.path[0].swap(0, 1);
                let moved = verify_path(&problem, &model, &worse).unwrap();
                prop_assert!(moved.is_none_or(|moved| moved >= gap.unwrap() - 1e-9));
            }
            (Err(OptimizerError::Infeasible { .. }), None) => {
                // Either a period is shown to contradict itself, or the bounds do.
                if let Ok(Some(conflict)) = path_conflict(&problem, &model, &OPTIONS) {
                    prop_assert!(verify_infeasible(&conflict.problem, &model, &conflict.infeasibility).is_ok());
                }
            }
            (Err(OptimizerError::NotProven { .. }), None) => {}
            (ours, known) => {
                return Err(TestCaseError::fail(format!("{ours:?} against {known:?}: {:?}", problem.limits)));
            }
        }
    }
}

fn pair() -> (MultiPeriodProblem, RiskModel) {
    let problem = MultiPeriodProblem {
        w0: vec![1.0, 0.0],
        benchmark: Some(vec![0.5, 0.5]),
        ..MultiPeriodProblem::long_only(vec![vec![0.0; 2]; 5], 5.0)
    };
    (problem, RiskModel::dense(&[[4e-4, 0.0], [0.0, 4e-4]]).unwrap())
}

#[test]
fn a_turnover_limit_spreads_the_way_over_the_periods_it_needs() {
    let (problem, model) = pair();
    let limits = PathLimits { turnover_max: Some(0.4), ..PathLimits::default() };
    let path = solve_path(&MultiPeriodProblem { limits, ..problem.clone() }, &model, &OPTIONS).unwrap().path;
    // A fifth of the book each period: 0.8, 0.6, and the benchmark from then on.
    for (weights, first) in path.iter().zip([0.8, 0.6, 0.5, 0.5, 0.5]) {
        assert!((weights[0] - first).abs() < 1e-5, "{path:?}");
    }
    // The largest trade of the second asset does the same as the turnover of both.
    let limits = PathLimits { trade_max: Some(vec![1.0, 0.2]), ..PathLimits::default() };
    let same = solve_path(&MultiPeriodProblem { limits, ..problem }, &model, &OPTIONS).unwrap().path;
    assert!(path.concat().iter().zip(same.concat()).all(|(a, b)| (a - b).abs() < 1e-5), "{same:?}");
}

#[test]
fn a_tracking_error_limit_is_kept_in_every_period() {
    let (mut problem, model) = pair();
    problem.mu = (0..5).map(|h| vec![0.004 * 0.7_f64.powi(h), 0.0]).collect();
    // (w − ½)·√(2·0.0004) ≤ 0.01 gives w ≤ 0.853553.
    problem.limits.tracking_error_max = Some(0.01);
    let most = 0.5 + 0.01 / 8e-4_f64.sqrt();
    let path = solve_path(&problem, &model, &OPTIONS).unwrap().path;
    assert!((path[0][0] - most).abs() < 1e-5, "{path:?}");
    assert!(path.iter().all(|weights| weights[0] <= most + 1e-8));
}

#[test]
fn the_period_that_contradicts_itself_is_named_with_its_repair() {
    let (mut problem, model) = pair();
    // A tenth comes in before the third trade and has to be invested then, of which the turnover limit of 0.01 a period
    // allows 0.03.
    problem.flows = vec![0.0, 0.0, 0.1, 0.0, 0.0];
    problem.limits.turnover_max = Some(0.01);
    assert!(matches!(solve_path(&problem, &model, &OPTIONS), Err(OptimizerError::Infeasible { .. })));
    let conflict = path_conflict(&problem, &model, &OPTIONS).unwrap().unwrap();
    assert_eq!(conflict.period, 2);
    assert!(conflict.infeasibility.conflict.contains(&Limit::Turnover), "{:?}", conflict.infeasibility.conflict);
    // 0.07 more may stay in cash, or be traded.
    let repair = &conflict.infeasibility.repair.relaxations[0];
    assert!((repair.by.abs() - 0.07).abs() < 1e-5, "{repair:?}");
    assert!(path_conflict(&pair().0, &model, &OPTIONS).unwrap().is_none());
}

#[test]
fn limits_that_cannot_be_are_refused() {
    let (problem, model) = pair();
    let refused = |change: fn(&mut PathLimits)| {
        let mut problem = problem.clone();
        change(&mut problem.limits);
        solve_path(&problem, &model, &OPTIONS).unwrap_err()
    };
    assert!(matches!(refused(|l| l.turnover_max = Some(-0.1)), OptimizerError::OutOfRange { .. }));
    assert!(matches!(refused(|l| l.tracking_error_max = Some(-0.01)), OptimizerError::OutOfRange { .. }));
    assert!(matches!(refused(|l| l.trade_max = Some(vec![0.1])), OptimizerError::LengthMismatch { .. }));
    let group = |members| GroupLimit { name: "g".to_owned(), members, lower: 0.7, upper: 0.8 };
    let of = |members| {
        let limits = PathLimits { groups: vec![group(members)], ..PathLimits::default() };
        solve_path(&MultiPeriodProblem { limits, ..problem.clone() }, &model, &OPTIONS)
    };
    assert!(matches!(of(vec![2]), Err(OptimizerError::UnknownAsset { .. })));
    // A group of both assets is the whole book, which is fully invested.
    assert!(matches!(of(vec![0, 1]), Err(OptimizerError::Infeasible { .. })));
    assert!(of(vec![0]).is_ok());
    // Nothing may trade: the book stays.
    let limits = PathLimits { turnover_max: Some(0.0), ..PathLimits::default() };
    let still = solve_path(&MultiPeriodProblem { limits, ..problem.clone() }, &model, &OPTIONS).unwrap();
    assert!(still.path.iter().all(|weights| weights == &[1.0, 0.0]));
}
