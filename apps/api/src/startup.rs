//! The server, as production and tests start it.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_http::error::DispatchError;
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::web::Data;
use actix_web::{App, middleware, rt::net::TcpStream, web};
use engine::compute::Compute;
use engine::inventory::Inventory;
use utoipa_actix_web::AppExt;

use crate::http::accept::{self, Offers};
use crate::http::access::{self, Doors};
use crate::http::answers;
use crate::http::caller;
use crate::http::coding;
use crate::http::connection::Connection;
use crate::http::ending;
use crate::http::fallback::{RouteTable, unmatched};
use crate::http::tls::Line;
use crate::http::totals::{Limits, Totals};
use crate::http::version;
use crate::machine::Machine;
use crate::tenants::Tenants;
use crate::{openapi, routes};

/// How the service runs.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Async threads, and computations at once.
    pub workers: usize,
    /// Computations that may wait for a place before requests are refused.
    pub queue: usize,
}

impl Settings {
    /// The room for computations of a service whose callers wait in line at most as long as `limits` say.
    #[must_use]
    pub fn compute(self, limits: Limits) -> Arc<Compute> {
        Arc::new(Compute::new(self.workers, self.queue).longest_wait(limits.line).timed(Arc::new(Machine)))
    }
}

/// Request line and headers have this long to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection that was ended has this long to take its last bytes.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Requests under way at a shutdown have this long to finish.
pub(crate) const SHUTDOWN_SECONDS: u64 = 25;
/// Those that are not answered by then are refused, which leaves a second for the refusals to be sent.
pub(crate) const REFUSED_AFTER: Duration = Duration::from_secs(SHUTDOWN_SECONDS - 1);

/// The server on a bound listener, behind `doors`. Signals are the caller's: it ends when its handle is told to.
///
/// # Errors
/// When the listener cannot be used, or a model does not give its golden outputs.
pub fn run(listener: TcpListener, settings: Settings, doors: Doors, tenants: Tenants) -> std::io::Result<Server> {
    // Every built-in model is loaded before the first request: one that does not give its golden outputs serves nobody.
    Inventory::standard().map_err(std::io::Error::other)?;
    let totals = Arc::new(Totals::new(doors.limits));
    doors.metrics.serve(tenants.clone(), totals.clone());
    let tls = doors.tls.clone();
    let metrics = Data::from(doors.metrics.clone());
    let (reach, draining) = (Data::new(tenants.means().reach), Data::new(tenants.means().draining.clone()));
    let surroundings = Data::from(tenants.service().engine().records().surroundings().clone());
    let (tenants, doors) = (Data::new(tenants), Data::new(doors));
    let table = Data::new(RouteTable::of(openapi::document()));
    let offers = Data::new(Offers::of(openapi::document()));
    let builder = ServerBuilder::new().workers(settings.workers).shutdown_timeout(SHUTDOWN_SECONDS).disable_signals();
    let shutdown = builder.graceful_shutdown_signal();
    // What `actix_web::HttpServer` assembles, over `Connection` in place of the bare stream.
    let builder = builder.listen("rebalancer", listener, move || {
        let (app, _) = App::new().into_utoipa_app().configure(routes::configure).split_for_parts();
        let app = app
            .app_data(table.clone())
            .app_data(tenants.clone())
            .app_data(surroundings.clone())
            .app_data(reach.clone())
            .app_data(draining.clone())
            .app_data(doors.clone())
            .configure(routes::page::configure)
            .default_service(web::to(unmatched))
            .app_data(offers.clone())
            .app_data(Data::from(totals.clone()))
            .app_data(metrics.clone())
            .wrap(middleware::from_fn(answers::count))
            .wrap(middleware::Compress::default())
            .wrap(middleware::from_fn(answers::cut))
            .wrap(middleware::from_fn(coding::finish))
            .wrap(middleware::from_fn(accept::check))
            .wrap(middleware::from_fn(access::check))
            .wrap(middleware::from_fn(version::check))
            .wrap(middleware::from_fn(ending::refuse))
            .wrap(middleware::from_fn(caller::attach))
            .into_factory()
            .map_err(|error: actix_web::Error| error.error_response());
        let shutdown = shutdown.clone();
        let http = HttpService::build()
            .client_request_timeout(HEAD_TIMEOUT)
            .client_disconnect_timeout(DISCONNECT_TIMEOUT)
            // A client that closed its side has gone: nobody computes for it.
            .h1_allow_half_closed(false)
            .on_connect_ext(Connection::tell)
            .graceful_shutdown_signal(move || {
                let shutdown = shutdown.clone();
                async move { shutdown.notified().await }
            })
            .h1(map_config(app, |()| AppConfig::default()));
        let (totals, tls) = (totals.clone(), tls.clone());
        fn_service(move |stream: TcpStream| {
            let tls = tls.clone();
            let (peer, place, stall) = (stream.peer_addr().ok(), totals.place(), totals.stall);
            async move {
                let Some(place) = place else {
                    // Without a handshake nothing can be said through TLS, and a handshake is what there is no place for.
                    if tls.is_none() {
                        Connection::refuse(stream).await;
                    }
                    return Err(DispatchError::Io(std::io::ErrorKind::ConnectionRefused.into()));
                };
                let line = Line::open(stream, tls).await.map_err(DispatchError::Io)?;
                Ok((Connection::new(line, place, stall), peer))
            }
        })
        .and_then(http)
    })?;
    Ok(builder.run())
}
