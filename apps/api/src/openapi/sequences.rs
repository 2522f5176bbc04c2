//! Answers of many parts: JSON lines and server-sent events.
//!
//! To OpenAPI 3.1 such an answer is one text. A client that is generated from the schema of a part would parse the whole text as
//! that part; from a text it gets the text, and `contentSchema` says what the parts of it are.

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{Content, RefOr};

/// Says of every outcome that is not JSON, and that its route declares as one of its parts, that it is a text of these parts.
pub(super) fn declare(operation: &mut Operation) {
    for (_, response) in operation.responses.responses.iter_mut().filter(|(status, _)| status.starts_with('2')) {
        let RefOr::T(response) = response else { continue };
        for (media_type, content) in &mut response.content {
            if let RefOr::T(content) = content
                && media_type != "application/json"
            {
                declare_parts(media_type, content);
            }
        }
    }
}

fn declare_parts(media_type: &str, content: &mut Content) {
    let Some(part @ RefOr::Ref(_)) = content.schema.take_if(|schema| matches!(schema, RefOr::Ref(_))) else { return };
    let parts = ArrayBuilder::new().items(part);
    let text =
        ObjectBuilder::new().schema_type(Type::String).content_media_type(media_type).content_schema(Some(parts));
    content.schema = Some(text.build().into());
}
