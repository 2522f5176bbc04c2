//! From histories to forecasts and the tilt they support.
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;

use benches::Book;
use benches::clock::{Clock, criterion, sample_for};
use criterion::{Criterion, criterion_group, criterion_main};
use forecast::{AssetFeatures, Ensemble, Forecaster, TiltAsset, TiltOptions, tilt_targets};

fn forecast(c: &mut Criterion<Clock>) {
    let mut group = c.benchmark_group("forecast");
    let books = [
        ("6_assets_250_days", Book::scenario().unwrap()),
        ("100_assets_250_days", Book::bootstrapped(100, 250).unwrap()),
        ("2000_assets_50_days", Book::bootstrapped(2_000, 50).unwrap()),
    ];
    for (id, book) in books {
        let case = book.case().unwrap();
        sample_for(&mut group, case.book.assets());
        let panel = case.panel;
        let (model, features) = (Ensemble::default(), AssetFeatures::default());
        group.bench_function(format!("forecast/{id}"), |b| {
            b.iter(|| model.forecast(black_box(&panel), &features).unwrap());
        });

        let forecasts = model.forecast(&panel, &features).unwrap();
        let targets = &case.config.policy.weights;
        let assets: Vec<TiltAsset<'_>> = targets
            .iter()
            .zip(&forecasts)
            .zip(panel.columns())
            .map(|((&target, forecast), returns)| TiltAsset::new(target, forecast, returns))
            .collect();
        let options =
            TiltOptions { max_active_weight: 0.5 * case.config.sizing.drift_threshold, ..TiltOptions::default() };
        group.bench_function(format!("tilt/{id}"), |b| {
            b.iter(|| tilt_targets(black_box(&assets), &options).unwrap());
        });
    }
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = forecast }
criterion_main!(journey);
