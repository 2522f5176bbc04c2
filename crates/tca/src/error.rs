//! Why an execution cannot be measured.

/// Errors in an order and its fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TcaError {
    /// The quantity of the order is zero.
    #[error("the quantity of the order is zero")]
    NothingOrdered,
    /// The quantity of a fill is zero.
    #[error("the quantity of fill {} is zero", index + 1)]
    EmptyFill {
        /// Position of the first such fill, from 0.
        index: usize,
    },
    /// The fills add up to more than the order.
    #[error("the fills add up to more than the quantity of the order")]
    Overfilled,
    /// A price is zero.
    #[error("a price is zero")]
    FreePrice,
    /// Two amounts of one order are in different currencies.
    #[error("the amounts of the order are in different currencies")]
    MixedCurrencies,
    /// The digits of prices, quantities and their products do not fit into 128 bits.
    #[error("prices and quantities have more digits than can be multiplied exactly")]
    TooManyDigits,
}
