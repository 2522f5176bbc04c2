//! The shard of an account, the digest of a decision, and the hash of a set of decisions.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The shard of an account: the first eight bytes of the SHA-256 of its id, read big-endian, modulo the number of shards.
///
/// Anything that writes the input can compute it: `int.from_bytes(sha256(id.encode()).digest()[:8]) % shards` in Python.
///
/// # Example
/// ```
/// // The SHA-256 of "abc" starts with ba7816bf8f01cfea (FIPS 180-4).
/// assert_eq!(rebalancer_batch::shard_of("abc", 16), 0xa);
/// ```
#[must_use]
pub fn shard_of(account_id: &str, shards: u32) -> u32 {
    shard_of_digest(&Sha256::digest(account_id.as_bytes()).into(), shards)
}

/// The shard of an account whose id has this SHA-256.
pub(crate) fn shard_of_digest(digest: &[u8; 32], shards: u32) -> u32 {
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    (u64::from_be_bytes(first) % u64::from(shards.max(1))) as u32
}

/// SHA-256 of some bytes, as hexadecimal.
#[must_use]
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}

/// The hash of a set of decisions: the sum of their SHA-256 digests, each as four unsigned numbers of 64 bits, without carry between
/// them. It does not depend on order or partitioning, and a decision that is there twice changes it.
///
/// It finds faults. Someone who may choose the decisions can make two sets with the same sum; the hashes of the files in the manifests
/// are for that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SetHash([u64; 4]);

impl SetHash {
    /// Adds the digest of a decision.
    pub fn add(&mut self, digest: &[u8; 32]) {
        for (lane, bytes) in self.0.iter_mut().zip(digest.chunks_exact(8)) {
            let mut word = [0; 8];
            word.copy_from_slice(bytes);
            *lane = lane.wrapping_add(u64::from_be_bytes(word));
        }
    }

    /// Adds the hash of another set.
    pub fn merge(&mut self, other: &Self) {
        for (lane, more) in self.0.iter_mut().zip(other.0) {
            *lane = lane.wrapping_add(more);
        }
    }

    /// Its 64 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.iter().map(|lane| format!("{lane:016x}")).collect()
    }
}

impl Serialize for SetHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.hex())
    }
}

impl<'de> Deserialize<'de> for SetHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut lanes = [0; 4];
        let is_whole = text.len() == 64 && text.is_ascii();
        for (i, lane) in lanes.iter_mut().enumerate() {
            let digits = text.get(16 * i..16 * (i + 1)).filter(|_| is_whole);
            *lane = digits
                .and_then(|digits| u64::from_str_radix(digits, 16).ok())
                .ok_or_else(|| serde::de::Error::custom("a set hash has 64 hexadecimal digits"))?;
        }
        Ok(Self(lanes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_that_of_the_first_eight_bytes() {
        // SHA-256 of "abc" starts with ba7816bf 8f01cfea (FIPS 180-4, example 1).
        assert_eq!(u64::from(shard_of("abc", 1_000)), 0xba78_16bf_8f01_cfea_u64 % 1_000);
        assert_eq!(shard_of("abc", 0), 0);
    }

    #[test]
    fn a_set_hash_counts_and_does_not_order() {
        let of = |digests: &[[u8; 32]]| {
            let mut hash = SetHash::default();
            digests.iter().for_each(|digest| hash.add(digest));
            hash
        };
        let (a, b) = ([0xff; 32], [1; 32]);
        assert_eq!(of(&[a, b]), of(&[b, a]));
        assert_ne!(of(&[a, b]), of(&[a, b, b]));
        assert_ne!(of(&[a, a]), of(&[]), "as it would be under exclusive or");
        let mut merged = of(&[a]);
        merged.merge(&of(&[b]));
        assert_eq!(merged, of(&[b, a]));
        let text = serde_json::to_string(&merged).unwrap();
        assert_eq!(serde_json::from_str::<SetHash>(&text).unwrap(), merged);
        assert!(serde_json::from_str::<SetHash>("\"00\"").is_err());
    }
}
