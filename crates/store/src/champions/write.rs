//! Storing a move of a champion with its entry, in one transaction.

use governance::{ChainTip, ChampionMark, ChampionMoveKind, Digest, EntryDraft, EntryKind};
use sqlx::Connection as _;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::read::INSERT_MOVE;
use super::{ChampionMoved, NewChampionMove, StoredChampionMove};
use crate::connection::Connection;
use crate::error::StoreError;
use crate::signed::Seen;
use crate::subtrees::{GrownTuple, TRUNK};
use crate::transaction::{in_transaction, insert_entries, trunk_of};

/// A move of a champion, and the channel for its answer.
pub(crate) struct ChampionOrder {
    pub(crate) new: Box<NewChampionMove>,
    pub(crate) reply: oneshot::Sender<Result<ChampionMoved, StoreError>>,
    /// Its part of the reserved space.
    pub(crate) _room: OwnedSemaphorePermit,
}

const NEWEST: &str = "SELECT champion_digest FROM audit_entries WHERE champion_of = $1 ORDER BY sequence DESC LIMIT 1";

/// Stores a move and its entry in one transaction, unless another move of the purpose came first.
pub(crate) async fn move_champion(
    connection: &mut Connection,
    new: &NewChampionMove,
    seen: &Seen,
) -> Result<(ChampionMoved, Option<ChainTip>), sqlx::Error> {
    in_transaction!(connection, tx => {
        let record = &new.record;
        let newest: Option<(Vec<u8>,)> =
            sqlx::query_as(NEWEST).bind(&record.purpose).fetch_optional(&mut *tx).await?;
        let stands = newest.map_or(Digest::ZERO.as_bytes().to_vec(), |(digest,)| digest);
        Ok(if stands != new.previous.as_bytes() {
            (ChampionMoved::Stale, None)
        } else {
            let digest = record.digest();
            let mut trunk = trunk_of(&sqlx::query_as::<_, GrownTuple>(TRUNK).fetch_all(&mut *tx).await?, seen)?;
            let draft = EntryDraft {
                created_at: record.moved_at.clone(),
                actor: new.actor.clone(),
                request_id: record.request_id.clone(),
                kind: match new.kind {
                    ChampionMoveKind::Promoted => EntryKind::ModelPromoted,
                    ChampionMoveKind::Demoted => EntryKind::ModelDemoted,
                },
                plan_id: None,
                plan_digest: None,
                outcome_digest: None,
                portfolio: None,
                champion: Some(ChampionMark { purpose: record.purpose.clone(), digest }),
                control: None,
            };
            let entry = draft.follow(&trunk.tip);
            insert_entries!(tx, &mut trunk, [&entry].into_iter(), 1);
            sqlx::query(INSERT_MOVE)
                .bind(entry.sequence.cast_signed())
                .bind(digest.as_bytes().to_vec())
                .bind(&record.purpose)
                .bind(record.number.cast_signed())
                .bind(&record.moved_at)
                .bind(&record.request_id)
                .bind(&record.engine_version)
                .bind(record.pointer.bytes())
                .bind(record.evidence.bytes())
                .execute(&mut *tx)
                .await?;
            let stored = StoredChampionMove { record: record.clone(), sequence: entry.sequence, digest };
            (ChampionMoved::New(Box::new(stored)), Some(entry.tip()))
        })
    })
}
