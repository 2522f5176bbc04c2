//! Files of positions and histories, read before anything is replaced.

use actix_web::post;
use engine::dto::import::{ImportPreviewRequest, ImportPreviewResponse};
use engine::{Engine, questions};

use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::own::Own;

/// Preview a file
///
/// Reads a file of positions, targets, prices or returns (CSV, TSV, Excel) and returns what is certain, what the file
/// leaves open, what was set aside, and how each column was interpreted. To answer a question, send the file again with
/// `columns`, `decimal_mark` or `currency`. A file that cannot be read at all is refused with the likely cause. Nothing
/// is stored.
#[utoipa::path(tag = "import", operation_id = "preview_import", request_body = ImportPreviewRequest, responses(
    (status = 200, description = "What was read", body = ImportPreviewResponse)
))]
#[post("/api/import/preview")]
pub(super) async fn preview_import(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::preview_import(&engine, &caller.context, &body.0).await)
}
