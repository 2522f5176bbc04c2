//! Databases of a test: a SQLite file, or a new database on a PostgreSQL server.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use store::{Location, Store, StoreOptions};
use tempfile::TempDir;

/// A database for one test.
pub(crate) struct Place {
    pub(crate) location: Location,
    _folder: Option<TempDir>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { location: Location::Sqlite(folder.path().join("data/rebalancer.db")), _folder: Some(folder) }
    }

    /// A new database on the server of `REBALANCER_TEST_DATABASE_URL`, which tests/postgres.sh starts.
    pub(crate) async fn postgres() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server =
            std::env::var("REBALANCER_TEST_DATABASE_URL").expect("REBALANCER_TEST_DATABASE_URL names a server");
        let (base, _) = server.rsplit_once('/').unwrap();
        let name = format!("store_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&server).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
        Self { location: Location::Postgres(format!("{base}/{name}")), _folder: None }
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.location, &StoreOptions::default()).await.unwrap()
    }

    /// Runs statements as a person with access to the database.
    pub(crate) async fn tamper(&self, statements: &str) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(statements.to_owned());
        match &self.location {
            Location::Sqlite(path) => {
                let mut connection = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await?;
                sqlx::raw_sql(sql).execute(&mut connection).await?;
                connection.close().await
            }
            Location::Postgres(address) => {
                let mut connection = PgConnection::connect(address).await?;
                sqlx::raw_sql(sql).execute(&mut connection).await?;
                connection.close().await
            }
        }
    }

    /// Removes the triggers first, as a person with all rights would.
    pub(crate) async fn force(&self, statements: &str) {
        let triggers = match self.location {
            Location::Sqlite(_) => {
                "DROP TRIGGER IF EXISTS audit_entries_no_update; DROP TRIGGER IF EXISTS audit_entries_no_delete; \
                 DROP TRIGGER IF EXISTS audit_entries_no_replace; DROP TRIGGER IF EXISTS plans_no_update; \
                 DROP TRIGGER IF EXISTS plans_no_delete; DROP TRIGGER IF EXISTS plans_no_replace; \
                 DROP TRIGGER IF EXISTS plan_labels_no_update; DROP TRIGGER IF EXISTS plan_labels_no_delete; \
                 DROP TRIGGER IF EXISTS plan_labels_no_replace; DROP TRIGGER IF EXISTS plan_headlines_no_update; \
                 DROP TRIGGER IF EXISTS plan_headlines_no_delete; DROP TRIGGER IF EXISTS plan_headlines_no_replace; \
                 DROP TRIGGER IF EXISTS shared_texts_no_update; \
                 DROP TRIGGER IF EXISTS outcomes_no_update; DROP TRIGGER IF EXISTS outcomes_no_delete; \
                 DROP TRIGGER IF EXISTS outcomes_no_replace; DROP TRIGGER IF EXISTS portfolio_versions_no_update; \
                 DROP TRIGGER IF EXISTS portfolio_versions_no_delete; DROP TRIGGER IF EXISTS portfolio_versions_no_replace; \
                 DROP TRIGGER IF EXISTS champion_moves_no_update; DROP TRIGGER IF EXISTS champion_moves_no_delete; \
                 DROP TRIGGER IF EXISTS champion_moves_no_replace; DROP TRIGGER IF EXISTS control_records_no_update; \
                 DROP TRIGGER IF EXISTS control_records_no_delete; DROP TRIGGER IF EXISTS control_records_no_replace; \
                 DROP TRIGGER IF EXISTS shadow_runs_no_update; DROP TRIGGER IF EXISTS shadow_runs_no_delete; \
                 DROP TRIGGER IF EXISTS shadow_runs_no_replace;"
            }
            Location::Postgres(_) => {
                "ALTER TABLE audit_entries DISABLE TRIGGER ALL; ALTER TABLE plans DISABLE TRIGGER ALL; \
                 ALTER TABLE plan_labels DISABLE TRIGGER ALL; ALTER TABLE plan_headlines DISABLE TRIGGER ALL; \
                 ALTER TABLE shared_texts DISABLE TRIGGER ALL; \
                 ALTER TABLE outcomes DISABLE TRIGGER ALL; ALTER TABLE portfolio_versions DISABLE TRIGGER ALL; \
                 ALTER TABLE champion_moves DISABLE TRIGGER ALL; ALTER TABLE control_records DISABLE TRIGGER ALL; \
                 ALTER TABLE shadow_runs DISABLE TRIGGER ALL;"
            }
        };
        self.tamper(&format!("{triggers} {statements}")).await.unwrap();
    }

    /// Statements after which the records are those of a program before lists had indexes.
    pub(crate) fn before_lists(&self) -> String {
        let before_subtrees = self.before_subtrees();
        let before_subtrees = before_subtrees.replace(">= 19", ">= 18");
        let (plans, entries, functions) = match self.location {
            Location::Sqlite(_) => ("", "", ""),
            Location::Postgres(_) => {
                (" ON plans", " ON audit_entries", "DROP FUNCTION begin_plan_state; DROP FUNCTION move_plan_state;")
            }
        };
        format!(
            "DROP TRIGGER plan_states_begin{plans}; DROP TRIGGER plan_states_move{entries}; {functions} DROP TABLE plan_states; \
             DROP INDEX plans_by_request; DROP INDEX plans_by_engine; DROP INDEX audit_entries_by_deed; \
             DROP INDEX control_records_by_deed; {before_subtrees}"
        )
    }

    /// Statements after which the records are those of a program before entries kept their part of the Merkle tree.
    pub(crate) fn before_subtrees(&self) -> String {
        let before_signatures = self.before_signatures().replace(">= 22", ">= 19");
        format!("ALTER TABLE audit_entries DROP COLUMN subtrees; DROP TABLE run_checkpoints; {before_signatures}")
    }

    /// Statements after which the records are those of a program before the ends of commits were signed.
    pub(crate) fn before_signatures(&self) -> String {
        "ALTER TABLE audit_entries DROP COLUMN signature; DELETE FROM schema_versions WHERE version >= 22;".to_owned()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.location, Location::Postgres(_))
    }
}
