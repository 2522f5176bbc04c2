//! Serves until it is told to stop.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use clap::Args;
use engine::draining::Draining;
use engine::records::Records;
use engine::shadow::{DEFAULT_CHALLENGERS, MAX_CHALLENGERS, PATIENCE};
use engine::webhooks::Reach;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::access::{AccessArgs, make_first_key};
use super::limits::LimitArgs;
use super::log;
use super::output::{chain, fail};
use super::records::KeepingArgs;
use crate::http::problem::refusal_document;
use crate::machine::Machine;
use crate::metrics;
use crate::startup::{REFUSED_AFTER, SHUTDOWN_SECONDS, Settings, run};
use crate::tenants::{Means, Tenants};

#[derive(Debug, Clone, Args)]
pub(super) struct AddressArgs {
    /// Address to listen on
    #[arg(long, env = "HOST", default_value = "127.0.0.1")]
    pub(super) host: String,
    /// Port to listen on; 0 picks a free one
    #[arg(long, env = "PORT", default_value_t = 5000)]
    pub(super) port: u16,
}

#[derive(Debug, Clone, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    address: AddressArgs,
    /// Async threads, and computations at once [default: the number of cores]
    #[arg(long, env = "REBALANCER_WORKERS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// Computations that may wait for a place before requests are answered 503
    #[arg(long, env = "REBALANCER_QUEUE", default_value_t = 64, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    queue: u16,
    /// Challengers that run on each stored plan, after it is answered; 0 leaves plans to a later start
    #[arg(long, env = "REBALANCER_CHALLENGERS", default_value_t = DEFAULT_CHALLENGERS as u8, value_parser = clap::value_parser!(u8).range(0..=MAX_CHALLENGERS as i64))]
    challengers: u8,
    #[command(flatten)]
    keeping: KeepingArgs,
    #[command(flatten)]
    access: AccessArgs,
    #[command(flatten)]
    limits: LimitArgs,
    /// Address of `GET /metrics` for Prometheus, which asks for no key: `127.0.0.1:9100` [default: none]
    #[arg(long, env = "REBALANCER_METRICS_ADDR")]
    metrics_addr: Option<SocketAddr>,
    /// Milliseconds between a signal to stop and the end of accepting: readiness is refused meanwhile
    #[arg(long, env = "REBALANCER_DRAIN_MS", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(0..=60_000))]
    drain_ms: u32,
    /// Let webhooks call addresses of the service's own network (loopback, private, link-local)
    #[arg(long, env = "REBALANCER_WEBHOOK_PRIVATE_ADDRESSES")]
    webhook_private_addresses: bool,
    /// What to log, as JSON lines on standard error: off, error, warn, info, debug, or a filter per module
    #[arg(long, env = "REBALANCER_LOG", default_value = "warn")]
    log: String,
}

pub(super) fn serve(args: &ServeArgs, unknown: &[String]) -> ExitCode {
    let filter = match EnvFilter::try_new(&args.log) {
        Ok(filter) => filter,
        Err(error) => return fail(2, &format!("cannot read the log filter: {error}")),
    };
    log::to_standard_error(filter);
    for variable in unknown {
        tracing::warn!(variable, "is set, and no setting of this service: `rebalancer config` lists them");
    }

    let address = (args.address.host.as_str(), args.address.port);
    let listener = match TcpListener::bind(address) {
        Ok(listener) => listener,
        Err(error) => return fail(1, &format!("cannot listen on {}:{}: {error}", address.0, address.1)),
    };
    // Records have a runtime of their own: the server's threads come and go with its workers.
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = match builder.worker_threads(2).thread_name("records").enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(1, &format!("cannot start: {error}")),
    };
    // A file that may not grow is then an error of the write, which is answered 503, and no end of the process.
    let file_sizes = async { signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())) };
    let _file_sizes = match runtime.block_on(file_sizes) {
        Ok(signals) => signals,
        Err(error) => return fail(1, &format!("cannot start: {error}")),
    };
    let records = match runtime.block_on(Records::open(&args.keeping.settings(), Arc::new(Machine))) {
        Ok(records) => records,
        Err(error) => {
            let hint = "REBALANCER_DATA_DIR or DATABASE_URL say where records are kept";
            return fail(1, &format!("{}; {hint}", chain(&error)));
        }
    };

    let is_loopback = listener.local_addr().is_ok_and(|bound| bound.ip().is_loopback());
    let doors = match args.access.doors(is_loopback, args.limits.limits(), &records) {
        Ok(doors) => doors,
        Err(error) => return fail(2, &error),
    };
    if let Err(error) = runtime.block_on(make_first_key(&doors, &records)) {
        return fail(1, &error);
    }

    let scheme = if doors.tls.is_some() { "https" } else { "http" };
    let monitored = match args.metrics_addr.map(TcpListener::bind).transpose() {
        Ok(listener) => listener.map(|listener| (listener, doors.metrics.clone())),
        Err(error) => return fail(1, &format!("cannot listen for the monitor: {error}")),
    };
    let cores = available_parallelism().map_or(1, usize::from);
    let settings = Settings { workers: args.workers.map_or(cores, usize::from), queue: usize::from(args.queue) };
    let draining = Draining::default();
    let means = Means {
        compute: settings.compute(doors.limits),
        draining: draining.clone(),
        reach: if args.webhook_private_addresses { Reach::Private } else { Reach::Public },
        write_refusal: refusal_document,
        challengers: usize::from(args.challengers),
        patience: PATIENCE,
    };
    let tenants = match Tenants::start(records, args.keeping.settings(), means, runtime.handle().clone()) {
        Ok(tenants) => tenants,
        Err(error) => return fail(1, &format!("cannot start: {error}")),
    };
    let (known, keyring) = (tenants.clone(), doors.keyring.clone());
    runtime.spawn(async move { known.open_all(&keyring).await });
    let stopping = Arc::new(OnceLock::new());
    let served = actix_web::rt::System::new().block_on(async {
        let bound = listener.local_addr()?;
        let signals = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let server = run(listener, settings, doors, tenants.clone())?;
        if let Some((listener, metrics)) = monitored {
            actix_web::rt::spawn(metrics::serve(listener, metrics)?);
        }
        let grace = Duration::from_millis(u64::from(args.drain_ms));
        actix_web::rt::spawn(stop_when_asked(signals, server.handle(), draining.clone(), grace, stopping.clone()));
        // The address is printed for the operator; a closed standard output must not stop the service.
        let _ = writeln!(
            io::stdout(),
            "Smart Portfolio Rebalancer on {scheme}://{bound}  (API browser: {scheme}://{bound}/docs/)"
        );
        server.await
    });
    draining.begin();
    // The item at work has as long as requests under way; one that needs longer is worked on again at the next start.
    let spent = stopping.get().map_or(Duration::ZERO, Instant::elapsed);
    let until = Instant::now() + Duration::from_secs(SHUTDOWN_SECONDS).saturating_sub(spent);
    for realm in tenants.open_realms() {
        if !realm.runs().has_stopped_within(until.saturating_duration_since(Instant::now())) {
            tracing::warn!("an item of a run is left for the next start");
        }
        runtime.block_on(realm.engine().records().store().close());
    }
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &format!("the service failed: {error}")),
    }
}

/// On the first signal readiness is refused and the service goes on for `grace`, so that whoever routes to it can notice;
/// then requests under way are answered and it ends; those that take too long are refused. A second signal ends the grace.
async fn stop_when_asked(
    (mut term, mut int): (Signal, Signal),
    server: ServerHandle,
    draining: Draining,
    grace: Duration,
    stopping: Arc<OnceLock<Instant>>,
) {
    tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
    draining.begin();
    tokio::select! {
        () = tokio::time::sleep(grace) => {}
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    stopping.get_or_init(Instant::now);
    actix_web::rt::spawn(async move {
        tokio::time::sleep(REFUSED_AFTER).await;
        draining.end();
    });
    server.stop(true).await;
}
