//! Errors of histories.

/// Why histories do not form a panel, or why a requested part of it does not exist.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PanelError {
    /// The number of series differs from the number of assets.
    #[error("{assets} assets need as many return series, got {series}")]
    SeriesCount {
        /// Assets in the universe.
        assets: usize,
        /// Series given.
        series: usize,
    },
    /// The number of weights differs from the number of assets.
    #[error("{assets} assets need as many weights, got {weights}")]
    WeightCount {
        /// Assets in the universe.
        assets: usize,
        /// Weights given.
        weights: usize,
    },
    /// The number of dates differs from the number of periods.
    #[error("{periods} periods need as many dates, got {dates}")]
    DateCount {
        /// Periods of the panel.
        periods: usize,
        /// Dates given.
        dates: usize,
    },
    /// A date does not come after the one before it.
    #[error("the date of period {} is not after the one before it", period + 1)]
    DateOrder {
        /// The period.
        period: usize,
    },
    /// A return is NaN or infinite.
    #[error("return {} of asset {} is not a finite number", period + 1, asset + 1)]
    NotFinite {
        /// Index of the asset.
        asset: usize,
        /// Position in its series.
        period: usize,
    },
    /// A window reaches beyond the panel.
    #[error("there are {periods} periods, not {start} to {end}")]
    Window {
        /// First period requested.
        start: usize,
        /// End of the requested range, exclusive.
        end: usize,
        /// Periods of the panel.
        periods: usize,
    },
    /// A selection is empty, repeats a column, or contains an asset that is not a column.
    #[error("a selection names at least one column, and each once")]
    Selection,
}
