//! The 95 % intervals of the figures hold the closed form of geometric Brownian motion about 95 times in 100.

#![expect(clippy::unwrap_used, reason = "a law that cannot be simulated fails the test")]

use stress::{Estimate, PortfolioLaw, Seed, SimulationOptions, SimulationStatistics, simulate};

const DRIFT: f64 = 0.06;
const VOLATILITY: f64 = 0.18;
const DAYS: usize = 60;

/// Closed forms: `ln V ~ N(m, s²)`.
fn truths() -> Vec<(&'static str, f64)> {
    let years = DAYS as f64 / 252.0;
    let (m, s) = ((DRIFT - VOLATILITY * VOLATILITY / 2.0) * years, VOLATILITY * years.sqrt());
    let quantile = |p: f64| (m + s * risk::normal_quantile(p).unwrap()).exp();
    let tail_mean = (m + s * s / 2.0).exp() * risk::normal_cdf(risk::normal_quantile(0.05).unwrap() - s) / 0.05;
    vec![
        ("mean", (DRIFT * years).exp()),
        ("probability of a loss", risk::normal_cdf(-m / s)),
        ("1 % quantile", quantile(0.01)),
        ("5 % quantile", quantile(0.05)),
        ("median", quantile(0.5)),
        ("95 % quantile", quantile(0.95)),
        ("VaR 95 %", 1.0 - quantile(0.05)),
        ("CVaR 95 %", 1.0 - tail_mean),
    ]
}

fn figures(s: &SimulationStatistics) -> [Estimate; 8] {
    [
        s.mean_terminal_value,
        s.probability_of_loss,
        s.terminal_quantile_01,
        s.terminal_quantile_05,
        s.terminal_quantile_50,
        s.terminal_quantile_95,
        s.var_95,
        s.cvar_95,
    ]
}

/// Share of the seeds whose interval holds the truth, per figure.
fn coverage(seeds: u64, paths: usize) -> Vec<(&'static str, f64)> {
    let law = PortfolioLaw::new(DRIFT, VOLATILITY, 252.0).unwrap();
    let mut hits = [0_u32; 8];
    for seed in 0..seeds {
        let options = SimulationOptions { paths, horizon_days: DAYS, seed: Seed(seed), ..Default::default() };
        let report = simulate(law, &options).unwrap();
        for ((hit, estimate), (_, truth)) in hits.iter_mut().zip(figures(&report.statistics)).zip(truths()) {
            let reach = 1.959_963_984_540_054 * estimate.standard_error.unwrap();
            *hit += u32::from((estimate.value - truth).abs() <= reach);
        }
    }
    truths().iter().zip(hits).map(|((name, _), hit)| (*name, f64::from(hit) / seeds as f64)).collect()
}

#[test]
fn intervals_hold_the_truth_for_200_seeds() {
    for (name, share) in coverage(200, 2_000) {
        // Four standard errors of a share of 200.
        assert!((share - 0.95).abs() < 4.0 * 0.0154, "{name}: {share}");
    }
}

/// `cargo test -p stress --test coverage --release -- --ignored --nocapture`
#[test]
#[ignore = "the whole form, for a release build"]
fn intervals_hold_the_truth_for_1000_seeds() {
    for (name, share) in coverage(1_000, 20_000) {
        println!("{name}: {:.1} %", 100.0 * share);
        assert!((0.93..=0.97).contains(&share), "{name}: {share}");
    }
}
