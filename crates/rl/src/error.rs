//! Why a network, a training or a step is refused.

use portfolio_core::{CoreError, MoneyError};
use thiserror::Error;

/// Why a network, a training or a step of an environment is refused.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum RlError {
    /// A network has no input, no output, or a layer without units.
    #[error("a network has at least one input, one output and one unit in every layer")]
    EmptyNetwork,
    /// A list has the wrong length.
    #[error("{name} has {found} entries, {expected} are needed")]
    Length {
        /// Which list.
        name: &'static str,
        /// Number of entries given.
        found: usize,
        /// Number of entries needed.
        expected: usize,
    },
    /// A setting is outside its range.
    #[error("{name} is {value}, and has to be {range}")]
    OutOfRange {
        /// Which setting.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The allowed values, in words.
        range: &'static str,
    },
    /// SAC needs an environment whose actions are numbers.
    #[error("this algorithm needs actions that are numbers, and the environment offers a choice")]
    DiscreteActions,
    /// A reward, an observation or a parameter is not a finite number: the training has diverged or the environment is faulty.
    #[error("{name} is not a finite number after {steps} steps")]
    NotFinite {
        /// Which value.
        name: &'static str,
        /// Steps of the environment so far.
        steps: usize,
    },
    /// The sizing of trades refused a step.
    #[error(transparent)]
    Sizing(#[from] CoreError),
    /// An amount cannot be booked.
    #[error(transparent)]
    Amount(#[from] MoneyError),
}

/// Refuses a setting outside its range.
pub(crate) fn within(name: &'static str, value: f64, ok: bool, range: &'static str) -> Result<(), RlError> {
    if ok && value.is_finite() { Ok(()) } else { Err(RlError::OutOfRange { name, value, range }) }
}

/// Refuses a list of the wrong length.
pub(crate) fn length(name: &'static str, found: usize, expected: usize) -> Result<(), RlError> {
    if found == expected { Ok(()) } else { Err(RlError::Length { name, found, expected }) }
}
