//! Signed ends of a chain: each commit signs the entry that it ends with.
//!
//! Hashes show that entries are those that were written, in their order; whoever may write to the database can compute them too, and append an
//! entry that looks like any other. The signature under the last entry of a commit shows that the commit was made by a holder of the key, and
//! with it everything before.

use std::fmt;
use std::sync::Arc;

use ed25519_dalek::{Signature, Signer, VerifyingKey};

use crate::digest::from_hex;
use crate::{ChainTip, Digest, GovernanceError, HeadKey, Tenant};

const DOMAIN: &str = "smart-portfolio-rebalancer/tip/1";

/// Signs the ends of one chain.
#[derive(Clone)]
pub struct TipSigner {
    key: Arc<HeadKey>,
    verifier: TipVerifier,
}

/// Checks who signed the ends of one chain.
#[derive(Clone, PartialEq, Eq)]
pub struct TipVerifier {
    key: VerifyingKey,
    whose: String,
}

impl TipSigner {
    /// A signer of the records of a tenant, or of the service itself: what is signed of one is not signed of another.
    ///
    /// # Example
    /// ```
    /// use std::sync::Arc;
    ///
    /// use governance::{ChainTip, Digest, HeadKey, TipSigner};
    ///
    /// let signer = TipSigner::new(Arc::new(HeadKey::from_secret(&[7; 32])), None);
    /// let tip = ChainTip { sequence: 1, hash: Digest::of_bytes(b"entry") };
    /// let signature = signer.sign(&tip);
    /// assert!(signer.verifier().holds(&tip, &signature));
    /// assert!(!signer.verifier().holds(&ChainTip { sequence: 2, ..tip }, &signature));
    /// ```
    #[must_use]
    pub fn new(key: Arc<HeadKey>, tenant: Option<&Tenant>) -> Self {
        let verifier = TipVerifier { key: key.verifying(), whose: whose(tenant) };
        Self { key, verifier }
    }

    /// The Ed25519 signature of an end of the chain, 64 bytes.
    #[must_use]
    pub fn sign(&self, tip: &ChainTip) -> [u8; 64] {
        self.key.signing().sign(self.verifier.message(tip).as_bytes()).to_bytes()
    }

    /// What checks its signatures.
    #[must_use]
    pub fn verifier(&self) -> &TipVerifier {
        &self.verifier
    }
}

impl TipVerifier {
    /// The verifier of a public key in 64 hexadecimal digits, for the records of a tenant or of the service itself.
    ///
    /// # Errors
    /// [`GovernanceError::Key`] for any other text.
    pub fn new(public_key: &str, tenant: Option<&Tenant>) -> Result<Self, GovernanceError> {
        let unreadable = GovernanceError::Key { what: "public key" };
        let bytes = from_hex(public_key).ok_or(unreadable.clone())?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| unreadable)?;
        Ok(Self { key, whose: whose(tenant) })
    }

    /// Whether the holder of the key signed this end of this chain.
    #[must_use]
    pub fn holds(&self, tip: &ChainTip, signature: &[u8]) -> bool {
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        self.key.verify_strict(self.message(tip).as_bytes(), &signature).is_ok()
    }

    fn message(&self, tip: &ChainTip) -> Digest {
        Digest::of_fields(DOMAIN, &[self.whose.as_bytes(), &tip.sequence.to_be_bytes(), tip.hash.as_bytes()])
    }
}

/// A tenant's name is never empty, so that the service itself is no tenant.
fn whose(tenant: Option<&Tenant>) -> String {
    tenant.map_or_else(String::new, ToString::to_string)
}

impl PartialEq for TipSigner {
    fn eq(&self, other: &Self) -> bool {
        self.verifier == other.verifier
    }
}

impl Eq for TipSigner {}

impl fmt::Debug for TipSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TipSigner({:?})", self.verifier)
    }
}

impl fmt::Debug for TipVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TipVerifier({}, {:?})", hex::encode(self.key.as_bytes()), self.whose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(secret: u8, tenant: Option<&str>) -> TipSigner {
        let tenant = tenant.map(|name| Tenant::new(name).unwrap());
        TipSigner::new(Arc::new(HeadKey::from_secret(&[secret; 32])), tenant.as_ref())
    }

    #[test]
    fn a_signature_is_of_one_key_one_tenant_and_one_end() {
        let tip = ChainTip { sequence: 3, hash: Digest::of_bytes(b"entry") };
        let own = signer(7, Some("acme"));
        let signature = own.sign(&tip);
        assert!(own.verifier().holds(&tip, &signature));
        let named = TipVerifier::new(&HeadKey::from_secret(&[7; 32]).public_key(), Some(&Tenant::new("acme").unwrap()));
        assert_eq!(named.as_ref(), Ok(own.verifier()));
        for other in [signer(8, Some("acme")), signer(7, Some("umbrella")), signer(7, None)] {
            assert!(!other.verifier().holds(&tip, &signature), "{other:?}");
        }
        for other in [ChainTip { sequence: 4, ..tip }, ChainTip { hash: Digest::of_bytes(b"other"), ..tip }] {
            assert!(!own.verifier().holds(&other, &signature));
        }
        assert!(!own.verifier().holds(&tip, &signature[1..]) && !own.verifier().holds(&tip, b""));
        assert!(TipVerifier::new("key", None).is_err());
        assert!(!format!("{own:?}").contains(&"07".repeat(32)), "the secret is not printed");
    }
}
