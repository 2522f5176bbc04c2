//! The outcome of a stored plan, and the digest of all its fields.

use crate::{Content, Digest};

/// The outcome of a stored plan: the exact bytes of the report and of its answer, which contains the scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeRecord {
    /// The outcome's id.
    pub outcome_id: String,
    /// The plan it concerns.
    pub plan_id: String,
    /// Digest of that plan: the outcome belongs to these bytes and no others.
    pub plan_digest: Digest,
    /// Date of the last return, ISO 8601.
    pub as_of: String,
    /// When the report was received, RFC 3339, UTC.
    pub created_at: String,
    /// Id of the request that reported it.
    pub request_id: String,
    /// Version of the engine that scored it.
    pub engine_version: String,
    /// The body of the report, byte for byte.
    pub request: Content,
    /// The body of the answer, byte for byte.
    pub response: Content,
}

const DOMAIN: &str = "smart-portfolio-rebalancer/outcome/1";

impl OutcomeRecord {
    /// SHA-256 over every field, framed and in the order of the struct. Request and response enter by the SHA-256 of their bytes.
    ///
    /// # Example
    /// ```
    /// use governance::{Content, Digest, OutcomeRecord};
    ///
    /// let outcome = OutcomeRecord {
    ///     outcome_id: "o".to_owned(),
    ///     plan_id: "p".to_owned(),
    ///     plan_digest: Digest::of_bytes(b"plan"),
    ///     as_of: "2026-02-02".to_owned(),
    ///     created_at: "2026-02-02T03:04:05.000000Z".to_owned(),
    ///     request_id: "r".to_owned(),
    ///     engine_version: "0.1.0".to_owned(),
    ///     request: Content::new(b"{}".to_vec()),
    ///     response: Content::new(b"{}".to_vec()),
    /// };
    /// let later = OutcomeRecord { as_of: "2026-02-03".to_owned(), ..outcome.clone() };
    /// assert_ne!(outcome.digest(), later.digest());
    /// ```
    #[must_use]
    pub fn digest(&self) -> Digest {
        let documents = [&self.request, &self.response].map(Content::digest);
        let [request, response] = documents.each_ref().map(Digest::as_bytes);
        let fields: [&[u8]; 9] = [
            self.outcome_id.as_bytes(),
            self.plan_id.as_bytes(),
            self.plan_digest.as_bytes(),
            self.as_of.as_bytes(),
            self.created_at.as_bytes(),
            self.request_id.as_bytes(),
            self.engine_version.as_bytes(),
            request,
            response,
        ];
        Digest::of_fields(DOMAIN, &fields)
    }
}
