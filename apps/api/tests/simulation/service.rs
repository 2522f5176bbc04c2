//! The real service without its sockets: routes, handlers, records and store, in surroundings of the simulation's own.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_http::Request;
use actix_web::body::to_bytes;
use actix_web::dev::{Extensions, Service as _, ServiceResponse};
use actix_web::http::header::LOCATION;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpMessage, middleware, test};
use chrono::{DateTime, TimeDelta, Utc};
use engine::Engine;
use engine::compute::Compute;
use engine::draining::Draining;
use engine::records::Records;
use engine::surroundings::Surroundings;
use futures_util::future::LocalBoxFuture;
use rebalancer::http::caller;
use rebalancer::http::idempotency::REPLAYED;
use rebalancer::routes;
use utoipa_actix_web::AppExt;
use uuid::Uuid;

use crate::chance::Chance;

/// A clock that the simulation sets, and ids that follow from its seed.
#[derive(Debug)]
pub(crate) struct World {
    now: Mutex<DateTime<Utc>>,
    ids: Mutex<Chance>,
    drawn: AtomicU64,
}

impl World {
    pub(crate) fn new(chance: Chance) -> Self {
        let start = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        Self { now: Mutex::new(start), ids: Mutex::new(chance), drawn: AtomicU64::new(0) }
    }

    pub(crate) fn jump(&self, seconds: i64) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += TimeDelta::seconds(seconds);
    }

    /// Ids given so far.
    pub(crate) fn drawn(&self) -> u64 {
        self.drawn.load(Ordering::Relaxed)
    }
}

impl Surroundings for World {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing takes any time here.
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn new_id(&self) -> Uuid {
        self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: [u8; 16] = std::array::from_fn(|_| ids.next() as u8);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    fn new_secret(&self) -> std::io::Result<[u8; 32]> {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::array::from_fn(|_| ids.next() as u8))
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    pub(crate) location: Option<String>,
    pub(crate) replayed: bool,
}

type Handler = Rc<dyn Fn(Request) -> LocalBoxFuture<'static, Answer>>;

/// The routes, put together once for a thread; what they work on is exchanged with each process that is simulated.
#[derive(Clone)]
pub(crate) struct Service {
    handler: Handler,
    parts: Rc<RefCell<Rc<Extensions>>>,
    compute: Arc<Compute>,
}

impl Service {
    pub(crate) async fn new() -> Self {
        let parts = Rc::new(RefCell::new(Rc::new(Extensions::new())));
        let (app, _) = App::new().into_utoipa_app().configure(routes::configure).split_for_parts();
        let current = parts.clone();
        let app = app.app_data(Data::new(Draining::default())).wrap(middleware::from_fn(caller::attach)).wrap_fn(
            move |mut request, next| {
                let parts = current.borrow().clone();
                if let Some(engine) = parts.get::<Arc<Engine>>() {
                    request.extensions_mut().insert(engine.clone());
                }
                request.add_data_container(parts);
                next.call(request)
            },
        );
        let service = test::init_service(app).await;
        let handler: Handler = Rc::new(move |request| {
            let answering = service.call(request);
            Box::pin(async move {
                let answering: Result<ServiceResponse<_>, actix_web::Error> = answering.await;
                let (_, response) = answering.expect("the service answers").into_parts();
                let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
                let location = header(&LOCATION).map(str::to_owned);
                let replayed = header(&REPLAYED).is_some();
                let status = response.status().as_u16();
                let body = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("the answer breaks off"));
                Answer { status, body, location, replayed }
            })
        });
        Self { handler, parts, compute: Arc::new(Compute::new(2, 64)) }
    }

    /// From now on requests meet these records, and the world they were opened in.
    pub(crate) fn use_records(&self, records: Records) {
        let mut parts = Extensions::new();
        parts.insert(Data::from(records.surroundings().clone()));
        parts.insert(Arc::new(Engine::new(records, self.compute.clone())));
        self.parts.replace(Rc::new(parts));
    }

    /// Lets go of the records.
    pub(crate) fn use_nothing(&self) {
        self.parts.replace(Rc::new(Extensions::new()));
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        (self.handler)(test::TestRequest::get().uri(path).to_request()).await
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        (self.handler)(test::TestRequest::post().uri(path).to_request()).await
    }

    /// Asks for a plan.
    pub(crate) fn ask(&self, body: &[u8], request_id: &str, key: Option<u64>) -> LocalBoxFuture<'static, Answer> {
        let mut request = test::TestRequest::post()
            .uri("/api/rebalance")
            .insert_header(("content-type", "application/json"))
            .insert_header(("x-request-id", request_id))
            .set_payload(body.to_vec());
        if let Some(key) = key {
            request = request.insert_header(("idempotency-key", format!("key-{key}")));
        }
        (self.handler)(request.to_request())
    }
}
