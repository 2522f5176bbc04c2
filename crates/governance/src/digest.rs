//! SHA-256 digests of plain bytes and of framed fields.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use crate::GovernanceError;

/// A SHA-256 digest; 64 lower-case hexadecimal digits in text and JSON.
///
/// # Example
/// ```
/// use governance::Digest;
///
/// let digest = Digest::of_bytes(b"abc");
/// assert!(digest.to_string().starts_with("ba7816bf"));
/// assert_eq!(digest.to_string().parse(), Ok(digest));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The previous hash of the first entry of a chain.
    pub const ZERO: Self = Self([0; 32]);

    /// A digest from its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// SHA-256 of plain bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// SHA-256 of framed fields in a domain.
    ///
    /// ```text
    /// SHA-256( frame(domain) ‖ frame(field₁) ‖ … ),   frame(x) = length of x as 8 bytes, big-endian ‖ x
    /// ```
    ///
    /// Because of the lengths, a byte cannot move from one field to the next without changing the digest. Because of
    /// the domain, the digest of one kind of record differs from that of another.
    #[must_use]
    pub fn of_fields(domain: &str, fields: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for field in [domain.as_bytes()].iter().chain(fields) {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field);
        }
        Self(hasher.finalize().into())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for Digest {
    type Error = GovernanceError;

    fn try_from(bytes: &[u8]) -> Result<Self, GovernanceError> {
        bytes.try_into().map(Self).map_err(|_| GovernanceError::Digest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = GovernanceError;

    fn from_str(text: &str) -> Result<Self, GovernanceError> {
        from_hex(text).map(Self).ok_or(GovernanceError::Digest)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Bytes from exactly twice as many lower-case digits: each value has exactly one text, so every edit of a text is
/// detected.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let is_lower = !text.bytes().any(|digit| digit.is_ascii_uppercase());
    (is_lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha_256_of_abc_is_the_published_one() {
        let published = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of_bytes(b"abc").to_string(), published);
    }

    #[test]
    fn fields_and_domains_are_kept_apart() {
        let digest = |domain, fields: &[&[u8]]| Digest::of_fields(domain, fields);
        assert_ne!(digest("d", &[b"ab", b"c"]), digest("d", &[b"a", b"bc"]));
        assert_ne!(digest("d", &[b"ab"]), digest("d", &[b"ab", b""]));
        assert_ne!(digest("d", &[b"x"]), digest("e", &[b"x"]));
        assert_ne!(digest("d", &[b"e"]), digest("de", &[]));
    }

    #[test]
    fn one_text_stands_for_one_digest() {
        let text = Digest::of_bytes(b"").to_string();
        assert_eq!(text.parse::<Digest>().unwrap().to_string(), text);
        for wrong in [text.to_uppercase(), format!(" {text}"), text[1..].to_owned(), text.replacen('e', "g", 1)] {
            assert_eq!(wrong.parse::<Digest>(), Err(GovernanceError::Digest), "{wrong}");
        }
    }
}
