//! What the orchestration costs: the six agents one after the other, the same with their records, and with digests too.
#![expect(clippy::unwrap_used, reason = "a benchmark without its input has nothing to measure")]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Instant;

use benches::Book;
use benches::clock::{Clock, criterion};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use pipeline::{
    Agent, ExecutionAgent, ForecastAgent, MarketDataAgent, OptimizerAgent, Portfolio, RiskAgent, Supervisor,
    VerdictDecision, plan, run,
};

// Every function drops what it made before it answers, so that all of them pay for that alike.

fn agents(portfolio: Portfolio) -> VerdictDecision {
    let supervisor = Supervisor::default();
    let surveyed = MarketDataAgent.act(supervisor.admit(portfolio).unwrap()).unwrap();
    let assessed = RiskAgent.act(ForecastAgent.act(surveyed).unwrap()).unwrap();
    let staged = ExecutionAgent.act(OptimizerAgent.act(assessed).unwrap()).unwrap();
    supervisor.act(staged).unwrap().verdict().decision
}

fn recorded(portfolio: Portfolio) -> VerdictDecision {
    plan(portfolio, &Supervisor::default()).unwrap().verdict.decision
}

fn traced(portfolio: Portfolio) -> VerdictDecision {
    let started = Instant::now();
    let mut watch = |_: &_, _: &_| ControlFlow::Continue(());
    run(portfolio, &Supervisor::default(), &|| started.elapsed(), &mut watch).unwrap().verdict.decision
}

fn pipeline(c: &mut Criterion<Clock>) {
    let mut group = c.benchmark_group("pipeline");
    for (id, book) in [
        ("6_assets_250_days", Book::scenario().unwrap()),
        ("6_assets_250_days_simulated", Book::scenario().unwrap().with_default_simulation()),
        ("100_assets_250_days", Book::bootstrapped(100, 250).unwrap()),
        ("2000_assets_50_days", Book::bootstrapped(2_000, 50).unwrap()),
    ] {
        let portfolio = book.portfolio().unwrap();
        group.bench_function(format!("{id}/agents"), |b| {
            b.iter_batched(|| portfolio.clone(), |p| agents(black_box(p)), BatchSize::SmallInput);
        });
        group.bench_function(format!("{id}/recorded"), |b| {
            b.iter_batched(|| portfolio.clone(), |p| recorded(black_box(p)), BatchSize::SmallInput);
        });
        group.bench_function(format!("{id}/traced"), |b| {
            b.iter_batched(|| portfolio.clone(), |p| traced(black_box(p)), BatchSize::SmallInput);
        });
    }
    group.finish();
}

criterion_group! { name = journey; config = criterion(); targets = pipeline }
criterion_main!(journey);
