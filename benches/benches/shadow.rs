//! What challengers in shadow cost: the request without them, and each challenger on the stored plan.
//!
//! Challengers run after the plan is answered, so a request waits for none of this; it is what they take from a processor that requests
//! share. Ends with a table of ratios: medians of rounds in which the variants take turns, so that whatever else the machine does
//! meets all of them alike.
#![expect(clippy::print_stdout, reason = "a benchmark talks to its reader")]
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use benches::Book;
use benches::clock::{Clock, criterion};
use chrono::{DateTime, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use engine::context::RequestContext;
use engine::planning::case::Case;
use engine::planning::record::PlanOrder;
use engine::shadow::run_challengers_of;
use engine::surroundings::Surroundings;
use governance::Content;
use store::StoredPlan;

/// Challengers of each variant; 0 is what every run needs before the first of them.
const CHALLENGERS: [usize; 5] = [0, 1, 2, 3, 8];

/// A clock that stands still.
#[derive(Debug)]
struct Still;

impl Surroundings for Still {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn new_id(&self) -> uuid::Uuid {
        uuid::Uuid::nil()
    }

    fn new_secret(&self) -> std::io::Result<[u8; 32]> {
        Ok([1; 32])
    }
}

/// What a request computes: read, planned, sealed.
fn request(bytes: &[u8]) -> StoredPlan {
    let order = PlanOrder {
        case: Case::read(bytes).unwrap(),
        request: Content::new(bytes.to_vec()),
        plan_id: Some("plan".to_owned()),
        context: RequestContext { request_id: "bench".to_owned(), received_at: DateTime::UNIX_EPOCH },
        surroundings: Arc::new(Still),
    };
    let record = order.seal(&mut |_, _| ControlFlow::Continue(())).unwrap();
    StoredPlan { sequence: 1, digest: record.digest(), record }
}

fn books() -> [(&'static str, Book); 4] {
    [
        ("6_assets_250_days", Book::scenario().unwrap()),
        ("6_assets_250_days_simulated", Book::scenario().unwrap().with_default_simulation()),
        ("100_assets_250_days", Book::bootstrapped(100, 250).unwrap()),
        ("100_assets_250_days_simulated", Book::bootstrapped(100, 250).unwrap().with_default_simulation()),
    ]
}

fn shadow(c: &mut Criterion<Clock>) {
    let mut group = c.benchmark_group("shadow");
    for (id, book) in books() {
        let bytes = book.bytes();
        let plan = request(&bytes);
        group.bench_function(format!("{id}/request"), |b| b.iter(|| request(black_box(&bytes))));
        group.bench_function(format!("{id}/two_challengers"), |b| {
            b.iter(|| run_challengers_of(black_box(&plan), Vec::new(), Vec::new(), 2).unwrap());
        });
    }
    group.finish();
}

/// Rounds take about this long for one book.
const ROUNDS_FOR: Duration = Duration::from_secs(3);

fn ratios(_: &mut Criterion<Clock>) {
    println!("\n| book | request, µs | 0 challengers | 1 | 2 | 3 | 8 |\n| --- | --- | --- | --- | --- | --- | --- |");
    for (id, book) in books() {
        let bytes = book.bytes();
        let plan = request(&bytes);
        let mut times = vec![Vec::new(); CHALLENGERS.len() + 1];
        let started = Instant::now();
        while started.elapsed() < ROUNDS_FOR {
            let start = Instant::now();
            black_box(request(black_box(&bytes)));
            times[0].push(start.elapsed());
            for (i, most) in CHALLENGERS.into_iter().enumerate() {
                let start = Instant::now();
                black_box(run_challengers_of(black_box(&plan), Vec::new(), Vec::new(), most).unwrap());
                times[i + 1].push(start.elapsed());
            }
        }
        let medians: Vec<f64> = times
            .iter_mut()
            .map(|times| {
                times.sort_unstable();
                times[times.len() / 2].as_secs_f64() * 1e6
            })
            .collect();
        let cells: Vec<String> =
            medians[1..].iter().map(|time| format!("{time:.0} ({:.0} %)", 100.0 * time / medians[0])).collect();
        println!("| {id} | {:.0} | {} |", medians[0], cells.join(" | "));
    }
}

criterion_group! { name = journey; config = criterion(); targets = shadow, ratios }
criterion_main!(journey);
