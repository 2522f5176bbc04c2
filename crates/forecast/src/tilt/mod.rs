//! From forecasts to active weights: a zero-sum tilt that spends tracking error only where there is evidence.

mod heterogeneity;
mod spend;

use portfolio_core::Confidence;
use serde::Serialize;

use crate::asset::AssetForecast;
use crate::error::{ForecastError, require};
use crate::sample::sum;
use heterogeneity::{Estimate, Heterogeneity};
use spend::{Candidate, Spending};

/// Fewest common returns on which the tracking error of a tilt is measured.
pub const MIN_COMMON_PERIODS: usize = 20;

/// A tilt that spends at least this share of the budget is limited by the budget, not by the evidence.
const SPENT: f64 = 0.95;

/// What the tilt needs to know about one asset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TiltAsset<'a> {
    /// Policy weight, 0 to 1. An asset with weight 0 is never tilted into.
    pub target_weight: f64,
    /// Expected simple return per period, a fraction.
    pub expected_return: f64,
    /// Standard error of `expected_return`; without one the asset is left alone.
    pub standard_error: Option<f64>,
    /// How far to trust the estimate, 0 to 1 ([`reliability`](crate::reliability())).
    pub reliability: f64,
    /// Standard deviation of the returns per period; without one the asset is left alone.
    pub volatility: Option<f64>,
    /// Simple returns per period, oldest first, the last one of the same date for every asset.
    pub returns: &'a [f64],
}

impl<'a> TiltAsset<'a> {
    /// The tilt's view of a forecast.
    #[must_use]
    pub fn new(target_weight: f64, forecast: &AssetForecast, returns: &'a [f64]) -> Self {
        Self {
            target_weight,
            expected_return: forecast.ensemble,
            standard_error: forecast.standard_error,
            reliability: forecast.confidence,
            volatility: forecast.volatility,
            returns,
        }
    }

    fn is_eligible(&self) -> bool {
        self.target_weight > 0.0
            && self.standard_error.is_some_and(|error| error > 0.0)
            && self.volatility.is_some_and(|volatility| volatility > 0.0)
            && self.returns.len() >= MIN_COMMON_PERIODS
    }

    fn check(&self, asset: usize) -> Result<(), ForecastError> {
        let fraction = |x: f64| (0.0..=1.0).contains(&x);
        let scale = |x: Option<f64>| x.is_none_or(|x| x >= 0.0 && (x * x).is_finite());
        let fault = |field, value, expected| Err(ForecastError::TiltAsset { asset, field, value, expected });
        if !fraction(self.target_weight) {
            return fault("target_weight", self.target_weight, "0 to 1");
        }
        if !fraction(self.reliability) {
            return fault("reliability", self.reliability, "0 to 1");
        }
        if !(self.expected_return * self.expected_return).is_finite() {
            return fault("expected_return", self.expected_return, "a number with a finite square");
        }
        for (field, value) in [("standard_error", self.standard_error), ("volatility", self.volatility)] {
            if !scale(value) {
                return fault(field, value.unwrap_or_default(), "0 or more, with a finite square");
            }
        }
        if !sum(self.returns, |x| x * x).is_finite() {
            let bad = self.returns.iter().position(|x| !(x * x).is_finite()).unwrap_or(0);
            return Err(ForecastError::Return { asset, index: bad, value: self.returns[bad] });
        }
        Ok(())
    }
}

/// Limits of a tilt.
///
/// | option | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `tracking_error_budget` | 0.01 | most tracking error a tilt may add, annual | 0 to 1 |
/// | `max_active_weight` | 0.01 | most any weight may move; half of a 2 % drift band | 0 to 1 |
/// | `confidence_level` | 95 % | level of the test that expected returns differ at all | 0 to 1, exclusive |
/// | `periods_per_year` | 252 | periods in a year | 1 to 1,000,000 |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TiltOptions {
    /// Most tracking error a tilt may add, a fraction a year.
    pub tracking_error_budget: f64,
    /// Most any weight may move. With half of the drift band, a tilt alone stays inside the band.
    pub max_active_weight: f64,
    /// Level of the test that expected returns differ at all.
    pub confidence_level: Confidence,
    /// Periods in a year.
    pub periods_per_year: f64,
}

impl Default for TiltOptions {
    fn default() -> Self {
        Self {
            tracking_error_budget: 0.01,
            max_active_weight: 0.01,
            confidence_level: Confidence::P95,
            periods_per_year: 252.0,
        }
    }
}

impl TiltOptions {
    /// Checks the options.
    ///
    /// # Errors
    /// [`ForecastError::Option`] with the first option outside its range.
    pub fn check(&self) -> Result<(), ForecastError> {
        let (budget, cap, periods) = (self.tracking_error_budget, self.max_active_weight, self.periods_per_year);
        require((0.0..=1.0).contains(&budget), "tracking_error_budget", budget, "0 to 1")?;
        require((0.0..=1.0).contains(&cap), "max_active_weight", cap, "0 to 1")?;
        require((1.0..=1e6).contains(&periods), "periods_per_year", periods, "1 to 1000000")
    }
}

/// How far forecasts move the policy weights, and why no further.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tilt {
    /// Change of each target weight, in input order; positive buys more than the policy. They sum to zero.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.004, -0.004])))]
    pub active_weights: Vec<f64>,
    /// Tracking error of the tilt against the policy weights, a fraction a year, measured on the common history.
    #[cfg_attr(feature = "openapi", schema(example = 0.0012))]
    pub tracking_error_annual: f64,
    /// The most it may be, a fraction a year.
    #[cfg_attr(feature = "openapi", schema(example = 0.01))]
    pub tracking_error_budget: f64,
    /// Share of the budget the evidence allows to be spent: 0 none, 1 all of it.
    #[cfg_attr(feature = "openapi", schema(example = 0.3, minimum = 0.0, maximum = 1.0))]
    pub strength: f64,
    /// Cochran's Q of the forecasts: how much they differ beyond their standard errors; null for fewer than two assets.
    #[cfg_attr(feature = "openapi", schema(example = 16.0))]
    pub heterogeneity: Option<f64>,
    /// The value Q exceeds by chance alone with probability one minus the confidence level.
    #[cfg_attr(feature = "openapi", schema(example = 11.07))]
    pub critical_value: Option<f64>,
    /// Assets that could be tilted: in the policy, with a standard error and enough history.
    #[cfg_attr(feature = "openapi", schema(example = 6))]
    pub eligible_assets: usize,
    /// Common returns the tracking error was measured on.
    #[cfg_attr(feature = "openapi", schema(example = 250))]
    pub observations: usize,
    /// What stopped the tilt from being larger.
    pub limited_by: TiltLimit,
    /// The same as a sentence.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "The forecasts differ no more than their estimation errors: nothing is tilted.")
    )]
    pub reason: &'static str,
}

/// What stops a tilt from being larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TiltLimit {
    /// Fewer than two assets can be tilted.
    TooFewAssets,
    /// The evidence that expected returns differ.
    Evidence,
    /// The tracking-error budget.
    TrackingError,
    /// The largest move allowed to a weight.
    ActiveWeight,
}

/// Moves policy weights towards the assets with the better forecasts, as far as evidence, budget and caps allow.
///
/// Eligible assets have a positive target weight, a standard error and at least [`MIN_COMMON_PERIODS`] returns; with fewer
/// than two nothing moves. Over the `k` eligible ones, with forecasts `m`, standard errors `s`, reliabilities `q`,
/// volatilities `σ` and `m̄` the precision-weighted mean of the forecasts:
///
/// ```text
/// 1. Q        = Σ (m_i − m̄)² / s_i²                    do expected returns differ at all?
///    strength = max(0, (Q − c) / Q),  c = χ²(k − 1) quantile at the confidence level
/// 2. a_i      = q_i (m_i − m̄)                          forecasts shrunk to their common mean
///    δ_i      = clip( κ (a_i − λ) / σ_i², ±cap_i ),    cap_i = min(max_active_weight, target_i)
///    λ such that Σ δ_i = 0
/// 3. κ such that  √periods_per_year · stdev(Σ δ_i r_i) = strength · tracking_error_budget
/// ```
///
/// 1. Q is the homogeneity test of Cochran (1954). `(Q − df)/Q` is the share of the variation that is not chance, the `I²`
///    of Higgins and Thompson (2002); with the critical value in place of the degrees of freedom, white noise gives zero
///    in nineteen of twenty cases. The test takes the errors of different assets as uncorrelated; the usual positive
///    correlation cancels from differences and makes it cautious.
/// 2. δ maximises `Σ a_i δ_i − (1/2κ) Σ σ_i² δ_i²` under its zero sum and its box. λ is the root of a monotone
///    function. No weight plus its tilt is negative, and no weight enters that the policy does not hold.
/// 3. κ comes from the tilt's measured tracking error (ddof 1) over the common tail of the eligible histories, so that
///    correlations count. Without a binding cap it is exact; otherwise κ grows in at most twelve steps until the budget
///    is spent or every cap binds, and a last proportional step back keeps to the budget.
///
/// `assets`: one per asset, any number. Result: `active_weights` in the same order, summing to zero (1e-15), 0 for assets
/// that are not eligible. Cost: `O(T·n)` per measurement of tracking error, one when no cap binds.
///
/// # Errors
/// [`ForecastError::Option`] and [`ForecastError::TiltAsset`] for values outside their range, [`ForecastError::Return`] for
/// returns whose square is not finite.
///
/// # Reference
/// Cochran (1954), "The combination of estimates from different experiments", Biometrics 10(1), 101–129; Higgins and
/// Thompson (2002), "Quantifying heterogeneity in a meta-analysis", Statistics in Medicine 21(11), 1539–1558; Grinold
/// and Kahn (1999), "Active Portfolio Management", 2nd edition, chapter 14 (active weights under a risk budget).
///
/// # Example
/// ```
/// use forecast::{TiltAsset, TiltLimit, TiltOptions, tilt_targets};
///
/// // Two assets that move against each other, the first expected to earn far more than the second.
/// let up: Vec<f64> = (0..60).map(|t| if t % 2 == 0 { 0.01 } else { -0.01 }).collect();
/// let down: Vec<f64> = up.iter().map(|r| -r).collect();
/// let asset = |expected_return, returns| TiltAsset {
///     target_weight: 0.5,
///     expected_return,
///     standard_error: Some(0.0001),
///     reliability: 0.9,
///     volatility: Some(0.01),
///     returns,
/// };
/// let options = TiltOptions { max_active_weight: 0.2, ..TiltOptions::default() };
/// let tilt = tilt_targets(&[asset(0.001, &up), asset(-0.001, &down)], &options)?;
/// assert_eq!(tilt.limited_by, TiltLimit::TrackingError);
/// assert!(tilt.active_weights[0] > 0.0);
/// assert_eq!(tilt.active_weights[0], -tilt.active_weights[1]);
/// assert!(tilt.tracking_error_annual > 0.0095 && tilt.tracking_error_annual <= 0.01);
/// # Ok::<(), forecast::ForecastError>(())
/// ```
pub fn tilt_targets(assets: &[TiltAsset<'_>], options: &TiltOptions) -> Result<Tilt, ForecastError> {
    options.check()?;
    let mut estimates = Vec::with_capacity(assets.len());
    for (index, asset) in assets.iter().enumerate() {
        asset.check(index)?;
        if let (true, Some(standard_error)) = (asset.is_eligible(), asset.standard_error) {
            estimates.push(Estimate { index, value: asset.expected_return, standard_error });
        }
    }
    let mut tilt = Tilt {
        active_weights: vec![0.0; assets.len()],
        tracking_error_annual: 0.0,
        tracking_error_budget: options.tracking_error_budget,
        strength: 0.0,
        heterogeneity: None,
        critical_value: None,
        eligible_assets: estimates.len(),
        observations: estimates.iter().map(|e| assets[e.index].returns.len()).min().unwrap_or(0),
        limited_by: TiltLimit::TooFewAssets,
        reason: "Fewer than two assets in the policy have a standard error and twenty returns: nothing is tilted.",
    };
    let Some(evidence) = Heterogeneity::of(&estimates, options.confidence_level) else { return Ok(tilt) };
    tilt.strength = evidence.strength();
    tilt.heterogeneity = Some(evidence.statistic);
    tilt.critical_value = Some(evidence.critical_value);
    if tilt.strength == 0.0 {
        return Ok(tilt.stopped(
            TiltLimit::Evidence,
            "The forecasts differ no more than their estimation errors: nothing is tilted.",
        ));
    }

    let candidates = estimates.iter().map(|estimate| {
        let asset = &assets[estimate.index];
        Candidate {
            index: estimate.index,
            returns: &asset.returns[asset.returns.len() - tilt.observations..],
            attraction: asset.reliability * (estimate.value - evidence.mean),
            // Positive for every eligible asset.
            volatility: asset.volatility.unwrap_or(f64::INFINITY),
            cap: options.max_active_weight.min(asset.target_weight),
        }
    });
    let annual = options.periods_per_year.sqrt();
    let target = tilt.strength * options.tracking_error_budget;
    let Some(spending) = Spending::solve(candidates.collect(), target / annual) else {
        return Ok(if options.tracking_error_budget == 0.0 {
            tilt.stopped(TiltLimit::TrackingError, "The tracking-error budget is zero: nothing is tilted.")
        } else if options.max_active_weight == 0.0 {
            tilt.stopped(TiltLimit::ActiveWeight, "No weight may move: nothing is tilted.")
        } else {
            tilt.stopped(TiltLimit::Evidence, "No forecast is trusted more than another: nothing is tilted.")
        });
    };
    for (index, active_weight) in spending.active_weights() {
        tilt.active_weights[index] = active_weight;
    }
    tilt.tracking_error_annual = spending.tracking_error * annual;
    Ok(if spending.capped {
        tilt.stopped(TiltLimit::ActiveWeight, "Every weight that matters has moved as far as it may.")
    } else if tilt.tracking_error_annual >= SPENT * options.tracking_error_budget {
        tilt.stopped(TiltLimit::TrackingError, "The evidence is strong and the tracking-error budget is spent.")
    } else {
        tilt.stopped(
            TiltLimit::Evidence,
            "The forecasts differ by more than chance, and the tilt spends the share of the budget this supports.",
        )
    })
}

impl Tilt {
    fn stopped(mut self, limited_by: TiltLimit, reason: &'static str) -> Self {
        self.limited_by = limited_by;
        self.reason = reason;
        self
    }
}
