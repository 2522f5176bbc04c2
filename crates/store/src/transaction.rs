//! Transactions of the writer, and the end of the chain inside one.

use governance::ChainTip;

use crate::error::StoreError;
use crate::held::inside;
use crate::signed::Seen;
use crate::subtrees::{GrownTuple, Trunk, hash_of};

/// Runs `BEGIN` (so that no other process appends in the meantime), the body, and `COMMIT`. An error returns through
/// `?` and rolls back.
macro_rules! in_transaction {
    ($connection:expr, $tx:ident => $body:expr) => {
        match $connection {
            Connection::Sqlite(connection) => {
                let mut $tx = connection.begin_with("BEGIN IMMEDIATE").await?;
                let value = $body;
                $tx.commit().await?;
                value
            }
            Connection::Postgres(connection) => {
                let mut $tx = connection.begin().await?;
                sqlx::query($crate::schema::TAKE_LOCK).bind($crate::schema::ADVISORY_LOCK).execute(&mut *$tx).await?;
                let value = $body;
                $tx.commit().await?;
                value
            }
        }
    };
}

pub(crate) use in_transaction;

/// Appends entries, in order, inside a transaction of either database.
///
/// The last one is signed: with it, all before it. Their part of the Merkle tree grows from `$trunk`, the end of the chain before them. The statement for a single entry is prepared once and
/// reused; those for several differ in their length.
macro_rules! insert_entries {
    ($tx:ident, $trunk:expr, $entries:expr, $count:expr) => {
        let trunk: &mut $crate::subtrees::Trunk = $trunk;
        let mut left = $count;
        let grown = $entries.map(|entry: &governance::AuditEntry| {
            left -= 1;
            let subtrees = trunk.grow(entry);
            (entry, subtrees, if left == 0 { trunk.signature() } else { None })
        });
        let mut insert = sqlx::QueryBuilder::new(
            "INSERT INTO audit_entries (sequence, recorded_at, actor, request_id, kind, plan_id, plan_digest, \
             previous_hash, hash, outcome_digest, portfolio_id, portfolio_digest, champion_of, champion_digest, \
             control_of, control_digest, subtrees, signature) ",
        );
        insert.push_values(grown, |mut row, (entry, subtrees, signature)| {
            row.push_bind(entry.sequence.cast_signed())
                .push_bind(entry.created_at.as_str())
                .push_bind(entry.actor.as_str())
                .push_bind(entry.request_id.as_str())
                .push_bind(entry.kind.as_str())
                .push_bind(entry.plan_id.as_deref())
                .push_bind(entry.plan_digest.map(|digest| digest.as_bytes().to_vec()))
                .push_bind(entry.previous_hash.as_bytes().to_vec())
                .push_bind(entry.hash.as_bytes().to_vec())
                .push_bind(entry.outcome_digest.map(|digest| digest.as_bytes().to_vec()))
                .push_bind(entry.portfolio_id.as_deref())
                .push_bind(entry.portfolio_digest.map(|digest| digest.as_bytes().to_vec()))
                .push_bind(entry.champion_of.as_deref())
                .push_bind(entry.champion_digest.map(|digest| digest.as_bytes().to_vec()))
                .push_bind(entry.control_of.as_deref())
                .push_bind(entry.control_digest.map(|digest| digest.as_bytes().to_vec()))
                .push_bind(subtrees)
                .push_bind(signature);
        });
        insert.build().persistent($count == 1).execute(&mut *$tx).await?;
    };
}
pub(crate) use insert_entries;

/// The end of the chain from the rows of [`TRUNK`](crate::subtrees::TRUNK), which must not be before the end that was `seen`: other processes
/// append, and only another database has less. What others appended must be signed with the key of these records.
pub(crate) fn trunk_of(rows: &[GrownTuple], seen: &Seen) -> Result<Trunk, sqlx::Error> {
    let (found, signature) = match rows.last() {
        None => (ChainTip::START, None),
        Some((sequence, hash, _, signature)) => {
            let hash = hash_of(hash).map_err(inside)?;
            (ChainTip { sequence: sequence.cast_unsigned(), hash }, signature.as_deref())
        }
    };
    let is_other =
        found.sequence < seen.tip.sequence || (found.sequence == seen.tip.sequence && found.hash != seen.tip.hash);
    if is_other {
        return Err(inside(StoreError::Replaced));
    }
    let is_known = found == ChainTip::START || (seen.is_own && found == seen.tip);
    if let Some(signer) = seen.signer.as_deref().filter(|_| !is_known)
        && !signer.verifier().holds(&found, signature.unwrap_or_default())
    {
        return Err(inside(StoreError::Unsigned { sequence: found.sequence }));
    }
    Ok(Trunk::of(rows).map_err(inside)?.signed_by(seen.signer.clone()))
}
