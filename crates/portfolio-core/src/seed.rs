//! The seed of the random numbers.

use std::fmt;

use serde::Serialize;

/// The seed of a simulation. It is always an argument and is repeated in the report, so that a run can be reproduced.
///
/// # Example
/// ```
/// use portfolio_core::Seed;
///
/// assert_eq!(Seed::from(7), Seed(7));
/// assert_eq!(Seed(7).to_string(), "7");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u64> for Seed {
    fn from(seed: u64) -> Self {
        Self(seed)
    }
}
