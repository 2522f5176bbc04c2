//! Why a version is refused.

/// Why a model version cannot be sealed or loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The bytes are not the document of a version.
    #[error("the document of the version cannot be read: {detail}")]
    Unreadable {
        /// The reader's message.
        detail: String,
    },
    /// The bytes state a version, but not in its canonical form: one version has one document.
    #[error("the document is not in its canonical form")]
    NotCanonical,
    /// The digest that the document states is not that of its parts: a part was changed.
    #[error("the digest of the parts is not the digest that the document states")]
    Digest,
    /// The document is a different version from the requested one.
    #[error("the document is the version {found} and not {wanted}")]
    OtherVersion {
        /// Digest of the document's version.
        found: String,
        /// Requested digest.
        wanted: String,
    },
    /// The card is incomplete.
    #[error("the card lacks {what}")]
    Card {
        /// What is missing or wrong.
        what: &'static str,
    },
    /// The number of golden cases is wrong: a model has ten, a tool at most ten.
    #[error("a model has {} golden cases, and a tool at most as many; here are {found}", crate::GOLDENS)]
    Goldens {
        /// Number of cases found.
        found: usize,
    },
    /// A golden input does not reproduce its output.
    #[error("golden case {index} does not come out: {detail}")]
    Golden {
        /// Which case, from 0.
        index: usize,
        /// Where the outputs differ, or why there is none.
        detail: String,
    },
}
