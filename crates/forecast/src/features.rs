//! What a forecaster may know about assets beyond their returns.

/// What is known about the assets of a panel beyond their returns, borrowed from whoever knows it.
///
/// Starts empty and is filled by `with_` methods, so that a new feature changes neither callers nor forecasters.
///
/// # Example
/// ```
/// use forecast::AssetFeatures;
///
/// let features = AssetFeatures::default().with_market_returns(&[None, Some(0.004)]);
/// assert_eq!(features.market_return(1), Some(0.004));
/// // Nothing is known about an asset beyond the end of the list.
/// assert_eq!(features.market_return(7), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AssetFeatures<'a> {
    market_returns: &'a [Option<f64>],
}

impl<'a> AssetFeatures<'a> {
    /// Adds the caller's own estimates of the next return, in the order of the panel: simple returns per period, fractions.
    #[must_use]
    pub fn with_market_returns(mut self, market_returns: &'a [Option<f64>]) -> Self {
        self.market_returns = market_returns;
        self
    }

    /// The caller's own estimate of an asset's next return; `None` when there is none.
    #[must_use]
    pub fn market_return(&self, asset: usize) -> Option<f64> {
        self.market_returns.get(asset).copied().flatten()
    }
}
