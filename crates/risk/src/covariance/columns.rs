//! The returns of a panel, laid out for the matrix product.

use portfolio_core::return_rounding;

use crate::UnavailableReason;
use crate::spread::Spread;
use crate::sums::largest_size;

/// Number of columns whose returns of one period are stored side by side: one or two vector registers, four without
/// AVX.
pub(super) const STRIP: usize = 8;

/// The result of reading every column once.
pub(super) struct Columns<'a> {
    columns: &'a [&'a [f64]],
    pub(super) observations: usize,
    means: Vec<f64>,
    largest: f64,
}

impl<'a> Columns<'a> {
    /// Reads finite columns of `observations` returns each; a column stays in cache for its passes.
    pub(super) fn of(columns: &'a [&'a [f64]], observations: usize) -> Self {
        let mut means = Vec::with_capacity(columns.len());
        let mut largest = 0.0_f64;
        for column in columns {
            largest = largest.max(largest_size(column));
            means.push(if column.is_empty() { 0.0 } else { Spread::mean_of(column) });
        }
        Self { columns, observations, means, largest }
    }

    /// Positions of the columns that vary by more than rounding error. A column with one return counts as varying.
    pub(super) fn varying(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|&asset| self.varies(asset)).collect()
    }

    fn varies(&self, asset: usize) -> bool {
        let (column, mean) = (self.columns[asset], self.means[asset]);
        // One return this far from the mean is enough spread by itself, and it is usually found within a return or two.
        let far = return_rounding(1.0 + mean.abs()) * (column.len() as f64).sqrt();
        column.iter().any(|x| (x - mean).abs() > far)
            || Spread::of(column).divisor() != Err(UnavailableReason::ZeroVolatility)
    }

    /// The returns minus their means.
    pub(super) fn centred(&self) -> Strips {
        self.lay(&self.means)
    }

    /// The returns, each row multiplied by the root of its weight.
    pub(super) fn weighted(&self, weights: &[f64]) -> Strips {
        let mut panel = self.lay(&vec![0.0; self.columns.len()]);
        let roots: Vec<f64> = weights.iter().map(|w| w.sqrt()).collect();
        for strip in panel.values.chunks_exact_mut(self.observations) {
            for (row, root) in strip.iter_mut().zip(&roots) {
                row.iter_mut().for_each(|x| *x *= root);
            }
        }
        panel
    }

    fn lay(&self, shift: &[f64]) -> Strips {
        let (order, observations) = (self.columns.len(), self.observations);
        let unit = if self.largest > 0.0 { self.largest.log2().floor().clamp(-1000.0, 1000.0).exp2() } else { 1.0 };
        // A power of two: multiplying by its inverse is exact, and cheaper than dividing.
        let inverse = 1.0 / unit;
        let mut values = Vec::with_capacity(order.div_ceil(STRIP) * observations);
        for first in (0..order).step_by(STRIP) {
            // The last strip is padded with columns that are multiplied by zero.
            let at = |k: usize| (first + k).min(order - 1);
            let columns: [&[f64]; STRIP] = std::array::from_fn(|k| &self.columns[at(k)][..observations]);
            let shifts: [f64; STRIP] = std::array::from_fn(|k| shift[at(k)]);
            let scales: [f64; STRIP] = std::array::from_fn(|k| if first + k < order { inverse } else { 0.0 });
            values.extend(
                (0..observations)
                    .map(|t| -> [f64; STRIP] { std::array::from_fn(|k| (columns[k][t] - shifts[k]) * scales[k]) }),
            );
        }
        Strips { values, order, observations, unit }
    }
}

/// A working copy of the returns, in a unit in which powers neither overflow nor underflow.
///
/// The columns are stored in strips of eight, one strip after the other. Within a strip, the eight returns of a period
/// lie side by side. Columns that pad the last strip are zero.
pub(super) struct Strips {
    values: Vec<[f64; STRIP]>,
    pub(super) order: usize,
    pub(super) observations: usize,
    /// The power of two the returns were divided by.
    pub(super) unit: f64,
}

impl Strips {
    /// Strip `s`, one row per period.
    pub(super) fn strip(&self, s: usize) -> &[[f64; STRIP]] {
        &self.values[s * self.observations..(s + 1) * self.observations]
    }

    /// Number of strips.
    pub(super) fn strips(&self) -> usize {
        self.order.div_ceil(STRIP)
    }

    /// Sums of `periods` consecutive rows, one for each period from which they fit; `periods` is at least 1 and at most
    /// the number of rows.
    pub(super) fn overlapping(&self, periods: usize) -> Self {
        let observations = self.observations + 1 - periods;
        let sum = |rows: &[[f64; STRIP]]| {
            let mut total = [0.0; STRIP];
            for row in rows {
                for (t, x) in total.iter_mut().zip(row) {
                    *t += x;
                }
            }
            total
        };
        let values = (0..self.strips()).flat_map(|s| self.strip(s).windows(periods).map(sum)).collect();
        Self { values, order: self.order, observations, unit: self.unit }
    }

    /// Converts a matrix of products to the unit of the returns. The unit is a power of two, so this is exact.
    pub(super) fn in_returns(&self, mut matrix: Vec<f64>) -> Vec<f64> {
        rescale(&mut matrix, self.unit);
        rescale(&mut matrix, self.unit);
        matrix
    }
}

/// Multiplies every entry by a factor.
pub(super) fn rescale(matrix: &mut [f64], factor: f64) {
    matrix.iter_mut().for_each(|v| *v *= factor);
}
