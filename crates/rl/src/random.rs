//! Random numbers whose position in their sequence can be stored.

use portfolio_core::Seed;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// A stream of ChaCha8. It is stored as seed, stream and position, so that a resumed training draws the same numbers as
/// without the stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Place", into = "Place")]
pub struct Random {
    seed: u64,
    generator: ChaCha8Rng,
}

/// The position of a stream. The position is written as two numbers, because JSON has no integers of 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Place {
    seed: u64,
    stream: u64,
    /// Words drawn, the upper and the lower half.
    words: (u64, u64),
}

impl From<Place> for Random {
    fn from(place: Place) -> Self {
        let mut random = Self::new(Seed(place.seed), place.stream);
        random.generator.set_word_pos((u128::from(place.words.0) << 64) | u128::from(place.words.1));
        random
    }
}

impl From<Random> for Place {
    fn from(random: Random) -> Self {
        let words = random.generator.get_word_pos();
        let stream = random.generator.get_stream();
        Self { seed: random.seed, stream, words: ((words >> 64) as u64, words as u64) }
    }
}

impl Random {
    /// The beginning of a stream; streams of one seed are independent of each other.
    #[must_use]
    pub fn new(seed: Seed, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed.0);
        generator.set_stream(stream);
        Self { seed: seed.0, generator }
    }

    /// A number in `[0, 1)`, a multiple of `2^−53`.
    pub fn uniform(&mut self) -> f64 {
        const SPACING: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.generator.next_u64() >> 11) as f64 * SPACING
    }

    /// A number in `[low, high)`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// A whole number below `bound`; 0 when `bound` is 0. Its bias is below `bound/2^64`.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.generator.next_u64()) * bound as u128) >> 64) as usize
    }

    /// A standard normal number, by the polar method of Marsaglia; the second number of each pair is dropped, so that
    /// the position is all that has to be stored.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (self.between(-1.0, 1.0), self.between(-1.0, 1.0));
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * square.ln() / square).sqrt();
            }
        }
    }

    /// Puts a list into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_normals_are_those_of_the_law() {
        let mut random = Random::new(Seed(1), 0);
        let draws: Vec<f64> = (0..40_000).map(|_| random.normal()).collect();
        let moment = |p: i32| draws.iter().map(|z| z.powi(p)).sum::<f64>() / draws.len() as f64;
        assert!(moment(1).abs() < 0.02 && (moment(2) - 1.0).abs() < 0.03, "{} {}", moment(1), moment(2));
        assert!(moment(3).abs() < 0.06 && (moment(4) - 3.0).abs() < 0.15, "{} {}", moment(3), moment(4));
    }

    #[test]
    fn a_stored_stream_goes_on_where_it_was() {
        let mut random = Random::new(Seed(7), 3);
        (0..101).for_each(|_| assert!(random.normal().is_finite()));
        let text = serde_json::to_string(&random).unwrap();
        let mut again: Random = serde_json::from_str(&text).unwrap();
        let draw = |random: &mut Random| (0..50).map(|_| random.uniform().to_bits()).collect::<Vec<_>>();
        assert_eq!(draw(&mut random), draw(&mut again));
        assert_ne!(draw(&mut Random::new(Seed(7), 4)), draw(&mut Random::new(Seed(7), 3)));
    }
}
