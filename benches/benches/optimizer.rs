//! The rebalancing problem: the structured solver beside clarabel on the same instances.
//!
//! `cargo bench --bench optimizer` ends with a table of ratios of medians. Clarabel is built with its supernodal
//! factorisation (feature `faer-sparse`), is handed the assembled conic form, and stops at `1e-8`; the structured
//! solver's time includes checking the problem, polishing and certifying the answer. Both run on one thread.
//! `OPTIMIZER_BENCH_SIZES=6,20,100,500,2000,10000` chooses sizes (dense up to 1,000, factor form above).

#![expect(clippy::print_stdout, reason = "a benchmark talks to its reader")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use benches::measuring;
use criterion::{Criterion, criterion_group, criterion_main};
use optimizer::{ConicReference, RebalanceProblem, RiskModel, SolveOptions, solve};

/// A fixed sequence of uniform numbers.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A market of `n` assets on ten factors, as its parts.
fn market(n: usize, draw: &mut Draw) -> (Vec<Vec<f64>>, Vec<Vec<f64>>, Vec<f64>) {
    let k = 10.min(n);
    let loadings =
        (0..n).map(|_| (0..k).map(|f| if f == 0 { 0.8 + 0.4 * draw.next() } else { draw.next() - 0.5 }).collect());
    let loadings: Vec<Vec<f64>> = loadings.collect();
    let factors = (0..k).map(|i| {
        (0..k)
            .map(|j| {
                if i != j {
                    0.0
                } else if i == 0 {
                    0.025
                } else {
                    0.006
                }
            })
            .collect()
    });
    let specific = (0..n).map(|_| 0.01 + 0.05 * draw.next()).collect();
    (loadings, factors.collect(), specific)
}

fn dense(loadings: &[Vec<f64>], factors: &[Vec<f64>], specific: &[f64]) -> Vec<Vec<f64>> {
    let n = loadings.len();
    let mut sigma = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..n {
            sigma[i][j] =
                loadings[i].iter().zip(&loadings[j]).enumerate().map(|(f, (a, b))| a * b * factors[f][f]).sum();
        }
        sigma[i][i] += specific[i];
    }
    sigma
}

/// Instances by what binds.
fn problems(n: usize, draw: &mut Draw) -> Vec<(&'static str, RebalanceProblem)> {
    let mu: Vec<f64> = (0..n).map(|_| 0.02 + 0.10 * draw.next()).collect();
    let mut w0: Vec<f64> = (0..n).map(|_| draw.next()).collect();
    let total: f64 = w0.iter().sum();
    w0.iter_mut().for_each(|w| *w /= total);
    let cap = (5.0 / n as f64).min(0.6).max(1.5 * w0.iter().copied().fold(0.0, f64::max));
    let base = RebalanceProblem {
        w0,
        cost_linear: Some((0..n).map(|_| 0.0005 + 0.001 * draw.next()).collect()),
        upper: vec![cap; n],
        ..RebalanceProblem::long_only(mu, 5.0)
    };
    let turnover = RebalanceProblem { turnover_limit: Some(0.2), ..base.clone() };
    let variance = RebalanceProblem { mu: vec![0.0; n], risk_aversion: 1.0, cost_linear: None, ..turnover.clone() };
    let everything = RebalanceProblem {
        cost_impact: Some((0..n).map(|_| 0.01 + 0.02 * draw.next()).collect()),
        benchmark: Some(vec![1.0 / n as f64; n]),
        tracking_error_max: Some(0.06),
        cash_max: 0.05,
        ..turnover.clone()
    };
    vec![("min variance, turnover", variance), ("costs", base), ("turnover", turnover), ("everything", everything)]
}

/// Median times of two calls, each from enough calls to fill `budget`. They take turns, so that what else the machine
/// does falls on both.
fn medians(budget: Duration, mut one: impl FnMut(), mut other: impl FnMut()) -> (f64, f64) {
    const TURNS: u32 = 10;
    let turn = |call: &mut dyn FnMut(), times: &mut Vec<f64>| {
        call();
        let start = Instant::now();
        loop {
            let begun = Instant::now();
            call();
            times.push(begun.elapsed().as_secs_f64());
            if start.elapsed() >= budget / TURNS {
                break;
            }
        }
    };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        turn(&mut one, &mut first);
        turn(&mut other, &mut second);
    }
    let middle = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    (middle(first), middle(second))
}

fn sizes() -> Vec<usize> {
    let usual = if measuring() { "6,20,100,500" } else { "6,20" };
    let chosen = std::env::var("OPTIMIZER_BENCH_SIZES").unwrap_or_else(|_| usual.to_string());
    chosen.split(',').filter_map(|s| s.trim().parse().ok()).collect()
}

fn rebalance(c: &mut Criterion) {
    let options = SolveOptions::default();
    let mut table = Vec::new();
    for n in sizes() {
        let mut draw = Draw(n as u64);
        let (b, f, d) = market(n, &mut draw);
        let mut models = vec![("factor", RiskModel::factor(&b, &f, &d).expect("a valid model"))];
        if n <= 1_000 {
            models.insert(0, ("dense", RiskModel::dense(&dense(&b, &f, &d)).expect("a valid model")));
        }
        let instances = problems(n, &mut draw);
        for (form, model) in &models {
            for (name, problem) in &instances {
                let conic = ConicReference::new(problem, model).expect("a valid problem");
                let outcome = solve(problem, model, &options).expect("a solvable problem");
                let solution = outcome.solution().expect("a feasible problem");
                let reference = conic.objective(1e-8).expect("a solvable problem");
                assert!(
                    (solution.objective - reference).abs() < 1e-6,
                    "{name} {n}: {} {reference}",
                    solution.objective
                );
                let budget = Duration::from_millis(match n {
                    _ if !measuring() => 0,
                    201.. => 1500,
                    _ => 400,
                });
                let (own, other) = medians(
                    budget,
                    || {
                        black_box(solve(problem, model, &options).expect("a solvable problem"));
                    },
                    || {
                        black_box(conic.objective(1e-8));
                    },
                );
                let conic_iterations = conic.iterations(1e-8).unwrap_or_default();
                table.push((n, *form, *name, own, other, solution.iterations, conic_iterations));
            }
        }
        let (form, model) = &models[0];
        let mut group = c.benchmark_group(format!("rebalance/{form}/{n}"));
        group.sample_size(10);
        for (name, problem) in &instances {
            group.bench_function(*name, |b| b.iter(|| solve(black_box(problem), model, &options)));
        }
        group.finish();
    }
    println!("\n| n | model | instance | ours, µs | clarabel, µs | ratio | iterations, ours / clarabel |");
    println!("|---|---|---|---|---|---|---|");
    for (n, form, name, own, other, it, conic) in table {
        let ratio = other / own;
        println!("| {n} | {form} | {name} | {:.0} | {:.0} | {ratio:.1} | {it} / {conic} |", own * 1e6, other * 1e6);
    }
}

criterion_group!(benches, rebalance);
criterion_main!(benches);
