//! Sharpe ratios of every configuration over any half of the blocks of a history.

use portfolio_core::return_rounding;

/// Block sums of every configuration, tabulated for every set of the first and of the last blocks.
///
/// The sum over a set of blocks is one entry of each table. Sums are not updated from each other, so their rounding
/// does not depend on the order in which halves are visited.
pub(super) struct Halves {
    /// Mean of each configuration over the whole history, from which the returns are measured.
    centres: Vec<f64>,
    /// A variance that is not above this is zero.
    rounding: Vec<f64>,
    low: Table,
    high: Table,
    blocks: usize,
    low_blocks: usize,
}

/// Sums for every set of some blocks, by its bits.
struct Table {
    rows: Vec<f64>,
    /// `Σ x` of each configuration, set by set.
    sums: Vec<f64>,
    /// `Σ x²`.
    squares: Vec<f64>,
}

/// The ratios of all configurations over one half.
pub(super) struct Half {
    /// Mean return of each configuration.
    pub(super) means: Vec<f64>,
    /// `SR·|SR|`: in the order of the ratios, without a root.
    ratios: Vec<f64>,
}

/// Maxima that are found in parallel.
const LANES: usize = 8;

impl Half {
    pub(super) fn new(count: usize) -> Self {
        Self { means: vec![0.0; count], ratios: vec![0.0; count] }
    }

    /// The first configuration with the highest ratio.
    pub(super) fn best(&self) -> usize {
        // Several maxima beside each other: one after the other, each comparison would wait for the one before it.
        let mut lanes = [f64::NEG_INFINITY; LANES];
        let (chunks, rest) = self.ratios.as_chunks::<LANES>();
        for chunk in chunks {
            for (most, &ratio) in lanes.iter_mut().zip(chunk) {
                *most = if ratio > *most { ratio } else { *most };
            }
        }
        let highest = lanes.iter().chain(rest).fold(f64::NEG_INFINITY, |most, &ratio| most.max(ratio));
        self.ratios.iter().position(|&ratio| ratio == highest).unwrap_or(0)
    }

    /// Twice the rank of a configuration, from 1 for the lowest ratio; equal ratios share their mean rank.
    pub(super) fn doubled_rank(&self, configuration: usize) -> usize {
        let own = self.ratios[configuration];
        let below: u64 = self.ratios.iter().map(|&ratio| u64::from(ratio < own)).sum();
        let equal: u64 = self.ratios.iter().map(|&ratio| u64::from(ratio == own)).sum();
        (2 * below + equal + 1) as usize
    }
}

impl Halves {
    pub(super) fn of(series: &[&[f64]], blocks: usize) -> Self {
        let observations = series[0].len();
        let centres: Vec<f64> = series.iter().map(|returns| mean(returns)).collect();
        let edge = |block: usize| block * observations / blocks;
        let table = |from: usize, to: usize| Table::of(series, &centres, (from..to).map(|b| (edge(b), edge(b + 1))));
        let low_blocks = blocks / 2;
        Self {
            rounding: series.iter().map(|returns| return_rounding(1.0 + largest(returns)).powi(2)).collect(),
            low: table(0, low_blocks),
            high: table(low_blocks, blocks),
            centres,
            blocks,
            low_blocks,
        }
    }

    /// One half of each pair: the half with the last block, as the bits of its blocks.
    pub(super) fn masks(&self) -> impl Iterator<Item = u32> + use<> {
        let (half, last) = (self.blocks as u32 / 2, 1_u32 << (self.blocks - 1));
        (last..2 * last).filter(move |mask| mask.count_ones() == half)
    }

    pub(super) fn complement(&self, mask: u32) -> u32 {
        !mask & ((1 << self.blocks) - 1)
    }

    /// Writes the ratios over the blocks of a mask; returns whether a configuration does not vary there.
    #[allow(clippy::needless_range_loop, reason = "walks several arrays of one length by one index")]
    pub(super) fn measure(&self, mask: u32, half: &mut Half) -> bool {
        let count = self.centres.len();
        let low = (mask & ((1 << self.low_blocks) - 1)) as usize;
        let high = (mask >> self.low_blocks) as usize;
        let rows = self.low.rows[low] + self.high.rows[high];
        let (per_row, per_freedom) = (1.0 / rows, 1.0 / (rows - 1.0));
        // Slices of one length, so that the loop has no bounds to check.
        let of = |set: usize| set * count..(set + 1) * count;
        let (low_sums, low_squares) = (&self.low.sums[of(low)], &self.low.squares[of(low)]);
        let (high_sums, high_squares) = (&self.high.sums[of(high)], &self.high.squares[of(high)]);
        let (centres, rounding) = (&self.centres[..count], &self.rounding[..count]);
        let (means, ratios) = (&mut half.means[..count], &mut half.ratios[..count]);
        let mut flat = 0_u32;
        for i in 0..count {
            let sum = low_sums[i] + high_sums[i];
            let offset = sum * per_row;
            let variance = (low_squares[i] + high_squares[i] - sum * offset) * per_freedom;
            let mean = centres[i] + offset;
            let varies = variance > rounding[i];
            means[i] = mean;
            ratios[i] = if varies { mean * mean.abs() / variance } else { 0.0 };
            flat |= u32::from(!varies);
        }
        flat != 0
    }
}

impl Table {
    fn of(series: &[&[f64]], centres: &[f64], blocks: impl Iterator<Item = (usize, usize)>) -> Self {
        let count = series.len();
        let mut table = Self { rows: vec![0.0], sums: vec![0.0; count], squares: vec![0.0; count] };
        for (from, to) in blocks {
            let block: Vec<(f64, f64)> = series
                .iter()
                .zip(centres)
                .map(|(returns, centre)| {
                    returns[from..to].iter().fold((0.0, 0.0), |(sum, squares), r| {
                        let x = r - centre;
                        (sum + x, squares + x * x)
                    })
                })
                .collect();
            // Each set so far, with this block beside it.
            for set in 0..table.rows.len() {
                table.rows.push(table.rows[set] + (to - from) as f64);
                for (i, (sum, squares)) in block.iter().enumerate() {
                    table.sums.push(table.sums[set * count + i] + sum);
                    table.squares.push(table.squares[set * count + i] + squares);
                }
            }
        }
        table
    }
}

/// Mean of a series that is not empty.
fn mean(returns: &[f64]) -> f64 {
    returns.iter().sum::<f64>() / returns.len() as f64
}

/// Largest size of a return.
fn largest(returns: &[f64]) -> f64 {
    returns.iter().fold(0.0, |most, r| r.abs().max(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_is_measured_as_its_rows_are() {
        let series: Vec<Vec<f64>> =
            (1..6).map(|k| (0..53).map(|i| f64::from((i * 31 * k) % 53 - 20) / 1000.0).collect()).collect();
        let slices: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
        let halves = Halves::of(&slices, 6);
        assert_eq!(halves.masks().count(), 10);
        let mut half = Half::new(5);
        for mask in halves.masks().flat_map(|mask| [mask, halves.complement(mask)]) {
            assert!(!halves.measure(mask, &mut half));
            for (i, returns) in series.iter().enumerate() {
                let rows: Vec<f64> = (0..6)
                    .filter(|block| mask >> block & 1 == 1)
                    .flat_map(|block| returns[block * 53 / 6..(block + 1) * 53 / 6].to_vec())
                    .collect();
                let ratio = risk::mean_return(&rows).unwrap() / risk::standard_deviation(&rows).unwrap();
                assert!((half.ratios[i] - ratio * ratio.abs()).abs() < 1e-12, "{mask:b} {i}");
            }
        }
    }

    #[test]
    fn ranks_are_shared_among_equals() {
        let half = Half { means: vec![0.0; 4], ratios: vec![0.2, 0.1, 0.2, 0.3] };
        assert_eq!((half.best(), half.doubled_rank(0), half.doubled_rank(1), half.doubled_rank(3)), (3, 5, 2, 8));
    }
}
