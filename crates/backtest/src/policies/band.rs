//! Looks every day and trades what is outside its band.

use std::borrow::Cow;

use portfolio_core::{BandRule, CoreError, ModelParameter, TradeScope, TradingRules};

use crate::cadence::Cadence;
use crate::desk::{Desk, NO_TURNOVER_LIMIT};
use crate::error::PolicyError;
use crate::past::Past;
use crate::policy::{Decision, Policy};

/// Drifts nearer to the edge of a band than this are left to the sizing, which knows where the band ends to the last bit.
const NEAR: f64 = 1e-9;

/// Looks on the days of a cadence, every day by default, and trades when an asset is outside its band.
///
/// The half-width of asset `i` is that of the rule at its target; a trading asset goes to `κ` of the way from its target to the
/// edge of the band ([`portfolio_core::destination`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    target: Vec<f64>,
    rule: BandRule,
    half_widths: Vec<f64>,
    destination: f64,
    scope: TradeScope,
    cadence: Cadence,
}

impl Band {
    /// The weights and the rule of their bands. Looks every day, trades what is outside its band, to its target.
    ///
    /// # Errors
    /// As [`BandRule::check`].
    pub fn new(target: Vec<f64>, rule: BandRule) -> Result<Self, CoreError> {
        rule.check()?;
        let half_widths = target.iter().map(|&t| rule.half_width(t)).collect();
        Ok(Self {
            target,
            rule,
            half_widths,
            destination: 0.0,
            scope: TradeScope::default(),
            cadence: Cadence::default(),
        })
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

    /// Sets the days on which it looks.
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
        vec![
            ModelParameter::new("weights", &self.target[..]),
            ModelParameter::new("band_relative", self.rule.relative),
            ModelParameter::new("band_floor", self.rule.floor),
            ModelParameter::new("band_cap", self.rule.cap),
            ModelParameter::new("destination", self.destination),
            ModelParameter::new("scope", if self.scope == TradeScope::Whole { "whole" } else { "breached" }),
            self.cadence.parameter(),
        ]
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
            Cow::Owned(target) => Cow::Owned(target.iter().map(|&t| self.rule.half_width(t)).collect()),
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
