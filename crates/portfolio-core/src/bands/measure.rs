//! Drift as a share of the target, and drift as risk.
//!
//! `(w − t)/t` is the measure of relative bands: 24 % held against 20 % is a relative drift of 20 %. `√(d'Σd)` is the
//! tracking error that the drifts `d = w − t` imply: 5 points too much of one asset and too little of another, both
//! with a volatility of 20 % and uncorrelated, are `0.05·√(2·0.04)` = 1.41 % a year.
//!
//! # Reference
//! Grinold and Kahn (2000), "Active Portfolio Management", chapter 3: tracking error as `√(d'Σd)`.

use crate::drift::exceeds_band;
use crate::{Covariance, CovarianceError};

/// Drift of one asset as a share of its target, `(w − t)/t`.
///
/// An asset held against a target of zero has no such share. It is breached by definition, and its share is printed as
/// absent (null): a sale of all of it is due, whatever its size.
///
/// # Example
/// ```
/// use portfolio_core::bands::{RelativeDrift, relative_drift};
///
/// assert_eq!(relative_drift(0.24, 0.20).share().map(|share| (share * 1e6).round()), Some(200_000.0));
/// assert_eq!(relative_drift(0.0, 0.20), RelativeDrift::Share(-1.0));
/// assert_eq!(relative_drift(0.0, 0.0), RelativeDrift::Share(0.0));
/// assert_eq!(relative_drift(0.001, 0.0), RelativeDrift::Untargeted);
/// assert!(RelativeDrift::Untargeted.exceeds(0.25));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum RelativeDrift {
    /// `(w − t)/t`: positive when overweight, −1 when nothing is held.
    Share(f64),
    /// Held, although its target is zero.
    Untargeted,
}

impl RelativeDrift {
    /// The share; `None` for an asset held against a target of zero.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        match self {
            Self::Share(share) => Some(share),
            Self::Untargeted => None,
        }
    }

    /// Whether the drift is outside a band of `±band` of the target; a drift of exactly the band is not.
    #[must_use]
    pub fn exceeds(self, band: f64) -> bool {
        match self {
            Self::Share(share) => exceeds_band(share, band),
            Self::Untargeted => true,
        }
    }
}

/// Drift of a weight as a share of its target; see [`RelativeDrift`]. An asset neither held nor targeted has a drift of
/// zero.
#[must_use]
pub fn relative_drift(weight: f64, target: f64) -> RelativeDrift {
    if target != 0.0 {
        RelativeDrift::Share((weight - target) / target)
    } else if weight == 0.0 {
        RelativeDrift::Share(0.0)
    } else {
        RelativeDrift::Untargeted
    }
}

/// Drift of the whole book as risk: the tracking error to the policy that it implies, `√(d'Σd)`, as a fraction a year.
///
/// `drift`: `w − t` of each asset of `covariance`, in its order. Two drifts that offset each other in risk count little
/// here, and much in [`portfolio_drift`](crate::portfolio_drift).
///
/// # Errors
/// [`CovarianceError`] when the number of drifts differs from the number of assets.
///
/// # Example
/// ```
/// use portfolio_core::bands::drift_tracking_error;
/// use portfolio_core::{Covariance, Universe};
///
/// let assets = Universe::new(["Stocks", "Bonds"])?;
/// let annual = Covariance::from_rows(assets, &[[0.04, 0.0], [0.0, 0.0025]], 1.0)?;
/// // 5 pp too many stocks: √(0.05²·0.04 + 0.05²·0.0025) = 1.03 %.
/// assert!((drift_tracking_error(&[0.05, -0.05], &annual)? - 0.010_308).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn drift_tracking_error(drift: &[f64], covariance: &Covariance) -> Result<f64, CovarianceError> {
    // Rounding can make the variance of a singular matrix slightly negative.
    Ok((covariance.variance(drift)?.max(0.0) * covariance.periods_per_year()).sqrt())
}
