//! From a checked portfolio to a plan: compute only, no bytes.
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;

use benches::Book;
use benches::clock::{Clock, criterion, sample_for};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use engine::planning::plan::make_plan;

fn plan(c: &mut Criterion<Clock>) {
    let mut group = c.benchmark_group("plan");
    let books = [
        ("6_assets_250_days", Book::scenario().unwrap()),
        ("100_assets_250_days", Book::bootstrapped(100, 250).unwrap()),
        ("2000_assets_50_days", Book::bootstrapped(2_000, 50).unwrap()),
    ];
    for (id, book) in books {
        for (simulation, book) in
            [("no_simulation", book.clone()), ("default_simulation", book.with_default_simulation())]
        {
            let case = book.case().unwrap();
            sample_for(&mut group, case.book.assets());
            group.bench_function(format!("{id}/{simulation}"), |b| {
                b.iter_batched(|| case.clone(), |case| make_plan(black_box(case)), BatchSize::SmallInput);
            });
        }
    }
    // A turnover limit that binds, beside `6_assets_250_days/no_simulation`, which it does not: with assets that cost alike, and with others.
    sample_for(&mut group, 6);
    for (id, costs) in [("even_costs", [10.0; 6]), ("uneven_costs", [2.0, 60.0, 10.0, 30.0, 5.0, 20.0])] {
        let case = Book::scenario().unwrap().with_turnover_limit(0.1, &costs).case().unwrap();
        assert!(make_plan(case.clone()).unwrap().plan.trades.turnover_bound, "the limit binds");
        group.bench_function(format!("6_assets_250_days/turnover_limit/{id}"), |b| {
            b.iter_batched(|| case.clone(), |case| make_plan(black_box(case)), BatchSize::SmallInput);
        });
    }
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = plan }
criterion_main!(journey);
