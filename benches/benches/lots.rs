//! Trades in whole lots: `fit_lots` beside a general solver for mixed-integer programs on the same books.
//!
//! Both prove the optimum on one thread. The general solver is handed the assembled program; its books have lots of at
//! least a fiftieth of NAV, because finer ones take it minutes. `random` are the books of the test
//! `random_books_are_within_a_basis_point_of_their_bound`, with 20 names.

use std::hint::black_box;

use benches::clock::{Clock, criterion};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use lot_books::{LotBook, milp};
use portfolio_core::{LotOptions, LotPlan, fit_lots};

#[path = "../../crates/portfolio-core/tests/lot_books/mod.rs"]
mod lot_books;

/// Books per size: a run goes through all of them in turn.
const BOOKS: u64 = 10;

fn fit(book: &LotBook) -> Option<LotPlan> {
    book.with_problem(|problem| fit_lots(problem, &LotOptions::default())).ok()
}

/// One book after the other, from the first again after the last.
fn in_turn(books: &[LotBook]) -> impl FnMut() -> LotBook {
    let mut books = books.iter().cloned().cycle();
    move || books.next().expect("books")
}

fn lots(c: &mut Criterion<Clock>) {
    let mut group = c.benchmark_group("lots");
    group.sample_size(20);
    for n in [10, 20] {
        let coarse: Vec<LotBook> = (0..BOOKS).map(|seed| LotBook::random_coarse(seed, n)).collect();
        let random: Vec<LotBook> = (0..BOOKS).map(|seed| LotBook::random(seed, n)).collect();
        group.bench_function(format!("fit_lots/{n}_names"), |b| {
            b.iter_batched(in_turn(&coarse), |book| fit(black_box(&book)), BatchSize::SmallInput);
        });
        group.bench_function(format!("milp/{n}_names"), |b| {
            b.iter_batched(in_turn(&coarse), |book| milp::least_deviation(black_box(&book)), BatchSize::SmallInput);
        });
        group.bench_function(format!("fit_lots/{n}_names_random"), |b| {
            b.iter_batched(in_turn(&random), |book| fit(black_box(&book)), BatchSize::SmallInput);
        });
    }
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = lots }
criterion_main!(journey);
