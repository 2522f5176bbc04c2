//! Advantages of models over a benchmark: their means, their standard errors, and their means over blocks.

use portfolio_core::return_rounding;

use crate::{Block, NoFigure};

/// Loss of the benchmark minus loss of each model.
pub(super) struct Differences {
    /// Mean advantage of each model.
    pub(super) means: Vec<f64>,
    /// Standard error of each mean under the stationary bootstrap, `ω_k/√n`; exactly 0 for an advantage that does not vary.
    pub(super) errors: Vec<f64>,
    /// Number of losses, `n`.
    pub(super) rows: usize,
    /// `(n + 1)` rows of sums of centred advantages up to each row, all models side by side.
    cumulated: Vec<f64>,
}

impl Differences {
    pub(super) fn of<M: AsRef<[f64]>>(benchmark: &[f64], models: &[M], mean_block: f64) -> Result<Self, NoFigure> {
        let (rows, count) = (benchmark.len(), models.len());
        let n = rows as f64;
        let weights = lag_weights(rows, mean_block);
        let mut differences =
            Self { means: Vec::new(), errors: Vec::new(), rows, cumulated: vec![0.0; (rows + 1) * count] };
        for (k, losses) in models.iter().enumerate() {
            let losses = losses.as_ref();
            let mut advantage: Vec<f64> = benchmark.iter().zip(losses).map(|(base, loss)| base - loss).collect();
            let first = advantage[0];
            let mean = first + advantage.iter().map(|d| d - first).sum::<f64>() / n;
            advantage.iter_mut().for_each(|d| *d -= mean);
            let largest = benchmark.iter().chain(losses).fold(0.0_f64, |most, x| most.max(x.abs()));
            let squares: f64 = advantage.iter().map(|d| d * d).sum();
            // Each loss carries rounding of its own size, however small the difference.
            let varies = (squares / n).sqrt() > return_rounding(largest);
            let long_run = squares / n
                + weights
                    .iter()
                    .map(|&(lag, weight)| {
                        let pairs = advantage[..rows - lag].iter().zip(&advantage[lag..]);
                        2.0 * weight * pairs.map(|(a, b)| a * b).sum::<f64>() / n
                    })
                    .sum::<f64>();
            if !(mean.is_finite() && long_run.is_finite()) {
                return Err(NoFigure::TooLarge);
            }
            let flat_mean = if mean.abs() > return_rounding(largest) { mean } else { 0.0 };
            differences.means.push(if varies { mean } else { flat_mean });
            differences.errors.push(if varies { (long_run.max(0.0) / n).sqrt() } else { 0.0 });
            let mut sum = 0.0;
            for (t, d) in advantage.iter().enumerate() {
                sum += if varies { *d } else { 0.0 };
                differences.cumulated[(t + 1) * count + k] = sum;
            }
        }
        Ok(differences)
    }

    /// Mean advantage of each model over the rows of some blocks whose lengths sum to `n`.
    pub(super) fn mean_over(&self, blocks: &[Block], resampled: &mut [f64]) {
        let count = self.means.len();
        let upto = |row: usize| &self.cumulated[row * count..(row + 1) * count];
        resampled.fill(0.0);
        let mut add = |from: usize, to: usize| {
            for ((sum, high), low) in resampled.iter_mut().zip(upto(to)).zip(upto(from)) {
                *sum += high - low;
            }
        };
        for &Block { start, length } in blocks {
            let inside = length.min(self.rows - start);
            add(start, start + inside);
            // The centred advantages sum to zero, so whole rounds after the last row add nothing.
            add(0, (length - inside) % self.rows);
        }
        let n = self.rows as f64;
        for (sum, mean) in resampled.iter_mut().zip(&self.means) {
            *sum = *sum / n + mean;
        }
    }
}

/// Weights `κ_i` of the autocovariances in the variance of a mean under the stationary bootstrap, by lag; those below 1e-18
/// are left out.
fn lag_weights(rows: usize, mean_block: f64) -> Vec<(usize, f64)> {
    let n = rows as f64;
    let stay = 1.0 - 1.0 / mean_block;
    let weight = |lag: usize| {
        let share = lag as f64 / n;
        (1.0 - share) * stay.powi(lag as i32) + share * stay.powi((rows - lag) as i32)
    };
    (1..rows).map(|lag| (lag, weight(lag))).filter(|(_, weight)| *weight > 1e-18).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advantage() -> (Vec<f64>, Vec<f64>) {
        let benchmark: Vec<f64> = (0..40).map(|i| f64::from((i * 17) % 41) / 41.0).collect();
        (benchmark, (0..40).map(|i| f64::from((i * 29) % 43) / 43.0).collect())
    }

    #[test]
    fn a_mean_over_blocks_is_that_of_their_rows() {
        let (benchmark, model) = advantage();
        let differences = Differences::of(&benchmark, &[&model], 4.0).unwrap();
        let blocks = [Block { start: 35, length: 12 }, Block { start: 3, length: 28 }];
        let rows = (35..47).chain(3..31).map(|t| t % 40);
        let expected = rows.map(|t| benchmark[t] - model[t]).sum::<f64>() / 40.0;
        let mut found = [0.0];
        differences.mean_over(&blocks, &mut found);
        assert!((found[0] - expected).abs() < 1e-15, "{found:?} {expected}");
    }

    #[test]
    fn blocks_of_one_row_have_the_variance_of_independent_rows() {
        let (benchmark, model) = advantage();
        let differences = Differences::of(&benchmark, &[&model], 1.0).unwrap();
        let d: Vec<f64> = benchmark.iter().zip(&model).map(|(a, b)| a - b).collect();
        let expected = (risk::standard_deviation(&d).unwrap().powi(2) * 39.0 / 40.0 / 40.0).sqrt();
        assert!((differences.errors[0] / expected - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_error_is_that_of_the_bootstrap_itself() {
        use crate::{Resampler, StationaryBootstrap};

        let (benchmark, model) = advantage();
        let bootstrap = StationaryBootstrap::new(5.0, 4000, portfolio_core::Seed(9)).unwrap();
        let differences = Differences::of(&benchmark, &[&model], 5.0).unwrap();
        let (mut blocks, mut mean, mut means) = (Vec::new(), [0.0], Vec::new());
        for index in 0..4000 {
            bootstrap.draw(40, index, &mut blocks);
            differences.mean_over(&blocks, &mut mean);
            means.push(mean[0]);
        }
        // Four standard errors of a standard deviation from 4,000 draws are 4.5 %.
        let drawn = risk::standard_deviation(&means).unwrap();
        assert!((drawn / differences.errors[0] - 1.0).abs() < 0.045, "{drawn} {:?}", differences.errors);
    }
}
