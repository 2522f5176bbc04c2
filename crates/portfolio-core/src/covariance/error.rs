//! Errors of a covariance matrix.

/// Why numbers do not form a covariance matrix.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CovarianceError {
    /// The number of entries, rows or weights does not fit the number of assets.
    #[error("expected {expected} entries, got {got}")]
    Size {
        /// How many are needed.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// A row does not have one entry per asset.
    #[error("row {} needs {expected} entries, got {got}", row + 1)]
    RowLength {
        /// The row.
        row: usize,
        /// How many entries it needs.
        expected: usize,
        /// How many it has.
        got: usize,
    },
    /// An entry is NaN or infinite.
    #[error("the entry in row {}, column {} is not a finite number", row + 1, column + 1)]
    NotFinite {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
    },
    /// A variance is below zero.
    #[error("the variance of asset {} is {value}", asset + 1, value = crate::Written(*value))]
    NegativeVariance {
        /// Index of the asset.
        asset: usize,
        /// The variance.
        value: f64,
    },
    /// Two mirrored entries differ by more than rounding error.
    #[error("the entry in row {}, column {} is {entry}, its mirror image is {mirror}", row + 1, column + 1)]
    NotSymmetric {
        /// The row, below the diagonal.
        row: usize,
        /// The column.
        column: usize,
        /// The entry there.
        entry: f64,
        /// The entry at the mirrored place.
        mirror: f64,
    },
    /// Some portfolio of the assets up to this one would have a negative variance.
    #[error("a portfolio of the assets up to {} would have a negative variance", asset + 1)]
    NotPositiveSemidefinite {
        /// Position of that asset.
        asset: usize,
    },
    /// The number of periods in a year is not a positive number.
    #[error("a year cannot have {value} periods", value = crate::Written(*value))]
    PeriodsPerYear {
        /// The rejected number.
        value: f64,
    },
    /// There is no asset at this position.
    #[error("there is no asset {}", asset + 1)]
    Asset {
        /// The rejected position.
        asset: usize,
    },
    /// A selection is empty or repeats an asset.
    #[error("a selection names each of its assets once, and at least one")]
    Selection,
}
