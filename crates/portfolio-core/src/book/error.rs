//! Errors of a book.

use crate::Money;

/// Why positions and cash do not form a book.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// The number of positions, weights or prices differs from the number of assets.
    #[error("{assets} assets need as many entries, got {got}")]
    Positions {
        /// Assets in the universe.
        assets: usize,
        /// Entries given.
        got: usize,
    },
    /// A quantity or value is negative or not finite.
    #[error("{value} of asset {} cannot be held", asset + 1, value = crate::Written(*value))]
    Size {
        /// Index of the asset.
        asset: usize,
        /// The rejected size.
        value: f64,
    },
    /// A price is not above zero.
    #[error("asset {} cannot have a price of {value}", asset + 1, value = crate::Written(*value))]
    Price {
        /// Index of the asset.
        asset: usize,
        /// The rejected price.
        value: f64,
    },
    /// A position in another currency has no exchange rate, or a position in the book's own currency has one.
    #[error("asset {} cannot be converted at {rate:?}", asset + 1)]
    Rate {
        /// Index of the asset.
        asset: usize,
        /// The rejected rate.
        rate: Option<f64>,
    },
    /// Lots are not positive, or do not add up to their position.
    #[error("the lots of asset {} come to {lots} units, its position to {quantity}", asset + 1)]
    Lots {
        /// Index of the asset.
        asset: usize,
        /// Sum of the lots, units.
        lots: f64,
        /// Units held.
        quantity: f64,
    },
    /// A weight is negative or not finite.
    #[error("asset {} cannot have a weight of {value}", asset + 1, value = crate::Written(*value))]
    Weight {
        /// Index of the asset.
        asset: usize,
        /// The rejected weight.
        value: f64,
    },
    /// Weights sum above one.
    #[error("weights sum to {sum}", sum = crate::Written(*sum))]
    WeightSum {
        /// Their sum.
        sum: f64,
    },
    /// Cash is below zero.
    #[error("cash is {cash}")]
    NegativeCash {
        /// The rejected cash.
        cash: Money,
    },
    /// NAV is zero, or more than can be booked.
    #[error("a net asset value of {value} cannot be booked", value = crate::Written(*value))]
    Nav {
        /// NAV, major units.
        value: f64,
    },
}
