//! Buys once and lets the weights drift.

use portfolio_core::{Intent, ModelParameter};

use crate::desk::{Desk, NO_TURNOVER_LIMIT};
use crate::error::PolicyError;
use crate::past::Past;
use crate::policy::{Decision, Policy};

/// Buys its weights on the first day and never sells. Incoming cash (a deposit, a delisted asset) buys the assets
/// furthest below their weights.
#[derive(Debug, Clone, PartialEq)]
pub struct BuyAndHold {
    target: Vec<f64>,
}

impl BuyAndHold {
    /// The weights on the first day.
    #[must_use]
    pub fn new(target: Vec<f64>) -> Self {
        Self { target }
    }
}

impl Policy for BuyAndHold {
    fn id(&self) -> &str {
        "buy_and_hold"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("weights", &self.target[..])]
    }

    fn target(&self) -> &[f64] {
        &self.target
    }

    fn decide(&self, _: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError> {
        if desk.days_since_start() == 0 {
            return Ok(desk.trade_to(&self.target)?);
        }
        if !desk.has_inflow() {
            return Ok(Decision::Hold);
        }
        let mut rules = desk.rules(0.0);
        rules.intent = Intent::InvestCash { amount: None };
        let plan = desk.size(&desk.spread(&self.target), &rules, NO_TURNOVER_LIMIT)?;
        Ok(Decision::Trade(Box::new(plan)))
    }
}
