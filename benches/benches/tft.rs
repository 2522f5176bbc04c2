//! Forecasts of a Temporal Fusion Transformer: twenty assets, 21 days ahead, 63 days and eight inputs behind.

use std::hint::black_box;

use benches::clock::{Clock, criterion};
use criterion::{Criterion, criterion_group, criterion_main};
use portfolio_core::Seed;
use tft::{Matrix, Panel, Series, StaticInput, Tft, TftSpec};

const ASSETS: usize = 20;
const DAYS: usize = 63;

fn forecasts(c: &mut Criterion<Clock>) {
    let asset = StaticInput::Category { name: "asset".into(), values: ASSETS };
    let spec = TftSpec::new(vec![asset], &["a", "b", "c", "d"], &["e", "f", "g", "h"], DAYS, 21);
    let wave = |rows: usize, salt: usize| {
        let numbers = (0..rows * 4).map(|i| ((i + 7 * salt) as f64 * 0.37).sin()).collect();
        Matrix::from_rows(rows, 4, numbers).expect("four columns")
    };
    let series = (0..ASSETS).map(|at| Series {
        categories: vec![at],
        numbers: Vec::new(),
        observed: wave(DAYS, at),
        known: wave(DAYS + 21, at),
        target: vec![0.0; DAYS],
    });
    let panel = Panel::new(&spec, series.collect()).expect("series that fit");
    let windows: Vec<_> = (0..ASSETS).map(|series| tft::Window { origin: DAYS - 1, series }).collect();
    let model = Tft::new(spec, Seed(1)).expect("a model");
    let mut group = c.benchmark_group("tft");
    group.sample_size(20);
    group.bench_function("predict/20_assets_21_days", |b| b.iter(|| model.predict(black_box(&panel), &windows)));
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = forecasts }
criterion_main!(journey);
