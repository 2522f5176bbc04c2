//! Reading named books.

use governance::{Content, Digest, EntryKind, PortfolioVersion};
use sqlx::QueryBuilder;

use super::{PortfolioQuery, PortfolioRow, StoredPortfolio};
use crate::connection::{Pool, either};
use crate::error::StoreError;
use crate::read::{containing, is_unreadable};

/// A version's columns: sequence and digest, then the record.
pub(crate) type PortfolioTuple = (i64, Vec<u8>, String, i64, String, String, String, String, String, Vec<u8>);
type RowTuple = (i64, Vec<u8>, String, i64, String, String, String, String);
/// An entry's sequence, kind and digest of a version.
pub(crate) type MarkTuple = (i64, String, Option<Vec<u8>>);

/// Selects versions, as a [`PortfolioTuple`] reads them.
macro_rules! select_portfolios {
    ($which:literal) => {
        concat!(
            "SELECT sequence, digest, portfolio_id, version, name, words, saved_at, request_id, engine_version, request \
             FROM portfolio_versions ",
            $which
        )
    };
}
pub(crate) use select_portfolios;

/// Adds a version; the columns are those of a [`PortfolioTuple`].
pub(crate) const INSERT_VERSION: &str = "INSERT INTO portfolio_versions (sequence, digest, portfolio_id, version, name, \
     words, saved_at, request_id, engine_version, request) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// The newest entry of a book: it determines the latest version, or that there no longer is one.
pub(crate) const NEWEST_MARK: &str =
    "SELECT sequence, kind, portfolio_digest FROM audit_entries WHERE portfolio_id = $1 ORDER BY sequence DESC LIMIT 1";

/// Builds a version from its columns, before comparing it with its digest; `None` when a column is invalid.
pub(crate) fn portfolio_of(columns: PortfolioTuple) -> Option<StoredPortfolio> {
    let (sequence, digest, portfolio_id, version, name, words, saved_at, request_id, engine_version, request) = columns;
    let record = PortfolioVersion {
        portfolio_id,
        version: version.try_into().ok()?,
        name,
        words,
        saved_at,
        request_id,
        engine_version,
        request: Content::new(request),
    };
    let digest = Digest::try_from(digest.as_slice()).ok()?;
    Some(StoredPortfolio { record, sequence: sequence.try_into().ok()?, digest })
}

/// A version whose digest is the one stored with it and the one in its entry.
fn checked(columns: Option<PortfolioTuple>, recorded: Option<&[u8]>) -> Option<StoredPortfolio> {
    let found = portfolio_of(columns?)?;
    (found.record.digest() == found.digest && recorded == Some(found.digest.as_bytes())).then_some(found)
}

/// The latest version of an open book, or the version of this number of any book.
pub(crate) async fn portfolio(
    pool: &Pool,
    portfolio_id: &str,
    version: Option<u64>,
) -> Result<Option<StoredPortfolio>, StoreError> {
    const AT: &str = select_portfolios!("WHERE sequence = $1 AND portfolio_id = $2");
    const NUMBERED: &str = select_portfolios!("WHERE version = $1 AND portfolio_id = $2");
    const MARK: &str =
        "SELECT sequence, kind, portfolio_digest FROM audit_entries WHERE sequence = $1 AND portfolio_id = $2";
    let tampered = || StoreError::Tampered { plan_id: portfolio_id.to_owned() };
    let readable = |error| if is_unreadable(&error) { tampered() } else { error.into() };
    let saved = EntryKind::PortfolioSaved.as_str();
    either!(Pool, pool, pool => {
        let (columns, mark): (Option<PortfolioTuple>, Option<MarkTuple>) = match version {
            None => {
                let mark: Option<MarkTuple> =
                    sqlx::query_as(NEWEST_MARK).bind(portfolio_id).fetch_optional(pool).await.map_err(readable)?;
                let Some(mark) = mark.filter(|(_, kind, _)| kind == saved) else { return Ok(None) };
                let at = sqlx::query_as(AT).bind(mark.0).bind(portfolio_id);
                (at.fetch_optional(pool).await.map_err(readable)?, Some(mark))
            }
            Some(version) => {
                let Ok(version) = i64::try_from(version) else { return Ok(None) };
                let numbered = sqlx::query_as(NUMBERED).bind(version).bind(portfolio_id);
                let columns: Option<PortfolioTuple> = numbered.fetch_optional(pool).await.map_err(readable)?;
                let Some(columns) = columns else { return Ok(None) };
                let mark = sqlx::query_as(MARK).bind(columns.0).bind(portfolio_id);
                (Some(columns), mark.fetch_optional(pool).await.map_err(readable)?)
            }
        };
        let recorded = mark.filter(|(_, kind, _)| kind == saved).and_then(|(.., digest)| digest);
        checked(columns, recorded.as_deref()).map(Some).ok_or_else(tampered)
    })
}

/// A page of versions, newest first.
pub(crate) async fn portfolios(pool: &Pool, query: &PortfolioQuery) -> Result<Vec<PortfolioRow>, StoreError> {
    const ROWS: &str = "SELECT versions.sequence, versions.digest, versions.portfolio_id, versions.version, versions.name, \
         versions.saved_at, versions.request_id, versions.engine_version FROM portfolio_versions AS versions \
         WHERE versions.sequence < ";
    // The newest entry of an open book is that of its latest version.
    const LATEST: &str = " AND versions.sequence = (SELECT MAX(entries.sequence) FROM audit_entries AS entries \
         WHERE entries.portfolio_id = versions.portfolio_id)";
    either!(Pool, pool, pool => {
        let mut select = QueryBuilder::new(ROWS);
        select.push_bind(query.before.map_or(i64::MAX, |before| before.try_into().unwrap_or(i64::MAX)));
        match &query.versions_of {
            Some(portfolio_id) => select.push(" AND versions.portfolio_id = ").push_bind(portfolio_id),
            None => select.push(LATEST),
        };
        for word in &query.words {
            select.push(" AND versions.words LIKE ").push_bind(containing(word)).push(" ESCAPE '!'");
        }
        select.push(" ORDER BY versions.sequence DESC LIMIT ").push_bind(i64::from(query.limit));
        let rows: Vec<RowTuple> = select.build_query_as().fetch_all(pool).await?;
        let row = |columns: RowTuple| {
            let (sequence, digest, portfolio_id, version, name, saved_at, request_id, engine_version) = columns;
            let unreadable = || StoreError::Tampered { plan_id: portfolio_id.clone() };
            Ok(PortfolioRow {
                version: version.try_into().map_err(|_| unreadable())?,
                sequence: sequence.try_into().map_err(|_| unreadable())?,
                digest: Digest::try_from(digest.as_slice()).map_err(|_| unreadable())?,
                portfolio_id, name, saved_at, request_id, engine_version,
            })
        };
        rows.into_iter().map(row).collect()
    })
}

/// Copies versions from a snapshot of PostgreSQL into a transaction of SQLite.
macro_rules! copy_portfolios {
    ($from:ident, $into:ident) => {
        const VERSIONS: &str = $crate::portfolios::read::select_portfolios!("ORDER BY sequence");
        let mut versions = sqlx::query_as::<_, $crate::portfolios::read::PortfolioTuple>(VERSIONS).fetch(&mut *$from);
        while let Some(v) = versions.try_next().await? {
            let insert = sqlx::query($crate::portfolios::read::INSERT_VERSION);
            let insert = insert.bind(v.0).bind(v.1).bind(v.2).bind(v.3).bind(v.4);
            insert.bind(v.5).bind(v.6).bind(v.7).bind(v.8).bind(v.9).execute(&mut *$into).await?;
        }
        drop(versions);
    };
}
pub(crate) use copy_portfolios;
