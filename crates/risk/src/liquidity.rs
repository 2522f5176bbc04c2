//! Time needed to sell positions at a share of the traded volume.

use serde::Serialize;

use crate::error::{RiskInput, check_finite, check_series};
use crate::sums::sum_map;
use crate::{RiskError, RiskParameter};

/// Days needed to close positions at a share of their daily volume.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExitSchedule {
    /// Days per position, in input order; absent for a position in an asset that does not trade.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.4, 2.5])))]
    pub days: Vec<Option<f64>>,
    /// Days until the last position is closed; absent when one of them cannot be closed.
    #[cfg_attr(feature = "openapi", schema(required, example = 3.5))]
    pub portfolio_days: Option<f64>,
    /// Sum of the absolute values of all positions.
    #[cfg_attr(feature = "openapi", schema(example = 1250000.0))]
    pub gross_value: f64,
    /// Value that can be traded per day, by position.
    #[cfg_attr(feature = "openapi", schema(example = json!([400000.0, 430000.0])))]
    pub daily_capacity: Vec<f64>,
}

/// Days to exit each position when at most `participation` of its daily volume is traded:
/// `|value|/(participation·volume)`.
///
/// * `values`: position values, negative for short positions.
/// * `daily_volumes`: average daily traded value of each asset, 0 or more, in the same currency.
/// * `participation`: share of the volume, above 0 and at most 1.
///
/// # Errors
/// [`RiskError::LengthMismatch`], [`RiskError::NotFinite`], [`RiskError::OutOfRange`].
///
/// # Example
/// ```
/// let exit = risk::days_to_exit(&[1000.0, -500.0], &[2000.0, 10_000.0], 0.1)?;
/// assert_eq!(exit.days, [Some(5.0), Some(0.5)]);
/// assert_eq!(exit.portfolio_days, Some(5.0));
/// // After one day: 200 of the first position and all of the second.
/// assert!((exit.share_exited(1.0) - 700.0 / 1500.0).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn days_to_exit(values: &[f64], daily_volumes: &[f64], participation: f64) -> Result<ExitSchedule, RiskError> {
    check_finite(RiskInput::PositionValues, values)?;
    check_series(RiskInput::DailyVolumes, values.len(), daily_volumes)?;
    if !(participation > 0.0 && participation <= 1.0) {
        return Err(RiskError::OutOfRange { parameter: RiskParameter::Participation, value: participation });
    }
    if let Some(&value) = daily_volumes.iter().find(|v| **v < 0.0) {
        return Err(RiskError::OutOfRange { parameter: RiskParameter::DailyVolume, value });
    }
    let daily_capacity: Vec<f64> = daily_volumes.iter().map(|v| v * participation).collect();
    let days: Vec<Option<f64>> = values
        .iter()
        .zip(&daily_capacity)
        .map(
            |(value, capacity)| {
                if *value == 0.0 { Some(0.0) } else { Some(value.abs() / capacity).filter(|d| d.is_finite()) }
            },
        )
        .collect();
    let portfolio_days = days.iter().try_fold(0.0_f64, |most, d| d.map(|d| most.max(d)));
    Ok(ExitSchedule { days, portfolio_days, gross_value: sum_map(values, f64::abs), daily_capacity })
}

impl ExitSchedule {
    /// Share of the gross value that is sold after `days`, from 0 to 1; 1 for an empty portfolio.
    #[must_use]
    pub fn share_exited(&self, days: f64) -> f64 {
        if self.gross_value <= 0.0 {
            return 1.0;
        }
        let sold = |(needed, capacity): (&Option<f64>, &f64)| match needed {
            Some(needed) => capacity * needed.min(days.max(0.0)),
            None => 0.0,
        };
        (self.days.iter().zip(&self.daily_capacity).map(sold).sum::<f64>() / self.gross_value).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_trade_cannot_be_sold() {
        let exit = days_to_exit(&[100.0, 0.0, 100.0], &[0.0, 0.0, 1000.0], 0.2).unwrap();
        assert_eq!((exit.days.clone(), exit.portfolio_days), (vec![None, Some(0.0), Some(0.5)], None));
        assert!((exit.share_exited(1e9) - 0.5).abs() < 1e-12);
        assert_eq!(days_to_exit(&[], &[], 0.2).unwrap().share_exited(0.0), 1.0);
    }

    #[test]
    fn bad_input_is_refused() {
        assert!(days_to_exit(&[1.0], &[], 0.1).is_err());
        assert!(days_to_exit(&[1.0], &[-1.0], 0.1).is_err());
        assert!(days_to_exit(&[1.0], &[1.0], 0.0).is_err());
        assert!(days_to_exit(&[f64::NAN], &[1.0], 0.1).is_err());
    }
}
