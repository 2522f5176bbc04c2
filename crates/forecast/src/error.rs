//! Why a forecast or a tilt is rejected.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why a forecast or a tilt is rejected. Assets and returns are counted from zero.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ForecastError {
    /// A return is NaN, infinite, or too large to be squared.
    #[error(
        "return {nth_index} of asset {nth_asset} is {value}, from which no variance can be computed",
        nth_index = index + 1, nth_asset = asset + 1
    )]
    Return {
        /// Index of the asset.
        asset: usize,
        /// Position in its history, oldest first.
        index: usize,
        /// The rejected value.
        value: f64,
    },
    /// The market return of an asset is NaN or infinite.
    #[error("the market return of asset {} is {value}, not a finite number", asset + 1, value = portfolio_core::Written(*value))]
    MarketReturn {
        /// Index of the asset.
        asset: usize,
        /// The rejected value.
        value: f64,
    },
    /// The policy weight of an asset is NaN or infinite.
    #[error("the policy weight of asset {} is {value}, not a finite number", asset + 1, value = portfolio_core::Written(*value))]
    PolicyWeight {
        /// Index of the asset.
        asset: usize,
        /// The rejected value.
        value: f64,
    },
    /// A feature, which is an input other than returns, is outside its range.
    #[error("{feature} is {value}, expected {expected}", value = portfolio_core::Written(*value))]
    Feature {
        /// Name of the feature.
        feature: &'static str,
        /// The rejected value.
        value: f64,
        /// The accepted range.
        expected: &'static str,
    },
    /// Returns and risk aversion are so large that the return implied by the policy for an asset is not a finite
    /// number.
    #[error("the return that the policy implies for asset {} is not a finite number", asset + 1)]
    ImpliedReturn {
        /// Index of the asset.
        asset: usize,
    },
    /// A field of one asset's tilt input is outside its range.
    #[error("{field} of asset {} is {value}, expected {expected}", asset + 1, value = portfolio_core::Written(*value))]
    TiltAsset {
        /// Index of the asset.
        asset: usize,
        /// Name of the field.
        field: &'static str,
        /// The rejected value.
        value: f64,
        /// The accepted range.
        expected: &'static str,
    },
    /// An option is outside its range.
    #[error("option {option} is {value}, expected {expected}", value = portfolio_core::Written(*value))]
    Option {
        /// Name of the option.
        option: &'static str,
        /// The rejected value.
        value: f64,
        /// The accepted range.
        expected: &'static str,
    },
    /// A forecaster with this id is registered already.
    #[error("a forecaster with the id {id:?} is registered already")]
    RepeatedId {
        /// The repeated id.
        id: String,
    },
    /// A forecaster from outside this crate failed.
    #[error("the forecaster {id:?} failed")]
    Forecaster {
        /// Its id.
        id: String,
        /// Why it failed.
        source: ForecasterFailure,
    },
}

impl ForecastError {
    /// Wraps the error of a forecaster from outside this crate.
    ///
    /// # Example
    /// ```
    /// use std::error::Error;
    ///
    /// let error = forecast::ForecastError::forecaster("hmm-v1", "the chain has no stationary state");
    /// assert_eq!(error.to_string(), "the forecaster \"hmm-v1\" failed");
    /// assert_eq!(error.source().unwrap().to_string(), "the chain has no stationary state");
    /// ```
    pub fn forecaster(id: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Forecaster { id: id.into(), source: ForecasterFailure(Arc::from(source.into())) }
    }
}

/// The error of a forecaster from outside this crate, shared so that [`ForecastError`] can be cloned.
///
/// Two failures are equal when they are clones of each other.
#[derive(Debug, Clone)]
pub struct ForecasterFailure(Arc<dyn Error + Send + Sync>);

impl PartialEq for ForecasterFailure {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Display for ForecasterFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for ForecasterFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Rejects an option outside its range; `inside` is false for NaN, because every comparison with NaN is false.
pub(crate) fn require(
    inside: bool,
    option: &'static str,
    value: f64,
    expected: &'static str,
) -> Result<(), ForecastError> {
    if inside { Ok(()) } else { Err(ForecastError::Option { option, value, expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_the_chain_of_causes() {
        let inner = ForecastError::RepeatedId { id: "a".to_owned() };
        let outer = ForecastError::forecaster("b", ForecastError::forecaster("c", inner.clone()));
        let middle = outer.source().unwrap();
        assert_eq!(middle.to_string(), "the forecaster \"c\" failed");
        assert_eq!(middle.source().unwrap().to_string(), inner.to_string());
    }

    #[test]
    fn clones_of_a_failure_are_equal() {
        let error = ForecastError::forecaster("a", "no");
        assert_eq!(error, error.clone());
        assert_ne!(error, ForecastError::forecaster("a", "no"));
    }
}
