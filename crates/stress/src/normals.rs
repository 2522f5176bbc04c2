//! Standard normal numbers for blocks of paths.

use portfolio_core::Seed;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use crate::elementary::{ln, sin_cos_eighth};

/// Paths that share one ChaCha stream and are simulated together, one lane each.
pub(crate) const BLOCK: usize = 256;
const HALF: usize = BLOCK / 2;

/// The second part of every key, so that another use of the same seed meets another sequence.
const DOMAIN: &[u8; 24] = b"portfolio stress gbm 1\0\0";

/// The normal numbers of one block: ChaCha with 8 rounds, key from the seed, stream number = block number.
///
/// Each call takes the next [`BLOCK`] words of the stream, one 64-bit word per number whatever its value, so that the
/// number of block `b`, draw `d`, lane `l` depends on `(seed, b, d, l)` alone.
pub(crate) struct NormalStream {
    rng: ChaCha8Rng,
    bytes: [u8; 8 * BLOCK],
}

impl NormalStream {
    pub(crate) fn new(seed: Seed, block: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.0.to_le_bytes());
        key[8..].copy_from_slice(DOMAIN);
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(block);
        Self { rng, bytes: [0; 8 * BLOCK] }
    }

    /// Fills one number per lane by the transform of Box and Muller (1958): lanes `l` and `l + BLOCK/2` are the two
    /// coordinates of one point of the plane.
    pub(crate) fn fill(&mut self, out: &mut [f64; BLOCK]) {
        self.rng.fill_bytes(&mut self.bytes);
        let (words, _) = self.bytes.as_chunks::<8>();
        let (radius_words, angle_words) = words.split_at(HALF);
        let (first, second) = out.split_at_mut(HALF);
        for (((a, b), r), t) in first.iter_mut().zip(second).zip(radius_words).zip(angle_words) {
            (*a, *b) = box_muller(u64::from_le_bytes(*r), u64::from_le_bytes(*t));
        }
    }
}

/// Two independent standard normal numbers from two random words.
///
/// The high 52 bits of `radius` are a uniform number in (0, 1], never zero, so the largest value is
/// `√(2·52·ln 2) ≈ 8.49`. The high 52 bits of `angle` place the point within a quarter of the circle around the positive
/// first axis; its lowest bit turns the quarter half round, the next one swaps the axes.
#[inline(always)]
fn box_muller(radius: u64, angle: u64) -> (f64, f64) {
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    let uniform = 2.0 - f64::from_bits(ONE | (radius >> 12));
    let length = (-2.0 * ln(uniform)).sqrt();
    let (sin, cos) = sin_cos_eighth((f64::from_bits(ONE | (angle >> 12)) - 1.5) * std::f64::consts::FRAC_PI_2);
    let x = f64::from_bits((length * cos).to_bits() ^ (angle << 63));
    let y = length * sin;
    // A swap without a branch: `mask` is all ones or all zeros.
    let mask = 0_u64.wrapping_sub((angle >> 1) & 1);
    let difference = (x.to_bits() ^ y.to_bits()) & mask;
    (f64::from_bits(x.to_bits() ^ difference), f64::from_bits(y.to_bits() ^ difference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_the_cipher_stream_of_its_number() {
        let mut key = [0; 32];
        key[0] = 42;
        key[8..].copy_from_slice(DOMAIN);
        let mut reference = ChaCha8Rng::from_seed(key);
        reference.set_stream(7);
        let words: Vec<u64> = (0..2 * BLOCK).map(|_| reference.next_u64()).collect();

        let mut stream = NormalStream::new(Seed(42), 7);
        let mut out = [0.0; BLOCK];
        for draw in words.chunks(BLOCK) {
            stream.fill(&mut out);
            for lane in 0..HALF {
                assert_eq!((out[lane], out[lane + HALF]), box_muller(draw[lane], draw[lane + HALF]));
            }
        }
    }

    #[test]
    fn extreme_words_give_finite_numbers() {
        for radius in [0, u64::MAX, 1 << 63] {
            for angle in [0, 1, 2, 3, u64::MAX, u64::MAX - 3] {
                let (x, y) = box_muller(radius, angle);
                assert!(x.abs() < 8.5 && y.abs() < 8.5, "{x} {y}");
            }
        }
        assert_eq!(box_muller(0, 0), (0.0, 0.0), "a uniform number of one is the centre");
    }

    #[test]
    fn the_angle_bits_visit_all_four_quarters_and_keep_the_length() {
        let radius = 0x8000_0000_0000_0000;
        let mut quarters = std::collections::BTreeSet::new();
        for low in 0..4 {
            let (x, y) = box_muller(radius, 0x7FFF_FFFF_FFFF_F000 | low);
            assert!((x.hypot(y) - (2.0 * std::f64::consts::LN_2).sqrt()).abs() < 1e-15);
            quarters.insert((x.round() as i32, y.round() as i32));
        }
        assert_eq!(quarters.into_iter().collect::<Vec<_>>(), [(-1, 0), (0, -1), (0, 1), (1, 0)]);
    }

    /// Moments, tails and dependence of 4 million numbers, each within 4.5 standard errors.
    #[test]
    fn the_numbers_are_standard_normal() {
        let blocks = 16_384_u64;
        let n = (blocks as usize * BLOCK) as f64;
        let (mut m1, mut m2, mut m3, mut m4) = (0.0, 0.0, 0.0, 0.0);
        let (mut beyond_3, mut pairs, mut squares) = (0.0, 0.0, 0.0);
        let mut out = [0.0; BLOCK];
        for block in 0..blocks {
            NormalStream::new(Seed(1), block).fill(&mut out);
            for lane in 0..BLOCK {
                let z = out[lane];
                m1 += z;
                m2 += z * z;
                m3 += z * z * z;
                m4 += z * z * z * z;
                beyond_3 += f64::from(u8::from(z.abs() > 3.0));
                let mate = out[(lane + HALF) % BLOCK];
                let next = out[(lane + 1) % BLOCK];
                pairs += z * mate + z * next;
                squares += (z * z - 1.0) * (mate * mate - 1.0);
            }
        }
        let root = n.sqrt();
        assert!((m1 / n).abs() * root < 4.5);
        assert!((m2 / n - 1.0).abs() * root / 2f64.sqrt() < 4.5);
        assert!((m3 / n).abs() * root / 15f64.sqrt() < 4.5);
        assert!((m4 / n - 3.0).abs() * root / 96f64.sqrt() < 4.5);
        let p = 0.002_699_796_063_260_186;
        assert!((beyond_3 / n - p).abs() * root / (p * (1.0 - p)).sqrt() < 4.5);
        // The product of two mates is counted from both sides: variance 2 per lane, plus 1 for the neighbours.
        assert!((pairs / n).abs() * root / 3f64.sqrt() < 4.5);
        assert!((squares / n).abs() * root / 8f64.sqrt() < 4.5);
    }
}
