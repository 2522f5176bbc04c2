//! Studies: the trials that were run under a name.

use governance::Digest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Characters of the name of a study.
const MAX_NAME: usize = 100;

/// Whether a text can be the name of a study: it is a part of a path.
#[must_use]
pub fn is_study_name(text: &str) -> bool {
    text.len() <= MAX_NAME
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// What is wrong with the name of a study, if anything.
pub(crate) fn check_study(name: Option<&str>, faults: &mut Faults) {
    if name.is_some_and(|name| !is_study_name(name)) {
        let detail = "must have 1 to 100 letters, digits, `.`, `_` and `-`, the first of them a letter or a digit";
        faults.add("/study", FaultCode::Value, detail);
    }
}

/// The trials of a study that a result allows for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CountedStudy {
    /// Name of the study.
    #[schema(example = "fund-7")]
    pub name: String,
    /// Version of its ledger that was counted; `GET /api/studies/{study}?version=` lists its trials.
    #[schema(example = 3, minimum = 1)]
    pub version: u64,
    /// Number of different trials up to that version, those of this request included.
    #[schema(example = 12, minimum = 1)]
    pub trials: u64,
    /// How many of them this request was the first to try.
    #[schema(example = 2, minimum = 0)]
    pub new_trials: u64,
    /// SHA-256 of the digests of these trials, in ascending order and framed.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub digest: String,
}

/// Trials that one request was the first to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StudyVersion {
    /// Number of the version, from 1.
    #[schema(example = 1, minimum = 1)]
    pub version: u64,
    /// SHA-256 of policy, costs, setting and history of each trial that was new, in ascending order.
    #[schema(value_type = Vec<String>, example = json!(["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]))]
    pub trials: Vec<Digest>,
    /// When the request was received, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub recorded_at: String,
    /// Who sent it.
    #[schema(example = "api")]
    pub actor: String,
    /// Sequence of the audit entry that recorded it.
    #[schema(example = 21, minimum = 1)]
    pub sequence: u64,
}

/// A study in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StudySummary {
    /// Its name.
    #[schema(example = "fund-7")]
    pub name: String,
    /// Latest version of its ledger.
    #[schema(example = 3, minimum = 1)]
    pub version: u64,
    /// Number of different trials.
    #[schema(example = 12, minimum = 1)]
    pub trials: u64,
    /// SHA-256 of the digests of these trials, in ascending order and framed.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub digest: String,
    /// When its first trials were counted, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub created_at: String,
    /// When its last new trials were counted, UTC.
    #[schema(example = "2026-01-05T03:04:05.678901Z", format = "date-time")]
    pub updated_at: String,
    /// Sequence of the audit entry of its latest version.
    #[schema(example = 27, minimum = 1)]
    pub sequence: u64,
}

/// A page of studies, most recently extended first.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudyList {
    /// The studies.
    #[schema(max_items = 200)]
    pub items: Vec<StudySummary>,
    /// Where the next page starts; null on the last one.
    #[schema(required, example = "0000000000000011a1b2c3d4e5f60718")]
    pub next_cursor: Option<String>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// A study: its trials, by the version of its ledger that was the first to have them.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudyResponse {
    /// Its name.
    #[schema(example = "fund-7")]
    pub name: String,
    /// The version that is told.
    #[schema(example = 3, minimum = 1)]
    pub version: u64,
    /// Number of different trials up to that version.
    #[schema(example = 12, minimum = 1)]
    pub trials: u64,
    /// SHA-256 of the digests of these trials, in ascending order and framed.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub digest: String,
    /// The versions up to that one, oldest first.
    pub versions: Vec<StudyVersion>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}
