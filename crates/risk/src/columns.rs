//! The series of a panel as slices of one length.

use crate::RiskError;
use crate::error::{RiskInput, check_series};

/// Whatever holds the series, seen as slices.
pub(crate) fn slices<S: AsRef<[f64]>>(columns: &[S]) -> Vec<&[f64]> {
    columns.iter().map(AsRef::as_ref).collect()
}

/// Checks that the columns are finite and of one length, which it returns.
pub(crate) fn check_panel(columns: &[&[f64]]) -> Result<usize, RiskError> {
    let periods = columns.first().ok_or(RiskError::Empty)?.len();
    for (asset, column) in columns.iter().enumerate() {
        check_series(RiskInput::Asset(asset), periods, column)?;
    }
    Ok(periods)
}
