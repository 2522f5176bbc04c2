//! The caller, path and time of an HTTP request, and the headers and the log line of its answer.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use engine::context::RequestContext;
use engine::draining::Draining;
use engine::surroundings::Surroundings;
use governance::{Actor, Tenant};

use crate::http::refusals;
use crate::http::trace::Trace;
use crate::machine::Machine;
use crate::metrics::Metrics;

/// The actor of a request without an API key; with one it is the name of the key.
pub const CLIENT: Actor = engine::context::WITHOUT_KEY;

/// A request as far as its answer, its refusal and what is stored of it depend on it.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who asks.
    pub actor: Actor,
    /// Whose records it is about; `None` for those of the service itself.
    pub tenant: Option<Tenant>,
    /// Id and time of the request.
    pub context: RequestContext,
    /// Path of the request, without its query; `*` when it could not be read.
    pub path: String,
}

impl Caller {
    /// A caller whose request did not pass through [`attach`], now and with a new id.
    #[must_use]
    pub fn local(actor: Actor, path: &str) -> Self {
        let context = RequestContext { request_id: new_request_id(&Machine), received_at: Machine.now() };
        Self { actor, tenant: None, context, path: path.to_owned() }
    }

    /// The caller of a request that passed through [`attach`].
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_else(|| Self::local(CLIENT, request.path()))
    }
}

impl FromRequest for Caller {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Middleware: gives each request its id and its time, each answer its headers, and the log its line.
///
/// # Errors
/// Passes on what the inner service fails with.
pub async fn attach(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let surroundings = surroundings_of(&request);
    let started = surroundings.elapsed();
    let request_id = sent_id(request.headers()).unwrap_or_else(|| new_request_id(surroundings.as_ref()));
    let trace = Trace::of(request.headers());
    let received_at = surroundings.now();
    let context = RequestContext { request_id: request_id.clone(), received_at };
    request.extensions_mut().insert(Caller { actor: CLIENT, tenant: None, context, path: request.path().to_owned() });

    let draining = request.app_data::<Data<Draining>>().cloned();
    let mut response = next.call(request).await?;
    if draining.is_some_and(|draining| draining.has_begun()) {
        // The client's next request should go to another instance.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let method = response.request().method().clone();
    let status = response.status();
    let is_docs = response.request().path().starts_with("/docs");
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, value);
    }
    if let Some(trace) = &trace {
        trace.tell(headers, surroundings.as_ref());
    }
    guard(headers, is_docs);
    let took = surroundings.elapsed().saturating_sub(started);
    if let Some(metrics) = response.request().app_data::<Data<Metrics>>() {
        metrics.answered(&method, &route, status.as_u16(), took);
    }
    let Caller { actor, tenant, .. } = Caller::of(response.request());
    let tenant = tenant.as_ref().map(tracing::field::display);
    let trace_id = trace.as_ref().map(Trace::id);
    // Everything in these lines is of the service, but for the id, which is printable, and the address.
    let peer = response.request().peer_addr().map(|peer| tracing::field::display(peer.ip()));
    let (status, duration_ms) = (status.as_u16(), took.as_secs_f64() * 1e3);
    match refusals::take(response.status(), surroundings.elapsed()) {
        Some(left_out) => {
            tracing::warn!(request_id, trace_id, %method, route, status, %actor, tenant, peer, duration_ms, left_out, "refused");
        }
        None => {
            tracing::info!(request_id, trace_id, %method, route, status, %actor, tenant, peer, duration_ms, "answered")
        }
    }
    Ok(response)
}

/// The clock and the entropy that the request lives with: those of the app. An app that has none lives with those of the machine.
pub(super) fn surroundings_of(request: &ServiceRequest) -> Arc<dyn Surroundings> {
    let own = request.app_data::<Data<dyn Surroundings>>();
    own.map_or_else(|| Arc::new(Machine) as Arc<dyn Surroundings>, |own| own.clone().into_inner())
}

/// Headers that stop a browser from using an answer in ways it was not meant for.
pub(super) fn guard(headers: &mut HeaderMap, is_docs: bool) {
    // The API browser brings inline styles; nothing brings inline scripts.
    let policy = if is_docs {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
    } else {
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    };
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in fixed {
        // A page with a stricter policy of its own keeps it.
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// The client's own id, if it is one that is safe to repeat: 8 to 128 printable characters without spaces.
fn sent_id(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(REQUEST_ID)?.to_str().ok()?;
    ((8..=128).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_graphic())).then(|| value.to_owned())
}

fn new_request_id(surroundings: &dyn Surroundings) -> String {
    surroundings.new_id().simple().to_string()
}
