use std::fmt;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

/// SHA-256 of a canonical encoding, printed as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentDigest([u8; 32]);

impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ContentDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Values written into a digest one after another, each with its kind and length, so that no two sequences of values give
/// the same bytes.
///
/// | value | bytes |
/// |---|---|
/// | number | `n`, eight bytes of its binary64, little endian, −0 as 0 |
/// | numbers | `N`, the count, then eight bytes each |
/// | whole number | `i`, eight bytes, little endian, two's complement |
/// | text | `t`, the count of bytes, the UTF-8 |
/// | absent | `0` |
/// | digest | `d`, 32 bytes |
pub(crate) struct Canon(Sha256);

impl Canon {
    /// A digest of one kind of thing.
    pub(crate) fn new(kind: &str) -> Self {
        let mut canon = Self(Sha256::new());
        canon.text(kind);
        canon
    }

    pub(crate) fn finish(self) -> ContentDigest {
        ContentDigest(self.0.finalize().into())
    }

    pub(crate) fn digest(&mut self, digest: ContentDigest) -> &mut Self {
        self.0.update(b"d");
        self.0.update(digest.0);
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.0.update(b"t");
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
        self
    }

    pub(crate) fn texts(&mut self, texts: &[String]) -> &mut Self {
        self.whole(texts.len() as i64);
        for text in texts {
            self.text(text);
        }
        self
    }

    pub(crate) fn whole(&mut self, value: i64) -> &mut Self {
        self.0.update(b"i");
        self.0.update(value.to_le_bytes());
        self
    }

    pub(crate) fn number(&mut self, value: f64) -> &mut Self {
        self.0.update(b"n");
        self.0.update(bytes(value));
        self
    }

    pub(crate) fn optional(&mut self, value: Option<f64>) -> &mut Self {
        match value {
            Some(value) => self.number(value),
            None => {
                self.0.update(b"0");
                self
            }
        }
    }

    /// A whole list at once: the bulk of every input is returns.
    pub(crate) fn numbers(&mut self, values: &[f64]) -> &mut Self {
        self.0.update(b"N");
        self.0.update((values.len() as u64).to_le_bytes());
        let mut block = [0; 1024];
        for chunk in values.chunks(block.len() / 8) {
            for (place, &value) in block.chunks_exact_mut(8).zip(chunk) {
                place.copy_from_slice(&bytes(value));
            }
            self.0.update(&block[..8 * chunk.len()]);
        }
        self
    }
}

fn bytes(value: f64) -> [u8; 8] {
    // Adding zero turns −0 into 0 and leaves every other number as it is.
    (value + 0.0).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fill: impl FnOnce(&mut Canon)) -> String {
        let mut canon = Canon::new("test");
        fill(&mut canon);
        canon.finish().to_string()
    }

    #[test]
    fn the_digest_is_sha_256_of_the_documented_bytes() {
        // sha256 of `t`, 4 as eight bytes, `test`, computed with Python's hashlib.
        assert_eq!(of(|_| ()), "3d47eb7df67e6aed3e096bf018b87b5e9f1a88583a6ea6ad4986b7608b3df69c");
    }

    #[test]
    fn boundaries_and_kinds_are_part_of_it() {
        let ab = of(|c| {
            c.text("a").text("b");
        });
        assert_ne!(
            ab,
            of(|c| {
                c.text("ab").text("");
            })
        );
        assert_ne!(
            of(|c| {
                c.number(1.0);
            }),
            of(|c| {
                c.whole(1);
            })
        );
        assert_ne!(
            of(|c| {
                c.numbers(&[1.0]);
            }),
            of(|c| {
                c.number(1.0);
            })
        );
        assert_ne!(
            of(|c| {
                c.optional(None);
            }),
            of(|c| {
                c.optional(Some(0.0));
            })
        );
        assert_eq!(
            of(|c| {
                c.number(-0.0);
            }),
            of(|c| {
                c.number(0.0);
            })
        );
    }

    #[test]
    fn long_lists_are_the_same_whatever_the_block() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let mut other = values.clone();
        assert_eq!(
            of(|c| {
                c.numbers(&values);
            }),
            of(|c| {
                c.numbers(&other);
            })
        );
        other[700] += 1e-9;
        assert_ne!(
            of(|c| {
                c.numbers(&values);
            }),
            of(|c| {
                c.numbers(&other);
            })
        );
    }
}
