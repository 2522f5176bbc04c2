//! What a monitor reads: counters and gauges in the text format of Prometheus, on an address of their own.
//!
//! The format is a line for each figure; a library for it would add a registry and macros for labels, of which there
//! are only three.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::Method;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use engine::latency::{CLASSES, Counted, Latency};
use store::StoreError;

use crate::http::totals::Totals;
use crate::tenants::Tenants;

/// The media type of the format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// How long the records may take to say how many runs wait; after that the figure is left out.
const STORE_TIMEOUT: Duration = Duration::from_secs(1);

/// Answered requests by method, route and status: labels of which there are only as many as the contract has.
type Answered = BTreeMap<(&'static str, String, u16), u64>;

/// Everything that is measured. Nothing a client sends becomes a label.
#[derive(Debug, Default)]
pub struct Metrics {
    answered: Mutex<Answered>,
    took: Latency,
    served: OnceLock<(Tenants, Arc<Totals>)>,
}

impl Metrics {
    /// What the figures are read from while the service runs.
    pub fn serve(&self, tenants: Tenants, totals: Arc<Totals>) {
        // A second server of one process would be measured as the first.
        let _ = self.served.set((tenants, totals));
    }

    /// Counts an answer. `route` is the pattern of the path, not the path.
    pub fn answered(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let key = (known(method), route.to_owned(), status);
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
        self.took.observe(took);
    }

    /// The figures as they are now.
    pub async fn text(&self) -> String {
        let mut text = String::new();
        self.write_answered(&mut text);
        histogram(
            &mut text,
            "rebalancer_http_request_seconds",
            "From the head of a request to the head of its answer.",
            &self.took.counted(),
        );
        let Some((tenants, totals)) = self.served.get() else { return text };
        // All tenants are measured together: a label for each would tell the monitor who they are.
        let engine = tenants.service().engine();
        let kept = engine.records().kept().counted();
        histogram(
            &mut text,
            "rebalancer_store_plan_seconds",
            "From a plan that is made to a plan that is on the disk.",
            &kept,
        );
        let compute = engine.compute();
        for (name, help, value) in [
            ("rebalancer_computations_running", "Computations at work.", compute.at_work()),
            ("rebalancer_computations_waiting", "Computations that wait for a place.", compute.waiting()),
            ("rebalancer_connections", "Open connections, without the spare ones.", totals.connections.taken()),
            (
                "rebalancer_request_body_bytes",
                "Bytes of request bodies in flight that are counted.",
                totals.bodies.taken(),
            ),
            ("rebalancer_answer_bytes", "Bytes of answers that are not sent and are counted.", totals.answers.taken()),
            ("rebalancer_event_streams", "Streams of events.", totals.streams.taken()),
        ] {
            head(&mut text, name, help, "gauge");
            line(&mut text, name, "", value);
        }
        if let Ok(Ok(runs)) = tokio::time::timeout(STORE_TIMEOUT, open_runs(tenants)).await {
            head(&mut text, "rebalancer_runs_open", "Runs and queued backtests that have not ended.", "gauge");
            line(&mut text, "rebalancer_runs_open", "", runs);
        }
        text
    }

    fn write_answered(&self, text: &mut String) {
        const NAME: &str = "rebalancer_http_requests_total";
        head(text, NAME, "Answered requests by method, route and status.", "counter");
        for ((method, route, status), count) in &*self.answered.lock().unwrap_or_else(PoisonError::into_inner) {
            line(text, NAME, &format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"), count);
        }
    }
}

/// Runs of all tenants that have not ended.
async fn open_runs(tenants: &Tenants) -> Result<u64, StoreError> {
    let mut all = 0;
    for realm in tenants.open_realms() {
        all += realm.engine().records().store().open_runs().await?;
    }
    Ok(all)
}

/// A method that the service knows; a client may send any word.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    // Writing into a text does not fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(text: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, "{name}{labels} {value}");
}

fn histogram(text: &mut String, name: &str, help: &str, counted: &Counted) {
    head(text, name, help, "histogram");
    let bucket = format!("{name}_bucket");
    for (end, count) in CLASSES.iter().zip(counted.at_most) {
        line(text, &bucket, &format!("{{le=\"{end}\"}}"), count);
    }
    line(text, &bucket, "{le=\"+Inf\"}", counted.count);
    line(text, &format!("{name}_sum"), "", counted.seconds);
    line(text, &format!("{name}_count"), "", counted.count);
}

/// A server of `GET /metrics` on a bound listener. It asks for no key: give it an address that only the monitor reaches.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(listener: TcpListener, metrics: Arc<Metrics>) -> std::io::Result<Server> {
    let metrics = Data::from(metrics);
    let app = move || App::new().app_data(metrics.clone()).route("/metrics", web::get().to(answer));
    Ok(HttpServer::new(app)
        .workers(1)
        .max_connections(16)
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?
        .run())
}

async fn answer(metrics: Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok().content_type(TEXT).body(metrics.text().await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_are_counted_by_route_and_status_and_nothing_a_client_names() {
        let metrics = Metrics::default();
        let took = Duration::from_millis(3);
        for _ in 0..2 {
            metrics.answered(&Method::GET, "/api/plans/{plan_id}", 200, took);
        }
        metrics.answered(&Method::from_bytes(b"BREW").unwrap(), "unmatched", 404, took);
        let text = metrics.text().await;
        for expected in [
            "rebalancer_http_requests_total{method=\"GET\",route=\"/api/plans/{plan_id}\",status=\"200\"} 2\n",
            "rebalancer_http_requests_total{method=\"other\",route=\"unmatched\",status=\"404\"} 1\n",
            "rebalancer_http_request_seconds_bucket{le=\"0.0025\"} 0\n",
            "rebalancer_http_request_seconds_bucket{le=\"0.005\"} 3\n",
            "rebalancer_http_request_seconds_bucket{le=\"+Inf\"} 3\n",
            "rebalancer_http_request_seconds_sum 0.009\n",
            "rebalancer_http_request_seconds_count 3\n",
            "# TYPE rebalancer_http_request_seconds histogram\n",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }
}
