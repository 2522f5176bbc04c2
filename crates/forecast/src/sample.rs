//! The sums over one history that the members share.
//!
//! Eight parallel running sums let the compiler use vector registers. Their order is the same on every machine, so the
//! same input gives the same bits everywhere.

use portfolio_core::return_rounding;

const LANES: usize = 8;

/// One history with the two moments every member needs, computed once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample<'a> {
    pub(crate) returns: &'a [f64],
    /// Mean; zero without observations.
    pub(crate) mean: f64,
    /// Sum of squared deviations from the mean.
    pub(crate) squares: f64,
}

impl<'a> Sample<'a> {
    pub(crate) fn of(returns: &'a [f64]) -> Self {
        if returns.is_empty() {
            return Self { returns, mean: 0.0, squares: 0.0 };
        }
        let mean = sum(returns, |x| x) / returns.len() as f64;
        let squares = sum(returns, |x| (x - mean) * (x - mean));
        Self { returns, mean, squares }
    }

    /// True when every observation is finite and small enough to be squared: NaN and infinity reach both sums.
    pub(crate) fn is_finite(&self) -> bool {
        self.mean.is_finite() && self.squares.is_finite()
    }

    pub(crate) fn len(&self) -> usize {
        self.returns.len()
    }

    /// Sample standard deviation (ddof 1); `None` for fewer than two observations, `Some(0)` for a series that does not
    /// vary by more than rounding error.
    pub(crate) fn standard_deviation(&self) -> Option<f64> {
        if self.len() < 2 {
            return None;
        }
        let deviation = (self.squares / (self.len() - 1) as f64).sqrt();
        // In a series without spread every value equals the mean, so the mean gives the size of the growth factors.
        Some(if deviation > return_rounding(1.0 + self.mean.abs()) { deviation } else { 0.0 })
    }

    /// `Σ_{t≥2} (x_t − mean)(x_{t−1} − mean)`.
    pub(crate) fn lagged_products(&self) -> f64 {
        let [_, later @ ..] = self.returns else { return 0.0 };
        let mean = self.mean;
        sum_pairs(later, &self.returns[..later.len()], |a, b| (a - mean) * (b - mean))
    }

    /// `Σ_j decay^j · x_{T−j}`, the newest observation with weight one.
    ///
    /// Horner's rule on eight interleaved subsequences, each with `decay⁸`: eight short chains of dependent
    /// operations in place of one long one.
    pub(crate) fn decayed_sum(&self, decay: f64) -> f64 {
        let (head, chunks) = self.returns.as_rchunks::<LANES>();
        let oldest = head.iter().fold(0.0, |sum, x| decay * sum + x);
        let stride = decay.powi(LANES as i32);
        let mut lanes = [0.0; LANES];
        lanes[LANES - 1] = oldest;
        for chunk in chunks {
            for lane in 0..LANES {
                lanes[lane] = stride * lanes[lane] + chunk[lane];
            }
        }
        lanes.iter().fold(0.0, |sum, lane| decay * sum + lane)
    }
}

/// `Σ f(x)` in eight interleaved partial sums.
pub(crate) fn sum(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += f(chunk[lane]);
        }
    }
    fold(lanes) + rest.iter().map(|x| f(*x)).sum::<f64>()
}

/// `Σ f(x, y)` over two slices of one length, in eight interleaved partial sums.
pub(crate) fn sum_pairs(xs: &[f64], ys: &[f64], f: impl Fn(f64, f64) -> f64) -> f64 {
    let (x_chunks, x_rest) = xs.as_chunks::<LANES>();
    let (y_chunks, y_rest) = ys.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for (x, y) in x_chunks.iter().zip(y_chunks) {
        for lane in 0..LANES {
            lanes[lane] += f(x[lane], y[lane]);
        }
    }
    fold(lanes) + x_rest.iter().zip(y_rest).map(|(x, y)| f(*x, *y)).sum::<f64>()
}

// Inlined, the compiler would interleave the lanes inside the loops in the order of this sum, with twice the instructions.
#[inline(never)]
fn fold(lanes: [f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(n: usize) -> Vec<f64> {
        (0..n).map(|i| ((i * 7919) % 101) as f64 / 50.0 - 1.0).collect()
    }

    #[test]
    fn lane_sums_equal_plain_sums_at_every_length() {
        for n in 0..40 {
            let x = ramp(n);
            let sample = Sample::of(&x);
            let mean = if n == 0 { 0.0 } else { x.iter().sum::<f64>() / n as f64 };
            let squares: f64 = x.iter().map(|v| (v - mean).powi(2)).sum();
            let lagged: f64 = x.windows(2).map(|w| (w[0] - mean) * (w[1] - mean)).sum();
            let decayed = x.iter().fold(0.0, |s, v| 0.94 * s + v);
            assert!((sample.mean - mean).abs() < 1e-14, "{n}");
            assert!((sample.squares - squares).abs() < 1e-13, "{n}");
            assert!((sample.lagged_products() - lagged).abs() < 1e-13, "{n}");
            assert!((sample.decayed_sum(0.94) - decayed).abs() < 1e-13, "{n}");
        }
    }

    #[test]
    fn a_constant_series_has_no_deviation_whatever_the_rounding() {
        for n in 2..300 {
            assert_eq!(Sample::of(&vec![0.1; n]).standard_deviation(), Some(0.0), "{n}");
        }
        assert_eq!(Sample::of(&[0.1]).standard_deviation(), None);
    }

    #[test]
    fn a_spread_above_rounding_is_one_however_small_beside_the_mean() {
        let calm: Vec<f64> = (0..1000).map(|i| 0.1 + if i % 2 == 0 { 1e-12 } else { -1e-12 }).collect();
        let deviation = Sample::of(&calm).standard_deviation().unwrap();
        assert!((deviation / 1e-12 - 1.0).abs() < 1e-3, "{deviation}");
    }

    #[test]
    fn prices_that_grow_evenly_have_no_deviation_however_slowly_they_grow() {
        for growth in [1.1_f64, 1.001, 1.0 + 1e-6, 1.0 + 1e-9] {
            let prices: Vec<f64> = (0..250).map(|i| 100.0 * growth.powi(i)).collect();
            let returns: Vec<f64> = prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
            assert_eq!(Sample::of(&returns).standard_deviation(), Some(0.0), "{growth}");
        }
    }

    #[test]
    fn one_bad_observation_shows_in_the_sums() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            let mut x = ramp(37);
            x[20] = bad;
            assert!(!Sample::of(&x).is_finite(), "{bad}");
        }
    }
}
