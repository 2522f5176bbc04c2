//! Whether a signature belongs to a digest and a key.

use ed25519_dalek::{Signature, VerifyingKey};

use crate::digest::from_hex;
use crate::{Digest, GovernanceError};

/// Checks an Ed25519 signature over `message`, given as texts in hexadecimal digits, and, if `expected` is given, that
/// this key made it.
pub(crate) fn check_signature(
    message: &Digest,
    public_key: &str,
    signature: &str,
    expected: Option<&str>,
) -> Result<(), GovernanceError> {
    if expected.is_some_and(|key| key != public_key) {
        return Err(GovernanceError::OtherKey);
    }
    let unreadable = |what| GovernanceError::Key { what };
    let key = from_hex(public_key).ok_or(unreadable("public key"))?;
    let key = VerifyingKey::from_bytes(&key).map_err(|_| unreadable("public key"))?;
    let signature = from_hex::<64>(signature).ok_or(unreadable("signature"))?;
    key.verify_strict(message.as_bytes(), &Signature::from_bytes(&signature)).map_err(|_| GovernanceError::Signature)
}
