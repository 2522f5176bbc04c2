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
        let exact = self.0.get(path);
        exact
            .or_else(|| self.0.iter().find(|(route, _)| fits(route, path)).map(|(_, methods)| methods))
            .map(Vec::as_slice)
    }
}

/// Whether a path is one of a route's: `{name}` stands for one segment that is not empty.
fn fits(route: &str, path: &str) -> bool {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(segment)) if part == segment || (part.starts_with('{') && !segment.is_empty()) => {}
            _ => return false,
        }
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
