//! Named books: saved, listed, read, replaced and closed.

use actix_web::http::header::{ETAG, HeaderName};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, delete, post, put, route};
use engine::dto::metadata::Metadata;
use engine::dto::named_book::{PortfolioList, PortfolioRequest, PortfolioResponse};
use engine::named_books::{BookPage, BookQuery};
use engine::refusal::Refusal;
use engine::{Engine, named_books};
use store::StoredPortfolio;

use crate::http::answer::{Answer, document};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::etag::{basis_of, etag_of, tagged, unless_had};
use crate::http::idempotency::{SentKey, created};
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::{QueryMembers, cursor};

/// Save a portfolio under a name
///
/// Stores a request for a rebalance as a named book. The request is checked as `POST /api/rebalance` checks it and
/// stored byte for byte as it was sent; no plan is made. Returns the first version of the book, which is then on disk
/// with an entry in the audit trail.
///
/// Two books may have the same name; `portfolio_id` distinguishes them.
#[utoipa::path(tag = "portfolios", operation_id = "create_portfolio", request_body = PortfolioRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Identifies this request, so that it can be sent again", max_length = 255)),
    responses((status = 201, description = "The first version of the book", body = PortfolioResponse<'static>, headers(
        ("Location" = String, description = "Where the book is"),
        ("ETag" = String, description = "The version's digest, quoted; send it as `If-Match` with the next write")
    )))
)]
#[post("/api/portfolios")]
pub(super) async fn create_portfolio(
    request: HttpRequest,
    caller: Caller,
    key: SentKey,
    body: JsonBytes,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let saved = named_books::create(&engine, &caller.actor, &caller.context, &body.0, key.0).await;
    let told = saved.and_then(|book| {
        let location = format!("/api/portfolios/{}", book.version.record.portfolio_id);
        let mut response = created(HttpResponse::Created(), &location, book.is_replay);
        response.insert_header(tag(&book.version));
        Ok(response.body(named_books::body(&book.version)?))
    });
    told.map_err(|refusal| Problem::new(&caller, refusal))
}

/// The ETag of a version, as a header.
fn tag(version: &StoredPortfolio) -> (HeaderName, String) {
    (ETAG, etag_of(version.digest))
}

/// List named books
///
/// The latest version of each open book, most recently saved first, in pages. To get the next page, send `next_cursor`
/// as `cursor` with the same filters. A closed book is not listed.
#[utoipa::path(get, path = "/api/portfolios", tag = "portfolios", operation_id = "list_portfolios",
    params(
        ("limit" = Option<u32>, Query, description = "Books per page. Default 50.", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Start of the page: `next_cursor` of the previous page.", pattern = "^[0-9a-f]{32}$"),
        ("query" = Option<String>, Query, description = "Only books with every word of this text in their name or id. A part of a word is enough, and case does not matter.", min_length = 1, max_length = 200, pattern = "^[^\\x00]*[^\\s\\x00][^\\x00]*$", example = "smith")
    ),
    responses((status = 200, description = "A page of books", body = PortfolioList))
)]
#[route("/api/portfolios", method = "GET", method = "HEAD")]
pub(super) async fn list_portfolios(request: HttpRequest, caller: Caller, engine: Own<Engine>) -> Answer {
    let mut members = QueryMembers::of(&request);
    let limit = members.limit();
    let words = members.words("query");
    let list = format!("portfolios {words:?}");
    let before = members.cursor(&list);
    members.finish()?;
    let page = named_books::list(&engine, BookQuery { words, before, limit }).await;
    told(&caller, &list, page)
}

/// A page of versions as an answer.
fn told(caller: &Caller, list: &str, page: Result<BookPage, Refusal>) -> Answer {
    let page = page.map(|page| PortfolioList {
        items: page.items,
        next_cursor: page.next.map(|sequence| cursor(list, sequence)),
        metadata: Metadata::plain(&caller.context),
    });
    document(caller, page)
}

/// Read a named book
///
/// The latest version, with the request in the bytes that were sent.
#[utoipa::path(get, path = "/api/portfolios/{portfolio_id}", tag = "portfolios", operation_id = "get_portfolio",
    params(
        ("portfolio_id" = String, Path, description = "Id of the book"),
        ("If-None-Match" = Option<String>, Header, description = "ETags the client has: 304 if one of them is the latest version's")
    ),
    responses(
        (status = 200, description = "The latest version", body = PortfolioResponse<'static>, headers(("ETag" = String, description = "The version's digest, quoted; send it as `If-Match` with the next write"))),
        (status = 304, description = "Not modified: one of the ETags sent is the latest version's")
    )
)]
#[route("/api/portfolios/{portfolio_id}", method = "GET", method = "HEAD")]
pub(super) async fn get_portfolio(
    request: HttpRequest,
    caller: Caller,
    portfolio_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let found = named_books::find(&engine, &portfolio_id, None).await;
    one(&request, &caller, found)
}

/// A version as an answer, unless the client has it.
fn one(request: &HttpRequest, caller: &Caller, found: Result<StoredPortfolio, Refusal>) -> Answer {
    let version = found.map_err(|refusal| Problem::new(caller, refusal))?;
    unless_had(request, etag_of(version.digest), || {
        named_books::body(&version).map_err(|refusal| Problem::new(caller, refusal))
    })
}

/// Save the next version of a named book
///
/// `If-Match` names the version that the write builds on, by its ETag. If a newer version has been saved meanwhile, the
/// answer is 412 and nothing is stored, so one of two concurrent writers wins. `If-Match: *` builds on the latest
/// version, whichever it is. A different name in the body renames the book. Each write makes a version of its own with
/// an entry in the audit trail.
#[utoipa::path(tag = "portfolios", operation_id = "replace_portfolio", request_body = PortfolioRequest,
    params(
        ("portfolio_id" = String, Path, description = "Id of the book"),
        ("If-Match" = String, Header, description = "ETag of the version that this write builds on, or `*`; 428 without it", example = "*")
    ),
    responses((status = 200, description = "The version that was saved", body = PortfolioResponse<'static>, headers(("ETag" = String, description = "The version's digest, quoted; send it as `If-Match` with the next write"))))
)]
#[put("/api/portfolios/{portfolio_id}")]
pub(super) async fn replace_portfolio(
    request: HttpRequest,
    caller: Caller,
    portfolio_id: Path<String>,
    body: JsonBytes,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let basis = basis_of(&request, &caller)?;
    let saved = named_books::replace(&engine, &caller.actor, &caller.context, &portfolio_id, basis, &body.0).await;
    let told = saved.and_then(|version| {
        let body = named_books::body(&version)?;
        Ok(tagged(HttpResponse::Ok(), etag_of(version.digest)).body(body))
    });
    told.map_err(|refusal| Problem::new(&caller, refusal))
}

/// Close a named book
///
/// The book is no longer listed or returned as a book and accepts no further versions. Its existing versions stay
/// readable, and the audit trail keeps their entries and adds one for the close. `If-Match` works as in a write.
#[utoipa::path(tag = "portfolios", operation_id = "close_portfolio",
    params(
        ("portfolio_id" = String, Path, description = "Id of the book"),
        ("If-Match" = String, Header, description = "ETag of the latest version, or `*`; 428 without it", example = "*")
    ),
    responses((status = 204, description = "The book is closed"))
)]
#[delete("/api/portfolios/{portfolio_id}")]
pub(super) async fn close_portfolio(
    request: HttpRequest,
    caller: Caller,
    portfolio_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let basis = basis_of(&request, &caller)?;
    let closed = named_books::close(&engine, &caller.actor, &caller.context, &portfolio_id, basis).await;
    closed.map_err(|refusal| Problem::new(&caller, refusal))?;
    Ok(HttpResponse::NoContent().finish())
}

/// List the versions of a named book
///
/// Newest first, in pages; also for a closed book.
#[utoipa::path(get, path = "/api/portfolios/{portfolio_id}/versions", tag = "portfolios", operation_id = "list_portfolio_versions",
    params(
        ("portfolio_id" = String, Path, description = "Id of the book"),
        ("limit" = Option<u32>, Query, description = "Versions per page. Default 50.", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Start of the page: `next_cursor` of the previous page.", pattern = "^[0-9a-f]{32}$")
    ),
    responses((status = 200, description = "A page of versions", body = PortfolioList))
)]
#[route("/api/portfolios/{portfolio_id}/versions", method = "GET", method = "HEAD")]
pub(super) async fn list_portfolio_versions(
    request: HttpRequest,
    caller: Caller,
    portfolio_id: Path<String>,
    engine: Own<Engine>,
) -> Answer {
    let mut members = QueryMembers::of(&request);
    let limit = members.limit();
    let list = format!("versions of {portfolio_id}");
    let before = members.cursor(&list);
    members.finish()?;
    let page = named_books::versions(&engine, &portfolio_id, before, limit).await;
    told(&caller, &list, page)
}

/// Read a version of a named book
///
/// A version never changes, so its digest is a strong ETag. Versions of a closed book can be read too.
#[utoipa::path(get, path = "/api/portfolios/{portfolio_id}/versions/{version}", tag = "portfolios", operation_id = "get_portfolio_version",
    params(
        ("portfolio_id" = String, Path, description = "Id of the book"),
        ("version" = u64, Path, description = "Number of the version", minimum = 1, example = 1),
        ("If-None-Match" = Option<String>, Header, description = "ETags the client has: 304 if one of them is the version's")
    ),
    responses(
        (status = 200, description = "The version", body = PortfolioResponse<'static>, headers(("ETag" = String, description = "The version's digest, quoted"))),
        (status = 304, description = "Not modified: one of the ETags sent is the version's")
    )
)]
#[route("/api/portfolios/{portfolio_id}/versions/{version}", method = "GET", method = "HEAD")]
pub(super) async fn get_portfolio_version(
    request: HttpRequest,
    caller: Caller,
    path: Path<(String, String)>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let (portfolio_id, version) = path.into_inner();
    let found = match version.parse() {
        Ok(version) => named_books::find(&engine, &portfolio_id, Some(version)).await,
        Err(_) => Err(Refusal::PortfolioNotFound),
    };
    one(&request, &caller, found)
}
