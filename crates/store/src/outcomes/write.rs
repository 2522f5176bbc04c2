//! Recording an outcome in one transaction.

use governance::{ChainTip, Digest, EntryDraft, EntryKind};
use sqlx::Connection as _;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{NewOutcome, OutcomeKept};
use crate::connection::Connection;
use crate::error::StoreError;
use crate::kept_keys::{FORGET_KEY, KEEP_KEY, KEEPS_OUTCOMES, KEY, KeyTuple};
use crate::signed::Seen;
use crate::subtrees::{GrownTuple, TRUNK};
use crate::transaction::{in_transaction, insert_entries, trunk_of};

/// An outcome to be recorded, the channel for its answer, and its part of the reserved space.
pub(crate) struct OutcomeOrder {
    pub(crate) outcome: Box<NewOutcome>,
    pub(crate) reply: oneshot::Sender<Result<OutcomeKept, StoreError>>,
    pub(crate) _room: OwnedSemaphorePermit,
}

/// Stores an outcome, its entry and its key in one transaction.
pub(crate) async fn record_outcome(
    connection: &mut Connection,
    outcome: &NewOutcome,
    seen: &Seen,
) -> Result<(OutcomeKept, Option<ChainTip>), sqlx::Error> {
    const PLAN: &str = "SELECT digest FROM plans WHERE plan_id = $1";
    const OUTCOME: &str = "INSERT INTO outcomes (outcome_id, sequence, plan_id, plan_digest, as_of, created_at, request_id, \
         engine_version, digest, request, response) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let record = &outcome.record;
    in_transaction!(connection, tx => {
        // Left by its end and not by `return`: a transaction that is only dropped holds its lock until the next one.
        Ok('told: {
            if let Some(claim) = &outcome.claim {
                let (actor, key) = (claim.actor.as_str(), claim.key.as_str());
                let found: Option<KeyTuple> =
                    sqlx::query_as(KEY).bind(actor).bind(key).fetch_optional(&mut *tx).await?;
                match found {
                    Some((.., kept_at)) if claim.outlived(kept_at) => {
                        sqlx::query(FORGET_KEY).bind(actor).bind(key).execute(&mut *tx).await?;
                    }
                    Some((fingerprint, subject, outcome_id, _)) => {
                        let same = fingerprint == claim.fingerprint.as_bytes() && subject == KEEPS_OUTCOMES;
                        let kept = if same { OutcomeKept::Earlier { outcome_id } } else { OutcomeKept::OtherRequest };
                        break 'told (kept, None);
                    }
                    None => {}
                }
            }
            let plan: Option<Vec<u8>> =
                sqlx::query_scalar(PLAN).bind(&record.plan_id).fetch_optional(&mut *tx).await?;
            if plan.as_deref() != Some(record.plan_digest.as_bytes()) {
                break 'told (OutcomeKept::NoPlan, None);
            }
            let mut trunk = trunk_of(&sqlx::query_as::<_, GrownTuple>(TRUNK).fetch_all(&mut *tx).await?, seen)?;
            let digest: Digest = record.digest();
            let draft = EntryDraft {
                created_at: record.created_at.clone(),
                actor: outcome.actor.clone(),
                request_id: record.request_id.clone(),
                kind: EntryKind::OutcomeRecorded,
                plan_id: Some(record.plan_id.clone()),
                plan_digest: Some(record.plan_digest),
                outcome_digest: Some(digest),
                portfolio: None,
                champion: None,
                control: None,
            };
            let entry = draft.follow(&trunk.tip);
            insert_entries!(tx, &mut trunk, [&entry].into_iter(), 1);
            sqlx::query(OUTCOME)
                .bind(&record.outcome_id)
                .bind(entry.sequence.cast_signed())
                .bind(&record.plan_id)
                .bind(record.plan_digest.as_bytes().to_vec())
                .bind(&record.as_of)
                .bind(&record.created_at)
                .bind(&record.request_id)
                .bind(&record.engine_version)
                .bind(digest.as_bytes().to_vec())
                .bind(record.request.bytes())
                .bind(record.response.bytes())
                .execute(&mut *tx)
                .await?;
            if let Some(claim) = &outcome.claim {
                sqlx::query(KEEP_KEY)
                    .bind(claim.actor.as_str())
                    .bind(&claim.key)
                    .bind(claim.fingerprint.as_bytes().to_vec())
                    .bind(KEEPS_OUTCOMES)
                    .bind(&record.outcome_id)
                    .bind(claim.now)
                    .execute(&mut *tx)
                    .await?;
            }
            (OutcomeKept::New { sequence: entry.sequence }, Some(entry.tip()))
        })
    })
}
