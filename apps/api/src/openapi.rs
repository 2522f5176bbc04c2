//! The published document, collected from the routes that are served.

mod defaults;
mod examples;
mod headers;
mod parameters;
mod refusals;
mod security;
mod sequences;
mod variants;

use std::sync::OnceLock;

use actix_web::App;
use engine::dto::controls::PlanStatePart;
use engine::dto::plan_part::PlanPart;
use engine::dto::webhooks::WebhookDelivery;
use engine::telling::execution::{ExecutionFormName, ExecutionTableName};
use engine::telling::order_files::OrderFileForm;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::PrettyFormatter;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use crate::http::problem::ProblemBody;
use crate::openapi::refusals::Refusals;
use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Smart Portfolio Rebalancer",
        description = "Drift, trades under one turnover budget, forecasts, risk and simulation of a portfolio.\n\n\
            Weights, returns and rates are fractions (0.01 is one percent); losses are positive; amounts are JSON \
            numbers in major units. Refusals are problem documents (RFC 9457) that point at every fault.\n\n\
            Limits: bodies up to 8 MiB, 2,000 assets, 100,000 returns, nesting up to 128 levels.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(name = "Smart Portfolio Rebalancer authors")
    ),
    components(schemas(
        ExecutionFormName,
        ExecutionTableName,
        OrderFileForm,
        PlanPart,
        PlanStatePart,
        ProblemBody,
        WebhookDelivery<'static>
    )),
    servers((url = "/", description = "The service that serves this document")),
    tags(
        (name = "plans", description = "Rebalance plans, their briefs, and portfolios to try"),
        (name = "import", description = "Preview of files with positions, targets and histories, before anything is replaced"),
        (name = "agents", description = "The agents that make a plan"),
        (name = "analytics", description = "Forecast, risk and simulation on their own"),
        (name = "backtests", description = "Policies replayed over a history"),
        (name = "optimizer", description = "The best weights of a stated problem, and portfolios by named methods"),
        (name = "runs", description = "Batches of portfolios and simulations, processed after they are accepted"),
        (name = "webhooks", description = "Addresses that are notified when a run ends"),
        (name = "records", description = "Stored plans and their audit trail"),
        (name = "controls", description = "Limits checked before orders are exported, halts, and decisions about plans"),
        (name = "models", description = "The inventory of models and tools, their cards, and the champion of each purpose"),
        (name = "portfolios", description = "Named portfolios, stored in versions"),
        (name = "calibration", description = "Outcomes of stored plans, and how well the plans predicted them"),
        (name = "service", description = "Health of the service")
    )
)]
struct Head;

/// The document, made once.
pub fn document() -> &'static utoipa::openapi::OpenApi {
    static DOCUMENT: OnceLock<utoipa::openapi::OpenApi> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let (_, mut document) =
            App::new().into_utoipa_app().openapi(Head::openapi()).configure(routes::configure).split_for_parts();
        let mut components = document.components.take().unwrap_or_default();
        components.headers.extend(headers::shared());
        headers::add_version(&mut components);
        security::add_scheme(&mut components);
        for (path, item) in &mut document.paths.paths {
            let reads = [("GET", false, &mut item.get), ("DELETE", false, &mut item.delete)];
            let sends = [("POST", true, &mut item.post), ("PUT", true, &mut item.put)];
            for (method, takes_body, operation) in reads.into_iter().chain(sends) {
                let Some(operation) = operation else { continue };
                let scope = security::scope_of(method, path);
                examples::show_in(operation);
                headers::declare_version(operation);
                headers::declare_outcomes(operation);
                parameters::declare_absence(operation);
                sequences::declare(operation);
                security::declare(operation, scope);
                Refusals::of(path, takes_body, scope, operation).list_in(operation, &mut components);
            }
        }
        variants::name(&mut components);
        defaults::say(&mut components);
        document.components = Some(components);
        document
    })
}

/// `tracking_error` and `Market Data Agent` as the names of types: `TrackingError`, `MarketDataAgent`.
fn camel_case(value: &str) -> String {
    value
        .split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            [first.to_ascii_uppercase(), rest.to_owned()]
        })
        .collect()
}

/// The document as text: what is served, printed and committed.
///
/// # Panics
/// Never: every part of the document is JSON.
#[must_use]
pub fn document_json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| {
        // One space a level: with two, a fifth more of the text would be spaces.
        let mut writer = Serializer::with_formatter(Vec::new(), PrettyFormatter::with_indent(b" "));
        document().serialize(&mut writer).expect("an OpenAPI document is JSON");
        let mut text = String::from_utf8(writer.into_inner()).expect("JSON is UTF-8");
        text.push('\n');
        text
    })
}
