//! The points of one replication.

#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    pub(super) values: Vec<f64>,
    /// The portfolio factor of each point.
    pub(super) factors: Vec<f64>,
    pub(super) weights: Vec<f64>,
}
