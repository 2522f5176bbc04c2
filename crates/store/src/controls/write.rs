//! Storing a control record with its entry, in one transaction.

use governance::{ChainTip, ControlDeed, ControlMark, Digest, EntryDraft};
use sqlx::Connection as _;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::read::INSERT_CONTROL;
use super::{ControlKept, NewControlRecord, StoredControl};
use crate::connection::Connection;
use crate::error::StoreError;
use crate::signed::Seen;
use crate::subtrees::{GrownTuple, TRUNK};
use crate::transaction::{in_transaction, insert_entries, trunk_of};

/// A control record, and the channel for its answer.
pub(crate) struct ControlOrder {
    pub(crate) new: Box<NewControlRecord>,
    pub(crate) reply: oneshot::Sender<Result<ControlKept, StoreError>>,
    /// Its part of the reserved space.
    pub(crate) _room: OwnedSemaphorePermit,
}

const NEWEST: &str = "SELECT control_digest FROM audit_entries WHERE control_of = $1 ORDER BY sequence DESC LIMIT 1";

/// An approval or an export after an entry of the trail.
const COUNTED: &str = "SELECT sequence FROM audit_entries WHERE sequence > $1 AND kind IN ($2, $3) LIMIT 1";

/// Stores a record and its entry in one transaction, unless another record of the topic, or one that its fence
/// excludes, came first.
pub(crate) async fn keep_control(
    connection: &mut Connection,
    new: &NewControlRecord,
    seen: &Seen,
) -> Result<(ControlKept, Option<ChainTip>), sqlx::Error> {
    in_transaction!(connection, tx => {
        let record = &new.record;
        let newest: Option<(Vec<u8>,)> = sqlx::query_as(NEWEST).bind(&record.topic).fetch_optional(&mut *tx).await?;
        let crossed: Option<(i64,)> = match new.fence {
            None => None,
            Some(fence) => {
                sqlx::query_as(COUNTED)
                    .bind(fence.cast_signed())
                    .bind(ControlDeed::Approved.as_str())
                    .bind(ControlDeed::Executing.as_str())
                    .fetch_optional(&mut *tx)
                    .await?
            }
        };
        let stands = newest.map_or(Digest::ZERO.as_bytes().to_vec(), |(digest,)| digest);
        Ok(if crossed.is_some() || stands != new.previous.as_bytes() {
            (ControlKept::Stale, None)
        } else {
            let digest = record.digest();
            let mut trunk = trunk_of(&sqlx::query_as::<_, GrownTuple>(TRUNK).fetch_all(&mut *tx).await?, seen)?;
            let (plan_id, plan_digest) = new.plan.clone().unzip();
            let draft = EntryDraft {
                created_at: record.recorded_at.clone(),
                actor: new.actor.clone(),
                request_id: record.request_id.clone(),
                kind: record.deed.entry_kind(),
                plan_id,
                plan_digest,
                outcome_digest: None,
                portfolio: None,
                champion: None,
                control: Some(ControlMark { topic: record.topic.clone(), digest }),
            };
            let entry = draft.follow(&trunk.tip);
            insert_entries!(tx, &mut trunk, [&entry].into_iter(), 1);
            sqlx::query(INSERT_CONTROL)
                .bind(entry.sequence.cast_signed())
                .bind(digest.as_bytes().to_vec())
                .bind(&record.topic)
                .bind(record.number.cast_signed())
                .bind(record.deed.as_str())
                .bind(&record.recorded_at)
                .bind(&record.request_id)
                .bind(&record.engine_version)
                .bind(record.document.bytes())
                .execute(&mut *tx)
                .await?;
            let stored =
                StoredControl { record: record.clone(), sequence: entry.sequence, actor: entry.actor.clone(), digest };
            (ControlKept::New(Box::new(stored)), Some(entry.tip()))
        })
    })
}
