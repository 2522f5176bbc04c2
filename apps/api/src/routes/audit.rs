//! The audit trail.

use actix_web::web::Bytes;
use actix_web::{HttpRequest, route};
use engine::dto::metadata::Metadata;
use engine::dto::records::{AuditHead, AuditPage, AuditVerification};
use engine::{Engine, audit};
use futures_util::stream;
use governance::AuditEntry;

use crate::http::answer::{Answer, document};
use crate::http::caller::Caller;
use crate::http::lines::json_lines;
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::{QueryMembers, cursor};

/// Read the audit trail
///
/// Oldest first, in pages. Each entry holds the hash of the one before it.
#[utoipa::path(get, path = "/api/audit", tag = "records", operation_id = "list_audit_entries",
    params(
        ("limit" = Option<u32>, Query, description = "Entries per page. Default 50.", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Start of the page: `next_cursor` of the previous page.", pattern = "^[0-9a-f]{32}$")
    ),
    responses((status = 200, description = "A page of the trail", body = AuditPage))
)]
#[route("/api/audit", method = "GET", method = "HEAD")]
pub(super) async fn list_audit_entries(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    let mut members = QueryMembers::of(&request);
    let limit = members.limit();
    let after = members.cursor("audit").unwrap_or(0);
    members.finish()?;
    let page = audit::list(&engine, after, limit).await;
    let page = page.map(|page| AuditPage {
        items: page.items,
        next_cursor: page.next.map(|sequence| cursor("audit", sequence)),
        metadata: Metadata::plain(&caller.context),
    });
    document(&caller, page)
}

/// Verify everything stored
///
/// Reads the whole trail and every stored plan and checks that each entry follows the one before it, that each plan has
/// the digest in its entry, and that the chain still has the end that this service acknowledged last. The work grows
/// with the number of records.
#[utoipa::path(get, path = "/api/audit/verify", tag = "records", operation_id = "verify_audit", responses(
    (status = 200, description = "What was found", body = AuditVerification)
))]
#[route("/api/audit/verify", method = "GET", method = "HEAD")]
pub(super) async fn verify_audit(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, audit::verify(&engine, &caller.context).await)
}

/// Sign the end of the trail
///
/// Kept elsewhere, the signed head reveals a later truncation or rewrite of the trail:
/// `rebalancer audit verify --head FILE`.
#[utoipa::path(get, path = "/api/audit/head", tag = "records", operation_id = "get_audit_head", responses(
    (status = 200, description = "The signed head", body = AuditHead)
))]
#[route("/api/audit/head", method = "GET", method = "HEAD")]
pub(super) async fn get_audit_head(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    QueryMembers::of(&request).finish()?;
    document(&caller, audit::head(&engine, &caller.context).await)
}

/// Export the audit trail
///
/// Every entry as a line of JSON, oldest first; with `Accept: text/plain` the same lines as plain text.
#[utoipa::path(get, path = "/api/audit/export", tag = "records", operation_id = "export_audit", responses(
    (status = 200, description = "The trail as JSON lines, each an `AuditEntry`",
        content((AuditEntry = "application/jsonl"), (String = "text/plain")))
))]
#[route("/api/audit/export", method = "GET", method = "HEAD")]
pub(super) async fn export_audit(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    QueryMembers::of(&request).finish()?;
    let export = audit::export(&engine).await.map_err(|refusal| Problem::new(&caller, refusal))?;
    let pages = stream::try_unfold(export, |mut export| async move {
        let lines = export.next().await.map_err(std::io::Error::other)?;
        Ok::<_, std::io::Error>(lines.map(|lines| (Bytes::from(lines), export)))
    });
    Ok(json_lines(&request).streaming(pages))
}
