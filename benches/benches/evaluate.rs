//! The probability of backtest overfitting: 12,870 splits of 16 blocks × 100 configurations, over ten years of days.

use std::hint::black_box;

use benches::clock::{Clock, criterion};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use evaluate::backtest_overfitting;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Returns of strategies without skill.
fn panel(configurations: usize, rows: usize) -> Vec<Vec<f64>> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    (0..configurations).map(|_| (0..rows).map(|_| 0.02 * (random.random::<f64>() - 0.5)).collect()).collect()
}

fn overfitting(c: &mut Criterion<Clock>) {
    let mut group = c.benchmark_group("evaluate");
    group.sample_size(20);
    for configurations in [10, 100] {
        let panel = panel(configurations, 2_520);
        group.throughput(Throughput::Elements(12_870 * configurations as u64));
        group.bench_function(format!("overfitting/{configurations}_configurations"), |b| {
            b.iter(|| backtest_overfitting(black_box(&panel), 16));
        });
    }
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = overfitting }
criterion_main!(journey);
