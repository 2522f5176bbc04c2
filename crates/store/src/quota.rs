//! How many bytes the records may take: a tenant that reaches its quota is refused, and the disk is left to the others.

use crate::connection::Connection;
use crate::error::StoreError;

/// The most bytes that records may take; `None`: as many as the disk has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Quota(pub(crate) Option<u64>);

/// Pages in use: those that were erased from are written again.
const BYTES_OF_SQLITE: &str =
    "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
/// Tables with their indexes and long values, as the server keeps them: what is erased counts until it is vacuumed.
const BYTES_OF_POSTGRES: &str = "SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::bigint FROM pg_class \
     WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'";

impl Quota {
    /// Whether a write that takes room may be made.
    ///
    /// # Errors
    /// [`StoreError::Quota`]; a database that does not answer.
    pub(crate) async fn check(self, connection: &mut Connection) -> Result<(), StoreError> {
        let Some(most) = self.0 else { return Ok(()) };
        let bytes: i64 = match connection {
            Connection::Sqlite(connection) => sqlx::query_scalar(BYTES_OF_SQLITE).fetch_one(connection).await?,
            Connection::Postgres(connection) => sqlx::query_scalar(BYTES_OF_POSTGRES).fetch_one(connection).await?,
        };
        if bytes.cast_unsigned() < most { Ok(()) } else { Err(StoreError::Quota { bytes: most }) }
    }
}
