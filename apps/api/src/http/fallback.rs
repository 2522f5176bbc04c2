//! 404 and 405, distinguished by the published routes.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::http::body::drain;
use crate::http::caller::Caller;
use crate::http::problem::{Problem, ProblemKind};
use crate::routes::page::PAGES;

/// Which methods each path answers; read off the routes themselves.
#[derive(Debug, Clone, Default)]
pub struct RouteTable(BTreeMap<String, Vec<String>>);

impl RouteTable {
    /// The routes of a published document, and the pages beside it.
    #[must_use]
    pub fn of(document: &utoipa::openapi::OpenApi) -> Self {
        let mut routes = BTreeMap::new();
        for (path, item) in &document.paths.paths {
            let mut methods = Vec::new();
            for (operation, name) in [
                (&item.get, "GET"),
                (&item.get, "HEAD"),
                (&item.post, "POST"),
                (&item.put, "PUT"),
                (&item.delete, "DELETE"),
            ] {
                if operation.is_some() {
                    methods.push(name.to_owned());
                }
            }
            routes.insert(path.clone(), methods);
        }
        for page in PAGES {
            routes.insert(page.to_owned(), vec!["GET".to_owned(), "HEAD".to_owned()]);
        }
        Self(routes)
    }

    fn methods(&self, path: &str) -> Option<&[String]> {
        let found = self.0.get(path).or_else(|| {
            let fits = |(template, _): &(&String, &Vec<String>)| fits(template, path);
            self.0.iter().find(fits).map(|(_, methods)| methods)
        });
        found.map(Vec::as_slice)
    }
}

/// Whether a path is an instance of a template such as `/api/multi-agent/runs/{plan_id}`.
fn fits(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let fits = template
        .split('/')
        .all(|want| segments.next().is_some_and(|got| want == got || (want.starts_with('{') && !got.is_empty())));
    fits && segments.next().is_none()
}

/// Answers whatever no route answered: 405 where the path exists with another method, 404 otherwise.
///
/// # Errors
/// Always: a refusal is its only result.
pub async fn unmatched(
    request: HttpRequest,
    payload: web::Payload,
    routes: Data<RouteTable>,
) -> Result<HttpResponse, Problem> {
    // What follows a CONNECT is not a body: it has no end to wait for.
    let is_tunnel = request.method() == Method::CONNECT;
    let payload = payload.into_inner();
    let unread = if is_tunnel { Some(payload) } else { drain(payload).await };
    let caller = Caller::of(&request);
    let kind = match routes.methods(request.path()) {
        Some(methods) => ProblemKind::MethodNotAllowed { allow: methods.join(", ") },
        None => ProblemKind::NotFound,
    };
    Err(Problem::new(&caller, kind).after_unread(unread))
}
