use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::records::chain;
use super::{ServeArgs, fail};
use crate::http::drain::Draining;
use crate::jobs::Runs;
use crate::records::Records;
use crate::startup::{SHUTDOWN_SECONDS, Settings, run};

pub(super) fn serve(args: &ServeArgs) -> ExitCode {
    let filter = match EnvFilter::try_new(&args.log) {
        Ok(filter) => filter,
        Err(error) => return fail(2, &format!("cannot read the log filter: {error}")),
    };
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(io::stderr).init();

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
    let records = match runtime.block_on(Records::open(&args.keeping.settings())) {
        Ok(records) => records,
        Err(error) => {
            let hint = "REBALANCER_DATA_DIR or DATABASE_URL say where records are kept";
            return fail(1, &format!("{}; {hint}", chain(&error)));
        }
    };

    let cores = available_parallelism().map_or(1, usize::from);
    let settings = Settings { workers: args.workers.map_or(cores, usize::from), queue: usize::from(args.queue) };
    let draining = Draining::default();
    let runs = match Runs::start(&records, &draining) {
        Ok(runs) => runs,
        Err(error) => return fail(1, &format!("cannot start: {error}")),
    };
    let stopping = Arc::new(OnceLock::new());
    let served = actix_web::rt::System::new().block_on(async {
        let bound = listener.local_addr()?;
        let signals = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let server = run(listener, settings, records.clone(), runs.clone(), draining.clone())?;
        let grace = Duration::from_millis(u64::from(args.drain_ms));
        actix_web::rt::spawn(stop_when_asked(signals, server.handle(), draining.clone(), grace, stopping.clone()));
        // The address is for whoever started this; a closed standard output must not stop the service.
        let _ =
            writeln!(io::stdout(), "Smart Portfolio Rebalancer on http://{bound}  (API browser: http://{bound}/docs/)");
        server.await
    });
    draining.begin();
    // The item at work has as long as requests under way; one that needs longer is worked on again at the next start.
    let spent = stopping.get().map_or(Duration::ZERO, Instant::elapsed);
    if !runs.has_stopped_within(Duration::from_secs(SHUTDOWN_SECONDS).saturating_sub(spent)) {
        tracing::warn!("an item of a run is left for the next start");
    }
    runtime.block_on(records.store().close());
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &format!("the service failed: {error}")),
    }
}

/// On the first signal readiness is refused and the service goes on for `grace`, so that whoever routes to it can notice;
/// then requests under way are answered and it ends. A second signal ends the grace.
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
    server.stop(true).await;
}
