//! The lock that lets one process at a time work on runs. It only saves work: the transaction ensures that an item ends
//! once.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use sqlx::{Connection as _, PgConnection};

use crate::connection::{Connection, Target};
use crate::error::StoreError;
use crate::private;
use crate::schema::lock_of_schema;

/// The role of working on runs, held until it is dropped or the process ends.
#[derive(Debug)]
pub struct WorkRole(Held);

#[derive(Debug)]
enum Held {
    /// A lock on a file next to the database; the system releases it with the last handle.
    File(#[expect(dead_code, reason = "it is held, not read")] File),
    /// A lock of a PostgreSQL session, which ends with the connection.
    Session(PgConnection),
}

/// The lock of the role on PostgreSQL; the number is arbitrary.
const ROLE_LOCK: i64 = 0x7265_6261_6c72_756e;

impl WorkRole {
    /// Takes the role if no process holds it.
    pub(crate) async fn take(target: &Target) -> Result<Option<Self>, StoreError> {
        if let Target::Sqlite(options) = target {
            return lock(&options.get_filename().with_extension("runs-lock"));
        }
        let Connection::Postgres(mut session) = target.connect().await? else { return Ok(None) };
        let taken: bool =
            sqlx::query_scalar(lock_of_schema!("pg_try_advisory_lock")).bind(ROLE_LOCK).fetch_one(&mut session).await?;
        Ok(taken.then_some(Self(Held::Session(session))))
    }

    /// Whether the role is still held: it is lost when its session ends.
    pub(crate) async fn is_held(&mut self) -> bool {
        match &mut self.0 {
            Held::File(_) => true,
            Held::Session(session) => session.ping().await.is_ok(),
        }
    }
}

fn lock(path: &Path) -> Result<Option<WorkRole>, StoreError> {
    let unusable = |cause| StoreError::Path { path: path.to_owned(), cause: Arc::new(cause) };
    let file = private::options().create(true).truncate(false).open(path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(WorkRole(Held::File(file)))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(cause)) => Err(unusable(cause)),
    }
}
