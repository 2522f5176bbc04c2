//! The cost of forced sales.

use super::error::ScenarioError;

/// The cost of closing the positions at once under stated haircuts.
#[derive(Debug, Clone, PartialEq)]
pub struct LiquidationHaircut {
    /// Cost of each position, `|value| × haircut`, in the unit of the values; none without a haircut.
    pub costs: Vec<Option<f64>>,
    /// Sum of the costs that exist; none when there is none.
    pub total: Option<f64>,
    /// Absolute value of the positions with a haircut over that of all positions; 1 when there is nothing to sell.
    pub covered_weight: f64,
}

/// Cost of closing positions at stated haircuts.
///
/// * `values`: position values, negative for short positions: buying them back also has a cost.
/// * `haircuts_bps`: cost in basis points of the value, from 0 to 10,000; `None` if the caller states none; there is no
///   default.
///
/// # Errors
/// [`ScenarioError::Length`], [`ScenarioError::OutOfRange`].
pub fn liquidation_haircut(values: &[f64], haircuts_bps: &[Option<f64>]) -> Result<LiquidationHaircut, ScenarioError> {
    if values.len() != haircuts_bps.len() {
        return Err(ScenarioError::Length { found: haircuts_bps.len(), assets: values.len() });
    }
    if let Some(&value) = values.iter().find(|value| !value.is_finite()) {
        return Err(ScenarioError::OutOfRange { what: "value", value });
    }
    if let Some(&value) = haircuts_bps.iter().flatten().find(|bps| !(0.0..=10_000.0).contains(*bps)) {
        return Err(ScenarioError::OutOfRange { what: "haircut", value });
    }
    let costs: Vec<Option<f64>> =
        values.iter().zip(haircuts_bps).map(|(value, bps)| bps.map(|bps| value.abs() * bps / 1e4)).collect();
    let gross: f64 = values.iter().map(|value| value.abs()).sum();
    let covered: f64 = values.iter().zip(&costs).filter(|(_, cost)| cost.is_some()).map(|(value, _)| value.abs()).sum();
    let total = costs.iter().flatten().copied().reduce(|a, b| a + b);
    Ok(LiquidationHaircut { costs, total, covered_weight: if gross > 0.0 { covered / gross } else { 1.0 } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_without_a_haircut_are_not_free() {
        let cost = liquidation_haircut(&[1000.0, -500.0, 500.0], &[Some(100.0), Some(200.0), None]).unwrap();
        assert_eq!(cost.costs, [Some(10.0), Some(10.0), None]);
        assert_eq!((cost.total, cost.covered_weight), (Some(20.0), 0.75));
        let unknown = liquidation_haircut(&[1000.0], &[None]).unwrap();
        assert_eq!((unknown.total, unknown.covered_weight), (None, 0.0));
        assert!(liquidation_haircut(&[1.0], &[]).is_err());
        assert!(liquidation_haircut(&[1.0], &[Some(-1.0)]).is_err());
        assert!(liquidation_haircut(&[f64::NAN], &[None]).is_err());
    }
}
