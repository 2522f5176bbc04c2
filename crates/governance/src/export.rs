//! The trail as JSON lines: one entry per line, in order, to be kept or checked elsewhere.

use crate::{AuditEntry, GovernanceError};

/// An entry as one line, including its line feed.
///
/// ```
/// use governance::{Actor, ChainTip, EntryDraft, EntryKind, export};
///
/// let draft = EntryDraft {
///     created_at: "2026-01-02T03:04:05.000000Z".to_owned(),
///     actor: Actor::from_static("api"),
///     request_id: "line\nfeed".to_owned(),
///     kind: EntryKind::PlanCreated,
///     plan_id: None,
///     plan_digest: None,
///     outcome_digest: None,
///     portfolio: None,
///     champion: None,
///     control: None,
/// };
/// let entry = draft.follow(&ChainTip::START);
/// let line = export::line(&entry);
/// assert_eq!(line.matches('\n').count(), 1);
/// assert_eq!(export::entries(&line)?, [entry]);
/// # Ok::<(), governance::GovernanceError>(())
/// ```
///
/// # Panics
/// Never: every member of an entry can be written as JSON.
#[must_use]
pub fn line(entry: &AuditEntry) -> String {
    let mut line = serde_json::to_string(entry).expect("an entry is JSON");
    line.push('\n');
    line
}

/// The entries of an export. [`crate::ChainVerifier`] checks whether they form a chain.
///
/// # Errors
/// [`GovernanceError::Line`] with the first line that is not an entry.
pub fn entries(text: &str) -> Result<Vec<AuditEntry>, GovernanceError> {
    let read = |(i, line): (usize, &str)| serde_json::from_str(line).map_err(|_| GovernanceError::Line { line: i + 1 });
    text.lines().enumerate().map(read).collect()
}
