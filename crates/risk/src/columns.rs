//! The series of a panel as slices of one length.

use crate::RiskError;
use crate::error::{RiskInput, check_series};

/// The series as slices, whatever container holds them.
pub(crate) fn slices<S: AsRef<[f64]>>(columns: &[S]) -> Vec<&[f64]> {
    columns.iter().map(AsRef::as_ref).collect()
}

/// Checks that the columns are finite and have the same length, and returns that length.
pub(crate) fn check_panel(columns: &[&[f64]]) -> Result<usize, RiskError> {
    let periods = columns.first().ok_or(RiskError::Empty)?.len();
    for (asset, column) in columns.iter().enumerate() {
        check_series(RiskInput::Asset(asset), periods, column)?;
    }
    Ok(periods)
}
