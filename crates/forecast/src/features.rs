//! What a forecaster knows about assets beyond their returns.

use crate::error::ForecastError;

/// What is known about the assets of a panel beyond their returns, borrowed from the caller.
///
/// It starts empty and is filled by `with_` methods, so that a new feature changes neither callers nor forecasters.
///
/// # Example
/// ```
/// use forecast::AssetFeatures;
///
/// let features = AssetFeatures::default()
///     .with_market_returns(&[None, Some(0.004)])
///     .with_policy_weights(&[0.6, 0.4])
///     .with_risk_free_rate(0.0001)
///     .with_risk_aversion(5.0);
/// assert_eq!((features.market_return(1), features.policy_weight(1)), (Some(0.004), 0.4));
/// // Nothing is known about an asset beyond the end of the lists.
/// assert_eq!((features.market_return(7), features.policy_weight(7)), (None, 0.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AssetFeatures<'a> {
    market_returns: &'a [Option<f64>],
    policy_weights: &'a [f64],
    risk_free_rate: f64,
    risk_aversion: f64,
}

impl<'a> AssetFeatures<'a> {
    /// Adds the caller's own estimates of the next return, in the order of the panel: simple returns per period, fractions.
    #[must_use]
    pub fn with_market_returns(mut self, market_returns: &'a [Option<f64>]) -> Self {
        self.market_returns = market_returns;
        self
    }

    /// Adds the weights of the policy, in the order of the panel: fractions of the portfolio; one minus their sum is
    /// cash.
    #[must_use]
    pub fn with_policy_weights(mut self, policy_weights: &'a [f64]) -> Self {
        self.policy_weights = policy_weights;
        self
    }

    /// Adds the return of cash: simple, per period of the panel, a fraction.
    #[must_use]
    pub fn with_risk_free_rate(mut self, risk_free_rate: f64) -> Self {
        self.risk_free_rate = risk_free_rate;
        self
    }

    /// Adds the risk aversion γ of the policy's owner, whose utility is the mean minus γ/2 times the variance. It does
    /// not depend on the length of a period.
    #[must_use]
    pub fn with_risk_aversion(mut self, risk_aversion: f64) -> Self {
        self.risk_aversion = risk_aversion;
        self
    }

    /// The weight of an asset in the policy; 0 when none was given.
    #[must_use]
    pub fn policy_weight(&self, asset: usize) -> f64 {
        self.policy_weights.get(asset).copied().unwrap_or(0.0)
    }

    /// The return of cash per period; 0 when none was given.
    #[must_use]
    pub fn risk_free_rate(&self) -> f64 {
        self.risk_free_rate
    }

    /// The risk aversion γ; 0 when none was given.
    #[must_use]
    pub fn risk_aversion(&self) -> f64 {
        self.risk_aversion
    }

    /// Rejects policy weights, a rate or a risk aversion that no implied return can be computed from.
    pub(crate) fn check_policy(&self) -> Result<(), ForecastError> {
        if let Some((asset, &value)) = self.policy_weights.iter().enumerate().find(|(_, weight)| !weight.is_finite()) {
            return Err(ForecastError::PolicyWeight { asset, value });
        }
        let feature = |inside: bool, feature, value, expected| {
            if inside { Ok(()) } else { Err(ForecastError::Feature { feature, value, expected }) }
        };
        let (rate, aversion) = (self.risk_free_rate, self.risk_aversion);
        feature(rate.is_finite(), "risk_free_rate", rate, "a finite number")?;
        feature((0.0..f64::INFINITY).contains(&aversion), "risk_aversion", aversion, "a finite number of 0 or more")
    }

    /// The caller's own estimate of an asset's next return; `None` when there is none.
    #[must_use]
    pub fn market_return(&self, asset: usize) -> Option<f64> {
        self.market_returns.get(asset).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_implied_return_can_be_computed_from_is_named() {
        let of = |features: AssetFeatures<'_>| features.check_policy().unwrap_err();
        let weights = of(AssetFeatures::default().with_policy_weights(&[0.5, f64::INFINITY]));
        assert_eq!(weights, ForecastError::PolicyWeight { asset: 1, value: f64::INFINITY });
        let rate = of(AssetFeatures::default().with_risk_free_rate(f64::NAN));
        assert!(matches!(rate, ForecastError::Feature { feature: "risk_free_rate", .. }));
        let aversion = of(AssetFeatures::default().with_risk_aversion(-1.0));
        assert!(matches!(aversion, ForecastError::Feature { feature: "risk_aversion", value: -1.0, .. }));
        assert_eq!(AssetFeatures::default().check_policy(), Ok(()));
    }
}
