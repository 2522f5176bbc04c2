//! Storing the results of challengers on a plan, in one transaction.

use governance::{ChainTip, Digest};
use sqlx::Connection as _;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::NewShadowRuns;
use super::read::{INSERT_SHADOW, MARK, MOVE_MARK};
use crate::connection::Connection;
use crate::error::StoreError;
use crate::transaction::in_transaction;

/// Runs of one plan, and the channel for their answer.
pub(crate) struct ShadowOrder {
    pub(crate) new: NewShadowRuns,
    pub(crate) reply: oneshot::Sender<Result<bool, StoreError>>,
    /// Its part of the reserved space.
    pub(crate) _room: OwnedSemaphorePermit,
}

/// Stores the runs of a plan and advances the mark past it, unless it is already past it.
pub(crate) async fn keep_shadow_runs(
    connection: &mut Connection,
    new: &NewShadowRuns,
) -> Result<(bool, Option<ChainTip>), sqlx::Error> {
    const PLAN: &str = "SELECT digest FROM plans WHERE sequence = $1 AND plan_id = $2";
    let sequence = new.task.sequence.cast_signed();
    in_transaction!(connection, tx => {
        let mark: i64 = sqlx::query_scalar(MARK).fetch_one(&mut *tx).await?;
        let is_new = mark < sequence;
        if is_new {
            let plan: Option<Vec<u8>> =
                sqlx::query_scalar(PLAN).bind(sequence).bind(&new.task.plan_id).fetch_optional(&mut *tx).await?;
            if let Some(plan) = plan {
                let plan = Digest::try_from(plan.as_slice()).map_err(|error| sqlx::Error::Decode(error.into()))?;
                for run in &new.runs {
                    sqlx::query(INSERT_SHADOW)
                        .bind(sequence)
                        .bind(&run.challenger)
                        .bind(run.model_digest.as_bytes().to_vec())
                        .bind(run.digest(plan).as_bytes().to_vec())
                        .bind(run.document.bytes())
                        .execute(&mut *tx)
                        .await?;
                }
            }
            sqlx::query(MOVE_MARK).bind(sequence).execute(&mut *tx).await?;
        }
        Ok((is_new, None))
    })
}
