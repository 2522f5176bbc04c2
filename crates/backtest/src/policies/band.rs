//! Checks every day and trades assets outside their bands.

use std::borrow::Cow;

use portfolio_core::{BandRule, CoreError, ModelParameter, TradeScope, TradingRules, no_trade_half_width};

use crate::cadence::Cadence;
use crate::desk::{Desk, NO_TURNOVER_LIMIT};
use crate::error::PolicyError;
use crate::past::Past;
use crate::policy::{Decision, Policy};

/// Drifts closer to the edge of a band than this are left to the sizing, which decides to the last bit.
const NEAR: f64 = 1e-9;

/// How wide bands are.
#[derive(Debug, Clone, PartialEq)]
enum Width {
    Rule(BandRule),
    /// [`no_trade_half_width`] at the cost rate of each asset, a fraction of the value traded.
    Computed {
        rates: Vec<f64>,
        risk_aversion: f64,
    },
}

impl Width {
    fn of(&self, asset: usize, target: f64) -> f64 {
        match self {
            Self::Rule(rule) => rule.half_width(target),
            Self::Computed { rates, risk_aversion } => no_trade_half_width(target, rates[asset], *risk_aversion),
        }
    }

    fn of_all(&self, targets: &[f64]) -> Vec<f64> {
        targets.iter().enumerate().map(|(asset, target)| self.of(asset, *target)).collect()
    }
}

/// Checks on the days of a cadence, every day by default, and trades when an asset is outside its band.
///
/// The half-width of asset `i` is that of the rule at its target, or the one that balances the cost of trading with the
/// price of tracking error; a trading asset goes to `κ` of the way from its target to the edge of the band
/// ([`portfolio_core::destination`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    target: Vec<f64>,
    width: Width,
    half_widths: Vec<f64>,
    destination: f64,
    scope: TradeScope,
    cadence: Cadence,
}

impl Band {
    /// The weights and the rule of their bands. Checks every day, and trades assets outside their bands to their
    /// targets.
    ///
    /// # Errors
    /// As [`BandRule::check`].
    pub fn new(target: Vec<f64>, rule: BandRule) -> Result<Self, CoreError> {
        rule.check()?;
        Ok(Self::of(target, Width::Rule(rule)))
    }

    /// The weights, with bands that follow from cost and risk aversion: [`no_trade_half_width`] at each target.
    ///
    /// `rates`: cost of each side of a trade of each asset, fractions of the value traded.
    ///
    /// # Errors
    /// [`CoreError::Lengths`] unless there is one rate per weight.
    ///
    /// # Example
    /// ```
    /// use backtest::{Band, Policy};
    ///
    /// // 10 bp and a risk aversion of 5: 2.59 percentage points around 60 %.
    /// let band = Band::computed(vec![0.6, 0.4], vec![0.001; 2], 5.0)?;
    /// assert_eq!(band.target(), [0.6, 0.4]);
    /// assert!((band.half_widths()[0] - 0.0259).abs() < 5e-5);
    /// # Ok::<(), portfolio_core::CoreError>(())
    /// ```
    pub fn computed(target: Vec<f64>, rates: Vec<f64>, risk_aversion: f64) -> Result<Self, CoreError> {
        if rates.len() != target.len() {
            return Err(CoreError::Lengths { expected: target.len(), got: rates.len() });
        }
        Ok(Self::of(target, Width::Computed { rates, risk_aversion }))
    }

    fn of(target: Vec<f64>, width: Width) -> Self {
        let half_widths = width.of_all(&target);
        Self { target, width, half_widths, destination: 0.0, scope: TradeScope::default(), cadence: Cadence::default() }
    }

    /// The half-width of each band while every asset can be held, fractions of NAV.
    #[must_use]
    pub fn half_widths(&self) -> &[f64] {
        &self.half_widths
    }

    /// Sets κ: 0 trades to the target, 1 to the edge of the band.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] outside 0 to 1.
    pub fn with_destination(self, destination: f64) -> Result<Self, CoreError> {
        if !(0.0..=1.0).contains(&destination) {
            return Err(CoreError::OutOfRange { name: "destination", value: destination });
        }
        Ok(Self { destination, ..self })
    }

    /// Sets which assets trade once one is outside its band.
    #[must_use]
    pub fn with_scope(self, scope: TradeScope) -> Self {
        Self { scope, ..self }
    }

    /// Sets the days on which it checks.
    #[must_use]
    pub fn with_cadence(self, cadence: Cadence) -> Self {
        Self { cadence, ..self }
    }
}

impl Policy for Band {
    fn id(&self) -> &str {
        "band"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        let mut parameters = vec![ModelParameter::new("weights", &self.target[..])];
        match &self.width {
            Width::Rule(rule) => parameters.extend([
                ModelParameter::new("band_relative", rule.relative),
                ModelParameter::new("band_floor", rule.floor),
                ModelParameter::new("band_cap", rule.cap),
            ]),
            Width::Computed { rates, risk_aversion } => parameters.extend([
                ModelParameter::new("band_cost_rates", &rates[..]),
                ModelParameter::new("band_risk_aversion", *risk_aversion),
            ]),
        }
        parameters.extend([
            ModelParameter::new("destination", self.destination),
            ModelParameter::new("scope", if self.scope == TradeScope::Whole { "whole" } else { "breached" }),
            self.cadence.parameter(),
        ]);
        parameters
    }

    fn target(&self) -> &[f64] {
        &self.target
    }

    fn decide(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError> {
        if !self.cadence.is_due(past, desk) {
            return Ok(Decision::Hold);
        }
        let target = desk.spread(&self.target);
        let half_widths = match &target {
            Cow::Borrowed(_) => Cow::Borrowed(&self.half_widths),
            Cow::Owned(target) => Cow::Owned(self.width.of_all(target)),
        };
        let drifts = desk.weights().iter().zip(&*target).map(|(w, t)| (w - t).abs());
        // Most days nothing is near the edge of its band, and nothing has to be sized.
        if desk.days_since_start() > 0 && drifts.zip(&*half_widths).all(|(drift, width)| drift <= width - NEAR) {
            return Ok(Decision::Hold);
        }
        let rules = TradingRules {
            half_widths: half_widths.into_owned(),
            destination: self.destination,
            scope: self.scope,
            ..TradingRules::plain(target.len(), 0.0)
        };
        let plan = desk.size(&target, &desk.under_terms(rules), NO_TURNOVER_LIMIT)?;
        Ok(Decision::Trade(Box::new(plan)))
    }
}
