//! A version of a named book, and the digest of all its fields.

use crate::{Content, Digest};

/// One version of a named book: its name and the exact bytes of its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortfolioVersion {
    /// The book's id, the same for all of its versions.
    pub portfolio_id: String,
    /// Number of the version, from 1 without gaps.
    pub version: u64,
    /// The book's name from this version on.
    pub name: String,
    /// The words by which lists find the book, in lower case.
    pub words: String,
    /// When the request to save it was received, RFC 3339, UTC.
    pub saved_at: String,
    /// Id of that request.
    pub request_id: String,
    /// Version of the engine that checked it.
    pub engine_version: String,
    /// The request of the book, byte for byte.
    pub request: Content,
}

const DOMAIN: &str = "smart-portfolio-rebalancer/portfolio-version/1";

impl PortfolioVersion {
    /// SHA-256 over every field, framed and in the order of the struct. The number enters as 8 big-endian bytes, the request by the
    /// SHA-256 of its bytes.
    ///
    /// # Example
    /// ```
    /// use governance::{Content, PortfolioVersion};
    ///
    /// let first = PortfolioVersion {
    ///     portfolio_id: "b".to_owned(),
    ///     version: 1,
    ///     name: "Growth".to_owned(),
    ///     words: "growth".to_owned(),
    ///     saved_at: "2026-01-02T03:04:05.000000Z".to_owned(),
    ///     request_id: "r".to_owned(),
    ///     engine_version: "0.1.0".to_owned(),
    ///     request: Content::new(b"{}".to_vec()),
    /// };
    /// let second = PortfolioVersion { version: 2, ..first.clone() };
    /// assert_ne!(first.digest(), second.digest());
    /// ```
    #[must_use]
    pub fn digest(&self) -> Digest {
        let (version, request) = (self.version.to_be_bytes(), self.request.digest());
        let fields: [&[u8]; 8] = [
            self.portfolio_id.as_bytes(),
            &version,
            self.name.as_bytes(),
            self.words.as_bytes(),
            self.saved_at.as_bytes(),
            self.request_id.as_bytes(),
            self.engine_version.as_bytes(),
            request.as_bytes(),
        ];
        Digest::of_fields(DOMAIN, &fields)
    }
}
