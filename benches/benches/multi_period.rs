//! Plans over several periods beside clarabel on the same problems.
//!
//! `cargo bench -p benches --bench multi_period` ends with a table. Clarabel is handed the assembled conic form with its supernodal
//! factorisation and stops at `1e-8`; our time includes the check of the problem and the proof of the answer. One thread each.
//! `BENCH_CLOCK=cpu` counts processor time. `MULTI_PERIOD_SIZES=20x1,20x10` chooses assets and periods.

#![expect(clippy::print_stdout, reason = "a benchmark talks to its reader")]

use std::hint::black_box;
use std::time::Duration;

use benches::clock::{Clock, criterion};
use benches::measuring;
use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettingsBuilder, DefaultSolver, IPSolver, NonnegativeConeT, SecondOrderConeT, SolverStatus, SupportedConeT,
    ZeroConeT,
};
use criterion::measurement::Measurement;
use criterion::{Criterion, criterion_group, criterion_main};
use optimizer::{GroupLimit, MultiPeriodProblem, PathLimits, RiskModel, SolveOptions, solve_path};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a path has to keep to besides bounds and cash.
#[derive(Clone, Copy, PartialEq)]
enum Limits {
    /// Nothing else.
    Cash,
    /// A group, turnover and tracking error in every period.
    All,
}

/// A book of `n` assets on one factor, monthly, with forecasts that lose a fifth of their strength a month and costs of 20 bp.
fn problem(n: usize, periods: usize, limits: Limits) -> (MultiPeriodProblem, Vec<Vec<f64>>) {
    let mut rng = ChaCha8Rng::seed_from_u64(n as u64);
    let mut draw = |low: f64, high: f64| rng.random_range(low..high);
    let betas: Vec<f64> = (0..n).map(|_| draw(0.6, 1.4)).collect();
    let specific: Vec<f64> = (0..n).map(|_| draw(5e-4, 5e-3)).collect();
    let sigma = (0..n)
        .map(|i| (0..n).map(|j| 2e-3 * betas[i] * betas[j] + if i == j { specific[i] } else { 0.0 }).collect())
        .collect();
    let raw: Vec<f64> = (0..n).map(|_| draw(0.2, 1.0)).collect();
    let total: f64 = raw.iter().sum();
    let today: Vec<f64> = (0..n).map(|_| draw(-0.01, 0.01)).collect();
    let mu = (0..periods).map(|h| today.iter().map(|m| m * 0.8_f64.powi(h as i32)).collect()).collect();
    let within = match limits {
        Limits::Cash => PathLimits::default(),
        // The first half of the assets, a turnover of a tenth a month, and 1 % a month of tracking error: each binds in some period.
        Limits::All => PathLimits {
            groups: vec![GroupLimit {
                name: "half".to_owned(),
                members: (0..n / 2).collect(),
                lower: 0.0,
                upper: 0.52,
            }],
            turnover_max: Some(0.1),
            tracking_error_max: Some(0.01),
            ..PathLimits::default()
        },
    };
    let problem = MultiPeriodProblem {
        limits: within,
        w0: raw.iter().map(|w| w / total).collect(),
        benchmark: Some(vec![1.0 / n as f64; n]),
        cost_linear: Some(vec![0.002; n]),
        upper: vec![0.25_f64.max(2.0 / n as f64); n],
        ..MultiPeriodProblem::long_only(mu, 4.0)
    };
    (problem, sigma)
}

/// The lower triangle `R` with `Σ = R·Rᵀ`, by columns.
fn root(sigma: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = sigma.len();
    let mut root = vec![vec![0.0; n]; n];
    for i in 0..n {
        for k in 0..=i {
            let rest = sigma[i][k] - root[..k].iter().map(|column| column[i] * column[k]).sum::<f64>();
            root[k][i] = if i == k { rest.sqrt() } else { rest / root[k][k] };
        }
    }
    root
}

/// A matrix by columns, from entries in any order.
fn sparse(rows: usize, columns: usize, mut entries: Vec<(usize, usize, f64)>) -> CscMatrix<f64> {
    entries.sort_by_key(|(row, column, _)| (*column, *row));
    let mut starts = vec![0; columns + 1];
    for (_, column, _) in &entries {
        starts[column + 1] += 1;
    }
    for c in 0..columns {
        starts[c + 1] += starts[c];
    }
    let (rows_of, values) = entries.iter().map(|(row, _, value)| (*row, *value)).unzip();
    CscMatrix::new(rows, columns, starts, rows_of, values)
}

/// The conic form: weights and sizes of trades, with what it is built of.
struct Conic {
    curvature: CscMatrix<f64>,
    slope: Vec<f64>,
    limits: CscMatrix<f64>,
    right: Vec<f64>,
    cones: Vec<SupportedConeT<f64>>,
    /// What the objective has beside it: `λ·bᵀΣb` a period.
    constant: f64,
}

impl Conic {
    fn of(p: &MultiPeriodProblem, sigma: &[Vec<f64>]) -> Self {
        let (n, periods) = (p.assets(), p.periods());
        let (x, t) = (|h: usize, i: usize| h * n + i, |h: usize, i: usize| (periods + h) * n + i);
        let columns = 2 * n * periods;
        let benchmark = p.benchmark.clone().unwrap_or_else(|| vec![0.0; n]);
        let sigma_b: Vec<f64> = sigma.iter().map(|row| row.iter().zip(&benchmark).map(|(s, b)| s * b).sum()).collect();
        let (mut curvature, mut slope) = (Vec::new(), vec![0.0; columns]);
        let (mut limits, mut right) = (Vec::new(), Vec::new());
        for h in 0..periods {
            for j in 0..n {
                curvature.extend((0..=j).map(|i| (x(h, i), x(h, j), 2.0 * p.risk_aversion * sigma[i][j])));
                slope[x(h, j)] = -p.mu[h][j] - 2.0 * p.risk_aversion * sigma_b[j];
                slope[t(h, j)] = p.cost_linear.as_ref().map_or(0.0, |c| c[j]);
                limits.push((h, x(h, j), 1.0));
            }
            right.push(1.0);
        }
        let mut row = periods;
        let mut at_most = |terms: &[(usize, f64)], most: f64| {
            limits.extend(terms.iter().map(|(column, value)| (row, *column, *value)));
            right.push(most);
            row += 1;
        };
        for h in 0..periods {
            for i in 0..n {
                at_most(&[(x(h, i), -1.0)], -p.lower[i]);
                at_most(&[(x(h, i), 1.0)], p.upper[i]);
                for side in [-1.0, 1.0] {
                    // side·(x_h − x_{h−1}) ≤ t
                    if h == 0 {
                        at_most(&[(x(h, i), side), (t(h, i), -1.0)], side * p.w0[i]);
                    } else {
                        at_most(&[(x(h, i), side), (x(h - 1, i), -side), (t(h, i), -1.0)], 0.0);
                    }
                }
            }
        }
        for h in 0..periods {
            for group in &p.limits.groups {
                let terms: Vec<(usize, f64)> = group.members.iter().map(|i| (x(h, *i), 1.0)).collect();
                at_most(&terms, group.upper);
            }
            if let Some(most) = p.limits.turnover_max {
                at_most(&(0..n).map(|i| (t(h, i), 1.0)).collect::<Vec<_>>(), most);
            }
        }
        let linear = right.len();
        let mut cones = vec![ZeroConeT(periods), NonnegativeConeT(linear - periods)];
        if let Some(most) = p.limits.tracking_error_max {
            // ‖Rᵀ(x − b)‖ ≤ most with Σ = R·Rᵀ.
            let root = root(sigma);
            for h in 0..periods {
                right.push(most);
                for (k, column) in root.iter().enumerate() {
                    limits.extend((k..n).map(|i| (right.len(), x(h, i), -column[i])));
                    right.push(-(k..n).map(|i| column[i] * benchmark[i]).sum::<f64>());
                }
                cones.push(SecondOrderConeT(n + 1));
            }
        }
        let row = right.len();
        let constant =
            periods as f64 * p.risk_aversion * benchmark.iter().zip(&sigma_b).map(|(b, s)| b * s).sum::<f64>();
        let limits = sparse(row, columns, limits);
        Self { curvature: sparse(columns, columns, curvature), slope, limits, right, cones, constant }
    }

    fn solve(&self) -> f64 {
        let settings = DefaultSettingsBuilder::default()
            .verbose(false)
            .direct_solve_method("faer".to_owned())
            .max_threads(1)
            .build()
            .expect("settings");
        let mut solver =
            DefaultSolver::new(&self.curvature, &self.slope, &self.limits, &self.right, &self.cones, settings)
                .expect("a problem");
        solver.solve();
        assert_eq!(solver.solution.status, SolverStatus::Solved);
        solver.solution.obj_val + self.constant
    }
}

fn median(clock: Clock, runs: usize, mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let started = clock.start();
            run();
            clock.end(started)
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn sizes() -> Vec<(usize, usize)> {
    let text = std::env::var("MULTI_PERIOD_SIZES").unwrap_or_else(|_| {
        let all = "6x1,6x10,20x1,20x2,20x5,20x10,20x20,100x5";
        if measuring() { all } else { "6x1,6x4" }.to_owned()
    });
    text.split(',')
        .filter_map(|size| size.split_once('x'))
        .filter_map(|(n, h)| n.parse().ok().zip(h.parse().ok()))
        .collect()
}

fn paths(c: &mut Criterion<Clock>) {
    let clock = Clock::from_environment();
    let mut table = Vec::new();
    let cases = sizes().into_iter().flat_map(|(n, periods)| [(n, periods, Limits::Cash), (n, periods, Limits::All)]);
    for (n, periods, limits) in cases {
        let (p, sigma) = problem(n, periods, limits);
        let model = RiskModel::dense(&sigma).expect("a covariance");
        let conic = Conic::of(&p, &sigma);
        let ours = solve_path(&p, &model, &SolveOptions::default()).expect("a path");
        let theirs = conic.solve();
        assert!((ours.objective - theirs).abs() < 1e-6, "{} against {theirs}", ours.objective);
        let (suffix, word) = if limits == Limits::All { ("_limits", "all") } else { ("", "bounds, cash") };
        c.bench_function(&format!("path/{n}x{periods}{suffix}"), |b| {
            b.iter(|| black_box(solve_path(black_box(&p), &model, &SolveOptions::default())));
        });
        let runs = if measuring() { 15 } else { 1 };
        let a = median(clock, runs, || drop(black_box(solve_path(black_box(&p), &model, &SolveOptions::default()))));
        let b = median(clock, runs, || {
            black_box(conic.solve());
        });
        table.push((n, periods, word, a, b, ours.iterations, ours.gap()));
    }
    println!(
        "\n| assets × periods | limits | ours | clarabel | ratio | iterations | gap |\n|---|---|---|---|---|---|---|"
    );
    for (n, periods, limits, ours, theirs, iterations, gap) in table {
        let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
        println!("| {n} × {periods} | {limits} | {ours:.2?} | {theirs:.2?} | {ratio:.1} | {iterations} | {gap:.0e} |");
    }
}

criterion_group! {
    name = benches;
    config = criterion().sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    targets = paths
}
criterion_main!(benches);
