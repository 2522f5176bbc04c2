//! From the bytes of a request to the bytes of its answer, and what those bytes cost without an engine in between.
//!
//! - `answer`: decode, check, plan (no simulation), arrange, serialise.
//! - `no_compute`: decode and check the same request; serialise the same answer, made beforehand.
//! - `bare_json`: as `no_compute`, but without checking what was read.
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;

use benches::Book;
use benches::clock::{Clock, criterion, sample_for};
use criterion::{Criterion, criterion_group, criterion_main};
use engine::context::RequestContext;
use engine::decode::decode;
use engine::dto::portfolio::RebalanceRequest;
use engine::planning::case::Case;
use engine::planning::plan::make_plan;
use engine::telling::present::present;

fn wire(c: &mut Criterion<Clock>) {
    let context = RequestContext { request_id: "wire".to_owned(), received_at: chrono::Utc::now() };
    let mut group = c.benchmark_group("wire");
    let books = [
        ("6_assets_250_days", Book::scenario().unwrap()),
        ("2000_assets_50_days", Book::bootstrapped(2_000, 50).unwrap()),
    ];
    for (id, book) in books {
        let request = book.bytes();
        sample_for(&mut group, book.case().unwrap().book.assets());
        let response = present(&book.plan().unwrap(), &context);
        group.bench_function(format!("answer/{id}"), |b| {
            b.iter(|| {
                let document: RebalanceRequest = decode(black_box(&request)).unwrap();
                let plan = make_plan(Case::try_from(document).unwrap()).unwrap();
                serde_json::to_vec(&present(&plan, &context)).unwrap()
            });
        });
        group.bench_function(format!("no_compute/{id}"), |b| {
            b.iter(|| {
                let document: RebalanceRequest = decode(black_box(&request)).unwrap();
                (document, serde_json::to_vec(black_box(&response)).unwrap())
            });
        });
        group.bench_function(format!("bare_json/{id}"), |b| {
            b.iter(|| {
                let document: RebalanceRequest = serde_json::from_slice(black_box(&request)).unwrap();
                (document, serde_json::to_vec(black_box(&response)).unwrap())
            });
        });
    }
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = wire }
criterion_main!(journey);
