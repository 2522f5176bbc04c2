//! Connections and pools of either database, and the settings that make a commit durable.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, PgConnection, PgPool, SqliteConnection, SqlitePool};

use crate::error::StoreError;
use crate::location::Location;
use crate::options::StoreOptions;

/// The reading connections.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The only writing connection.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// One query text for both databases: `$body` is compiled once for each. Both understand `$1`.
macro_rules! either {
    ($kind:ident, $value:expr, $name:ident => $body:expr) => {
        match $value {
            $crate::connection::$kind::Sqlite($name) => $body,
            $crate::connection::$kind::Postgres($name) => $body,
        }
    };
}
pub(crate) use either;

/// A reading transaction that sees one moment of the database.
macro_rules! snapshot {
    ($pool:expr, $tx:ident => $body:expr) => {
        match $pool {
            Pool::Sqlite(pool) => {
                let mut $tx = pool.begin().await?;
                $body
            }
            Pool::Postgres(pool) => {
                let mut $tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                $body
            }
        }
    };
}

pub(crate) use snapshot;

/// The address and the settings of a database.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

/// Timeout of a connection to PostgreSQL.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

impl Target {
    pub(crate) fn new(location: &Location, options: &StoreOptions) -> Result<Self, StoreError> {
        match location {
            Location::Sqlite(path) => Ok(Self::Sqlite(Box::new(sqlite(path, options)))),
            Location::Postgres(address) => {
                let parsed = PgConnectOptions::from_str(address).map_err(|_| StoreError::Address)?;
                let millis = |time: Duration| time.as_millis().to_string();
                Ok(Self::Postgres(Box::new(parsed.application_name("rebalancer").options([
                    ("synchronous_commit", "on".to_owned()),
                    ("lock_timeout", millis(options.lock_timeout)),
                    ("idle_in_transaction_session_timeout", millis(10 * options.write_timeout)),
                ]))))
            }
        }
    }

    /// The same database, for the connection that makes it: the pages of what is erased can go back to the disk. Later connections do not
    /// say so, because SQLite takes its lock for writers for that.
    pub(crate) fn making(self) -> Self {
        match self {
            Self::Sqlite(options) => Self::Sqlite(Box::new((*options).auto_vacuum(SqliteAutoVacuum::Incremental))),
            Self::Postgres(options) => Self::Postgres(options),
        }
    }

    /// The same database, which is not made when it is missing.
    pub(crate) fn existing(self) -> Self {
        match self {
            Self::Sqlite(options) => Self::Sqlite(Box::new((*options).create_if_missing(false))),
            Self::Postgres(options) => Self::Postgres(options),
        }
    }

    pub(crate) async fn connect(&self) -> Result<Connection, sqlx::Error> {
        match self {
            Self::Sqlite(options) => SqliteConnection::connect_with(options).await.map(Connection::Sqlite),
            Self::Postgres(options) => {
                let connecting = PgConnection::connect_with(options);
                tokio::time::timeout(CONNECT_TIMEOUT, connecting)
                    .await
                    .unwrap_or(Err(sqlx::Error::PoolTimedOut))
                    .map(Connection::Postgres)
            }
        }
    }

    /// Connections that read and cannot write.
    pub(crate) fn readers(&self, options: &StoreOptions) -> Pool {
        match self {
            Self::Sqlite(target) => {
                let target = target.as_ref().clone().pragma("query_only", "ON");
                Pool::Sqlite(pool_options(options).connect_lazy_with(target))
            }
            Self::Postgres(target) => {
                let target = target.as_ref().clone().options([("default_transaction_read_only", "on")]);
                Pool::Postgres(pool_options(options).connect_lazy_with(target))
            }
        }
    }
}

fn pool_options<DB: sqlx::Database>(options: &StoreOptions) -> PoolOptions<DB> {
    PoolOptions::new().max_connections(options.readers).acquire_timeout(options.lock_timeout + CONNECT_TIMEOUT)
}

/// WAL lets readers continue while one writer commits. `FULL` waits for the disk at every commit; with the usual
/// `NORMAL`, a power loss could undo the last commits. With `secure_delete` erased data is overwritten, not only
/// released.
fn sqlite(path: &Path, options: &StoreOptions) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(options.lock_timeout)
        .foreign_keys(true)
        .pragma("secure_delete", "ON")
}
