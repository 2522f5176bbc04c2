//! Reading control records.

use std::collections::BTreeMap;

use governance::{Content, ControlDeed, ControlRecord, Digest};

use super::StoredControl;
use crate::connection::{Pool, either, snapshot};
use crate::error::StoreError;
use crate::read::is_unreadable;

/// A record's columns: sequence and digest, then the record.
pub(crate) type ControlTuple = (i64, Vec<u8>, String, i64, String, String, String, String, Vec<u8>);
/// An entry's sequence, topic, digest of a record, kind and actor.
type MarkTuple = (i64, String, Option<Vec<u8>>, String, String);

/// Selects records, as a [`ControlTuple`] reads them.
macro_rules! select_controls {
    ($which:literal) => {
        concat!(
            "SELECT sequence, digest, topic, number, deed, recorded_at, request_id, engine_version, document \
             FROM control_records ",
            $which
        )
    };
}
pub(crate) use select_controls;

/// Adds a record; the columns are those of a [`ControlTuple`].
pub(crate) const INSERT_CONTROL: &str = "INSERT INTO control_records (sequence, digest, topic, number, deed, recorded_at, request_id, \
     engine_version, document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Builds a record from its columns, before comparing it with its digest and its entry; `None` when a column is invalid.
pub(crate) fn control_of(columns: ControlTuple) -> Option<StoredControl> {
    let (sequence, digest, topic, number, deed, recorded_at, request_id, engine_version, document) = columns;
    let record = ControlRecord {
        topic,
        number: number.try_into().ok()?,
        deed: ControlDeed::read(&deed)?,
        recorded_at,
        request_id,
        engine_version,
        document: Content::new(document),
    };
    let digest = Digest::try_from(digest.as_slice()).ok()?;
    Some(StoredControl { record, sequence: sequence.try_into().ok()?, actor: String::new(), digest })
}

/// Every record of a topic, each checked against its entry: a removed, added or changed record is detected here and not
/// only by a verification.
pub(crate) async fn control_records(pool: &Pool, topic: &str) -> Result<Vec<StoredControl>, StoreError> {
    const RECORDS: &str = select_controls!("WHERE topic = $1 ORDER BY sequence");
    const MARKS: &str = "SELECT sequence, control_of, control_digest, kind, actor FROM audit_entries \
         WHERE control_of = $1 ORDER BY sequence";
    let tampered = || StoreError::Tampered { plan_id: topic.to_owned() };
    let readable = |error| if is_unreadable(&error) { tampered() } else { error.into() };
    let (marks, records): (Vec<MarkTuple>, Vec<ControlTuple>) = snapshot!(pool, tx => {
        let marks = sqlx::query_as(MARKS).bind(topic).fetch_all(&mut *tx).await.map_err(readable)?;
        (marks, sqlx::query_as(RECORDS).bind(topic).fetch_all(&mut *tx).await.map_err(readable)?)
    });
    held(marks, records, topic)
}

/// Records checked against their entries, one by one.
fn held(marks: Vec<MarkTuple>, records: Vec<ControlTuple>, what: &str) -> Result<Vec<StoredControl>, StoreError> {
    let tampered = || StoreError::Tampered { plan_id: what.to_owned() };
    if marks.len() != records.len() {
        return Err(tampered());
    }
    let mut told = Vec::with_capacity(records.len());
    for ((sequence, topic, digest, kind, actor), columns) in marks.into_iter().zip(records) {
        let mut found = control_of(columns).ok_or_else(tampered)?;
        let is_recorded = sequence.cast_unsigned() == found.sequence
            && digest.as_deref() == Some(found.digest.as_bytes())
            && found.record.topic == topic
            && found.record.deed.as_str() == kind;
        if !is_recorded || found.record.digest() != found.digest {
            return Err(tampered());
        }
        found.actor = actor;
        told.push(found);
    }
    Ok(told)
}

/// Actions of one kind on plans that were recorded at this time or later, oldest first, each checked against its digest
/// and its entry.
pub(crate) async fn plan_deeds(pool: &Pool, deed: ControlDeed, since: &str) -> Result<Vec<StoredControl>, StoreError> {
    const RECORDS: &str =
        select_controls!("WHERE topic LIKE 'plan:%' AND deed = $1 AND recorded_at >= $2 ORDER BY sequence");
    const MARKS: &str = "SELECT sequence, control_of, control_digest, kind, actor FROM audit_entries \
         WHERE control_of LIKE 'plan:%' AND kind = $1 AND recorded_at >= $2 ORDER BY sequence";
    let (marks, records): (Vec<MarkTuple>, Vec<ControlTuple>) = snapshot!(pool, tx => {
        let marks = sqlx::query_as(MARKS).bind(deed.as_str()).bind(since).fetch_all(&mut *tx).await?;
        (marks, sqlx::query_as(RECORDS).bind(deed.as_str()).bind(since).fetch_all(&mut *tx).await?)
    });
    held(marks, records, "plans")
}

/// Records of one kind, oldest first, each checked against its digest and its entry.
pub(crate) async fn control_deeds(pool: &Pool, deed: ControlDeed) -> Result<Vec<StoredControl>, StoreError> {
    const RECORDS: &str = select_controls!("WHERE deed = $1 ORDER BY sequence");
    const MARKS: &str = "SELECT sequence, control_of, control_digest, kind, actor FROM audit_entries \
         WHERE kind = $1 ORDER BY sequence";
    let (marks, records): (Vec<MarkTuple>, Vec<ControlTuple>) = snapshot!(pool, tx => {
        let marks = sqlx::query_as(MARKS).bind(deed.as_str()).fetch_all(&mut *tx).await?;
        (marks, sqlx::query_as(RECORDS).bind(deed.as_str()).fetch_all(&mut *tx).await?)
    });
    held(marks, records, deed.as_str())
}

/// Sequence of the last entry of the trail; 0 if there is none.
pub(crate) async fn last_sequence(pool: &Pool) -> Result<u64, StoreError> {
    const LAST: &str = "SELECT sequence FROM audit_entries ORDER BY sequence DESC LIMIT 1";
    let last: Option<(i64,)> = either!(Pool, pool, pool => sqlx::query_as(LAST).fetch_optional(pool).await)?;
    Ok(last.map_or(0, |(sequence,)| sequence.cast_unsigned()))
}

/// The latest action on every plan that has one: the plan's id and the action.
pub(crate) async fn plan_states(pool: &Pool) -> Result<Vec<(String, ControlDeed)>, StoreError> {
    const STATES: &str = "SELECT control_of, kind FROM audit_entries WHERE control_of LIKE 'plan:%' ORDER BY sequence";
    let rows: Vec<(String, String)> = either!(Pool, pool, pool => sqlx::query_as(STATES).fetch_all(pool).await)?;
    let deeds = rows
        .into_iter()
        .filter_map(|(topic, kind)| Some((topic.strip_prefix("plan:")?.to_owned(), ControlDeed::read(&kind)?)));
    Ok(deeds.collect::<BTreeMap<_, _>>().into_iter().collect())
}

/// Copies records from a snapshot of PostgreSQL into a transaction of SQLite.
macro_rules! copy_controls {
    ($from:ident, $into:ident) => {
        const CONTROLS: &str = $crate::controls::read::select_controls!("ORDER BY sequence");
        let mut records = sqlx::query_as::<_, $crate::controls::read::ControlTuple>(CONTROLS).fetch(&mut *$from);
        while let Some(r) = records.try_next().await? {
            let insert = sqlx::query($crate::controls::read::INSERT_CONTROL);
            let insert = insert.bind(r.0).bind(r.1).bind(r.2).bind(r.3).bind(r.4);
            insert.bind(r.5).bind(r.6).bind(r.7).bind(r.8).execute(&mut *$into).await?;
        }
        drop(records);
    };
}
pub(crate) use copy_controls;
