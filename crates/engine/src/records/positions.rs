//! What a stored request holds by quantity.

use serde_json::Value;

/// SentPositions and cash as they were sent, minor units.
pub(super) struct SentPositions {
    /// The value of each position; 0 outside the portfolio.
    pub(super) values: Vec<f64>,
    /// Cash; fractions of a minor unit are not booked.
    pub(super) cash: i64,
}

impl SentPositions {
    /// The positions of a request; `None` where none has a quantity.
    pub(super) fn read(request: &Value, minor_per_major: f64) -> Option<Self> {
        let assets = request["assets"].as_array()?;
        assets.iter().find(|asset| asset["quantity"].is_number())?;
        let value = |asset: &Value| match asset["role"] == "excluded" {
            true => Some(0.0),
            false => Some(asset["quantity"].as_f64()? * asset["price"].as_f64()? * minor_per_major),
        };
        Some(Self {
            values: assets.iter().map(value).collect::<Option<_>>()?,
            cash: booked(request["cash"].as_f64().unwrap_or(0.0), minor_per_major),
        })
    }

    /// What they come to.
    pub(super) fn total(&self) -> f64 {
        self.values.iter().sum::<f64>() + self.cash as f64
    }
}

/// Whole minor units in an amount: fractions of one are not booked, and a decimal a hair below a whole number is that number.
pub(super) fn booked(amount: f64, minor_per_major: f64) -> i64 {
    let scaled = amount * minor_per_major;
    if (scaled - scaled.round()).abs() < 1e-9 * scaled.max(1.0) { scaled.round() as i64 } else { scaled.floor() as i64 }
}
