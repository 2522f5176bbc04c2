/// Why a forecast or a tilt was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ForecastError {
    /// A return is NaN, infinite, or too large for its square to be a number.
    #[error("return {index} of asset {asset} is {value}, which is not a number a variance can be computed from")]
    Return {
        /// Position of the asset.
        asset: usize,
        /// Position in its history, oldest first.
        index: usize,
        /// The value refused.
        value: f64,
    },
    /// The fallback forecast of an asset is NaN or infinite.
    #[error("the market return of asset {asset} is {value}, not a finite number")]
    MarketReturn {
        /// Position of the asset.
        asset: usize,
        /// The value refused.
        value: f64,
    },
    /// A member of one asset's tilt input is outside its range.
    #[error("{field} of asset {asset} is {value}, expected {expected}")]
    TiltAsset {
        /// Position of the asset.
        asset: usize,
        /// Name of the member.
        field: &'static str,
        /// The value refused.
        value: f64,
        /// The range that would have been accepted.
        expected: &'static str,
    },
    /// An option is outside its range.
    #[error("option {option} is {value}, expected {expected}")]
    Option {
        /// Name of the option.
        option: &'static str,
        /// The value refused.
        value: f64,
        /// The range that would have been accepted.
        expected: &'static str,
    },
    /// No model of this crate has this id.
    #[error("there is no forecast model {id:?}")]
    UnknownModel {
        /// The id asked for.
        id: String,
    },
}

/// Refuses an option outside its range; `inside` is false for NaN because every comparison with NaN is.
pub(crate) fn require(
    inside: bool,
    option: &'static str,
    value: f64,
    expected: &'static str,
) -> Result<(), ForecastError> {
    if inside { Ok(()) } else { Err(ForecastError::Option { option, value, expected }) }
}
