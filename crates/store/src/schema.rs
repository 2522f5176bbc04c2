//! The schema, its versions, and the checks before the first use.

use std::cmp::Ordering;
use std::sync::Arc;

use governance::{Tenant, TipSigner};
use sqlx::{AssertSqlSafe, Connection as _};

use crate::connection::{Connection, either};
use crate::error::StoreError;
use crate::location::SCHEMAS;
use crate::signed::sign_end;
use crate::subtrees::fill_subtrees;

/// One step from one schema version to the next, in both dialects. A published step never changes.
pub(crate) struct Migration {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

static MIGRATIONS: [Migration; 22] = [
    Migration {
        sqlite: include_str!("../migrations/sqlite/0001_plans_and_audit.sql"),
        postgres: include_str!("../migrations/postgres/0001_plans_and_audit.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0002_runs.sql"),
        postgres: include_str!("../migrations/postgres/0002_runs.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0003_run_actors.sql"),
        postgres: include_str!("../migrations/postgres/0003_run_actors.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0004_run_events.sql"),
        postgres: include_str!("../migrations/postgres/0004_run_events.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0005_keys_of_actors.sql"),
        postgres: include_str!("../migrations/postgres/0005_keys_of_actors.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0006_labels.sql"),
        postgres: include_str!("../migrations/postgres/0006_labels.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0007_shared_texts.sql"),
        postgres: include_str!("../migrations/postgres/0007_shared_texts.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0008_webhooks.sql"),
        postgres: include_str!("../migrations/postgres/0008_webhooks.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0009_outcomes.sql"),
        postgres: include_str!("../migrations/postgres/0009_outcomes.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0010_headlines.sql"),
        postgres: include_str!("../migrations/postgres/0010_headlines.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0011_portfolios.sql"),
        postgres: include_str!("../migrations/postgres/0011_portfolios.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0012_backtests.sql"),
        postgres: include_str!("../migrations/postgres/0012_backtests.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0013_champions.sql"),
        postgres: include_str!("../migrations/postgres/0013_champions.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0014_controls.sql"),
        postgres: include_str!("../migrations/postgres/0014_controls.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0015_shadow.sql"),
        postgres: include_str!("../migrations/postgres/0015_shadow.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0016_keys.sql"),
        postgres: include_str!("../migrations/postgres/0016_keys.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0017_trainings.sql"),
        postgres: include_str!("../migrations/postgres/0017_trainings.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0018_lists.sql"),
        postgres: include_str!("../migrations/postgres/0018_lists.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0019_subtrees.sql"),
        postgres: include_str!("../migrations/postgres/0019_subtrees.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0020_packed.sql"),
        postgres: include_str!("../migrations/postgres/0020_packed.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0021_checkpoints.sql"),
        postgres: include_str!("../migrations/postgres/0021_checkpoints.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0022_signatures.sql"),
        postgres: include_str!("../migrations/postgres/0022_signatures.sql"),
    },
];

/// The steps to these versions are completed by the program, and then by these statements.
const SUBTREES: i64 = 19;
static SUBTREES_FILLED: Migration = Migration {
    sqlite: include_str!("../migrations/sqlite/0019_subtrees_filled.sql"),
    postgres: include_str!("../migrations/postgres/0019_subtrees_filled.sql"),
};
const SIGNATURES: i64 = 22;
static SIGNATURES_FILLED: Migration = Migration {
    sqlite: include_str!("../migrations/sqlite/0022_signatures_filled.sql"),
    postgres: include_str!("../migrations/postgres/0022_signatures_filled.sql"),
};

/// Serialises processes that start or write at the same time on PostgreSQL; the number is arbitrary.
pub(crate) const ADVISORY_LOCK: i64 = 0x7265_6261_6c61_6e63;

/// The number of a lock in the schema at hand. Locks are of the whole database: with the number of its schema in the upper half no tenant waits
/// for another, and the records of the service keep the number that they always had.
macro_rules! lock_of_schema {
    ($function:literal) => {
        concat!(
            "SELECT ",
            $function,
            "($1 # (CASE WHEN current_schema() LIKE 'tenant\\_%' THEN current_schema()::regnamespace::oid::bigint ELSE 0 END << 32))"
        )
    };
}
pub(crate) use lock_of_schema;

/// Takes [`ADVISORY_LOCK`] until the end of the transaction.
pub(crate) const TAKE_LOCK: &str = lock_of_schema!("pg_advisory_xact_lock");

/// The first schema of the search path, which does not exist; no row where one exists.
const MISSING_SCHEMA: &str = "SELECT current_setting('search_path') WHERE current_schema() IS NULL";

const VERSION_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT NOT NULL PRIMARY KEY)";
const NEWEST: &str = "SELECT COALESCE(MAX(version), 0) FROM schema_versions";
const RECORD: &str = "INSERT INTO schema_versions (version) VALUES ($1)";

/// Brings the schema up to date, each step in its own transaction, and rejects the schema of a newer program. A database without any is one
/// without records, which are made only if they may be.
///
/// Entries of a program that did not sign are signed here and nowhere else, up to their end: whoever takes the signatures away later is noticed.
pub(crate) async fn migrate(
    connection: &mut Connection,
    may_make: bool,
    signer: Option<&TipSigner>,
) -> Result<(), StoreError> {
    let opening = |error| StoreError::Open(Arc::new(error));
    let found = match connection {
        Connection::Sqlite(sqlite) => {
            let mut step = sqlite.begin_with("BEGIN IMMEDIATE").await.map_err(opening)?;
            sqlx::query(VERSION_TABLE).execute(&mut *step).await.map_err(opening)?;
            let found: i64 = sqlx::query_scalar(NEWEST).fetch_one(&mut *step).await.map_err(opening)?;
            if found == 0 && !may_make {
                step.rollback().await.map_err(opening)?;
                return Err(StoreError::Blank);
            }
            for (migration, version) in pending(found) {
                sqlx::raw_sql(migration.sqlite).execute(&mut *step).await.map_err(opening)?;
                if version == SUBTREES {
                    fill_subtrees!(step);
                    sqlx::raw_sql(SUBTREES_FILLED.sqlite).execute(&mut *step).await.map_err(opening)?;
                }
                if version == SIGNATURES {
                    sign_end!(step, signer).map_err(opening)?;
                    sqlx::raw_sql(SIGNATURES_FILLED.sqlite).execute(&mut *step).await.map_err(opening)?;
                }
                sqlx::query(RECORD).bind(version).execute(&mut *step).await.map_err(opening)?;
            }
            step.commit().await.map_err(opening)?;
            found
        }
        Connection::Postgres(postgres) => {
            let mut step = postgres.begin().await.map_err(opening)?;
            sqlx::query(TAKE_LOCK).bind(ADVISORY_LOCK).execute(&mut *step).await.map_err(opening)?;
            let missing: Option<String> =
                sqlx::query_scalar(MISSING_SCHEMA).fetch_optional(&mut *step).await.map_err(opening)?;
            if let Some(schema) = missing {
                // A tenant's, or one that the operator's own address names and that is the operator's to make.
                let tenant = schema.strip_prefix(SCHEMAS).and_then(|name| Tenant::new(name).ok());
                match tenant {
                    Some(tenant) if may_make => {
                        let make = format!("CREATE SCHEMA IF NOT EXISTS {SCHEMAS}{tenant}");
                        sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut *step).await.map_err(opening)?;
                    }
                    _ => {
                        step.rollback().await.map_err(opening)?;
                        return Err(StoreError::Blank);
                    }
                }
            }
            sqlx::query(VERSION_TABLE).execute(&mut *step).await.map_err(opening)?;
            let found: i64 = sqlx::query_scalar(NEWEST).fetch_one(&mut *step).await.map_err(opening)?;
            if found == 0 && !may_make {
                step.rollback().await.map_err(opening)?;
                return Err(StoreError::Blank);
            }
            for (migration, version) in pending(found) {
                sqlx::raw_sql(migration.postgres).execute(&mut *step).await.map_err(opening)?;
                if version == SUBTREES {
                    fill_subtrees!(step);
                    sqlx::raw_sql(SUBTREES_FILLED.postgres).execute(&mut *step).await.map_err(opening)?;
                }
                if version == SIGNATURES {
                    sign_end!(step, signer).map_err(opening)?;
                    sqlx::raw_sql(SIGNATURES_FILLED.postgres).execute(&mut *step).await.map_err(opening)?;
                }
                sqlx::query(RECORD).bind(version).execute(&mut *step).await.map_err(opening)?;
            }
            step.commit().await.map_err(opening)?;
            found
        }
    };
    let known = MIGRATIONS.len() as i64;
    if found > known { Err(StoreError::NewerSchema { found, known }) } else { Ok(()) }
}

/// Rejects a schema whose version is not this program's, and changes nothing.
pub(crate) async fn check_version(connection: &mut Connection) -> Result<(), StoreError> {
    let opening = |error| StoreError::Open(Arc::new(error));
    let found: i64 = either!(Connection, connection, connection => {
        sqlx::query_scalar(NEWEST).fetch_one(connection).await.map_err(opening)?
    });
    let known = MIGRATIONS.len() as i64;
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(StoreError::NewerSchema { found, known }),
        Ordering::Less => Err(StoreError::OlderSchema { found, known }),
    }
}

/// Every step, and what completes one, in their order.
pub(crate) fn steps() -> impl Iterator<Item = &'static Migration> + Clone {
    MIGRATIONS.iter().chain([&SUBTREES_FILLED, &SIGNATURES_FILLED])
}

/// The steps after version `found`, each with the version it leads to.
fn pending(found: i64) -> impl Iterator<Item = (&'static Migration, i64)> {
    MIGRATIONS.iter().zip(1_i64..).filter(move |&(_, version)| version > found)
}

/// SQLite's own check of its file. PostgreSQL checks its pages itself when its checksums are on.
pub(crate) async fn check_integrity(connection: &mut Connection) -> Result<(), StoreError> {
    let Connection::Sqlite(sqlite) = connection else { return Ok(()) };
    let damaged = |finding: String| StoreError::Damaged { finding };
    match sqlx::query_scalar::<_, String>("PRAGMA quick_check(1)").fetch_one(sqlite).await {
        Ok(finding) if finding == "ok" => Ok(()),
        Ok(finding) => Err(damaged(finding)),
        Err(sqlx::Error::Database(error)) if is_damage(error.code().as_deref()) => Err(damaged(error.message().into())),
        Err(error) => Err(StoreError::Open(Arc::new(error))),
    }
}

/// Syncs to the disk what an earlier process wrote but did not sync before it was killed. SQLite reads such a commit as
/// valid, so answers would depend on it, and a power loss could still undo it.
pub(crate) async fn settle(connection: &mut Connection) -> Result<(), StoreError> {
    let Connection::Sqlite(sqlite) = connection else { return Ok(()) };
    let settled = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(sqlite).await;
    settled.map(drop).map_err(|error| StoreError::Open(Arc::new(error)))
}

/// SQLITE_CORRUPT (11, with its extended codes) and SQLITE_NOTADB (26).
pub(crate) fn is_damage(code: Option<&str>) -> bool {
    let code = code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff);
    matches!(code, Some(11 | 26))
}
