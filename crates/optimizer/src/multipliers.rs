//! Multipliers as the engines keep them: one per row of the programme, one per cap.

/// Multipliers of the limits that couple assets, in units of the objective; rows in the order of the programme.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Multipliers {
    /// Positive where the upper limit of a row binds, negative where the lower one does.
    pub(crate) rows: Vec<f64>,
    pub(crate) turnover: f64,
    pub(crate) leverage: f64,
    /// Of the cap on the squared tracking error.
    pub(crate) tracking: f64,
}

impl Multipliers {
    /// All zero, for a programme of `rows` rows.
    pub(crate) fn zero(rows: usize) -> Self {
        Self { rows: vec![0.0; rows], ..Self::default() }
    }
}
