//! What the orchestration costs: the six agents one after the other, the same with their records, and with digests too.
//!
//! Ends with a table of ratios: medians of rounds in which the three take turns, so that whatever else the machine does
//! meets all of them alike.
#![expect(clippy::print_stdout, reason = "a benchmark talks to its reader")]
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use benches::Book;
use benches::clock::{Clock, criterion, sample_for};
use criterion::{Criterion, criterion_group, criterion_main};
use engine::planning::case::Case;
use governance::Digest;
use pipeline::{
    ExecutionAgent, ForecastAgent, MarketDataAgent, OptimizerAgent, RiskAgent, Supervisor, VerdictDecision, plan, run,
};

// Every function drops what it made before it answers, so that all of them pay for that alike.

fn agents(case: &Case) -> VerdictDecision {
    let admitted = Supervisor.admit(&case.book, case.market(), &case.config).unwrap();
    let surveyed = MarketDataAgent.act(&admitted).unwrap();
    let forecasted = ForecastAgent.act(&admitted, &surveyed).unwrap();
    let assessed = RiskAgent.act(&admitted, &surveyed, &forecasted).unwrap();
    let proposed = OptimizerAgent.act(&admitted, &surveyed, &forecasted, &assessed).unwrap();
    let staged = ExecutionAgent.act(&admitted, &surveyed, &forecasted, &assessed, &proposed).unwrap();
    Supervisor.act(&admitted, &surveyed, &assessed, &proposed, &staged).verdict().decision
}

fn recorded(case: &Case) -> VerdictDecision {
    plan(&case.book, case.market(), &case.config).unwrap().verdict.decision
}

fn traced(case: &Case, source: Digest) -> VerdictDecision {
    let started = Instant::now();
    let mut watch = |_: &_, _: &_| ControlFlow::Continue(());
    let clock = || started.elapsed();
    run(&case.book, case.market(), &case.config, source, &clock, &mut watch).unwrap().verdict.decision
}

fn books() -> [(&'static str, Book); 4] {
    [
        ("6_assets_250_days", Book::scenario().unwrap()),
        ("6_assets_250_days_simulated", Book::scenario().unwrap().with_default_simulation()),
        ("100_assets_250_days", Book::bootstrapped(100, 250).unwrap()),
        ("2000_assets_50_days", Book::bootstrapped(2_000, 50).unwrap()),
    ]
}

fn pipeline(c: &mut Criterion<Clock>) {
    let mut group = c.benchmark_group("pipeline");
    for (id, book) in books() {
        let case = book.case().unwrap();
        let source = Digest::of_bytes(id.as_bytes());
        sample_for(&mut group, case.book.assets());
        group.bench_function(format!("{id}/agents"), |b| {
            b.iter(|| agents(black_box(&case)));
        });
        group.bench_function(format!("{id}/recorded"), |b| {
            b.iter(|| recorded(black_box(&case)));
        });
        group.bench_function(format!("{id}/traced"), |b| {
            b.iter(|| traced(black_box(&case), source));
        });
    }
    group.finish();
}

/// Rounds take about this long for one book.
const ROUNDS_FOR: Duration = Duration::from_secs(3);

fn ratios(_: &mut Criterion<Clock>) {
    println!("\n| book | agents, µs | recorded | traced |\n| --- | --- | --- | --- |");
    for (id, book) in books() {
        let case = book.case().unwrap();
        let source = Digest::of_bytes(id.as_bytes());
        let variants: [&dyn Fn(&Case) -> VerdictDecision; 3] = [&agents, &recorded, &|case| traced(case, source)];
        let mut times: [Vec<Duration>; 3] = Default::default();
        let started = Instant::now();
        while started.elapsed() < ROUNDS_FOR {
            for (variant, times) in variants.iter().zip(&mut times) {
                let start = Instant::now();
                black_box(variant(black_box(&case)));
                times.push(start.elapsed());
            }
        }
        let median = |times: &mut Vec<Duration>| {
            times.sort_unstable();
            times[times.len() / 2].as_secs_f64() * 1e6
        };
        let [agents, recorded, traced] = times.each_mut().map(median);
        let more = |time: f64| 100.0 * (time / agents - 1.0);
        println!(
            "| {id} | {agents:.1} | {recorded:.1} ({:+.1} %) | {traced:.1} ({:+.1} %) |",
            more(recorded),
            more(traced)
        );
    }
}

criterion_group! { name = journey; config = criterion(); targets = pipeline, ratios }
criterion_main!(journey);
