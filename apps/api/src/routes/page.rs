use actix_web::http::header::{CACHE_CONTROL, ContentType, LOCATION};
use std::sync::Arc;

use actix_web::web::Path;
use actix_web::{HttpResponse, route};
use rust_embed::RustEmbed;
use utoipa_swagger_ui::Config;

use crate::http::context::RequestContext;
use crate::http::problem::{Problem, ProblemKind};
use crate::openapi::document_json;

/// The dashboard as its build left it; empty when it was not built, which a service does without.
#[derive(RustEmbed)]
#[folder = "../dashboard/dist"]
#[allow_missing = true]
struct Dashboard;

/// The dashboard, or a page that says how to build it.
#[route("/", method = "GET", method = "HEAD")]
pub(super) async fn index() -> HttpResponse {
    let built = Dashboard::get("index.html").map(|file| file.data.into_owned());
    let page = built.unwrap_or_else(|| include_bytes!("../../pages/index.html").to_vec());
    HttpResponse::Ok().content_type(ContentType::html()).insert_header((CACHE_CONTROL, "no-cache")).body(page)
}

/// What the dashboard loads. Names carry a digest of the content, so a browser may keep them for good.
#[route("/assets/{file:.*}", method = "GET", method = "HEAD")]
pub(super) async fn asset(context: RequestContext, file: Path<String>) -> Result<HttpResponse, Problem> {
    match Dashboard::get(&format!("assets/{file}")) {
        Some(asset) => Ok(HttpResponse::Ok()
            .content_type(asset.metadata.mimetype())
            .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(asset.data.into_owned())),
        None => Err(Problem::new(&context, ProblemKind::NotFound)),
    }
}

#[route("/static/style.css", method = "GET", method = "HEAD")]
pub(super) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((CACHE_CONTROL, "max-age=3600"))
        .body(include_str!("../../pages/style.css"))
}

#[route("/openapi.json", method = "GET", method = "HEAD")]
pub(super) async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(document_json())
}

#[route("/docs", method = "GET", method = "HEAD")]
pub(super) async fn docs_redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// The API browser; all of it is in the binary.
#[route("/docs/{file:.*}", method = "GET", method = "HEAD")]
pub(super) async fn docs(context: RequestContext, file: Path<String>) -> Result<HttpResponse, Problem> {
    let config = Arc::new(Config::new(["/openapi.json"]).validator_url("none"));
    match utoipa_swagger_ui::serve(&file, config) {
        Ok(Some(file)) => Ok(HttpResponse::Ok().content_type(file.content_type).body(file.bytes.into_owned())),
        _ => Err(Problem::new(&context, ProblemKind::NotFound)),
    }
}
