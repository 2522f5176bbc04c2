//! The errors of reading records and checking signatures.

/// Why a record cannot be read or a signature is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GovernanceError {
    /// The text is not 64 lower-case hexadecimal digits.
    #[error("a digest has 64 lower-case hexadecimal digits")]
    Digest,
    /// The text is not an Ed25519 key or signature in lower-case hexadecimal digits.
    #[error("the {what} cannot be read")]
    Key {
        /// What could not be read: `public key`, `signature` or `secret key`.
        what: &'static str,
    },
    /// The signature was not made by this key over this head.
    #[error("the signature does not belong to this head and key")]
    Signature,
    /// The head was signed by a key other than the expected one.
    #[error("the head is signed by another key")]
    OtherKey,
    /// The seal belongs to other bytes.
    #[error("the seal belongs to another document")]
    OtherDocument,
    /// A line of an export is not an entry.
    #[error("line {line} is not an audit entry")]
    Line {
        /// Number of the line, from 1.
        line: usize,
    },
    /// The text is not a valid name of an actor.
    #[error("an actor's name has 1 to 128 printable ASCII characters and no spaces")]
    Actor,
    /// The text is not a valid name of a tenant.
    #[error("a tenant's name has 1 to 40 small letters, digits and underscores, and begins with a letter")]
    Tenant,
    /// The tree has no such leaf.
    #[error("leaf {index} is not in a tree of {leaves}")]
    Leaf {
        /// Requested position, from 0.
        index: u64,
        /// Number of leaves in the tree.
        leaves: u64,
    },
}
