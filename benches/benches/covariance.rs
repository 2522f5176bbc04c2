//! The sample covariance from a handful of assets to a thousand, and every estimator at a hundred.
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;

use benches::clock::{Clock, criterion};
use benches::{market, measuring};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use portfolio_core::{ReturnPanel, Universe};
use risk::volatility::EwmaStart;
use risk::{CovarianceEstimator, Ewma, LedoitWolf, Oas, OverlappingReturns, SampleCovariance, ShrinkageTarget};

const PERIODS: usize = 2_520;

fn covariance(c: &mut Criterion<Clock>) {
    let histories = market::bootstrap(if measuring() { 1_000 } else { 100 }, PERIODS).unwrap();
    let panel =
        |assets: usize| ReturnPanel::new(Universe::numbered(assets).unwrap(), histories[..assets].to_vec()).unwrap();

    let mut group = c.benchmark_group("covariance");
    group.sample_size(10);
    let sizes: &[usize] = if measuring() { &[5, 20, 100, 500, 1_000] } else { &[5, 20, 100] };
    for &assets in sizes {
        // Multiply-adds of a symmetric product: elements per second times two are FLOP/s.
        group.throughput(Throughput::Elements((assets * (assets + 1) / 2 * PERIODS) as u64));
        let panel = panel(assets);
        group.bench_function(format!("sample/{assets}_assets"), |b| {
            b.iter(|| SampleCovariance.estimate(black_box(&panel), 252.0).unwrap());
        });
    }
    let panel = panel(100);
    let ewma = |start| Ewma { decay: 0.94, start };
    let estimators: [(&str, &dyn CovarianceEstimator); 6] = [
        ("ledoit_wolf_identity", &LedoitWolf { target: ShrinkageTarget::Identity }),
        ("ledoit_wolf_constant_correlation", &LedoitWolf { target: ShrinkageTarget::ConstantCorrelation }),
        ("oas", &Oas),
        ("overlapping", &OverlappingReturns { periods: 5 }),
        ("ewma94_zero_mean", &ewma(EwmaStart::Normalised)),
        ("ewma94_recursive", &ewma(EwmaStart::Recursive)),
    ];
    for (name, estimator) in estimators {
        group.throughput(Throughput::Elements((100 * 101 / 2 * PERIODS) as u64));
        group.bench_function(format!("{name}/100_assets"), |b| {
            b.iter(|| estimator.estimate(black_box(&panel), 252.0).unwrap());
        });
    }
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = covariance }
criterion_main!(journey);
