//! Named books: a request for a rebalance under a name, kept in versions. Of two writes based on one version, one wins.

use governance::{Actor, Content};
use serde::Deserialize;
use serde_json::value::RawValue;
use store::{
    Claim, ClosePortfolio, ClosedPortfolio, HeldKey, NewPortfolioVersion, PortfolioBasis, PortfolioKept,
    PortfolioQuery, PortfolioRow, StoredPortfolio,
};

use crate::context::RequestContext;
use crate::decode::decode;
use crate::dto::metadata::ENGINE_VERSION;
use crate::dto::named_book::{PortfolioRequest, PortfolioResponse, PortfolioSummary};
use crate::fault::Faults;
use crate::host::Engine;
use crate::keys::{KeyOfRequest, KeyedOperation};
use crate::planning::case::Case;
use crate::records::time::time_text;
use crate::refusal::{Refusal, json};
use crate::stored::is_id;

/// A version that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedBook {
    /// The version.
    pub version: StoredPortfolio,
    /// Whether an earlier request with the same key saved it.
    pub is_replay: bool,
}

/// A page of versions, those saved last first.
#[derive(Debug)]
pub struct BookPage {
    /// The versions.
    pub items: Vec<PortfolioSummary>,
    /// Sequence after which the next page starts; `None` on the last page.
    pub next: Option<u64>,
}

/// Which books a page tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookQuery {
    /// Only books whose names have each of these words, in lower case; any part of a word counts.
    pub words: Vec<String>,
    /// Only versions recorded before this sequence: the end of the previous page.
    pub before: Option<u64>,
    /// At most this many.
    pub limit: u32,
}

/// What a body says: the name, and the request in the bytes that were sent.
struct Draft {
    name: String,
    request: Content,
}

/// Reads a body with the decoder of `POST /api/rebalance`; what it would refuse is refused here, with pointers below `/request`.
fn read(body: &[u8]) -> Result<Draft, Refusal> {
    #[derive(Deserialize)]
    struct Raw<'a> {
        #[serde(borrow)]
        request: &'a RawValue,
    }

    let PortfolioRequest { name, request } = decode(body).map_err(Refusal::Invalid)?;
    if let Err(found) = Case::try_from(request) {
        let mut faults = Faults::default();
        faults.extend_within("/request", found);
        return Err(Refusal::Invalid(faults.into_vec()));
    }
    let raw: Raw<'_> = serde_json::from_slice(body).map_err(|error| Refusal::internal(&error))?;
    Ok(Draft { name, request: Content::new(raw.request.get().as_bytes().to_vec()) })
}

/// Keeps a new book: when this returns its first version is on the disk, under an entry of the audit chain.
///
/// # Errors
/// The faults of the request, a key that cannot be used, or records that cannot keep it.
pub async fn create(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    body: &[u8],
    key: KeyOfRequest,
) -> Result<SavedBook, Refusal> {
    let draft = engine.read_with(body, read).await?;
    let held = match key? {
        None => None,
        Some(key) => {
            let print = KeyedOperation::Portfolio.fingerprint(Content::new(body.to_vec()).digest());
            let claim = engine.records().claim(actor, key, print, context.received_at).await;
            match claim.map_err(|error| Refusal::of_store(&error))? {
                Claim::Fresh(held) => Some(held),
                Claim::Saved { portfolio_id } => return earlier(engine, &portfolio_id, &draft).await,
                Claim::Running => return Err(Refusal::KeyInUse),
                _ => return Err(Refusal::KeyReused),
            }
        }
    };
    let portfolio_id = engine.records().new_record_id();
    let kept = keep(engine, actor, context, &portfolio_id, &draft, PortfolioBasis::Nothing, held.as_ref()).await?;
    drop(held);
    match kept {
        PortfolioKept::New(version) => Ok(SavedBook { version: *version, is_replay: false }),
        PortfolioKept::Earlier { portfolio_id } => earlier(engine, &portfolio_id, &draft).await,
        PortfolioKept::OtherRequest => Err(Refusal::KeyReused),
        _ => Err(Refusal::Internal),
    }
}

/// The first answer, again.
async fn earlier(engine: &Engine, portfolio_id: &str, draft: &Draft) -> Result<SavedBook, Refusal> {
    let first = engine.records().store().portfolio(portfolio_id, Some(1)).await;
    let first = first.map_err(|error| Refusal::of_store(&error))?;
    // No digest covers keys, so the version's own bytes have to show that it belongs to this request.
    let first = first.filter(|first| first.record.request == draft.request && first.record.name == draft.name);
    Ok(SavedBook { version: first.ok_or(Refusal::RecordChanged)?, is_replay: true })
}

/// Keeps the next version of a book whose latest version is the one that `basis` names.
///
/// # Errors
/// The faults of the request, [`Refusal::PortfolioNotFound`], [`Refusal::StaleVersion`], or records that cannot keep it.
pub async fn replace(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    portfolio_id: &str,
    basis: PortfolioBasis,
    body: &[u8],
) -> Result<StoredPortfolio, Refusal> {
    let draft = engine.read_with(body, read).await?;
    if !is_id(portfolio_id) {
        return Err(Refusal::PortfolioNotFound);
    }
    match keep(engine, actor, context, portfolio_id, &draft, basis, None).await? {
        PortfolioKept::New(version) => Ok(*version),
        PortfolioKept::Stale => Err(Refusal::StaleVersion),
        PortfolioKept::NotFound => Err(Refusal::PortfolioNotFound),
        _ => Err(Refusal::Internal),
    }
}

async fn keep(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    portfolio_id: &str,
    draft: &Draft,
    basis: PortfolioBasis,
    held: Option<&HeldKey>,
) -> Result<PortfolioKept, Refusal> {
    let version = NewPortfolioVersion {
        portfolio_id: portfolio_id.to_owned(),
        name: draft.name.clone(),
        words: format!("{}\n{portfolio_id}", draft.name.to_lowercase()),
        saved_at: time_text(context.received_at),
        request_id: context.request_id.clone(),
        engine_version: ENGINE_VERSION.to_owned(),
        request: draft.request.clone(),
        actor: actor.clone(),
        claim: held.map(|held| held.claim().clone()),
        basis,
    };
    engine.records().store().save_portfolio(version).await.map_err(|error| Refusal::of_store(&error))
}

/// The latest version of an open book, or with a number that version, which a closed book keeps too.
///
/// # Errors
/// [`Refusal::PortfolioNotFound`], or records that cannot be read.
pub async fn find(engine: &Engine, portfolio_id: &str, version: Option<u64>) -> Result<StoredPortfolio, Refusal> {
    if !is_id(portfolio_id) {
        return Err(Refusal::PortfolioNotFound);
    }
    let found = engine.records().store().portfolio(portfolio_id, version).await;
    found.map_err(|error| Refusal::of_store(&error))?.ok_or(Refusal::PortfolioNotFound)
}

/// A version as a [`PortfolioResponse`] in JSON; its request is what was kept, byte for byte.
///
/// # Errors
/// [`Refusal::RecordChanged`] when its bytes are not JSON.
pub fn body(version: &StoredPortfolio) -> Result<Vec<u8>, Refusal> {
    let record = &version.record;
    let request: &RawValue = serde_json::from_slice(record.request.bytes()).map_err(|e| Refusal::unreadable(&e))?;
    json(&PortfolioResponse {
        portfolio_id: &record.portfolio_id,
        version: record.version,
        name: &record.name,
        sequence: version.sequence,
        saved_at: &record.saved_at,
        request_id: &record.request_id,
        engine_version: &record.engine_version,
        digest: version.digest,
        request,
    })
}

/// The latest versions of the open books, those saved last first.
///
/// # Errors
/// Records that cannot be read.
pub async fn list(engine: &Engine, query: BookQuery) -> Result<BookPage, Refusal> {
    let BookQuery { words, before, limit } = query;
    page(engine, PortfolioQuery { versions_of: None, before, words, limit }).await
}

/// The versions of a book, newest first, also when it is closed.
///
/// # Errors
/// [`Refusal::PortfolioNotFound`], or records that cannot be read.
pub async fn versions(
    engine: &Engine,
    portfolio_id: &str,
    before: Option<u64>,
    limit: u32,
) -> Result<BookPage, Refusal> {
    if !is_id(portfolio_id) {
        return Err(Refusal::PortfolioNotFound);
    }
    let versions_of = Some(portfolio_id.to_owned());
    let page = page(engine, PortfolioQuery { versions_of, before, words: Vec::new(), limit }).await?;
    // A book has a version, and a cursor is given out only where versions follow.
    if page.items.is_empty() { Err(Refusal::PortfolioNotFound) } else { Ok(page) }
}

async fn page(engine: &Engine, query: PortfolioQuery) -> Result<BookPage, Refusal> {
    let limit = query.limit;
    // One more than asked for tells whether there is a next page.
    let query = PortfolioQuery { limit: limit + 1, ..query };
    let mut rows = engine.records().store().portfolios(query).await.map_err(|error| Refusal::of_store(&error))?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.sequence);
    Ok(BookPage { items: rows.into_iter().map(summary).collect(), next })
}

fn summary(row: PortfolioRow) -> PortfolioSummary {
    PortfolioSummary {
        portfolio_id: row.portfolio_id,
        version: row.version,
        name: row.name,
        sequence: row.sequence,
        saved_at: row.saved_at,
        request_id: row.request_id,
        engine_version: row.engine_version,
        digest: row.digest,
    }
}

/// Closes a book whose latest version is the one that `basis` names: it is no longer listed and takes no further versions. Those it
/// has stay under their entries.
///
/// # Errors
/// [`Refusal::PortfolioNotFound`], [`Refusal::StaleVersion`], or records that cannot keep it.
pub async fn close(
    engine: &Engine,
    actor: &Actor,
    context: &RequestContext,
    portfolio_id: &str,
    basis: PortfolioBasis,
) -> Result<(), Refusal> {
    if !is_id(portfolio_id) {
        return Err(Refusal::PortfolioNotFound);
    }
    let closing = ClosePortfolio {
        portfolio_id: portfolio_id.to_owned(),
        basis,
        created_at: time_text(context.received_at),
        request_id: context.request_id.clone(),
        actor: actor.clone(),
    };
    let closed = engine.records().store().close_portfolio(closing).await;
    match closed.map_err(|error| Refusal::of_store(&error))? {
        ClosedPortfolio::Closed { .. } => Ok(()),
        ClosedPortfolio::Stale => Err(Refusal::StaleVersion),
        _ => Err(Refusal::PortfolioNotFound),
    }
}
