//! The history of log-returns on which laws are based.

use crate::{LawInput, LawSubject, StressError, history::log_returns, portfolio_law::check_periods_per_year};

/// Minimum number of returns for resampling.
pub const FEWEST_RETURNS: usize = 60;

/// Log-returns of several assets on the same days, less their means.
#[derive(Debug, Clone, PartialEq)]
pub struct LogHistory {
    centred: Vec<Vec<f64>>,
    periods_per_year: f64,
}

impl LogHistory {
    /// The history of simple returns: one column per asset (fractions, oldest first), all of the same length.
    ///
    /// # Errors
    /// [`StressError::NoAssets`], [`StressError::HistoryLength`], [`StressError::HistoryTooShort`] below [`FEWEST_RETURNS`],
    /// [`StressError::TotalLoss`], [`StressError::NotFinite`], [`StressError::ConstantHistory`], [`StressError::PeriodsPerYear`].
    pub fn from_returns(columns: &[impl AsRef<[f64]>], periods_per_year: f64) -> Result<Self, StressError> {
        check_periods_per_year(periods_per_year)?;
        let periods = columns.first().ok_or(StressError::NoAssets)?.as_ref().len();
        let mut centred = Vec::with_capacity(columns.len());
        for (asset, column) in columns.iter().map(AsRef::as_ref).enumerate() {
            if column.len() != periods {
                return Err(StressError::HistoryLength { asset, found: column.len(), periods });
            }
            if column.iter().any(|r| !r.is_finite()) {
                return Err(StressError::NotFinite { input: LawInput::Return, subject: LawSubject::Asset(asset) });
            }
            if periods < FEWEST_RETURNS {
                return Err(StressError::HistoryTooShort { found: periods, needed: FEWEST_RETURNS });
            }
            if column.iter().all(|r| *r == column[0]) {
                return Err(StressError::ConstantHistory { asset });
            }
            let mut logs = log_returns(column, LawSubject::Asset(asset))?;
            let mean = logs.iter().sum::<f64>() / periods as f64;
            logs.iter_mut().for_each(|l| *l -= mean);
            centred.push(logs);
        }
        Ok(Self { centred, periods_per_year })
    }

    /// Log-returns less their mean, one column per asset.
    #[must_use]
    pub fn centred(&self) -> &[Vec<f64>] {
        &self.centred
    }

    /// Number of days.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.centred[0].len()
    }

    /// Days in a year.
    #[must_use]
    pub fn periods_per_year(&self) -> f64 {
        self.periods_per_year
    }

    /// `ln(mean of eˣ)` over the days of one asset.
    pub(super) fn convexity(&self, asset: usize) -> f64 {
        let column = &self.centred[asset];
        (column.iter().map(|x| crate::elementary::exp(*x)).sum::<f64>() / column.len() as f64).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degenerate_histories_are_refused_by_name() {
        let good: Vec<f64> = (0..80).map(|t| 0.001 * f64::from(t % 7 - 3)).collect();
        let of = |columns: &[Vec<f64>]| LogHistory::from_returns(columns, 252.0).map(|_| ()).unwrap_err();
        assert_eq!(of(&[]), StressError::NoAssets);
        assert_eq!(of(&[good.clone(), vec![0.01; 80]]), StressError::ConstantHistory { asset: 1 });
        assert_eq!(of(&[good[..59].to_vec()]), StressError::HistoryTooShort { found: 59, needed: 60 });
        assert!(matches!(of(&[good.clone(), good[..70].to_vec()]), StressError::HistoryLength { asset: 1, .. }));
        let history = LogHistory::from_returns(&[good], 252.0).unwrap();
        assert!(history.centred()[0].iter().sum::<f64>().abs() < 1e-12);
    }
}
