//! Reading the moves of champions.

use governance::{ChampionMove, Content, Digest};

use super::StoredChampionMove;
use crate::connection::{Pool, snapshot};
use crate::error::StoreError;
use crate::read::is_unreadable;

/// A move's columns: sequence and digest, then the record.
pub(crate) type ChampionTuple = (i64, Vec<u8>, String, i64, String, String, String, Vec<u8>, Vec<u8>);
/// An entry's sequence, purpose and digest of a move.
type MarkTuple = (i64, String, Option<Vec<u8>>);

/// Selects moves, as a [`ChampionTuple`] reads them.
macro_rules! select_champions {
    ($which:literal) => {
        concat!(
            "SELECT sequence, digest, purpose, number, moved_at, request_id, engine_version, pointer, evidence \
             FROM champion_moves ",
            $which
        )
    };
}
pub(crate) use select_champions;

/// Adds a move; the columns are those of a [`ChampionTuple`].
pub(crate) const INSERT_MOVE: &str = "INSERT INTO champion_moves (sequence, digest, purpose, number, moved_at, request_id, \
     engine_version, pointer, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Builds a move from its columns, before comparing it with its digest; `None` when a column is invalid.
pub(crate) fn champion_of(columns: ChampionTuple) -> Option<StoredChampionMove> {
    let (sequence, digest, purpose, number, moved_at, request_id, engine_version, pointer, evidence) = columns;
    let record = ChampionMove {
        purpose,
        number: number.try_into().ok()?,
        moved_at,
        request_id,
        engine_version,
        pointer: Content::new(pointer),
        evidence: Content::new(evidence),
    };
    let digest = Digest::try_from(digest.as_slice()).ok()?;
    Some(StoredChampionMove { record, sequence: sequence.try_into().ok()?, digest })
}

/// Every move, each checked against its entry: a removed, added or changed move is detected here and not only by a
/// verification.
pub(crate) async fn champion_moves(pool: &Pool) -> Result<Vec<StoredChampionMove>, StoreError> {
    const MOVES: &str = select_champions!("ORDER BY sequence");
    const MARKS: &str = "SELECT sequence, champion_of, champion_digest FROM audit_entries \
         WHERE champion_of IS NOT NULL ORDER BY sequence";
    let tampered = |purpose: &str| StoreError::Tampered { plan_id: purpose.to_owned() };
    let readable = |error| if is_unreadable(&error) { tampered("champions") } else { error.into() };
    let (marks, moves): (Vec<MarkTuple>, Vec<ChampionTuple>) = snapshot!(pool, tx => {
        let marks = sqlx::query_as(MARKS).fetch_all(&mut *tx).await.map_err(readable)?;
        (marks, sqlx::query_as(MOVES).fetch_all(&mut *tx).await.map_err(readable)?)
    });
    if let Some((_, purpose, _)) = marks.get(moves.len()) {
        return Err(tampered(purpose));
    }
    let mut told = Vec::with_capacity(moves.len());
    for (i, columns) in moves.into_iter().enumerate() {
        let purpose = columns.2.clone();
        let found = champion_of(columns).ok_or_else(|| tampered(&purpose))?;
        let is_recorded = marks.get(i).is_some_and(|(sequence, of, digest)| {
            sequence.cast_unsigned() == found.sequence
                && *of == purpose
                && digest.as_deref() == Some(found.digest.as_bytes())
        });
        if !is_recorded || found.record.digest() != found.digest {
            return Err(tampered(&purpose));
        }
        told.push(found);
    }
    Ok(told)
}

/// Copies moves from a snapshot of PostgreSQL into a transaction of SQLite.
macro_rules! copy_champions {
    ($from:ident, $into:ident) => {
        const MOVES: &str = $crate::champions::read::select_champions!("ORDER BY sequence");
        let mut moves = sqlx::query_as::<_, $crate::champions::read::ChampionTuple>(MOVES).fetch(&mut *$from);
        while let Some(m) = moves.try_next().await? {
            let insert = sqlx::query($crate::champions::read::INSERT_MOVE);
            let insert = insert.bind(m.0).bind(m.1).bind(m.2).bind(m.3).bind(m.4);
            insert.bind(m.5).bind(m.6).bind(m.7).bind(m.8).execute(&mut *$into).await?;
        }
        drop(moves);
    };
}
pub(crate) use copy_champions;
