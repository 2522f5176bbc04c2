//! The form every refusal has.

use serde_json::Value;

use super::Reply;
use super::json::{list, number, text};

/// Checks the form of a problem document and answers it.
#[track_caller]
pub(crate) fn problem(reply: &Reply, status: u16, slug: &str) -> Value {
    assert_eq!(reply.status, status, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    let problem = reply.json();
    assert_eq!(text(&problem, "/type"), format!("/problems/{slug}"));
    assert_eq!(number(&problem, "/status"), f64::from(status));
    for member in ["title", "detail", "instance", "error"] {
        assert!(!text(&problem, &format!("/{member}")).is_empty(), "{member}");
    }
    assert_eq!(Some(text(&problem, "/metadata/request_id")), reply.header("x-request-id"));
    assert!(list(&problem, "/errors").len() <= 50);
    for fault in list(&problem, "/errors") {
        assert!(!text(fault, "/code").is_empty() && !text(fault, "/detail").is_empty(), "{fault}");
    }
    problem
}
