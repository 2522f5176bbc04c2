//! Signed heads: the end of the chain at one moment, signed with an Ed25519 key.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::digest::from_hex;
use crate::signature::check_signature;
use crate::{ChainTip, Digest, GovernanceError};

/// The key that signs heads: Ed25519, from a secret of 32 random bytes. A reader who cannot sign can check who signed a
/// head. With a shared secret (HMAC), every reader could forge one. The key is an argument; the caller stores it,
/// preferably not next to the database.
pub struct HeadKey(SigningKey);

impl std::fmt::Debug for HeadKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HeadKey({})", self.public_key())
    }
}

/// The end of the chain at one moment, signed. Kept elsewhere, it reveals a later truncation or rewrite of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedHead {
    /// Entries in the chain, which is the sequence of the last one.
    #[cfg_attr(feature = "openapi", schema(example = 17, minimum = 0))]
    pub entries: u64,
    /// Hash of the last entry; zeros when there is none.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub hash: Digest,
    /// Root of the Merkle tree over the hashes of all entries (RFC 6962).
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub root: Digest,
    /// When it was signed, UTC.
    #[cfg_attr(feature = "openapi", schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time"))]
    pub signed_at: String,
    /// Ed25519 key that signed it, 32 bytes in hexadecimal.
    #[cfg_attr(
        feature = "openapi",
        schema(
            pattern = "^[0-9a-f]{64}$",
            example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    )]
    pub public_key: String,
    /// Signature over the members above, 64 bytes in hexadecimal.
    #[cfg_attr(
        feature = "openapi",
        schema(
            pattern = "^[0-9a-f]{128}$",
            example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    )]
    pub signature: String,
}

const DOMAIN: &str = "smart-portfolio-rebalancer/head/1";

impl HeadKey {
    /// The key of a secret; the same secret gives the same key.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The key of a secret in 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// [`GovernanceError::Key`] for any other text.
    pub fn from_secret_hex(text: &str) -> Result<Self, GovernanceError> {
        from_hex(text).map(|secret| Self::from_secret(&secret)).ok_or(GovernanceError::Key { what: "secret key" })
    }

    /// The public key, 64 hexadecimal digits.
    #[must_use]
    pub fn public_key(&self) -> String {
        hex::encode(self.0.verifying_key().as_bytes())
    }

    /// Signs the end of a chain.
    ///
    /// # Example
    /// ```
    /// use governance::{ChainTip, ChainVerifier, HeadKey};
    ///
    /// let key = HeadKey::from_secret(&[7; 32]);
    /// let head = key.sign(&ChainTip::START, ChainVerifier::new().root(), "2026-01-02T03:04:05Z");
    /// head.verify(Some(&key.public_key()))?;
    /// # Ok::<(), governance::GovernanceError>(())
    /// ```
    #[must_use]
    pub fn sign(&self, tip: &ChainTip, root: Digest, signed_at: &str) -> SignedHead {
        let mut head = SignedHead {
            entries: tip.sequence,
            hash: tip.hash,
            root,
            signed_at: signed_at.to_owned(),
            public_key: self.public_key(),
            signature: String::new(),
        };
        head.signature = self.sign_digest(&head.message());
        head
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.0
    }

    pub(crate) fn verifying(&self) -> VerifyingKey {
        self.0.verifying_key()
    }

    /// The signature over a digest, 128 hexadecimal digits.
    pub(crate) fn sign_digest(&self, message: &Digest) -> String {
        hex::encode(self.0.sign(message.as_bytes()).to_bytes())
    }
}

impl SignedHead {
    fn message(&self) -> Digest {
        let entries = self.entries.to_be_bytes();
        let fields: [&[u8]; 5] = [
            &entries,
            self.hash.as_bytes(),
            self.root.as_bytes(),
            self.signed_at.as_bytes(),
            self.public_key.as_bytes(),
        ];
        Digest::of_fields(DOMAIN, &fields)
    }

    /// Checks the signature and, if `expected` is given, that this key made it.
    ///
    /// Without an expected key, this shows only that the head has not changed since it was signed.
    ///
    /// # Errors
    /// [`GovernanceError::OtherKey`], [`GovernanceError::Key`] or [`GovernanceError::Signature`].
    pub fn verify(&self, expected: Option<&str>) -> Result<(), GovernanceError> {
        check_signature(&self.message(), &self.public_key, &self.signature, expected)
    }

    /// The end of the chain that the head signs.
    #[must_use]
    pub fn tip(&self) -> ChainTip {
        ChainTip { sequence: self.entries, hash: self.hash }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed() -> (HeadKey, SignedHead) {
        let key = HeadKey::from_secret(&[7; 32]);
        let tip = ChainTip { sequence: 3, hash: Digest::of_bytes(b"tip") };
        let head = key.sign(&tip, Digest::of_bytes(b"root"), "2026-01-02T03:04:05Z");
        (key, head)
    }

    #[test]
    fn the_key_is_the_published_one_of_its_secret() {
        // RFC 8032, section 7.1, test 1.
        let secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(HeadKey::from_secret_hex(secret).unwrap().public_key(), public);
        assert!(HeadKey::from_secret_hex(&secret[1..]).is_err());
    }

    #[test]
    fn a_changed_head_does_not_verify() {
        let (key, head) = signed();
        assert_eq!(head.verify(Some(&key.public_key())), Ok(()));
        let changes: [fn(&mut SignedHead); 5] = [
            |head| head.entries -= 1,
            |head| head.hash = Digest::of_bytes(b"other"),
            |head| head.root = Digest::of_bytes(b"other"),
            |head| head.signed_at = "2026-01-02T03:04:06Z".to_owned(),
            |head| head.signature.replace_range(0..1, if head.signature.starts_with('0') { "1" } else { "0" }),
        ];
        for change in changes {
            let mut changed = head.clone();
            change(&mut changed);
            assert!(changed.verify(None).is_err(), "{changed:?}");
        }
        let other = HeadKey::from_secret(&[8; 32]).sign(&head.tip(), head.root, &head.signed_at);
        assert_eq!(other.verify(None), Ok(()), "somebody signed it");
        assert_eq!(other.verify(Some(&key.public_key())), Err(GovernanceError::OtherKey));
        let stolen = SignedHead { public_key: key.public_key(), ..other };
        assert_eq!(stolen.verify(Some(&key.public_key())), Err(GovernanceError::Signature));
    }
}
