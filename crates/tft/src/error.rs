//! Why something is refused.

use thiserror::Error;

/// Why a model, a panel or a run was refused.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum TftError {
    /// A number of a specification is outside its range.
    #[error("{member} is {value}, and must be {range}")]
    OutOfRange {
        /// The member of the specification.
        member: &'static str,
        /// What it is.
        value: f64,
        /// The allowed values.
        range: &'static str,
    },
    /// Names of inputs that are empty or appear twice.
    #[error("the input {name:?} has no name or the name of another")]
    Name {
        /// The name.
        name: String,
    },
    /// A series does not fit the specification.
    #[error("series {series}: {what}")]
    Series {
        /// Which one, from zero.
        series: usize,
        /// What is wrong with it.
        what: SeriesFault,
    },
    /// A window needs rows that a series does not have.
    #[error("the window of series {series} at row {origin} needs rows that the series does not have")]
    Window {
        /// Which series, from zero.
        series: usize,
        /// Its last observed row.
        origin: usize,
    },
    /// Too few windows for the request.
    #[error("{found} {of}, and at least {needed} are needed")]
    TooFew {
        /// What is missing.
        of: &'static str,
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The spread of an input is so small or large that training would fail silently.
    #[error("the standard deviation of {input} over the training rows is {spread:e}: scale it to between 0.01 and 100")]
    Unscaled {
        /// The name of the input, or `target`.
        input: String,
        /// Its standard deviation.
        spread: f64,
    },
    /// A loss or a weight is not finite.
    #[error("training diverged at step {step}: the loss or a weight is no finite number; lower the learning rate")]
    Diverged {
        /// The step.
        step: u64,
    },
    /// Stored weights do not match the specification.
    #[error("the tensors are not those of the specification, or a weight is not finite")]
    Tensors,
    /// A stored run cannot be read, or belongs to other windows.
    #[error("the checkpoint {0}")]
    Checkpoint(String),
    /// Bytes are not those of a model.
    #[error("the bytes are not those of a model: {0}")]
    Bytes(String),
    /// A test of the evaluation was refused.
    #[error("the comparison with unconditional quantiles was refused: {0}")]
    Comparison(String),
}

/// What is wrong with a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SeriesFault {
    /// The number of static values differs from the specification.
    #[error("the static values are not those of the specification")]
    Statics,
    /// A category does not exist in the specification.
    #[error("a category is outside its range")]
    Category,
    /// The number of columns differs from the specification, or rows are inconsistent.
    #[error("observed inputs, known inputs and target do not have the columns and rows that belong together")]
    Shape,
    /// A number is not finite.
    #[error("a number is not finite")]
    NotFinite,
}

/// Refuses values outside a range.
pub(crate) fn require(holds: bool, member: &'static str, value: f64, range: &'static str) -> Result<(), TftError> {
    if holds { Ok(()) } else { Err(TftError::OutOfRange { member, value, range }) }
}
