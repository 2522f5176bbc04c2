//! Studies: which trials were run under a name.

use actix_web::web::Path;
use actix_web::{HttpRequest, route};
use engine::Engine;
use engine::dto::metadata::Metadata;
use engine::dto::study::{StudyList, StudyResponse};
use engine::studies;

use crate::http::answer::{Answer, document};
use crate::http::caller::Caller;
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::{QueryMembers, cursor};

/// The name of the list, under its cursors.
const LIST: &str = "studies";

/// List studies
///
/// A study is begun by the first backtest that names it in `study`. Most recently extended first, in pages. To get the next page, send
/// `next_cursor` as `cursor`.
#[utoipa::path(get, path = "/api/studies", tag = "backtests", operation_id = "list_studies",
    params(
        ("limit" = Option<u32>, Query, description = "Studies per page. Default 50.", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Start of the page: `next_cursor` of the previous page.", pattern = "^[0-9a-f]{32}$")
    ),
    responses((status = 200, description = "A page of studies", body = StudyList)))]
#[route("/api/studies", method = "GET", method = "HEAD")]
pub(super) async fn list_studies(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    let mut members = QueryMembers::of(&request);
    let (limit, before) = (members.limit(), members.cursor(LIST));
    members.finish()?;
    let page = studies::list(&engine, before, limit).await;
    let (items, next) = page.map_err(|refusal| Problem::new(&caller, refusal))?;
    let next_cursor = next.map(|sequence| cursor(LIST, sequence));
    document(&caller, Ok(StudyList { items, next_cursor, metadata: Metadata::plain(&caller.context) }))
}

/// Read a study
///
/// The digests of its trials, by the version of its ledger that was the first to have them. With `version` the ledger as it was then, as results
/// name it: its trials and their digest are those that such a result counted.
#[utoipa::path(get, path = "/api/studies/{study}", tag = "backtests", operation_id = "get_study",
    params(
        ("study" = String, Path, description = "Name of the study", max_length = 100, example = "fund-7"),
        ("version" = Option<u64>, Query, description = "Version of the ledger. Default: the latest.", minimum = 1, example = 1)
    ),
    responses((status = 200, description = "The study", body = StudyResponse)))]
#[route("/api/studies/{study}", method = "GET", method = "HEAD")]
pub(super) async fn get_study(
    request: HttpRequest,
    caller: Caller,
    study: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    let mut members = QueryMembers::of(&request);
    let version = members.whole("version");
    members.finish()?;
    document(&caller, studies::read(&engine, &caller.context, &study, version).await)
}
