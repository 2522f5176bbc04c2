//! The server, as production and tests start it.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web::Data;
use actix_web::{App, HttpServer, middleware, web};
use utoipa_actix_web::AppExt;

use crate::http::compute::Compute;
use crate::http::context;
use crate::http::drain::Draining;
use crate::http::fallback::{RouteTable, unmatched};
use crate::records::Records;
use crate::{openapi, routes};

/// How the service runs.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Async threads, and computations at once.
    pub workers: usize,
    /// Computations that may wait for a place before requests are refused.
    pub queue: usize,
}

/// Request line and headers have this long to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests under way at a shutdown have this long to finish.
const SHUTDOWN_SECONDS: u64 = 25;

/// The server on a bound listener. Signals are the caller's: it ends when its handle is told to.
///
/// # Errors
/// When the listener cannot be used.
pub fn run(listener: TcpListener, settings: Settings, records: Records, draining: Draining) -> std::io::Result<Server> {
    let (records, draining) = (Data::new(records), Data::new(draining));
    let compute = Data::new(Compute::new(settings.workers, settings.queue));
    let table = Data::new(RouteTable::of(openapi::document()));
    let server = HttpServer::new(move || {
        let (app, _) = App::new().into_utoipa_app().configure(routes::configure).split_for_parts();
        app.app_data(compute.clone())
            .app_data(table.clone())
            .app_data(records.clone())
            .app_data(draining.clone())
            .configure(routes::configure_pages)
            .default_service(web::to(unmatched))
            .wrap(middleware::from_fn(context::attach))
    })
    .workers(settings.workers)
    .client_request_timeout(HEAD_TIMEOUT)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}
