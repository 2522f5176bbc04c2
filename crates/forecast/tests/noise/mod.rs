//! Reproducible returns for tests.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, Normal};

/// Independent normal returns.
pub(crate) struct Noise(ChaCha8Rng);

impl Noise {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// `n` returns with this mean and standard deviation.
    pub(crate) fn returns(&mut self, n: usize, mean: f64, deviation: f64) -> Vec<f64> {
        let normal = Normal::standard();
        (0..n)
            .map(|_| {
                // 53 random bits, centred in their cell: never 0 or 1.
                let uniform = ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
                mean + deviation * normal.inverse_cdf(uniform)
            })
            .collect()
    }
}
