//! The Merkle tree over the entries, of which each entry keeps the full subtrees that end with it: the root and a proof read a few
//! entries, however many there are.
//!
//! Entry `n` keeps the roots of the full subtrees of 2, 4, … entries up to the largest power of two that divides `n`, 32 bytes each; entries
//! of odd number keep none. Nothing of it ever changes, like the entries. A verification computes all of it from the entries.

use std::sync::Arc;

use governance::merkle::{RunningRoot, Subtree, leaf_hash, trunk};
use governance::{AuditEntry, ChainTip, Digest, TipSigner};

use crate::error::StoreError;

/// The last entry and those whose full subtrees make up the tree, from the first one on.
pub(crate) const TRUNK: &str = "WITH RECURSIVE trunk (sequence) AS (SELECT MAX(sequence) FROM audit_entries UNION ALL \
     SELECT sequence & (sequence - 1) FROM trunk WHERE (sequence & (sequence - 1)) > 0) \
     SELECT entries.sequence, entries.hash, entries.subtrees, entries.signature FROM trunk \
     JOIN audit_entries AS entries ON entries.sequence = trunk.sequence ORDER BY entries.sequence";

/// Sequence and hash of an entry, what it keeps of the tree, and its signature.
pub(crate) type GrownTuple = (i64, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);

/// The end of the chain, and the tree up to it.
#[derive(Debug)]
pub(crate) struct Trunk {
    pub(crate) tip: ChainTip,
    tree: RunningRoot,
    signer: Option<Arc<TipSigner>>,
}

impl Trunk {
    /// The tree of the rows of [`TRUNK`].
    pub(crate) fn of(rows: &[GrownTuple]) -> Result<Self, StoreError> {
        let Some((sequence, hash, ..)) = rows.last() else {
            return Ok(Self { tip: ChainTip::START, tree: RunningRoot::default(), signer: None });
        };
        let tip = ChainTip { sequence: sequence.cast_unsigned(), hash: hash_of(hash)? };
        let parts = trunk(u64::try_from(*sequence).map_err(|_| gap())?);
        if parts.len() != rows.len() {
            return Err(gap());
        }
        let kept = |part: Subtree| Ok::<_, StoreError>((part, subtree(rows, part)?));
        let kept = parts.into_iter().map(kept).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { tip, tree: RunningRoot::resume(kept), signer: None })
    }

    /// The same, whose ends are signed from here on.
    pub(crate) fn signed_by(self, signer: Option<Arc<TipSigner>>) -> Self {
        Self { signer, ..self }
    }

    /// The signature of its end; `None` where nobody signs.
    pub(crate) fn signature(&self) -> Option<Vec<u8>> {
        self.signer.as_ref().map(|signer| signer.sign(&self.tip).to_vec())
    }

    pub(crate) fn root(&self) -> Digest {
        self.tree.root()
    }

    /// Adds the next entry, and returns what it keeps.
    pub(crate) fn grow(&mut self, entry: &AuditEntry) -> Option<Vec<u8>> {
        self.tip = entry.tip();
        kept_by(&self.tree.push(entry.hash.as_bytes()))
    }
}

/// The bytes that an entry keeps of the full subtrees that end with it, from two entries up.
pub(crate) fn kept_by(subtrees: &[Digest]) -> Option<Vec<u8>> {
    (!subtrees.is_empty()).then(|| subtrees.iter().flat_map(Digest::as_bytes).copied().collect())
}

/// The root of a full subtree from rows in the order of their sequences.
pub(crate) fn subtree(rows: &[GrownTuple], part: Subtree) -> Result<Digest, StoreError> {
    let end = i64::try_from(part.end).map_err(|_| gap())?;
    let at = rows.binary_search_by_key(&end, |row| row.0).map_err(|_| gap())?;
    let (_, hash, subtrees, _) = rows.get(at).ok_or_else(gap)?;
    match part.level.checked_sub(1) {
        None => Ok(leaf_hash(hash_of(hash)?.as_bytes())),
        Some(above) => {
            let kept = subtrees.as_deref().unwrap_or_default();
            let digest = kept.chunks_exact(32).nth(above as usize);
            hash_of(digest.ok_or_else(gap)?)
        }
    }
}

pub(crate) fn hash_of(bytes: &[u8]) -> Result<Digest, StoreError> {
    let damaged = |_| StoreError::Damaged { finding: "an audit entry cannot be read".to_owned() };
    Digest::try_from(bytes).map_err(damaged)
}

pub(crate) fn gap() -> StoreError {
    StoreError::Damaged { finding: "the audit trail has gaps".to_owned() }
}

/// Lets the entries of an earlier program keep their subtrees, inside the transaction of the migration. Entries after a gap keep none: a
/// verification finds the gap.
macro_rules! fill_subtrees {
    ($tx:ident) => {{
        const PAGE: i64 = 2_000;
        const ENTRIES: &str = "SELECT sequence, hash FROM audit_entries WHERE sequence > $1 ORDER BY sequence LIMIT $2";
        let mut tree = governance::merkle::RunningRoot::default();
        let mut last = 0_i64;
        loop {
            let page: Vec<(i64, Vec<u8>)> = sqlx::query_as(ENTRIES).bind(last).bind(PAGE).fetch_all(&mut *$tx).await?;
            let mut grown = Vec::with_capacity(page.len() / 2);
            let before = last;
            for (sequence, hash) in &page {
                if *sequence != last + 1 {
                    break;
                }
                last = *sequence;
                if let Some(kept) = $crate::subtrees::kept_by(&tree.push(hash)) {
                    grown.push((*sequence, kept));
                }
            }
            for grown in grown.chunks(500) {
                let mut update = sqlx::QueryBuilder::new("UPDATE audit_entries SET subtrees = grown.column2 FROM (");
                update.push_values(grown, |mut row, (sequence, kept)| {
                    row.push_bind(*sequence).push_bind(kept.clone());
                });
                update.push(") AS grown WHERE audit_entries.sequence = grown.column1");
                update.build().persistent(false).execute(&mut *$tx).await?;
            }
            if last - before < PAGE {
                break;
            }
        }
    }};
}
pub(crate) use fill_subtrees;
