use crate::Universe;

/// A `T × N` panel of simple returns per period (fractions): rows are dates, columns are assets.
///
/// Stored column by column, so that one asset's series is a slice.
///
/// # Example
/// ```
/// use portfolio_core::{ReturnPanel, Universe};
///
/// let universe = Universe::new(vec!["ETF".into(), "Gold".into()])?;
/// // Two observations are common to both: the last two of each.
/// let panel = ReturnPanel::common_tail(universe, &[&[0.01, 0.02, 0.03], &[-0.01, 0.01]])?;
/// assert_eq!(panel.periods(), 2);
/// assert_eq!(panel.series(0), Some(&[0.02, 0.03][..]));
/// assert_eq!(panel.portfolio_returns(&[0.5, 0.5])?, [0.005, 0.02]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ReturnPanel {
    universe: Universe,
    periods: usize,
    values: Vec<f64>,
}

/// Histories that do not form a panel.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PanelError {
    /// There are not as many series as assets.
    #[error("{assets} assets need as many return series, got {series}")]
    SeriesCount {
        /// Assets in the universe.
        assets: usize,
        /// Series given.
        series: usize,
    },
    /// There are not as many weights as assets.
    #[error("{assets} assets need as many weights, got {weights}")]
    WeightCount {
        /// Assets in the universe.
        assets: usize,
        /// Weights given.
        weights: usize,
    },
    /// A return is NaN or infinite.
    #[error("return {period} of asset {asset} is not a finite number")]
    NotFinite {
        /// Position of the asset.
        asset: usize,
        /// Position in its series.
        period: usize,
    },
}

impl ReturnPanel {
    /// Aligns series that end on the same date: keeps the last `T` returns of each, `T` the length of the shortest.
    ///
    /// `series`: one slice per asset, oldest first. `T` may be 0.
    ///
    /// # Errors
    /// [`PanelError`] when a series is missing or a kept return is not finite.
    pub fn common_tail(universe: Universe, series: &[&[f64]]) -> Result<Self, PanelError> {
        if series.len() != universe.len() {
            return Err(PanelError::SeriesCount { assets: universe.len(), series: series.len() });
        }
        let periods = series.iter().map(|s| s.len()).min().unwrap_or(0);
        let mut values = Vec::with_capacity(periods * series.len());
        for (asset, s) in series.iter().enumerate() {
            let start = s.len() - periods;
            if let Some(bad) = s[start..].iter().position(|r| !r.is_finite()) {
                return Err(PanelError::NotFinite { asset, period: start + bad });
            }
            values.extend_from_slice(&s[start..]);
        }
        Ok(Self { universe, periods, values })
    }

    /// The assets, in column order.
    #[must_use]
    pub fn universe(&self) -> &Universe {
        &self.universe
    }

    /// `T`, the number of rows.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.periods
    }

    /// `N`, the number of columns.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.universe.len()
    }

    /// Returns of one asset, oldest first, length `T`; `None` when `asset` is not a column.
    #[must_use]
    pub fn series(&self, asset: usize) -> Option<&[f64]> {
        (asset < self.assets()).then(|| self.column(asset))
    }

    /// Returns of fixed weights rebalanced every period, `r_t = Σ wᵢ·r_{t,i}`, length `T`.
    ///
    /// Whatever the weights leave out of one is cash that earns nothing; weights may be negative.
    ///
    /// # Errors
    /// [`PanelError::WeightCount`] when there are not `N` weights.
    pub fn portfolio_returns(&self, weights: &[f64]) -> Result<Vec<f64>, PanelError> {
        if weights.len() != self.assets() {
            return Err(PanelError::WeightCount { assets: self.assets(), weights: weights.len() });
        }
        let mut out = vec![0.0; self.periods];
        for (asset, &w) in weights.iter().enumerate() {
            if w != 0.0 {
                for (o, r) in out.iter_mut().zip(self.column(asset)) {
                    *o += w * r;
                }
            }
        }
        Ok(out)
    }

    fn column(&self, asset: usize) -> &[f64] {
        &self.values[asset * self.periods..(asset + 1) * self.periods]
    }
}
