//! The published document, collected from the routes that are served.

use std::sync::OnceLock;

use actix_web::App;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

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
    servers((url = "/", description = "The service that serves this document")),
    tags(
        (name = "plans", description = "Rebalance plans, their briefs, and portfolios to try"),
        (name = "agents", description = "The agents that make a plan"),
        (name = "analytics", description = "Forecast, risk and simulation on their own"),
        (name = "service", description = "Whether the service is there")
    )
)]
struct Head;

/// The document, made once.
pub fn document() -> &'static utoipa::openapi::OpenApi {
    static DOCUMENT: OnceLock<utoipa::openapi::OpenApi> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let (_, document) =
            App::new().into_utoipa_app().openapi(Head::openapi()).configure(routes::configure).split_for_parts();
        document
    })
}

/// The document as text: what is served, printed and committed.
///
/// # Panics
/// Never: every part of the document is JSON.
#[must_use]
pub fn document_json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| {
        let mut text = serde_json::to_string_pretty(document()).expect("an OpenAPI document is JSON");
        text.push('\n');
        text
    })
}
