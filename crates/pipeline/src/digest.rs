//! The canonical bytes from which the digests of a run are computed.

use governance::Digest;
use risk::RiskSummary;
use sha2::{Digest as _, Sha256};

/// Writes values one after another, each with its kind and length, so that different sequences of values give different
/// bytes.
///
/// | value | bytes |
/// |---|---|
/// | number | `n`, eight bytes of its binary64, little endian, −0 as 0 |
/// | numbers | `N`, the count, then eight bytes each |
/// | whole number | `i`, eight bytes, little endian, two's complement |
/// | text | `t`, the count of bytes, the UTF-8 |
/// | absent | `0` |
/// | digest | `d`, 32 bytes |
///
/// [`digest`](Self::digest) may be called at any time: it covers everything written so far.
pub(crate) struct Canon {
    hasher: Sha256,
    /// Bytes that are written but not yet hashed: hashing a few hundred bytes at once is cheaper than hashing each
    /// value.
    pending: Vec<u8>,
}

impl Canon {
    /// Starts with the digest of the run's source.
    pub(crate) fn new(source: Digest) -> Self {
        let mut canon = Self { hasher: Sha256::new(), pending: Vec::with_capacity(1024) };
        canon.pending.push(b'd');
        canon.pending.extend_from_slice(source.as_bytes());
        canon
    }

    /// The digest of all bytes written so far.
    pub(crate) fn digest(&mut self) -> Digest {
        self.hasher.update(&self.pending);
        self.pending.clear();
        Digest::new(self.hasher.clone().finalize().into())
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.word(b't', (text.len() as u64).to_le_bytes());
        self.pending.extend_from_slice(text.as_bytes());
        self
    }

    pub(crate) fn whole(&mut self, value: i64) -> &mut Self {
        self.word(b'i', value.to_le_bytes())
    }

    pub(crate) fn number(&mut self, value: f64) -> &mut Self {
        self.word(b'n', bytes(value))
    }

    pub(crate) fn optional(&mut self, value: Option<f64>) -> &mut Self {
        match value {
            Some(value) => self.number(value),
            None => {
                self.pending.push(b'0');
                self
            }
        }
    }

    /// Writes a whole list at once.
    pub(crate) fn numbers(&mut self, values: &[f64]) -> &mut Self {
        self.word(b'N', (values.len() as u64).to_le_bytes());
        let start = self.pending.len();
        self.pending.resize(start + 8 * values.len(), 0);
        let (places, _) = self.pending[start..].as_chunks_mut();
        for (place, &value) in places.iter_mut().zip(values) {
            *place = bytes(value);
        }
        self
    }

    /// Every figure of a summary, in its order.
    pub(crate) fn risk(&mut self, summary: &RiskSummary) -> &mut Self {
        summary.iter().fold(self, |canon, (_, figure)| canon.optional(figure))
    }

    /// Writes a kind and eight bytes at once.
    fn word(&mut self, kind: u8, [a, b, c, d, e, f, g, h]: [u8; 8]) -> &mut Self {
        self.pending.extend_from_slice(&[kind, a, b, c, d, e, f, g, h]);
        self
    }
}

fn bytes(value: f64) -> [u8; 8] {
    // Adding zero turns −0 into 0 and does not change any other number.
    (value + 0.0).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fill: impl FnOnce(&mut Canon)) -> String {
        let mut canon = Canon::new(Digest::of_bytes(b"abc"));
        fill(&mut canon);
        canon.digest().to_string()
    }

    #[test]
    fn the_digest_is_sha_256_of_the_documented_bytes() {
        // The published digest of `abc`.
        let published = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of_bytes(b"abc").to_string(), published);
        // Computed from the table above with Python's hashlib: first the source alone, then with values after it.
        let mut canon = Canon::new(Digest::of_bytes(b"abc"));
        let first = canon.digest().to_string();
        assert_eq!(first, "558341c11645cfd57c2c41f6c0e0b93ad88582dd719ee4bdfd57941fc974a3a9");
        canon.text("ab").numbers(&[1.5, -0.0]).number(-2.25).whole(-7).optional(None);
        let second = canon.digest().to_string();
        assert_eq!(second, "878a6bbfc0fbb0e41e99501a2f40cc0a78c7c6fbe50a73c668724c76a2570c20");
    }

    #[test]
    fn figures_of_risk_are_written_in_the_order_that_digests_of_stored_runs_have() {
        let order: Vec<_> = risk::RiskFigure::ALL.into_iter().map(risk::RiskFigure::name).collect();
        let stored =
            ["volatility", "sharpe", "max_drawdown", "var_95", "cvar_95", "expected_annual_return", "tracking_error"];
        assert!(order.starts_with(&stored), "{order:?}");
        let summary = risk::summarise(&[0.01, -0.02], None, &risk::RiskOptions::default()).unwrap();
        let one_by_one = of(|c| {
            for figure in [summary.volatility, summary.sharpe, summary.max_drawdown, summary.var_95, summary.cvar_95] {
                c.optional(figure);
            }
            c.optional(summary.expected_annual_return).optional(summary.tracking_error);
            c.optional(summary.live_drawdown);
        });
        assert_eq!(
            one_by_one,
            of(|c| {
                c.risk(&summary);
            })
        );
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
}
