//! The text of a key: a public id, and a secret of 256 random bits that is shown once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use governance::Digest;
use subtle::ConstantTimeEq;

use crate::surroundings::Surroundings;

/// What every key begins with, so that a scanner for leaked secrets can find one.
const PREFIX: &str = "rbk_";
/// Characters of an id.
const ID_LENGTH: usize = 12;
/// Characters of 32 bytes in base64 without padding.
const SECRET_LENGTH: usize = 43;
const DOMAIN: &str = "smart-portfolio-rebalancer/api-key/1";

/// A key as its holder knows it. It is never stored and its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText {
    id: String,
    secret: [u8; 32],
}

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyText({})", self.id)
    }
}

impl KeyText {
    /// A new key.
    ///
    /// # Errors
    /// When the source of entropy fails.
    pub fn make(surroundings: &dyn Surroundings) -> std::io::Result<Self> {
        let id = surroundings.new_id().simple().to_string().chars().take(ID_LENGTH).collect();
        Ok(Self { id, secret: surroundings.new_secret()? })
    }

    /// Reads `rbk_` + 12 hexadecimal digits + `_` + 43 characters of base64url; `None` for any other text.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let is_id = id.len() == ID_LENGTH && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_id || secret.len() != SECRET_LENGTH {
            return None;
        }
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        Some(Self { id: id.to_owned(), secret })
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key as it is shown and sent.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, URL_SAFE_NO_PAD.encode(self.secret))
    }

    /// What is stored of it: SHA-256 over id and secret, framed.
    ///
    /// A slow hash would protect passwords, which people choose among few. The secret here is one of 2^256 equally likely ones: no guess
    /// finds it, fast or slow, and a slow hash would only let a client spend the service's processor with wrong keys.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_fields(DOMAIN, &[self.id.as_bytes(), &self.secret])
    }

    /// Whether this is the key of which `stored` was kept, in a time that does not depend on where they differ.
    #[must_use]
    pub fn is_key_of(&self, stored: &Digest) -> bool {
        bool::from(self.digest().as_bytes().ct_eq(stored.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, secret: u8) -> KeyText {
        KeyText { id: id.to_owned(), secret: [secret; 32] }
    }

    #[test]
    fn a_key_is_read_as_it_is_shown_and_known_by_its_digest() {
        let made = key("0123456789ab", 7);
        let shown = made.shown();
        assert_eq!((shown.len(), KeyText::read(&shown)), (60, Some(made.clone())));
        assert!(made.is_key_of(&made.digest()));
        assert!(!key("0123456789ab", 8).is_key_of(&made.digest()));
        assert!(!key("0123456789ac", 7).is_key_of(&made.digest()));
        assert_eq!(format!("{made:?}"), "KeyText(0123456789ab)");
    }

    #[test]
    fn any_other_text_is_no_key() {
        let shown = key("0123456789ab", 7).shown();
        let padded = format!("{shown}=");
        let others =
            ["", "rbk_", "rbk__", &shown[4..], &shown[..59], &padded, &shown.to_uppercase(), &format!(" {shown}")];
        for other in others {
            assert_eq!(KeyText::read(other), None, "{other:?}");
        }
        // The last character of 43 carries 4 bits only: another text for the same bytes is no key either.
        let twin = format!("{}d", &shown[..59]);
        assert_ne!(twin, shown);
        assert_eq!(KeyText::read(&twin), None);
    }
}
