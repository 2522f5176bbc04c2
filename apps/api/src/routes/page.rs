//! What a browser asks for: the page, its parts and the API browser.

use std::sync::Arc;

use actix_web::http::header::{AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, ContentType, Encoding, LOCATION, VARY};
use actix_web::web::{Path, ServiceConfig};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder, route};
use rust_embed::{EmbeddedFile, RustEmbed};
use utoipa_swagger_ui::Config;

use crate::http::caller::Caller;
use crate::http::problem::{Problem, ProblemKind};
use crate::openapi::document_json;

/// What a browser asks for: the page, its style, the document and its browser.
pub fn configure(config: &mut ServiceConfig) {
    config.service(index).service(asset).service(style).service(openapi).service(docs_redirect).service(docs);
}

/// Paths of [`configure`]; they answer GET.
pub const PAGES: [&str; 5] = ["/", "/static/style.css", "/openapi.json", "/docs", "/docs/"];

/// The dashboard as its build left it; empty when it was not built, which a service does without.
#[derive(RustEmbed)]
#[folder = "../dashboard/dist"]
#[allow_missing = true]
struct Dashboard;

/// What the build appends to the name of a file it has packed.
const PACKED: &str = ".gz";

/// A file of the dashboard: packed by its build when there is such a file and the client takes it.
fn file(request: &HttpRequest, path: &str) -> Option<(HttpResponseBuilder, EmbeddedFile)> {
    let plain = Dashboard::get(path).filter(|_| !path.ends_with(PACKED))?;
    let mut response = HttpResponse::Ok();
    response.content_type(plain.metadata.mimetype()).insert_header((VARY, "Accept-Encoding"));
    let packed = Dashboard::get(&format!("{path}{PACKED}")).filter(|_| takes_gzip(request));
    if packed.is_some() {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Some((response, packed.unwrap_or(plain)))
}

/// Whether the client prefers gzip to the plain bytes (RFC 9110, section 12.5.3).
fn takes_gzip(request: &HttpRequest) -> bool {
    let offered = [Encoding::gzip(), Encoding::identity()];
    request.get_header::<AcceptEncoding>().and_then(|accepted| accepted.negotiate(offered.iter()))
        == Some(Encoding::gzip())
}

/// The dashboard, or a page that says how to build it.
#[route("/", method = "GET", method = "HEAD")]
pub(super) async fn index(request: HttpRequest) -> HttpResponse {
    match file(&request, "index.html") {
        Some((mut response, page)) => response
            .content_type(ContentType::html())
            .insert_header((CACHE_CONTROL, "no-cache"))
            .body(page.data.into_owned()),
        None => HttpResponse::Ok()
            .content_type(ContentType::html())
            .insert_header((CACHE_CONTROL, "no-cache"))
            .body(include_bytes!("../../pages/index.html").to_vec()),
    }
}

/// Histories that the dashboard offers to replay, packed files of the folder `data`.
const HISTORIES: [(&str, &[u8]); 2] = [
    ("histories/stocks_1990_2022.csv.gz", include_bytes!("../../../../data/stocks_1990_2022.csv.gz")),
    ("histories/multi_asset_1999_2017.csv.gz", include_bytes!("../../../../data/multi_asset_1999_2017.csv.gz")),
];

/// What the dashboard loads. Names of its own files carry a digest of the content, so a browser may keep them for good.
#[route("/assets/{file:.*}", method = "GET", method = "HEAD")]
pub(super) async fn asset(request: HttpRequest, caller: Caller, path: Path<String>) -> Result<HttpResponse, Problem> {
    if let Some((_, packed)) = HISTORIES.iter().find(|(name, _)| *name == path.as_str()) {
        return Ok(HttpResponse::Ok()
            .content_type("application/gzip")
            .insert_header((CACHE_CONTROL, "public, max-age=3600"))
            .body(*packed));
    }
    match file(&request, &format!("assets/{path}")) {
        Some((mut response, asset)) => Ok(response
            .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(asset.data.into_owned())),
        None => Err(Problem::new(&caller, ProblemKind::NotFound)),
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

/// The API browser; all of it is in the binary. It is started by a script of our own, which fills in ids that exist.
#[route("/docs/{file:.*}", method = "GET", method = "HEAD")]
pub(super) async fn docs(caller: Caller, file: Path<String>) -> Result<HttpResponse, Problem> {
    if file.as_str() == "swagger-initializer.js" {
        let script = include_str!("../../pages/api-browser.js");
        return Ok(HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(script));
    }
    match utoipa_swagger_ui::serve(&file, Arc::new(Config::new(["/openapi.json"]))) {
        Ok(Some(file)) => Ok(HttpResponse::Ok().content_type(file.content_type).body(file.bytes.into_owned())),
        _ => Err(Problem::new(&caller, ProblemKind::NotFound)),
    }
}
