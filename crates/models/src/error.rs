//! Why a version is refused.

/// Why a model version cannot be sealed or loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The bytes are not the document of a version.
    #[error("the document of the version cannot be read: {detail}")]
    Unreadable {
        /// What the reader says.
        detail: String,
    },
    /// The bytes state a version, but not in its canonical form: one version has one document.
    #[error("the document is not in its canonical form")]
    NotCanonical,
    /// The digest that the document states is not that of its parts: a part was changed.
    #[error("the digest of the parts is not the digest that the document states")]
    Digest,
    /// The document is another version than the one asked for.
    #[error("the document is the version {found} and not {wanted}")]
    OtherVersion {
        /// Digest of the document's version.
        found: String,
        /// Digest that was asked for.
        wanted: String,
    },
    /// The card does not say what a card must say.
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
    /// A golden input does not give its output.
    #[error("golden case {index} does not come out: {detail}")]
    Golden {
        /// Which case, from 0.
        index: usize,
        /// Where the outputs differ, or why there is none.
        detail: String,
    },
}
