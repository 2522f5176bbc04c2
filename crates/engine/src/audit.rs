//! The audit trail: read, verified, signed and exported.

use governance::{AuditEntry, export};

use crate::context::RequestContext;
use crate::dto::metadata::Metadata;
use crate::dto::records::{AuditHead, AuditVerification};
use crate::host::Engine;
use crate::refusal::Refusal;

/// Entries that an export reads at once.
const EXPORT_PAGE: u32 = 1000;

/// A page of the trail, oldest first.
#[derive(Debug)]
pub struct EntryPage {
    /// The entries.
    pub items: Vec<AuditEntry>,
    /// Sequence after which the next page starts; `None` on the last page.
    pub next: Option<u64>,
}

/// Up to `limit` entries after the one with sequence `after`.
///
/// # Errors
/// Records that cannot be read.
pub async fn list(engine: &Engine, after: u64, limit: u32) -> Result<EntryPage, Refusal> {
    let found = engine.records().store().entries(after, limit + 1).await;
    let mut items = found.map_err(|error| Refusal::of_store(&error))?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| more).map(|entry| entry.sequence);
    Ok(EntryPage { items, next })
}

/// Verifies everything stored, after the verifications that were asked for before.
///
/// # Errors
/// [`Refusal::Busy`] when those take too long, or records that cannot be read.
pub async fn verify(engine: &Engine, context: &RequestContext) -> Result<AuditVerification, Refusal> {
    let report = engine.records().store().verify(None).await.map_err(|error| Refusal::of_store(&error))?;
    Ok(AuditVerification {
        valid: report.first_break.is_none(),
        entries: report.entries,
        plans: report.plans,
        outcomes: report.outcomes,
        portfolio_versions: report.portfolio_versions,
        champion_moves: report.champion_moves,
        control_records: report.control_records,
        head: report.head.hash,
        root: report.root,
        first_break: report.first_break,
        metadata: Metadata::plain(context),
    })
}

/// Signs the end of the trail.
///
/// # Errors
/// Records that cannot be read.
pub async fn head(engine: &Engine, context: &RequestContext) -> Result<AuditHead, Refusal> {
    let signed = engine.records().signed_head(context.received_at).await;
    let head = signed.map_err(|error| Refusal::of_store(&error))?;
    Ok(AuditHead { head, metadata: Metadata::plain(context) })
}

/// An export of the trail as lines of JSON, oldest first.
#[derive(Debug)]
pub struct Export {
    engine: Engine,
    after: u64,
}

/// Begins an export.
///
/// # Errors
/// Records that do not answer: that is a refusal and not an empty export.
pub async fn export(engine: &Engine) -> Result<Export, Refusal> {
    engine.records().store().ping().await.map_err(|error| Refusal::of_store(&error))?;
    Ok(Export { engine: engine.clone(), after: 0 })
}

impl Export {
    /// The next lines; `None` after the last entry.
    ///
    /// # Errors
    /// When the records can no longer be read.
    pub async fn next(&mut self) -> Result<Option<String>, store::StoreError> {
        let entries = self.engine.records().store().entries(self.after, EXPORT_PAGE).await?;
        let Some(last) = entries.last() else { return Ok(None) };
        self.after = last.sequence;
        Ok(Some(entries.iter().map(export::line).collect()))
    }
}
