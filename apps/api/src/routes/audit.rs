use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, route};
use futures_util::stream;
use governance::{ChainTip, export};

use crate::dto::metadata::Metadata;
use crate::dto::records::{AuditHead, AuditPage, AuditVerification};
use crate::http::context::RequestContext;
use crate::http::query::{QueryMembers, cursor};
use crate::records::Records;
use crate::routes::{Answer, answer, json, stored};

/// Entries that an export reads at once.
const EXPORT_PAGE: u32 = 1000;

/// Read the audit trail
///
/// Oldest first, in pages. Each entry holds the hash of the one before it.
#[utoipa::path(get, path = "/api/audit", tag = "records", operation_id = "list_audit_entries",
    params(
        ("limit" = Option<u32>, Query, description = "Entries on a page. Default 50.", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Where the page starts: `next_cursor` of the page before.", pattern = "^[0-9a-f]{32}$")
    ),
    responses((status = 200, description = "A page of the trail", body = AuditPage))
)]
#[route("/api/audit", method = "GET", method = "HEAD")]
pub(super) async fn list_audit_entries(
    request: HttpRequest,
    context: RequestContext,
    records: Data<Records>,
) -> Answer {
    let mut members = QueryMembers::of(&request);
    let limit = members.limit();
    let after = members.cursor("audit").unwrap_or(0);
    members.finish()?;
    let found = records.store().entries(after, limit + 1).await;
    let mut items = found.map_err(|error| stored(&context, &error))?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next_cursor = items.last().filter(|_| more).map(|entry| cursor("audit", entry.sequence));
    answer(&context, Ok(json(&AuditPage { items, next_cursor, metadata: Metadata::plain(&context) })))
}

/// Verify everything stored
///
/// Reads the whole trail and every stored plan: whether each entry follows the one before it, whether each plan has the digest
/// in its entry, and whether the chain still has the end this service acknowledged last. The work grows with what is stored.
#[utoipa::path(get, path = "/api/audit/verify", tag = "records", operation_id = "verify_audit", responses(
    (status = 200, description = "What was found", body = AuditVerification)
))]
#[route("/api/audit/verify", method = "GET", method = "HEAD")]
pub(super) async fn verify_audit(request: HttpRequest, context: RequestContext, records: Data<Records>) -> Answer {
    QueryMembers::of(&request).finish()?;
    let report = records.store().verify(None).await.map_err(|error| stored(&context, &error))?;
    let ChainTip { hash: head, .. } = report.head;
    let body = AuditVerification {
        valid: report.first_break.is_none(),
        entries: report.entries,
        plans: report.plans,
        head,
        root: report.root,
        first_break: report.first_break,
        metadata: Metadata::plain(&context),
    };
    answer(&context, Ok(json(&body)))
}

/// Sign the end of the trail
///
/// Kept elsewhere, the signed head shows a later cut or rewrite: `rebalancer audit verify --head FILE`.
#[utoipa::path(get, path = "/api/audit/head", tag = "records", operation_id = "get_audit_head", responses(
    (status = 200, description = "The signed head", body = AuditHead)
))]
#[route("/api/audit/head", method = "GET", method = "HEAD")]
pub(super) async fn get_audit_head(request: HttpRequest, context: RequestContext, records: Data<Records>) -> Answer {
    QueryMembers::of(&request).finish()?;
    let signed = records.signed_head(context.received_at).await.map_err(|error| stored(&context, &error))?;
    answer(&context, Ok(json(&AuditHead { head: signed, metadata: Metadata::plain(&context) })))
}

/// Export the audit trail
///
/// Every entry as a line of JSON, oldest first.
#[utoipa::path(get, path = "/api/audit/export", tag = "records", operation_id = "export_audit", responses(
    (status = 200, description = "The trail as JSON lines", body = String, content_type = "application/jsonl")
))]
#[route("/api/audit/export", method = "GET", method = "HEAD")]
pub(super) async fn export_audit(request: HttpRequest, context: RequestContext, records: Data<Records>) -> Answer {
    QueryMembers::of(&request).finish()?;
    // A database that does not answer is a refusal and not an empty export.
    records.store().ping().await.map_err(|error| stored(&context, &error))?;
    let pages = stream::try_unfold((records, 0), |(records, after)| async move {
        let entries = records.store().entries(after, EXPORT_PAGE).await.map_err(std::io::Error::other)?;
        let Some(last) = entries.last().map(|entry| entry.sequence) else { return Ok::<_, std::io::Error>(None) };
        let lines: String = entries.iter().map(export::line).collect();
        Ok(Some((Bytes::from(lines), (records, last))))
    });
    Ok(HttpResponse::Ok().content_type("application/jsonl").streaming(pages))
}
