//! A checked panel of returns, laid out for the matrix product.

use crate::error::{RiskInput, check_series};
use crate::spread::{Spread, rounding};
use crate::{RiskError, UnavailableReason};

/// Columns whose returns of one period lie side by side: one or two vector registers, four without AVX.
pub(super) const STRIP: usize = 8;

/// What one reading of every column tells.
pub(super) struct Columns<'a> {
    columns: &'a [&'a [f64]],
    pub(super) observations: usize,
    means: Vec<f64>,
    largest: f64,
}

impl<'a> Columns<'a> {
    /// Checks lengths and numbers. Each column is read once from memory and stays in cache for its three passes.
    pub(super) fn check(columns: &'a [&'a [f64]]) -> Result<Self, RiskError> {
        let observations = columns.first().ok_or(RiskError::Empty)?.len();
        let mut means = Vec::with_capacity(columns.len());
        let mut largest = 0.0_f64;
        for (asset, column) in columns.iter().enumerate() {
            check_series(RiskInput::Asset(asset), observations, column)?;
            largest = column.iter().fold(largest, |m, x| m.max(x.abs()));
            means.push(if column.is_empty() { 0.0 } else { Spread::mean_of(column) });
        }
        Ok(Self { columns, observations, means, largest })
    }

    /// Positions of the columns that vary beyond rounding; a column of one return counts as one that varies.
    pub(super) fn varying(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|&asset| self.varies(asset)).collect()
    }

    fn varies(&self, asset: usize) -> bool {
        let (column, mean) = (self.columns[asset], self.means[asset]);
        // One return this far from the mean is spread enough by itself, which is known after a return or two.
        let far = rounding(1.0 + mean.abs()) * (column.len() as f64).sqrt();
        column.iter().any(|x| (x - mean).abs() > far)
            || Spread::of(column).divisor() != Err(UnavailableReason::ZeroVolatility)
    }

    /// The returns less their means.
    pub(super) fn centred(&self) -> Panel {
        self.lay(&self.means)
    }

    /// The returns, each row times the root of its weight.
    pub(super) fn weighted(&self, weights: &[f64]) -> Panel {
        let mut panel = self.lay(&vec![0.0; self.columns.len()]);
        let roots: Vec<f64> = weights.iter().map(|w| w.sqrt()).collect();
        for strip in panel.values.chunks_exact_mut(self.observations) {
            for (row, root) in strip.iter_mut().zip(&roots) {
                row.iter_mut().for_each(|x| *x *= root);
            }
        }
        panel
    }

    fn lay(&self, shift: &[f64]) -> Panel {
        let (order, observations) = (self.columns.len(), self.observations);
        let unit = if self.largest > 0.0 { self.largest.log2().floor().clamp(-1000.0, 1000.0).exp2() } else { 1.0 };
        // A power of two: multiplying by its inverse is exact, and cheaper than dividing.
        let inverse = 1.0 / unit;
        let mut values = Vec::with_capacity(order.div_ceil(STRIP) * observations);
        for first in (0..order).step_by(STRIP) {
            // The last strip is filled up with columns that are multiplied by zero.
            let at = |k: usize| (first + k).min(order - 1);
            let columns: [&[f64]; STRIP] = std::array::from_fn(|k| &self.columns[at(k)][..observations]);
            let shifts: [f64; STRIP] = std::array::from_fn(|k| shift[at(k)]);
            let scales: [f64; STRIP] = std::array::from_fn(|k| if first + k < order { inverse } else { 0.0 });
            values.extend(
                (0..observations)
                    .map(|t| -> [f64; STRIP] { std::array::from_fn(|k| (columns[k][t] - shifts[k]) * scales[k]) }),
            );
        }
        Panel { values, order, observations, unit }
    }
}

/// A working copy of the panel in a unit in which powers neither overflow nor vanish.
///
/// Strips of eight columns, one after the other; within a strip the eight returns of a period lie side by side. Columns
/// that fill up the last strip are zero.
pub(super) struct Panel {
    values: Vec<[f64; STRIP]>,
    pub(super) order: usize,
    pub(super) observations: usize,
    /// The power of two the returns were divided by.
    pub(super) unit: f64,
}

impl Panel {
    /// Strip `s`, one row per period.
    pub(super) fn strip(&self, s: usize) -> &[[f64; STRIP]] {
        &self.values[s * self.observations..(s + 1) * self.observations]
    }

    /// How many strips there are.
    pub(super) fn strips(&self) -> usize {
        self.order.div_ceil(STRIP)
    }
}
