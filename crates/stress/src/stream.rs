//! The random words of one block of paths, from which every law of shocks draws.

use portfolio_core::Seed;

use crate::cipher::{Cipher, DRAW};

/// Number of paths that share one stream of random words and are simulated together, one lane each.
pub const LANES: usize = 256;

/// One number for each path of a block.
pub type Lanes = [f64; LANES];

/// The second part of every key, so that other uses of the same seed get different words.
const DOMAIN: &[u8; 24] = b"portfolio stress gbm 1\0\0";
/// The bits of 1.0: OR-ing 52 random bits into its mantissa gives a number in [1, 2).
pub(crate) const ONE_BITS: u64 = 0x3FF0_0000_0000_0000;

/// The random words of one block: ChaCha with 8 rounds, keyed by the seed, with the block's number as stream number.
///
/// Each call takes the next [`LANES`] words of the stream. A law that uses one word per number, whatever the word's
/// value, therefore gives block `b`, draw `d`, lane `l` a number that depends only on `(seed, b, d, l)`. A law that
/// rejects words may take more. Blocks never share a stream, so the paths still do not depend on the number of threads.
///
/// # Example
/// ```
/// use stress::{LANES, LaneStream, Seed};
///
/// let mut lanes = [0.0; LANES];
/// LaneStream::new(Seed(7), 0).uniforms(&mut lanes);
/// assert!(lanes.iter().all(|u| *u > 0.0 && *u <= 1.0));
///
/// // The same seed and block give the same numbers.
/// let mut again = [0.0; LANES];
/// LaneStream::new(Seed(7), 0).uniforms(&mut again);
/// assert_eq!(lanes, again);
/// ```
#[derive(Debug, Clone)]
pub struct LaneStream {
    cipher: Cipher,
    bytes: [u8; DRAW],
}

impl LaneStream {
    /// The stream of block number `block`, at its beginning.
    #[must_use]
    pub fn new(seed: Seed, block: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.0.to_le_bytes());
        key[8..].copy_from_slice(DOMAIN);
        Self { cipher: Cipher::new(key, block), bytes: [0; DRAW] }
    }

    /// The next words, one per lane, each of 64 independent random bits.
    pub fn words(&mut self) -> [u64; LANES] {
        let bytes = self.word_bytes();
        std::array::from_fn(|lane| u64::from_le_bytes(bytes[lane]))
    }

    /// Fills one uniform number per lane, in (0, 1] and never zero, so that its logarithm exists.
    pub fn uniforms(&mut self, out: &mut Lanes) {
        for (u, bytes) in out.iter_mut().zip(self.word_bytes()) {
            *u = uniform(u64::from_le_bytes(*bytes));
        }
    }

    /// The next words as the cipher wrote them, one per lane, little-endian. Reading them in place needs no copy.
    pub(crate) fn word_bytes(&mut self) -> &[[u8; 8]] {
        self.cipher.fill(&mut self.bytes);
        self.bytes.as_chunks().0
    }
}

/// The high 52 bits of a word as a number in (0, 1].
#[inline(always)]
pub(crate) fn uniform(word: u64) -> f64 {
    2.0 - f64::from_bits(ONE_BITS | (word >> 12))
}

#[cfg(test)]
mod tests {
    use rand_chacha::{
        ChaCha8Rng,
        rand_core::{Rng, SeedableRng},
    };

    use super::*;

    #[test]
    fn a_block_is_the_cipher_stream_of_its_number() {
        let mut key = [0; 32];
        key[0] = 42;
        key[8..].copy_from_slice(DOMAIN);
        let mut reference = ChaCha8Rng::from_seed(key);
        reference.set_stream(7);
        let mut stream = LaneStream::new(Seed(42), 7);
        for _ in 0..3 {
            let words: Vec<u64> = (0..LANES).map(|_| reference.next_u64()).collect();
            assert_eq!(stream.words()[..], words);
        }
    }

    #[test]
    fn a_uniform_number_is_never_zero() {
        assert_eq!(uniform(0), 1.0);
        assert_eq!(uniform(u64::MAX), f64::EPSILON);
        assert_eq!(uniform(1 << 63), 0.5);
    }
}
