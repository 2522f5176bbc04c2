//! The data about the assets besides the book: histories, volumes, a benchmark.

use portfolio_core::ReturnPanel;

/// The market data of a run. It borrows everything, so a backtest can make thousands of these from one panel.
///
/// # Example
/// ```
/// use pipeline::MarketData;
/// use portfolio_core::{ReturnPanel, Universe};
///
/// let panel = ReturnPanel::new(Universe::new(["Stocks", "Bonds"])?, vec![vec![0.01, -0.02], vec![0.001, 0.002]])?;
/// let volumes = [Some(2_000.0), None];
/// let market = MarketData::new(&panel).with_volumes(&volumes);
/// assert_eq!((market.volume(0), market.volume(1)), (Some(2_000.0), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct MarketData<'a> {
    /// Simple returns of each asset, in the order of the book, all ending in the same period; a history may be empty.
    pub panel: &'a ReturnPanel,
    /// The caller's own estimate of each asset's next return, if known; empty for none.
    pub market_returns: &'a [Option<f64>],
    /// Units of each asset traded on an average day, if known; empty for none.
    pub average_daily_volumes: &'a [Option<f64>],
    /// Simple returns of the benchmark, ending in the period of the last return.
    pub benchmark: Option<&'a [f64]>,
}

impl<'a> MarketData<'a> {
    /// Market data with histories only.
    #[must_use]
    pub fn new(panel: &'a ReturnPanel) -> Self {
        Self { panel, market_returns: &[], average_daily_volumes: &[], benchmark: None }
    }

    /// Adds the caller's own estimates of the next returns.
    #[must_use]
    pub fn with_market_returns(self, market_returns: &'a [Option<f64>]) -> Self {
        Self { market_returns, ..self }
    }

    /// Adds volumes.
    #[must_use]
    pub fn with_volumes(self, average_daily_volumes: &'a [Option<f64>]) -> Self {
        Self { average_daily_volumes, ..self }
    }

    /// Adds a benchmark.
    #[must_use]
    pub fn with_benchmark(self, benchmark: Option<&'a [f64]>) -> Self {
        Self { benchmark, ..self }
    }

    /// Units of an asset traded on an average day, if known.
    #[must_use]
    pub fn volume(&self, asset: usize) -> Option<f64> {
        self.average_daily_volumes.get(asset).copied().flatten()
    }

    /// The history of an asset; empty if there is none.
    pub(crate) fn history(&self, asset: usize) -> &'a [f64] {
        self.panel.series(asset).unwrap_or_default()
    }
}
