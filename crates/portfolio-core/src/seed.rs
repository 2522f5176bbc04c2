//! The seed of a simulation.

use serde::Serialize;

/// The seed of a simulation. Always an argument and always repeated in the report, so that a run can be replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Default for Seed {
    /// 42, the seed the first version of the product always used.
    fn default() -> Self {
        Self(42)
    }
}
