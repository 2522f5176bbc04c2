//! Sums of gradients by bin.

use super::bins::{BinnedRows, STRIDE};

/// Number of rows in a bin and the sum of their gradients.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Bin {
    pub(super) gradient: f64,
    pub(super) rows: u32,
}

/// The bins of all features, feature by feature.
#[derive(Debug, Clone)]
pub(super) struct Histogram(Vec<Bin>);

impl Histogram {
    /// The sums over some rows, for the features that are used. The order of the rows affects the last bit.
    pub(super) fn of(binned: &BinnedRows, used: &[usize], rows: &[u32], gradients: &[f64]) -> Self {
        let width = binned.features.len();
        let mut bins = vec![Bin::default(); width * STRIDE];
        for &row in rows {
            let gradient = gradients[row as usize];
            let of_row = binned.row(row);
            for &feature in used {
                let bin = &mut bins[feature * STRIDE + usize::from(of_row[feature])];
                bin.gradient += gradient;
                bin.rows += 1;
            }
        }
        Self(bins)
    }

    /// Empty sums, without features.
    pub(super) const fn empty() -> Self {
        Self(Vec::new())
    }

    /// These sums minus those of a part.
    pub(super) fn without(mut self, part: &Self) -> Self {
        for (whole, part) in self.0.iter_mut().zip(&part.0) {
            whole.gradient -= part.gradient;
            whole.rows -= part.rows;
        }
        self
    }

    /// The bins of a feature.
    pub(super) fn feature(&self, feature: usize) -> &[Bin] {
        &self.0[feature * STRIDE..(feature + 1) * STRIDE]
    }
}
