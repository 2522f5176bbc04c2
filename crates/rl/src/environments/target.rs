//! The weight to which a band or an intensity leads.

/// The weight after a trade to the nearest edge of `[lower, upper]`, or no trade inside it.
pub(super) fn into_band(weight: f64, lower: f64, upper: f64) -> f64 {
    weight.clamp(lower, upper.max(lower))
}

/// Maps −1 to 1 to `low` to `high`; numbers beyond give the nearer end.
pub(super) fn onto(action: f64, low: f64, high: f64) -> f64 {
    low + (high - low) * (action.clamp(-1.0, 1.0) + 1.0) / 2.0
}
