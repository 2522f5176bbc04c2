//! A whole request and a whole answer of each operation, made by `openapi/build_examples.py`.

use rust_embed::{EmbeddedFile, RustEmbed};
use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, RefOr};

/// Files named after the operation: `create_agent_run.request.json`, `create_agent_run.answer.json`, `create_agent_run.answer.sse`;
/// `create_backtest.answer.202.json` for a success that is not the operation's first.
#[derive(RustEmbed)]
#[folder = "../../openapi/examples"]
struct Examples;

/// How the files of a media type end.
const ENDINGS: [(&str, &str); 7] = [
    ("application/json", "json"),
    ("application/jsonl", "jsonl"),
    ("text/event-stream", "sse"),
    ("text/html", "html"),
    ("text/markdown", "md"),
    ("text/plain", "txt"),
    ("text/csv", "csv"),
];

/// Shows them in an operation. A content that has an example of its own keeps it.
pub(super) fn show_in(operation: &mut Operation) {
    let Some(name) = operation.operation_id.clone() else { return };
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        show(&mut body.content, &format!("{name}.request"));
    }
    let outcomes = operation.responses.responses.iter_mut().filter(|(status, _)| status.starts_with('2'));
    for (i, (status, response)) in outcomes.enumerate() {
        let RefOr::T(response) = response else { continue };
        let stem = if i == 0 { format!("{name}.answer") } else { format!("{name}.answer.{status}") };
        show(&mut response.content, &stem);
    }
}

fn show<'a>(content: impl IntoIterator<Item = (&'a String, &'a mut RefOr<Content>)>, stem: &str) {
    for (media_type, content) in content {
        let RefOr::T(content) = content else { continue };
        let ending = ENDINGS.iter().find(|(known, _)| known == media_type).map(|(_, ending)| ending);
        let file = ending.and_then(|ending| Examples::get(&format!("{stem}.{ending}")));
        if content.example.is_none() {
            content.example = file.as_ref().and_then(|file| value(media_type, file));
        }
    }
}

/// A file as the value of an example: a document in JSON, a text of any other media type.
fn value(media_type: &str, file: &EmbeddedFile) -> Option<Value> {
    if media_type == "application/json" {
        return serde_json::from_slice(&file.data).ok();
    }
    std::str::from_utf8(&file.data).ok().map(Value::from)
}
