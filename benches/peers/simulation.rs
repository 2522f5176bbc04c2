//! One row of the comparison of `simulation.py`: our time, that of a plain program in Rust, and those of the parts.
//!
//! `simulation_peers ASSETS DAYS PATHS SET` (0 portable, 1 AVX2, 2 AVX-512) prints one line of JSON. Every time is processor time of one thread, in nanoseconds, the best of
//! a few runs: `ours` and `plain` per path, day and asset, `normal`, `word` and `exp` per number. Both programs simulate the same book:
//! correlated geometric Brownian motions, bought and held, valued every day; mean, probability of a loss, VaR and CVaR at 95 %, and the mean
//! of the maximum drawdown. `laws`: the kernel that follows every day under a law of its own, per path, day and asset, normal, Student-t and
//! filtered historical. `two_threads`: wall time of `ours` on one thread over that on two, the best of a few runs that take turns.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "the timings are the output")]
#![expect(clippy::disallowed_methods, reason = "what two cores give is wall time")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use cpu_time::ProcessTime;
use nalgebra::{DMatrix, DVector};
use portfolio_core::{Covariance, Seed, Universe};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use stress::{
    AssetLaw, DailyLaw, DailyOptions, DailyPolicy, FilteredHistorical, InstructionSet, LANES, LaneStream, LogHistory,
    NormalShocks, Rebalancing, ShockDays, ShockLaw, SimulationOptions, StudentShocks, elementary, simulate,
    simulate_daily,
};

const PER_YEAR: f64 = 252.0;

fn best(runs: usize, units: f64, mut call: impl FnMut()) -> f64 {
    let mut shortest = f64::INFINITY;
    for _ in 0..runs {
        let start = ProcessTime::now();
        call();
        shortest = shortest.min(start.elapsed().as_nanos() as f64);
    }
    shortest / units
}

/// Annual drift and covariance: volatilities from 10 to 30 %, correlations of 0.3.
fn book(assets: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let volatility = |i: usize| 0.10 + 0.20 * i as f64 / assets as f64;
    let row = |i: usize| (0..assets).map(|j| volatility(i) * volatility(j) * if i == j { 1.0 } else { 0.3 }).collect();
    ((0..assets).map(|i| 0.03 + 0.04 * i as f64 / assets as f64).collect(), (0..assets).map(row).collect())
}

/// Mean, probability of a loss, VaR, CVaR and mean maximum drawdown.
type Figures = [f64; 5];

/// What one writes first: a vector of normals per step, times the Cholesky factor.
fn plain(assets: usize, days: usize, paths: usize) -> Figures {
    let (drifts, covariance) = book(assets);
    let daily = DMatrix::from_fn(assets, assets, |i, j| covariance[i][j] / PER_YEAR);
    let shift = DVector::from_fn(assets, |i, _| (drifts[i] - covariance[i][i] / 2.0) / PER_YEAR);
    let factor = daily.cholesky().unwrap().l();
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    let mut spare: Option<f64> = None;
    // Marsaglia's polar method, as a textbook has it.
    let mut normal = move || {
        if let Some(z) = spare.take() {
            return z;
        }
        loop {
            let mut uniform = || (rng.next_u64() >> 11) as f64 * (2.0 / (1_u64 << 53) as f64) - 1.0;
            let (u, v) = (uniform(), uniform());
            let s = u * u + v * v;
            if s < 1.0 && s > 0.0 {
                let scale = (-2.0 * s.ln() / s).sqrt();
                spare = Some(v * scale);
                return u * scale;
            }
        }
    };
    let (mut values, mut drawdowns) = (Vec::new(), 0.0);
    for _ in 0..paths {
        let mut prices = DVector::from_element(assets, 1.0 / assets as f64);
        let (mut peak, mut drawdown) = (1.0_f64, 0.0_f64);
        for _ in 0..days {
            let z = DVector::from_fn(assets, |_, _| normal());
            let growth = (&shift + &factor * z).map(f64::exp);
            prices.component_mul_assign(&growth);
            let value = prices.sum();
            peak = peak.max(value);
            drawdown = drawdown.max(1.0 - value / peak);
        }
        values.push(prices.sum());
        drawdowns += drawdown;
    }
    let n = paths as f64;
    let mean = values.iter().sum::<f64>() / n;
    let losses = values.iter().filter(|v| **v < 1.0).count() as f64 / n;
    values.sort_by(f64::total_cmp);
    let tail = (0.05 * n).ceil() as usize;
    let cvar = 1.0 - values[..tail].iter().sum::<f64>() / tail as f64;
    [mean, losses, 1.0 - values[tail - 1], cvar, drawdowns / n]
}

fn ours(law: &AssetLaw, options: &SimulationOptions) -> Figures {
    let s = simulate(law, options).unwrap().statistics;
    let drawdown = s.mean_max_drawdown.unwrap();
    [s.mean_terminal_value, s.probability_of_loss, s.var_95, s.cvar_95, drawdown].map(f64::from)
}

/// Two years of returns whose volatility changes, from the generator of the crate.
fn history(assets: usize) -> LogHistory {
    let mut rows = vec![[0.0; LANES]; 2 * assets];
    NormalShocks.fill(&mut LaneStream::new(Seed(7), 0), &mut rows);
    let days = |rows: &[[f64; LANES]]| {
        let mut variance = 1e-4;
        let day = |z: &f64| {
            let x = f64::sqrt(variance) * z;
            variance = 2e-6 + 0.08 * x * x + 0.9 * variance;
            x
        };
        rows.iter().flatten().map(day).collect()
    };
    let columns: Vec<Vec<f64>> = rows.chunks(2).map(days).collect();
    LogHistory::from_returns(&columns, PER_YEAR).unwrap()
}

/// Time per path, day and asset of the daily kernel under the normal, a Student-t and a filtered historical law.
fn laws(law: &AssetLaw, drifts: &[f64], days: usize, paths: usize) -> [f64; 3] {
    let assets = drifts.len();
    let weights = vec![1.0 / assets as f64; assets];
    let options =
        DailyOptions { paths, horizons: vec![days], policy: DailyPolicy::BuyAndHold, ..DailyOptions::default() };
    let laws: [Box<dyn DailyLaw>; 3] = [
        Box::new(ShockDays::new(law.clone(), Arc::new(NormalShocks))),
        Box::new(ShockDays::new(law.clone(), Arc::new(StudentShocks::new(5.0).unwrap()))),
        Box::new(FilteredHistorical::new(&history(assets)).unwrap()),
    ];
    let mut times = [f64::INFINITY; 3];
    // They take turns, so that whatever else the machine does meets all alike.
    for _ in 0..4 {
        for (time, law) in times.iter_mut().zip(&laws) {
            let run = || drop(black_box(simulate_daily(&**law, &weights, drifts, &options).unwrap()));
            *time = time.min(best(1, (assets * days * paths) as f64, run));
        }
    }
    times
}

/// Wall time on one thread over that on two.
fn two_threads(call: impl Fn() + Sync) -> f64 {
    let mut times = [f64::INFINITY; 2];
    for _ in 0..5 {
        for (threads, time) in (1..).zip(&mut times) {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let start = Instant::now();
            pool.install(&call);
            *time = time.min(start.elapsed().as_secs_f64());
        }
    }
    times[0] / times[1]
}

fn main() {
    let arguments: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let &[assets, days, paths, set] = arguments.as_slice() else { panic!("ASSETS DAYS PATHS SET") };
    InstructionSet::ALL[set].use_at_most();
    let (drifts, covariance) = book(assets);
    let annual = Covariance::from_rows(Universe::numbered(assets).unwrap(), &covariance, 1.0).unwrap();
    let law = AssetLaw::new(&vec![1.0 / assets as f64; assets], &drifts, &annual, PER_YEAR).unwrap();
    let options = SimulationOptions {
        paths,
        horizon_days: days,
        rebalancing: Rebalancing::BuyAndHold,
        path_statistics: true,
        ..SimulationOptions::default()
    };
    let work = (assets * days * paths) as f64;
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (mut figures, mut plain_figures) = ([0.0; 5], [0.0; 5]);
    let mut time = f64::INFINITY;
    one_thread.install(|| time = best(3, work, || figures = ours(&law, &options)));
    let few = (paths / 4).max(LANES);
    let laws = one_thread.install(|| laws(&law, &drifts, days, few));
    let two_threads = two_threads(|| {
        black_box(ours(&law, &options));
    });
    let fewer = (paths / 8).max(1);
    let plain_time = best(2, work * fewer as f64 / paths as f64, || plain_figures = plain(assets, days, fewer));

    let draws = 200;
    let numbers = (draws * 8 * LANES) as f64;
    let mut stream = LaneStream::new(Seed(1), 0);
    let mut rows = [[0.0; LANES]; 8];
    let normal = best(7, numbers, || {
        (0..draws).for_each(|_| NormalShocks.fill(&mut stream, black_box(&mut rows)));
    });
    let word = best(7, numbers, || {
        (0..draws * 8).for_each(|_| {
            black_box(stream.words());
        });
    });
    let exp = best(7, numbers, || {
        (0..draws).for_each(|_| elementary::exp_all(black_box(&mut rows).as_flattened_mut()));
    });
    println!(
        "{}",
        serde_json::json!({
            "set": format!("{:?}", InstructionSet::in_use()), "assets": assets, "days": days, "paths": paths, "ours": time, "plain": plain_time,
            "laws": laws, "two_threads": two_threads, "normal": normal, "word": word, "exp": exp, "figures": figures, "plain_figures": plain_figures,
        })
    );
}
