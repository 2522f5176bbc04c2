//! An audit trail that cannot be edited without detection.
//!
//! A person who acts on a plan must be able to show later what was requested, what was answered and in which order,
//! even to a reader who does not trust the database. Each stored plan therefore gets an [`AuditEntry`], which holds the
//! plan's digest and the hash of the previous entry. A changed byte, or a removed, inserted or swapped entry, breaks
//! the chain at that place. Removing the tail leaves a shorter chain that is valid by itself; a [`SignedHead`] kept
//! elsewhere reveals the removal.
//!
//! This crate reads no clock and no entropy and does no I/O: times, ids and keys are arguments.
//!
//! - [`Content`]: a document with the SHA-256 of its bytes.
//! - [`Digest`]: SHA-256 over framed fields, each kind of record in its own domain.
//! - [`PlanRecord`]: a stored plan and the digest of all its fields.
//! - [`OutcomeRecord`]: the outcome of a stored plan and the digest of all its fields.
//! - [`PortfolioVersion`]: a version of a named book and the digest of all its fields.
//! - [`ControlRecord`], [`ControlDeed`]: versions of a control policy, halts, and decisions about plans.
//! - [`ChampionPointer`], [`ChampionMove`]: which version of a model is the champion of a purpose, signed; each
//!   promotion or demotion has its digest.
//! - [`AuditEntry`], [`EntryDraft`], [`ChainTip`]: an entry, and how it follows the previous one.
//! - [`ChainVerifier`], [`ChainBreak`]: whether a chain is valid, and where it is broken.
//! - [`merkle`]: tree roots and inclusion proofs according to RFC 6962.
//! - [`HeadKey`], [`SignedHead`]: the end of the chain, signed.
//! - [`TipSigner`], [`TipVerifier`]: the end of each commit, signed.
//! - [`DocumentSeal`]: a document computed from recorded entries, tied to them and to a signed head.
//! - [`Tenant`]: to whom records belong.
//! - [`export`]: writes the trail as JSON lines and reads it back.
//!
//! # Example
//! ```
//! use governance::{Actor, ChainTip, ChainVerifier, EntryDraft, EntryKind, PortfolioMark};
//!
//! let draft = |id: &str| EntryDraft {
//!     created_at: "2026-01-02T03:04:05.000000Z".to_owned(),
//!     actor: Actor::from_static("api"),
//!     request_id: id.to_owned(),
//!     kind: EntryKind::PlanCreated,
//!     plan_id: None,
//!     plan_digest: None,
//!     outcome_digest: None,
//!     portfolio: None,
//!     champion: None,
//!     control: None,
//! };
//! let first = draft("request-1").follow(&ChainTip::START);
//! let mut second = draft("request-2").follow(&first.tip());
//!
//! let mut verifier = ChainVerifier::new();
//! verifier.check(&first)?;
//! second.actor = "somebody else".to_owned();
//! let broken = verifier.check(&second).unwrap_err();
//! assert_eq!(broken.sequence, 2);
//! # Ok::<(), governance::ChainBreak>(())
//! ```

mod actor;
mod chain;
mod champion;
mod content;
mod control;
mod digest;
mod entry;
mod error;
pub mod export;
mod head;
mod headline;
mod labels;
pub mod merkle;
mod outcome;
mod plan;
mod portfolio;
mod seal;
mod signature;
mod tenant;
mod tip;

pub use actor::Actor;
pub use chain::{BreakReason, ChainBreak, ChainVerifier};
pub use champion::{ChampionMove, ChampionMoveKind, ChampionPointer, ModelIdentity, PointerDraft};
pub use content::Content;
pub use control::{ControlDeed, ControlRecord};
pub use digest::Digest;
pub use entry::{AuditEntry, ChainTip, ChampionMark, ControlMark, EntryDraft, EntryKind, PortfolioMark};
pub use error::GovernanceError;
pub use head::{HeadKey, SignedHead};
pub use headline::PlanHeadline;
pub use labels::ClientLabels;
pub use outcome::OutcomeRecord;
pub use plan::PlanRecord;
pub use portfolio::PortfolioVersion;
pub use seal::{DocumentSeal, evidence_digest};
pub use tenant::Tenant;
pub use tip::{TipSigner, TipVerifier};

/// The README's example as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
