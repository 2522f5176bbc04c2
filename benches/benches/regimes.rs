//! A hidden Markov model of twenty years of days: a whole fit with its starts, and one pass of the filter.

use std::hint::black_box;

use benches::clock::{Clock, criterion};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use portfolio_core::Seed;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use regimes::{HmmSpec, Observations, fit};

/// Days of twenty years.
const DAYS: usize = 5_030;

/// Returns in percent of two states that last for weeks, the second three times as wide.
fn history() -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut state = 0;
    let day = |_| {
        if random.random::<f64>() < 0.04 {
            state = 1 - state;
        }
        // The sum of twelve uniform numbers is close to normal, and cheap.
        let normal: f64 = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        [0.6, 1.8][state] * normal
    };
    (0..DAYS).map(day).collect()
}

fn regimes(c: &mut Criterion<Clock>) {
    let rows = Observations::of_series(&history()).expect("finite returns");
    let mut group = c.benchmark_group("regimes");
    group.sample_size(20).throughput(Throughput::Elements(DAYS as u64));
    for states in [2, 3] {
        let spec = HmmSpec::new(states);
        group.bench_function(format!("fit/{states}_states"), |b| b.iter(|| fit(black_box(&rows), &spec, Seed(1))));
    }
    let model = fit(&rows, &HmmSpec::new(2), Seed(1)).expect("two states").model;
    group.bench_function("filter/2_states", |b| b.iter(|| model.filter(black_box(&rows))));
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = regimes }
criterion_main!(journey);
