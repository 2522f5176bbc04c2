//! Verifies that the stored records are those that were written, and proves it.

use futures_util::TryStreamExt;
use governance::merkle::{Subtree, join, leaf_hash, path_parts, verify_inclusion};
use governance::{AuditEntry, ChainBreak, ChainTip, Digest, EntryKind, TipVerifier};
use sqlx::QueryBuilder;

use crate::champions::read::{ChampionTuple, select_champions};
use crate::connection::{Pool, either, snapshot};
use crate::controls::read::{ControlTuple, select_controls};
use crate::error::StoreError;
use crate::findings::Audit;
use crate::guards;
use crate::outcomes::read::{OutcomeTuple, select_outcomes};
use crate::portfolios::read::{PortfolioTuple, select_portfolios};
use crate::read::{ENTRIES_AFTER, EntryTuple, PlanTuple, entry_of, is_unreadable, select_entries, select_plans};
use crate::signed::{LAST, SignedTuple, is_signed};
use crate::subtrees::{GrownTuple, TRUNK, Trunk, gap, hash_of, subtree};

/// The result of a verification of the whole store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// Number of valid entries, from the first one on.
    pub entries: u64,
    /// Number of stored plans that were compared with their digests.
    pub plans: u64,
    /// Number of stored outcomes that were compared with their digests.
    pub outcomes: u64,
    /// Number of stored versions of books that were compared with their digests.
    pub portfolio_versions: u64,
    /// Number of stored moves of champions that were compared with their digests.
    pub champion_moves: u64,
    /// Number of stored control records that were compared with their digests.
    pub control_records: u64,
    /// The last valid entry.
    pub head: ChainTip,
    /// Root of the Merkle tree over these entries.
    pub root: Digest,
    /// Whether the last entry has the signature of the key that was asked about; `None` when nobody asked, or there is no entry.
    pub is_signed: Option<bool>,
    /// The first place where the chain is broken.
    pub first_break: Option<ChainBreak>,
}

/// Proof that a plan's entry is in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// The entry that recorded the plan.
    pub entry: AuditEntry,
    /// The end of the chain to which the proof leads.
    pub tip: ChainTip,
    /// Root of the tree over all entries up to that end.
    pub root: Digest,
    /// Hashes from the entry's leaf up to the root.
    pub path: Vec<Digest>,
}

/// Number of entries read at once.
const PAGE: i64 = 500;

/// Checks the records of one kind against the entries of a page: `$column` of a record's columns is its sequence.
macro_rules! hold_against {
    ($tx:ident, $audit:ident, $page:ident, $($kind:ident)|+, $sql:ident, $columns:ty, $column:tt, $place:ident, $missing:ident, $held:ident) => {
        let mut rows = sqlx::query_as::<_, $columns>($sql).bind($place.0).bind($place.1).fetch(&mut *$tx);
        let kinds = [$(EntryKind::$kind.as_str()),+];
        let recorded: Vec<&AuditEntry> = $page.iter().filter(|entry| kinds.contains(&entry.kind.as_str())).collect();
        let mut recorded = recorded.into_iter().peekable();
        loop {
            match rows.try_next().await {
                Ok(None) => break,
                Ok(Some(columns)) => {
                    let sequence = columns.$column;
                    while let Some(entry) = recorded.next_if(|entry| entry.sequence.cast_signed() < sequence) {
                        $audit.$missing(entry);
                    }
                    let entry = recorded.next_if(|entry| entry.sequence.cast_signed() == sequence);
                    $audit.$held(entry, columns);
                }
                Err(error) if is_unreadable(&error) => {
                    $audit.unreadable_record(recorded.next());
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        drop(rows);
        recorded.for_each(|entry| $audit.$missing(entry));
    };
}

/// Reads everything and compares it with itself and with ends of the chain that were seen earlier.
pub(crate) async fn verify(
    pool: &Pool,
    seen: &[ChainTip],
    verifier: Option<&TipVerifier>,
) -> Result<ChainReport, StoreError> {
    const PLANS: &str = select_plans!("WHERE plans.sequence > $1 AND plans.sequence <= $2 ORDER BY plans.sequence");
    const OUTCOMES: &str = select_outcomes!("", "WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence");
    const VERSIONS: &str = select_portfolios!("WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence");
    const CONTROLS: &str = select_controls!("WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence");
    const MOVES: &str = select_champions!("WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence");
    const SUBTREES: &str = "SELECT sequence, subtrees FROM audit_entries WHERE sequence > $1 AND sequence <= $2 AND \
         subtrees IS NOT NULL ORDER BY sequence";
    let guards = guards::broken(pool).await?;
    snapshot!(pool, tx => {
        let mut audit = Audit::new(seen);
        let mut after = i64::MIN;
        loop {
            let mut page = Vec::new();
            let mut rows = sqlx::query_as::<_, EntryTuple>(ENTRIES_AFTER).bind(after).bind(PAGE).fetch(&mut *tx);
            let mut reached = i64::MAX;
            let readable = loop {
                match rows.try_next().await {
                    Ok(None) => break true,
                    Ok(Some(columns)) => {
                        reached = columns.0;
                        match entry_of(columns) {
                            Some(entry) => page.push(entry),
                            None => break false,
                        }
                    }
                    Err(error) if is_unreadable(&error) => break false,
                    Err(error) => return Err(error.into()),
                }
            };
            drop(rows);
            let ended = page.len() < PAGE as usize;
            let until = if ended { i64::MAX } else { reached };
            let place = (after, until);
            hold_against!(tx, audit, page, PlanCreated, PLANS, PlanTuple, 1, place, missing, plan);
            hold_against!(tx, audit, page, OutcomeRecorded, OUTCOMES, OutcomeTuple, 0, place, missing_outcome, outcome);
            hold_against!(tx, audit, page, PortfolioSaved, VERSIONS, PortfolioTuple, 0, place, missing_portfolio, portfolio);
            hold_against!(tx, audit, page, ModelPromoted | ModelDemoted, MOVES, ChampionTuple, 0, place, missing_champion, champion);
            hold_against!(
                tx, audit, page,
                PolicySaved | PolicyWithdrawn | Halted | Resumed | PlanApproved | PlanRejected | PlanCancelled | PlanExecuting
                    | PlanDone | FillsRecorded | CostsRefitted | ModelTrained | KeyCreated | KeyRevoked | ApprovalRefused
                    | ExportRefused | TrialsCounted,
                CONTROLS, ControlTuple, 0, place, missing_control, control
            );
            let kept: Vec<(i64, Vec<u8>)> =
                match sqlx::query_as(SUBTREES).bind(place.0).bind(place.1).fetch_all(&mut *tx).await {
                    // What cannot be read is missed where an entry keeps it.
                    Err(error) if is_unreadable(&error) => Vec::new(),
                    kept => kept?,
                };
            let holds = page.iter().all(|entry| audit.entry(entry, &kept));
            audit.is_whole &= holds && readable;
            if holds && !readable {
                audit.unreadable_entry();
            }
            if ended || !holds || !readable {
                break;
            }
            after = reached;
        }
        audit.guards(&guards);
        if let Some(verifier) = verifier {
            let last: Option<SignedTuple> = sqlx::query_as(LAST).fetch_optional(&mut *tx).await?;
            // What cannot be read is not signed.
            audit.is_signed = last.as_ref().map(|last| is_signed(Some(last), verifier).unwrap_or(false));
        }
        Ok(audit.report())
    })
}

/// The stored end of the chain, not verified.
pub(crate) async fn tip(pool: &Pool) -> Result<ChainTip, StoreError> {
    const TIP: &str = "SELECT sequence, hash FROM audit_entries ORDER BY sequence DESC LIMIT 1";
    let row: Option<(i64, Vec<u8>)> = either!(Pool, pool, pool => sqlx::query_as(TIP).fetch_optional(pool).await?);
    let tip =
        |(sequence, hash): (i64, Vec<u8>)| Ok(ChainTip { sequence: sequence.cast_unsigned(), hash: hash_of(&hash)? });
    row.map_or(Ok(ChainTip::START), tip)
}

/// The stored end of the chain and the tree over it, not verified.
pub(crate) async fn head(pool: &Pool) -> Result<Trunk, StoreError> {
    let rows: Vec<GrownTuple> = either!(Pool, pool, pool => sqlx::query_as(TRUNK).fetch_all(pool).await?);
    Trunk::of(&rows)
}

/// The proof that a plan was recorded, up to the end of the chain; `None` for an unknown plan.
pub(crate) async fn inclusion(pool: &Pool, plan_id: &str) -> Result<Option<Inclusion>, StoreError> {
    const ENTRY: &str = select_entries!("WHERE plan_id = $1 AND kind = 'plan_created' ORDER BY sequence LIMIT 1");
    snapshot!(pool, tx => {
        let found: Option<EntryTuple> = sqlx::query_as(ENTRY).bind(plan_id).fetch_optional(&mut *tx).await?;
        let Some(columns) = found else { return Ok(None) };
        let entry = entry_of(columns).ok_or_else(gap)?;
        let rows: Vec<GrownTuple> = sqlx::query_as(TRUNK).fetch_all(&mut *tx).await?;
        let trunk = Trunk::of(&rows)?;
        let index = entry.sequence.wrapping_sub(1);
        let parts = path_parts(index, trunk.tip.sequence).map_err(|_| gap())?;
        let mut select = QueryBuilder::new("SELECT sequence, hash, subtrees, signature FROM audit_entries WHERE sequence IN (-1");
        for part in parts.iter().flatten() {
            select.push(", ").push_bind(part.end.cast_signed());
        }
        select.push(") ORDER BY sequence");
        let rows: Vec<GrownTuple> = select.build_query_as().persistent(false).fetch_all(&mut *tx).await?;
        let hash = |parts: &Vec<Subtree>| {
            let roots = parts.iter().map(|&part| subtree(&rows, part)).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>(join(roots.into_iter()))
        };
        let path = parts.iter().map(hash).collect::<Result<Vec<_>, _>>()?;
        let root = trunk.root();
        if !verify_inclusion(leaf_hash(entry.hash.as_bytes()), index, trunk.tip.sequence, &path, root) {
            return Err(StoreError::Damaged { finding: "the Merkle tree of the audit trail was changed".to_owned() });
        }
        Ok(Some(Inclusion { root, tip: trunk.tip, entry, path }))
    })
}
