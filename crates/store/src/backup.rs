//! Copies the whole store while it is in use.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use futures_util::TryStreamExt;
use governance::merkle::RunningRoot;
use sqlx::{Connection as _, QueryBuilder};

use crate::champions::read::copy_champions;
use crate::connection::{Connection, Pool, Target};
use crate::controls::read::copy_controls;
use crate::error::StoreError;
use crate::location::Location;
use crate::options::StoreOptions;
use crate::outcomes::read::copy_outcomes;
use crate::portfolios::read::copy_portfolios;
use crate::private;
use crate::read::{ENTRIES_AFTER, EntryTuple, PlanTuple, select_plans};
use crate::runs::read::copy_runs;
use crate::schema;
use crate::shadow::read::copy_shadow;
use crate::shared::copy_texts;
use crate::subtrees::kept_by;
use crate::webhooks::read::copy_webhooks;

/// Writes a copy, as of one moment, to a new SQLite file, and waits until it is on the disk.
pub(crate) async fn backup(
    target: &Target,
    readers: &Pool,
    file: &Path,
    options: &StoreOptions,
) -> Result<(), StoreError> {
    let unusable = |cause| StoreError::Path { path: file.to_owned(), cause: Arc::new(cause) };
    // The file is created here, so an existing file is never overwritten.
    private::options().create_new(true).open(file).map_err(unusable)?;
    match target {
        Target::Sqlite(_) => vacuum_into(target, file).await?,
        Target::Postgres(_) => copy(readers, file, options).await?,
    }
    File::open(file).and_then(|file| file.sync_all()).map_err(unusable)
}

/// SQLite copies itself while writers continue.
async fn vacuum_into(target: &Target, file: &Path) -> Result<(), StoreError> {
    let Connection::Sqlite(mut connection) = target.connect().await? else { return Ok(()) };
    let path = file.to_string_lossy().into_owned();
    sqlx::query("VACUUM INTO $1").bind(path).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// PostgreSQL is copied row by row from one snapshot into a SQLite file, which can be verified and served anywhere.
async fn copy(readers: &Pool, file: &Path, options: &StoreOptions) -> Result<(), StoreError> {
    /// Entries that are copied at once.
    const PAGE: i64 = 2_000;
    const SIGNED: &str = "SELECT sequence, signature FROM (SELECT sequence, signature FROM audit_entries WHERE sequence > $1 \
         ORDER BY sequence LIMIT $2) AS page WHERE signature IS NOT NULL";
    const PLANS: &str = select_plans!("ORDER BY plans.sequence");
    const KEYS: &str = "SELECT actor, key, fingerprint, subject, subject_id, kept_at FROM idempotency_keys \
         ORDER BY actor, key";
    let Pool::Postgres(source) = readers else { return Ok(()) };
    let target = Target::new(&Location::Sqlite(file.to_owned()), options)?;
    let mut connection = target.connect().await?;
    schema::migrate(&mut connection, true, None).await?;
    let Connection::Sqlite(mut connection) = connection else { return Ok(()) };

    let mut from = source.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let mut into = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut tree = RunningRoot::default();
    let mut after = i64::MIN;
    loop {
        let signed: Vec<(i64, Vec<u8>)> = sqlx::query_as(SIGNED).bind(after).bind(PAGE).fetch_all(&mut *from).await?;
        let mut signed: HashMap<i64, Vec<u8>> = signed.into_iter().collect();
        let mut entries = sqlx::query_as::<_, EntryTuple>(ENTRIES_AFTER).bind(after).bind(PAGE).fetch(&mut *from);
        let mut copied = 0;
        while let Some(e) = entries.try_next().await? {
            copied += 1;
            after = e.0;
            let kept = kept_by(&tree.push(&e.8));
            let mut insert = QueryBuilder::new("INSERT INTO audit_entries VALUES (");
            let mut row = insert.separated(", ");
            row.push_bind(e.0).push_bind(e.1).push_bind(e.2).push_bind(e.3).push_bind(e.4);
            row.push_bind(e.5).push_bind(e.6).push_bind(e.7).push_bind(e.8).push_bind(e.9);
            row.push_bind(e.10).push_bind(e.11).push_bind(e.12).push_bind(e.13).push_bind(e.14).push_bind(e.15);
            row.push_bind(kept).push_bind(signed.remove(&after));
            insert.push(")").build().execute(&mut *into).await?;
        }
        if copied < PAGE {
            break;
        }
    }
    let mut plans = sqlx::query_as::<_, PlanTuple>(PLANS).fetch(&mut *from);
    while let Some(p) = plans.try_next().await? {
        let mut insert = QueryBuilder::new("INSERT INTO plans VALUES (");
        let mut row = insert.separated(", ");
        row.push_bind(p.0).push_bind(p.1).push_bind(p.2).push_bind(p.3).push_bind(p.4);
        row.push_bind(p.5).push_bind(p.6).push_bind(p.7).push_bind(p.8).push_bind(p.9).push_bind(p.10);
        insert.push(")").build().execute(&mut *into).await?;
        if p.11.is_some() || p.12.is_some() {
            let mut insert = QueryBuilder::new("INSERT INTO plan_labels VALUES (");
            insert.separated(", ").push_bind(p.1).push_bind(p.11).push_bind(p.12);
            insert.push(")").build().execute(&mut *into).await?;
        }
        if let (Some(shown), Some(words)) = (p.14, p.15) {
            let mut insert = QueryBuilder::new("INSERT INTO plan_headlines VALUES (");
            insert.separated(", ").push_bind(p.1).push_bind(shown).push_bind(words);
            insert.push(")").build().execute(&mut *into).await?;
        }
    }
    drop(plans);
    copy_outcomes!(from, into);
    copy_portfolios!(from, into);
    copy_champions!(from, into);
    copy_controls!(from, into);
    copy_shadow!(from, into);
    let mut keys = sqlx::query_as::<_, (String, String, Vec<u8>, String, String, i64)>(KEYS).fetch(&mut *from);
    while let Some(k) = keys.try_next().await? {
        let mut insert = QueryBuilder::new("INSERT INTO idempotency_keys VALUES (");
        let mut row = insert.separated(", ");
        row.push_bind(k.0).push_bind(k.1).push_bind(k.2).push_bind(k.3).push_bind(k.4).push_bind(k.5);
        insert.push(")").build().execute(&mut *into).await?;
    }
    drop(keys);
    copy_runs!(from, into);
    copy_texts!(from, into);
    copy_webhooks!(from, into);
    into.commit().await?;
    connection.close().await?;
    Ok(())
}
