use actix_web::http::header::{CACHE_CONTROL, ContentType, LOCATION};
use std::sync::Arc;

use actix_web::web::Path;
use actix_web::{HttpResponse, get};
use utoipa_swagger_ui::Config;

use crate::http::context::RequestContext;
use crate::http::problem::{Problem, ProblemKind};
use crate::openapi::document_json;

#[get("/")]
pub(super) async fn index() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(include_str!("../../pages/index.html"))
}

#[get("/static/style.css")]
pub(super) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((CACHE_CONTROL, "max-age=3600"))
        .body(include_str!("../../pages/style.css"))
}

#[get("/openapi.json")]
pub(super) async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(document_json())
}

#[get("/docs")]
pub(super) async fn docs_redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// The API browser; all of it is in the binary.
#[get("/docs/{file:.*}")]
pub(super) async fn docs(context: RequestContext, file: Path<String>) -> Result<HttpResponse, Problem> {
    let config = Arc::new(Config::new(["/openapi.json"]).validator_url("none"));
    match utoipa_swagger_ui::serve(&file, config) {
        Ok(Some(file)) => Ok(HttpResponse::Ok().content_type(file.content_type).body(file.bytes.into_owned())),
        _ => Err(Problem::new(&context, ProblemKind::NotFound)),
    }
}
