//! Reading plans and entries.

use governance::{Actor, AuditEntry, ClientLabels, Content, ControlDeed, Digest, PlanHeadline, PlanRecord};
use sqlx::{Database, Encode, QueryBuilder, Type};

use crate::connection::{Pool, either};
use crate::error::StoreError;
use crate::kept_keys::{KEY, KeyTuple};
use crate::packed::unpack;
use crate::shared::put_back;

/// A stored plan; its bytes were compared with its digest when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPlan {
    /// The plan.
    pub record: PlanRecord,
    /// Sequence of the audit entry that recorded it.
    pub sequence: u64,
    /// Its digest.
    pub digest: Digest,
}

/// A plan in a list: everything but the request, the response and the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// The plan's id.
    pub plan_id: String,
    /// Sequence of the audit entry that recorded it.
    pub sequence: u64,
    /// When its request was received.
    pub created_at: String,
    /// Id of that request.
    pub request_id: String,
    /// Version of the engine that made it.
    pub engine_version: String,
    /// Models that computed figures of the plan: a JSON list.
    pub models: String,
    /// Seed of its simulation.
    pub seed: u64,
    /// The client's own names for it.
    pub labels: ClientLabels,
    /// Title, value, number of orders and decision: a JSON object. Plans of earlier builds have none.
    pub headline: Option<String>,
    /// The latest decision about it.
    pub deed: Option<ControlDeed>,
    /// Its digest.
    pub digest: Digest,
}

/// Which plans to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanQuery {
    /// Only plans recorded before this sequence: the end of the previous page.
    pub before: Option<u64>,
    /// Only plans created at this time or later; the format is that of plan times.
    pub created_from: Option<String>,
    /// Only plans created before this time.
    pub created_before: Option<String>,
    /// Only plans made by this version of the engine.
    pub engine_version: Option<String>,
    /// Only plans made for the request with this id.
    pub request_id: Option<String>,
    /// Only plans with this client reference.
    pub client_reference: Option<String>,
    /// Only plans that match each of these words, in lower case; parts of words match.
    pub words: Vec<String>,
    /// Only plans with this latest decision; `Some(None)`: only those without a decision.
    pub deed: Option<Option<ControlDeed>>,
    /// At most this many.
    pub limit: u32,
}

pub(crate) type EntryTuple = (
    i64,
    String,
    String,
    String,
    String,
    Option<String>,
    Option<Vec<u8>>,
    Vec<u8>,
    Vec<u8>,
    Option<Vec<u8>>,
    Option<String>,
    Option<Vec<u8>>,
    Option<String>,
    Option<Vec<u8>>,
    Option<String>,
    Option<Vec<u8>>,
);
pub(crate) type PlanTuple = (
    String,
    i64,
    String,
    String,
    String,
    String,
    i64,
    Vec<u8>,
    Vec<u8>,
    Vec<u8>,
    Vec<u8>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);
type RowTuple = (
    String,
    i64,
    String,
    String,
    String,
    String,
    i64,
    Vec<u8>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// Selects whole plans, as a [`PlanTuple`] reads them, with a condition.
macro_rules! select_plans {
    ($which:literal) => {
        concat!(
            "SELECT plans.plan_id, plans.sequence, plans.created_at, plans.request_id, plans.engine_version, plans.models, \
             plans.seed, plans.digest, plans.request, plans.response, plans.run, labels.reference, labels.metadata, ",
            $crate::shared::passages_of_plan!(),
            ", headlines.shown, headlines.words FROM plans LEFT JOIN plan_labels AS labels ON labels.sequence = plans.sequence \
             LEFT JOIN plan_headlines AS headlines ON headlines.sequence = plans.sequence ",
            $which
        )
    };
}
pub(crate) use select_plans;

/// Selects plans for a list, as a [`RowTuple`] reads them, from the given tables.
macro_rules! select_rows {
    ($from:literal) => {
        concat!(
            "SELECT plans.plan_id, plans.sequence, plans.created_at, plans.request_id, plans.engine_version, plans.models, \
             plans.seed, plans.digest, labels.reference, labels.metadata, headlines.shown, (SELECT kind FROM audit_entries \
             WHERE control_of = 'plan:' || plans.plan_id ORDER BY sequence DESC LIMIT 1) AS deed FROM ",
            $from
        )
    };
}

/// Selects entries, as an [`EntryTuple`] reads them.
macro_rules! select_entries {
    ($which:literal) => {
        concat!(
            "SELECT sequence, recorded_at, actor, request_id, kind, plan_id, plan_digest, previous_hash, hash, outcome_digest, \
             portfolio_id, portfolio_digest, champion_of, champion_digest, control_of, control_digest FROM audit_entries ",
            $which
        )
    };
}
pub(crate) use select_entries;

pub(crate) const ENTRIES_AFTER: &str = select_entries!("WHERE sequence > $1 ORDER BY sequence LIMIT $2");

/// Builds an entry from its columns; `None` when a column is invalid.
pub(crate) fn entry_of(columns: EntryTuple) -> Option<AuditEntry> {
    let (
        sequence,
        created_at,
        actor,
        request_id,
        kind,
        plan_id,
        plan_digest,
        previous_hash,
        hash,
        outcome_digest,
        portfolio_id,
        portfolio_digest,
        champion_of,
        champion_digest,
        control_of,
        control_digest,
    ) = columns;
    let digest = |bytes: Vec<u8>| Digest::try_from(bytes.as_slice()).ok();
    let optional = |bytes: Option<Vec<u8>>| match bytes {
        Some(bytes) => digest(bytes).map(Some),
        None => Some(None),
    };
    Some(AuditEntry {
        sequence: sequence.try_into().ok()?,
        created_at,
        actor,
        request_id,
        kind,
        plan_id,
        plan_digest: optional(plan_digest)?,
        previous_hash: digest(previous_hash)?,
        outcome_digest: optional(outcome_digest)?,
        portfolio_id,
        portfolio_digest: optional(portfolio_digest)?,
        champion_of,
        champion_digest: optional(champion_digest)?,
        control_of,
        control_digest: optional(control_digest)?,
        hash: digest(hash)?,
    })
}

/// Builds a plan from its columns, before comparing it with its digest.
pub(crate) fn plan_of(columns: PlanTuple) -> Option<StoredPlan> {
    let (
        plan_id,
        sequence,
        created_at,
        request_id,
        engine_version,
        models,
        seed,
        digest,
        request,
        response,
        run,
        reference,
        metadata,
        passages,
        shown,
        words,
    ) = columns;
    let record = PlanRecord {
        plan_id,
        created_at,
        request_id,
        engine_version,
        models,
        seed: seed.cast_unsigned(),
        labels: ClientLabels { reference, metadata },
        headline: shown.zip(words).map(|(shown, words)| PlanHeadline { shown, words }),
        request: Content::new(put_back(unpack(request)?, passages.as_deref())?),
        response: Content::new(unpack(response)?),
        run: Content::new(unpack(run)?),
    };
    let digest = Digest::try_from(digest.as_slice()).ok()?;
    Some(StoredPlan { record, sequence: sequence.try_into().ok()?, digest })
}

pub(crate) fn is_unreadable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => true,
        sqlx::Error::Database(error) => crate::schema::is_damage(error.code().as_deref()),
        _ => false,
    }
}

/// One plan. The digest of its bytes must equal the digest stored with it and the one in its entry.
pub(crate) async fn plan(pool: &Pool, plan_id: &str) -> Result<Option<StoredPlan>, StoreError> {
    const PLAN: &str = select_plans!("WHERE plans.plan_id = $1");
    const RECORDED: &str = "SELECT plan_digest FROM audit_entries WHERE sequence = $1 AND plan_id = $2";
    let tampered = || StoreError::Tampered { plan_id: plan_id.to_owned() };
    let readable = |error| if is_unreadable(&error) { tampered() } else { error.into() };
    either!(Pool, pool, pool => {
        let columns: Option<PlanTuple> =
            sqlx::query_as(PLAN).bind(plan_id).fetch_optional(pool).await.map_err(readable)?;
        let Some(columns) = columns else { return Ok(None) };
        let stored = plan_of(columns).ok_or_else(tampered)?;
        let recorded: Option<(Option<Vec<u8>>,)> = sqlx::query_as(RECORDED)
            .bind(stored.sequence.cast_signed())
            .bind(plan_id)
            .fetch_optional(pool)
            .await
            .map_err(readable)?;
        let recorded = recorded.and_then(|(digest,)| digest);
        if stored.record.digest() != stored.digest || recorded.as_deref() != Some(stored.digest.as_bytes()) {
            return Err(tampered());
        }
        Ok(Some(stored))
    })
}

/// A LIKE pattern for texts that contain a text; `!` escapes.
pub(crate) fn containing(text: &str) -> String {
    format!("%{}%", literal(text))
}

/// A text that is matched literally in a LIKE pattern.
fn literal(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// So many plans make a window of time wide: a page of it is then read from the newest plan back, and otherwise from the index of times.
const WIDE: i64 = 1_000;

/// The rows of a page. Its plans are chosen first, by an index that begins with what is asked for, and only then told of.
///
/// `+` keeps SQLite from choosing by the order of lists what the index of times has to choose.
fn page<DB>(query: &PlanQuery, is_wide: bool) -> QueryBuilder<DB>
where
    DB: Database<Arguments: Default>,
    i64: for<'a> Encode<'a, DB> + Type<DB>,
    String: for<'a> Encode<'a, DB> + Type<DB>,
{
    const ROWS: &str = select_rows!(
        "plans LEFT JOIN plan_labels AS labels ON labels.sequence = plans.sequence LEFT JOIN plan_headlines AS headlines ON \
         headlines.sequence = plans.sequence WHERE plans.sequence IN (SELECT plans.sequence FROM plans"
    );
    const LABELS: &str = " JOIN plan_labels AS labels ON labels.sequence = plans.sequence";
    const STATES: &str = " JOIN plan_states AS states ON states.sequence = plans.sequence";
    const HEADLINES: &str = " JOIN plan_headlines AS headlines ON headlines.sequence = plans.sequence";
    let has_time = query.created_from.is_some() || query.created_before.is_some();
    let mut select = QueryBuilder::new(ROWS);
    for (table, is_asked) in [
        (LABELS, query.client_reference.is_some()),
        (STATES, query.deed.is_some()),
        (HEADLINES, !query.words.is_empty()),
    ] {
        if is_asked {
            select.push(table);
        }
    }
    let place = match query {
        PlanQuery { client_reference: Some(_), .. } => "labels.sequence",
        PlanQuery { deed: Some(_), .. } => "states.sequence",
        PlanQuery { engine_version: None, request_id: None, .. } if has_time && !is_wide => "+plans.sequence",
        _ => "plans.sequence",
    };
    let before = query.before.map_or(i64::MAX, |before| before.try_into().unwrap_or(i64::MAX));
    select.push(format_args!(" WHERE {place} < ")).push_bind(before);
    for (column, value) in [
        ("labels.reference =", &query.client_reference),
        ("plans.created_at >=", &query.created_from),
        ("plans.created_at <", &query.created_before),
        ("plans.engine_version =", &query.engine_version),
        ("plans.request_id =", &query.request_id),
    ] {
        if let Some(value) = value {
            select.push(format_args!(" AND {column} ")).push_bind(value.clone());
        }
    }
    match query.deed {
        None => {}
        Some(None) => {
            select.push(" AND states.deed IS NULL");
        }
        Some(Some(deed)) => {
            select.push(" AND states.deed = ").push_bind(deed.as_str().to_owned());
        }
    }
    for word in &query.words {
        select.push(" AND headlines.words LIKE ").push_bind(containing(word)).push(" ESCAPE '!'");
    }
    select.push(format_args!(" ORDER BY {place} DESC LIMIT ")).push_bind(i64::from(query.limit));
    select.push(") ORDER BY plans.sequence DESC");
    select
}

/// A page of plans, newest first.
pub(crate) async fn plans(pool: &Pool, query: &PlanQuery) -> Result<Vec<PlanRow>, StoreError> {
    const FOUND: &str =
        "SELECT COUNT(*) FROM (SELECT 1 FROM plans WHERE created_at >= $1 AND created_at < $2 LIMIT $3) AS found";
    /// After every time that is written so.
    const NEVER: &str = "9999-12-31T23:59:59.999999Z";
    either!(Pool, pool, pool => {
        let (from, before) = (query.created_from.as_deref(), query.created_before.as_deref());
        let is_wide = if from.or(before).is_some() {
            let found = sqlx::query_scalar(FOUND).bind(from.unwrap_or_default()).bind(before.unwrap_or(NEVER)).bind(WIDE);
            let found: i64 = found.fetch_one(pool).await?;
            found == WIDE
        } else {
            false
        };
        let mut select = page(query, is_wide);
        let rows: Vec<RowTuple> = select.build_query_as().fetch_all(pool).await?;
        let row = |columns: RowTuple| {
            let (
                plan_id, sequence, created_at, request_id, engine_version, models, seed, digest, reference, metadata, headline, deed,
            ) = columns;
            let unreadable = || StoreError::Tampered { plan_id: plan_id.clone() };
            Ok(PlanRow {
                sequence: sequence.try_into().map_err(|_| unreadable())?,
                digest: Digest::try_from(digest.as_slice()).map_err(|_| unreadable())?,
                seed: seed.cast_unsigned(),
                labels: ClientLabels { reference, metadata },
                plan_id, created_at, request_id, engine_version, models, headline,
                deed: deed.as_deref().and_then(ControlDeed::read),
            })
        };
        rows.into_iter().map(row).collect()
    })
}

/// Entries after a sequence, oldest first.
pub(crate) async fn entries(pool: &Pool, after: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
    let after = after.try_into().unwrap_or(i64::MAX);
    either!(Pool, pool, pool => {
        let rows: Vec<EntryTuple> =
            sqlx::query_as(ENTRIES_AFTER).bind(after).bind(i64::from(limit)).fetch_all(pool).await?;
        let damaged = || StoreError::Damaged { finding: "an audit entry cannot be read".to_owned() };
        rows.into_iter().map(|columns| entry_of(columns).ok_or_else(damaged)).collect()
    })
}

/// The plan or run of an actor's key, with the fingerprint of its request and the time it was kept.
pub(crate) async fn key(pool: &Pool, actor: &Actor, key: &str) -> Result<Option<KeyTuple>, StoreError> {
    either!(Pool, pool, pool => Ok(sqlx::query_as(KEY).bind(actor.as_str()).bind(key).fetch_optional(pool).await?))
}

/// Runs that have not ended.
pub(crate) async fn open_runs(pool: &Pool) -> Result<u64, StoreError> {
    either!(Pool, pool, pool => {
        let (runs,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM runs WHERE finished_at IS NULL").fetch_one(pool).await?;
        Ok(runs.unsigned_abs())
    })
}

/// Whether the database answers.
pub(crate) async fn ping(pool: &Pool) -> Result<(), StoreError> {
    either!(Pool, pool, pool => {
        let _: Option<(i64,)> = sqlx::query_as("SELECT version FROM schema_versions LIMIT 1").fetch_optional(pool).await?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Sqlite};

    use super::*;
    use crate::{Location, Store, StoreOptions};

    /// How SQLite goes about a page: no table is read from end to end, and what is asked for is found by its index.
    #[tokio::test]
    async fn each_filter_has_an_index() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("plans.db"));
        let store = Store::open(&location, &StoreOptions::default()).await.unwrap();
        let Pool::Sqlite(pool) = store.readers() else { panic!("it is SQLite") };
        let text = || Some("x".to_owned());
        let any = PlanQuery { limit: 50, ..PlanQuery::default() };
        for (query, is_wide, index) in [
            (any.clone(), false, "sqlite_autoindex_plans_2"),
            (PlanQuery { before: Some(9), ..any.clone() }, false, "sqlite_autoindex_plans_2"),
            (PlanQuery { request_id: text(), ..any.clone() }, false, "plans_by_request"),
            (PlanQuery { engine_version: text(), ..any.clone() }, false, "plans_by_engine"),
            (PlanQuery { client_reference: text(), ..any.clone() }, false, "plan_labels_by_reference"),
            (PlanQuery { deed: Some(None), ..any.clone() }, false, "plan_states_by_deed"),
            (PlanQuery { deed: Some(Some(ControlDeed::Approved)), ..any.clone() }, false, "plan_states_by_deed"),
            (PlanQuery { created_from: text(), ..any.clone() }, false, "plans_by_time"),
            (PlanQuery { created_from: text(), ..any.clone() }, true, "sqlite_autoindex_plans_2"),
            (PlanQuery { created_before: text(), ..any.clone() }, false, "plans_by_time"),
            (PlanQuery { created_before: text(), request_id: text(), ..any.clone() }, false, "plans_by_request"),
        ] {
            let sql = page::<Sqlite>(&query, is_wide).into_string();
            let explained = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explained).fetch_all(pool).await.unwrap();
            let steps: Vec<String> = steps.into_iter().map(|step| step.3).collect();
            assert!(steps.iter().any(|step| step.contains(index)), "{query:?}: {steps:#?}");
            assert!(!steps.iter().any(|step| step.starts_with("SCAN ")), "{query:?}: {steps:#?}");
        }
        store.close().await;
    }
}
