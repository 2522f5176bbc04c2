//! A document with the SHA-256 of its bytes.

use std::fmt;

use crate::Digest;

/// A document as it was received or returned, with the SHA-256 of its bytes, which is computed once.
///
/// # Example
/// ```
/// use governance::{Content, Digest};
///
/// let request = Content::new(b"{}".to_vec());
/// assert_eq!(request.bytes(), b"{}");
/// // What `sha256sum` prints of the same file.
/// assert_eq!(request.digest(), Digest::of_bytes(b"{}"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    bytes: Vec<u8>,
    digest: Digest,
}

impl Content {
    /// A document from its bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let digest = Digest::of_bytes(&bytes);
        Self { bytes, digest }
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, without their digest.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// SHA-256 of the bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// Prints the number of bytes and the digest, because a log should not contain megabytes of content.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes, {})", self.bytes.len(), self.digest)
    }
}
