//! Standard normal shocks.

use crate::{
    LANES, LaneStream, Lanes, ShockLaw,
    elementary::{ln, sin_cos_eighth},
    instruction_set::{Kernel, vectorised},
    stream::{ONE_BITS, uniform},
};

const HALF: usize = LANES / 2;

/// Independent standard normal shocks: prices are then geometric Brownian motions.
///
/// Each number uses one random word, by the transform of Box and Muller (1958): lanes `l` and `l + LANES/2` of a row
/// are the two coordinates of one point in the plane.
///
/// # Example
/// ```
/// use stress::{LANES, LaneStream, NormalShocks, Seed, ShockLaw};
///
/// let mut rows = [[0.0; LANES]; 40];
/// NormalShocks.fill(&mut LaneStream::new(Seed(1), 0), &mut rows);
/// let within_one = rows.iter().flatten().filter(|z| z.abs() < 1.0).count();
/// // 68.3 % of 10,240 numbers, with a deviation of 47.
/// assert!((within_one as f64 - 6991.0).abs() < 4.0 * 47.0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NormalShocks;

impl ShockLaw for NormalShocks {
    fn id(&self) -> &str {
        "normal"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn is_stable_under_sums(&self) -> bool {
        true
    }

    fn fill(&self, stream: &mut LaneStream, rows: &mut [Lanes]) {
        for row in rows {
            vectorised(Row { words: stream.word_bytes(), row });
        }
    }
}

/// The transform of one row.
struct Row<'a> {
    words: &'a [[u8; 8]],
    row: &'a mut Lanes,
}

impl Kernel for Row<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (radius_words, angle_words) = self.words.split_at(HALF);
        let (first, second) = self.row.split_at_mut(HALF);
        for (((a, b), r), t) in first.iter_mut().zip(second).zip(radius_words).zip(angle_words) {
            (*a, *b) = box_muller(u64::from_le_bytes(*r), u64::from_le_bytes(*t));
        }
    }
}

/// Two independent standard normal numbers from two random words.
///
/// The high 52 bits of `radius` are a uniform number in (0, 1], never zero, so the largest value is
/// `√(2·52·ln 2) ≈ 8.49`. The high 52 bits of `angle` place the point within the quarter circle around the positive
/// first axis. Its lowest bit rotates the quarter by half a turn, and the next bit swaps the axes.
#[inline(always)]
fn box_muller(radius: u64, angle: u64) -> (f64, f64) {
    let length = (-2.0 * ln(uniform(radius))).sqrt();
    let (sin, cos) = sin_cos_eighth((f64::from_bits(ONE_BITS | (angle >> 12)) - 1.5) * std::f64::consts::FRAC_PI_2);
    let x = f64::from_bits((length * cos).to_bits() ^ (angle << 63));
    let y = length * sin;
    // A swap without a branch: `mask` is all ones or all zeros.
    let mask = 0_u64.wrapping_sub((angle >> 1) & 1);
    let difference = (x.to_bits() ^ y.to_bits()) & mask;
    (f64::from_bits(x.to_bits() ^ difference), f64::from_bits(y.to_bits() ^ difference))
}

#[cfg(test)]
mod tests {
    use portfolio_core::Seed;

    use super::*;

    #[test]
    fn each_row_takes_one_word_per_lane() {
        let mut stream = LaneStream::new(Seed(42), 7);
        let words: Vec<[u64; LANES]> = (0..2).map(|_| stream.words()).collect();
        let mut rows = [[0.0; LANES]; 2];
        NormalShocks.fill(&mut LaneStream::new(Seed(42), 7), &mut rows);
        for (row, words) in rows.iter().zip(words) {
            for lane in 0..HALF {
                assert_eq!((row[lane], row[lane + HALF]), box_muller(words[lane], words[lane + HALF]));
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
        let n = (blocks as usize * LANES) as f64;
        let (mut m1, mut m2, mut m3, mut m4) = (0.0, 0.0, 0.0, 0.0);
        let (mut beyond_3, mut pairs, mut squares) = (0.0, 0.0, 0.0);
        let mut rows = [[0.0; LANES]];
        for block in 0..blocks {
            NormalShocks.fill(&mut LaneStream::new(Seed(1), block), &mut rows);
            let [out] = &rows;
            for lane in 0..LANES {
                let z = out[lane];
                m1 += z;
                m2 += z * z;
                m3 += z * z * z;
                m4 += z * z * z * z;
                beyond_3 += f64::from(u8::from(z.abs() > 3.0));
                let mate = out[(lane + HALF) % LANES];
                let next = out[(lane + 1) % LANES];
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
        // The product of two paired lanes is counted from both sides: variance 2 per lane, plus 1 for the neighbours.
        assert!((pairs / n).abs() * root / 3f64.sqrt() < 4.5);
        assert!((squares / n).abs() * root / 8f64.sqrt() < 4.5);
    }
}
