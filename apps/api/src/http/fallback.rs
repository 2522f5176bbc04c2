//! 404 and 405, told apart by the published routes.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::http::body::drain;
use crate::http::context::RequestContext;
use crate::http::problem::{Problem, ProblemKind};
use crate::routes::PAGES;

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
            for (operation, name) in
                [(&item.get, "GET"), (&item.get, "HEAD"), (&item.post, "POST"), (&item.delete, "DELETE")]
            {
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
        self.0.get(path).map(Vec::as_slice)
    }
}

/// Answers whatever no route answered: 405 where the path exists with another method, 404 otherwise.
///
/// # Errors
/// Always: that is its answer.
pub async fn unmatched(
    request: HttpRequest,
    payload: web::Payload,
    routes: Data<RouteTable>,
) -> Result<HttpResponse, Problem> {
    let unread = drain(payload.into_inner()).await;
    let context = RequestContext::of(&request);
    let kind = match routes.methods(request.path()) {
        Some(methods) => ProblemKind::MethodNotAllowed { allow: methods.join(", ") },
        None => ProblemKind::NotFound,
    };
    Err(Problem::new(&context, kind).after_unread(unread))
}
