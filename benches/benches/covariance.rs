//! The sample covariance from a handful of assets to a thousand, and every estimator at a hundred.
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;

use benches::clock::{Clock, criterion};
use benches::market;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use risk::{CovarianceEstimator, estimate_covariance};

const PERIODS: usize = 2_520;

fn covariance(c: &mut Criterion<Clock>) {
    let histories = market::bootstrap(1_000, PERIODS).unwrap();
    let columns: Vec<&[f64]> = histories.iter().map(Vec::as_slice).collect();

    let mut group = c.benchmark_group("covariance");
    group.sample_size(10);
    for assets in [5, 20, 100, 500, 1_000] {
        // Multiply-adds of a symmetric product: elements per second times two are FLOP/s.
        group.throughput(Throughput::Elements((assets * (assets + 1) / 2 * PERIODS) as u64));
        group.bench_function(format!("sample/{assets}_assets"), |b| {
            b.iter(|| estimate_covariance(black_box(&columns[..assets]), CovarianceEstimator::Sample).unwrap());
        });
    }
    for (name, estimator) in [
        ("ledoit_wolf_identity", CovarianceEstimator::LedoitWolfIdentity),
        ("ledoit_wolf_constant_correlation", CovarianceEstimator::LedoitWolfConstantCorrelation),
        ("oas", CovarianceEstimator::Oas),
        ("ewma94_zero_mean", CovarianceEstimator::Ewma94ZeroMean),
        ("ewma94_recursive", CovarianceEstimator::Ewma94Recursive),
    ] {
        group.throughput(Throughput::Elements((100 * 101 / 2 * PERIODS) as u64));
        group.bench_function(format!("{name}/100_assets"), |b| {
            b.iter(|| estimate_covariance(black_box(&columns[..100]), estimator).unwrap());
        });
    }
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = covariance }
criterion_main!(journey);
