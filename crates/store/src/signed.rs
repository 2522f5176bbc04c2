//! The signature of the last entry: who wrote the end of the trail, and with it everything before.

use std::sync::Arc;

use governance::{ChainTip, TipSigner, TipVerifier};

use crate::connection::{Connection, Pool, either};
use crate::error::StoreError;
use crate::guards;
use crate::subtrees::hash_of;

/// The end of the chain that was acknowledged last, and who signs the next one.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) tip: ChainTip,
    /// Whether this store wrote it: then nobody has to be asked who did.
    pub(crate) is_own: bool,
    /// `None`: nothing is signed, and no signature is asked for.
    pub(crate) signer: Option<Arc<TipSigner>>,
}

/// Sequence and hash of an entry, and its signature.
pub(crate) type SignedTuple = (i64, Vec<u8>, Option<Vec<u8>>);

pub(crate) const LAST: &str = "SELECT sequence, hash, signature FROM audit_entries ORDER BY sequence DESC LIMIT 1";
pub(crate) const SIGN: &str = "UPDATE audit_entries SET signature = $1 WHERE sequence = $2";

/// Whether the last entry is signed by the holder of the key, or there is none.
pub(crate) fn is_signed(last: Option<&SignedTuple>, verifier: &TipVerifier) -> Result<bool, StoreError> {
    let Some((sequence, hash, signature)) = last else { return Ok(true) };
    let tip = ChainTip { sequence: sequence.cast_unsigned(), hash: hash_of(hash)? };
    Ok(verifier.holds(&tip, signature.as_deref().unwrap_or_default()))
}

/// Checks that the end of the trail is signed with the key of these records.
///
/// # Errors
/// [`StoreError::Unsigned`].
pub(crate) async fn check(pool: &Pool, signer: &TipSigner) -> Result<(), StoreError> {
    let last: Option<SignedTuple> = either!(Pool, pool, pool => sqlx::query_as(LAST).fetch_optional(pool).await?);
    match is_signed(last.as_ref(), signer.verifier())? {
        true => Ok(()),
        false => Err(StoreError::Unsigned { sequence: last.map_or(0, |(sequence, ..)| sequence.cast_unsigned()) }),
    }
}

/// Signs the last entry, inside a transaction in which the entries may be changed.
macro_rules! sign_end {
    ($tx:ident, $signer:expr) => {
        async {
            let signer: Option<&governance::TipSigner> = $signer;
            let last: Option<$crate::signed::SignedTuple> =
                sqlx::query_as($crate::signed::LAST).fetch_optional(&mut *$tx).await?;
            if let (Some(signer), Some((sequence, hash, _))) = (signer, last) {
                let hash = $crate::subtrees::hash_of(&hash).map_err($crate::held::inside)?;
                let tip = governance::ChainTip { sequence: sequence.cast_unsigned(), hash };
                let sign = sqlx::query($crate::signed::SIGN).bind(signer.sign(&tip).to_vec()).bind(sequence);
                sign.execute(&mut *$tx).await?;
            }
            Ok::<(), sqlx::Error>(())
        }
        .await
    };
}
pub(crate) use sign_end;

/// Signs the end of the trail with a key that takes the place of another. The trigger that refuses changes is away until the end is signed.
pub(crate) async fn sign_again(connection: &mut Connection, signer: &TipSigner) -> Result<(), sqlx::Error> {
    use sqlx::Connection as _;
    match connection {
        Connection::Sqlite(sqlite) => {
            let mut tx = sqlite.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::raw_sql("DROP TRIGGER IF EXISTS audit_entries_no_update").execute(&mut *tx).await?;
            sign_end!(tx, Some(signer))?;
            tx.commit().await?;
        }
        Connection::Postgres(postgres) => {
            let mut tx = postgres.begin().await?;
            sqlx::raw_sql("DROP TRIGGER IF EXISTS audit_entries_append_only ON audit_entries")
                .execute(&mut *tx)
                .await?;
            sign_end!(tx, Some(signer))?;
            tx.commit().await?;
        }
    }
    guards::put_back(connection).await?;
    tracing::error!(signer = ?signer.verifier(), "the end of the audit trail is signed with a new key from here on");
    Ok(())
}
