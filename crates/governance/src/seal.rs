//! Seals: one signature binds a document that was computed from recorded entries to those entries and to the end of the
//! chain.

use serde::{Deserialize, Serialize};

use crate::signature::check_signature;
use crate::{Digest, GovernanceError, HeadKey, SignedHead};

/// The seal of a document that was computed from recorded entries: it binds the document to them and to the end of
/// their chain.
///
/// Anyone who has the document, the trail and the public key can check that no figure was changed and no entry left out
/// or added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentSeal {
    /// SHA-256 of the document's bytes, as they are in this answer.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub document_digest: Digest,
    /// SHA-256 over the digests of the records that the document was computed from, framed and in the order of their entries.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub evidence_digest: Digest,
    /// The signed end of the chain at that moment: `rebalancer audit verify --head` and `GET /api/audit/verify` check
    /// the records against it.
    pub head: SignedHead,
    /// Signature over the two digests and the head's signature by the head's key, 64 bytes in hexadecimal.
    #[cfg_attr(
        feature = "openapi",
        schema(
            pattern = "^[0-9a-f]{128}$",
            example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    )]
    pub signature: String,
}

const DOMAIN: &str = "smart-portfolio-rebalancer/seal/1";
const EVIDENCE_DOMAIN: &str = "smart-portfolio-rebalancer/evidence/1";

/// The digest of the records that a document was computed from: SHA-256 over their digests, framed and in the order given.
#[must_use]
pub fn evidence_digest(records: &[Digest]) -> Digest {
    let fields: Vec<&[u8]> = records.iter().map(|digest| digest.as_bytes().as_slice()).collect();
    Digest::of_fields(EVIDENCE_DOMAIN, &fields)
}

impl HeadKey {
    /// Seals a document that was computed from `evidence`, with a head that this key signed.
    ///
    /// # Example
    /// ```
    /// use governance::{ChainTip, ChainVerifier, Digest, HeadKey, evidence_digest};
    ///
    /// let key = HeadKey::from_secret(&[7; 32]);
    /// let head = key.sign(&ChainTip::START, ChainVerifier::new().root(), "2026-01-02T03:04:05Z");
    /// let seal = key.seal(b"{}", evidence_digest(&[]), head);
    /// seal.verify(b"{}", Some(&key.public_key()))?;
    /// assert!(seal.verify(b"{ }", None).is_err());
    /// # Ok::<(), governance::GovernanceError>(())
    /// ```
    #[must_use]
    pub fn seal(&self, document: &[u8], evidence: Digest, head: SignedHead) -> DocumentSeal {
        let mut seal = DocumentSeal {
            document_digest: Digest::of_bytes(document),
            evidence_digest: evidence,
            head,
            signature: String::new(),
        };
        seal.signature = self.sign_digest(&seal.message());
        seal
    }
}

impl DocumentSeal {
    fn message(&self) -> Digest {
        let fields: [&[u8]; 3] =
            [self.document_digest.as_bytes(), self.evidence_digest.as_bytes(), self.head.signature.as_bytes()];
        Digest::of_fields(DOMAIN, &fields)
    }

    /// Checks that the seal belongs to these bytes, both signatures, and, if `expected` is given, that this key made
    /// them.
    ///
    /// # Errors
    /// [`GovernanceError::OtherDocument`], or as [`SignedHead::verify`].
    pub fn verify(&self, document: &[u8], expected: Option<&str>) -> Result<(), GovernanceError> {
        if Digest::of_bytes(document) != self.document_digest {
            return Err(GovernanceError::OtherDocument);
        }
        self.head.verify(expected)?;
        check_signature(&self.message(), &self.head.public_key, &self.signature, expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChainTip;

    #[test]
    fn a_changed_seal_does_not_verify() {
        let key = HeadKey::from_secret(&[7; 32]);
        let tip = ChainTip { sequence: 17, hash: Digest::of_bytes(b"tip") };
        let head = |root: &[u8]| key.sign(&tip, Digest::of_bytes(root), "2026-01-02T03:04:05Z");
        let seal = key.seal(b"scorecard", evidence_digest(&[Digest::of_bytes(b"outcome")]), head(b"root"));
        assert_eq!(seal.verify(b"scorecard", Some(&key.public_key())), Ok(()));
        assert_eq!(seal.verify(b"scorecard ", None), Err(GovernanceError::OtherDocument));
        let other_evidence = DocumentSeal { evidence_digest: evidence_digest(&[]), ..seal.clone() };
        assert_eq!(other_evidence.verify(b"scorecard", None), Err(GovernanceError::Signature));
        let other_head = DocumentSeal { head: head(b"another root"), ..seal.clone() };
        assert_eq!(other_head.verify(b"scorecard", None), Err(GovernanceError::Signature), "a head of the same key");
        let other_key = HeadKey::from_secret(&[8; 32]);
        assert_eq!(seal.verify(b"scorecard", Some(&other_key.public_key())), Err(GovernanceError::OtherKey));
    }

    #[test]
    fn evidence_is_kept_in_order_and_whole() {
        let [a, b] = [b"a", b"b"].map(|bytes| Digest::of_bytes(bytes));
        assert_ne!(evidence_digest(&[a, b]), evidence_digest(&[b, a]));
        assert_ne!(evidence_digest(&[a, b]), evidence_digest(&[a]));
    }
}
