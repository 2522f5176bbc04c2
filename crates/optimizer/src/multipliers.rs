//! Multipliers in the form the engines use: one per row of the programme and one per cap.

/// Multipliers of the limits that couple assets, in units of the objective; rows in the order of the programme.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Multipliers {
    /// Positive when the upper limit of a row binds, negative when the lower limit does.
    pub(crate) rows: Vec<f64>,
    pub(crate) turnover: f64,
    pub(crate) leverage: f64,
    /// Multiplier of the cap on the squared tracking error.
    pub(crate) tracking: f64,
}

impl Multipliers {
    /// Zero multipliers for a programme of `rows` rows.
    pub(crate) fn zero(rows: usize) -> Self {
        Self { rows: vec![0.0; rows], ..Self::default() }
    }
}
