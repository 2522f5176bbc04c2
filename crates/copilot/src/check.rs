//! Validates facts before a brief is written.

use pipeline::PipelineError;
use portfolio_core::Action;

use crate::facts::{AssetFacts, Facts};

/// Why facts are invalid.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CopilotError {
    /// There is no asset.
    #[error("a brief needs at least one asset")]
    NoAssets,
    /// A number is NaN or infinite.
    #[error("fact {field}{} is not a finite number", of_asset(*asset))]
    NotFinite {
        /// The member: `turnover_used`, or `drift` of an asset.
        field: &'static str,
        /// Position of the asset in [`Facts::assets`], when the member belongs to one.
        asset: Option<usize>,
    },
    /// An amount that cannot be negative is negative.
    #[error("fact {field}{} is negative", of_asset(*asset))]
    Negative {
        /// The member: `trade_value`.
        field: &'static str,
        /// Position of the asset in [`Facts::assets`], when the member belongs to one.
        asset: Option<usize>,
    },
    /// An asset is held but has a value, units or a cost.
    #[error("asset {} is held, but its {field} is not zero", asset + 1)]
    HoldTrades {
        /// Position of the asset in [`Facts::assets`].
        asset: usize,
        /// The member that is not zero.
        field: &'static str,
    },
    /// The currency is not three to eight capital letters.
    #[error("a currency code is three to eight capital letters")]
    CurrencyCode,
    /// The levels of an alert are out of order.
    #[error("reading the levels of the alerts")]
    Limits(#[from] PipelineError),
    /// An order or a limit names an asset that does not exist.
    #[error("there is no asset {}", position + 1)]
    UnknownAsset {
        /// The position, from 0.
        position: usize,
    },
    /// The currency has more decimals than any currency.
    #[error("a currency has at most 8 decimals, got {digits}")]
    MinorDigits {
        /// The number of decimals.
        digits: u8,
    },
}

impl Facts {
    /// Rejects invalid facts. [`brief`](crate::brief) calls it first.
    ///
    /// # Errors
    /// [`CopilotError`] with the first error in the order of the members.
    pub fn check(&self) -> Result<(), CopilotError> {
        if !(3..=8).contains(&self.currency.len()) || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(CopilotError::CurrencyCode);
        }
        if self.minor_digits > 8 {
            return Err(CopilotError::MinorDigits { digits: self.minor_digits });
        }
        amount("portfolio_value", self.portfolio_value, None)?;
        finite("drift_threshold", self.drift_threshold, None)?;
        finite("turnover_used", self.turnover_used, None)?;
        finite("turnover_limit", self.turnover_limit, None)?;
        amount("estimated_total_transaction_cost", self.estimated_total_transaction_cost, None)?;
        finite("cash_weight_before", self.cash_weight_before, None)?;
        finite("cash_weight_after", self.cash_weight_after, None)?;
        if self.assets.is_empty() {
            return Err(CopilotError::NoAssets);
        }
        self.assets.iter().enumerate().try_for_each(|(i, asset)| check_asset(i, asset))?;
        for (figure, value) in &self.risk {
            finite(figure.name(), value.unwrap_or_default(), None)?;
        }
        if let Some(run) = self.simulation.given() {
            finite("simulation.drift_annual", run.drift_annual, None)?;
            finite("simulation.probability_of_loss", run.probability_of_loss, None)?;
            finite("simulation.worst_5pct_terminal_value", run.worst_5pct_terminal_value, None)?;
            finite("simulation.expected_terminal_value", run.expected_terminal_value, None)?;
            for outcome in [run.target, run.after].into_iter().flatten() {
                finite("simulation.drift_annual", outcome.drift_annual, None)?;
                finite("simulation.probability_of_loss", outcome.probability_of_loss, None)?;
                finite("simulation.worst_5pct_terminal_value", outcome.worst_5pct_terminal_value, None)?;
            }
        }
        if let Some(tilt) = &self.tilt {
            finite("tilt.tracking_error_spent", tilt.tracking_error_spent, None)?;
            finite("tilt.tracking_error_budget", tilt.tracking_error_budget, None)?;
            finite("tilt.strength", tilt.strength, None)?;
        }
        for driver in &self.drivers {
            finite("drivers.annual", driver.annual, None)?;
        }
        Ok(self.alerts.check()?)
    }
}

/// " of asset 1" for the asset at position 0: the text counts from one.
fn of_asset(position: Option<usize>) -> String {
    position.map_or_else(String::new, |asset| format!(" of asset {}", asset + 1))
}

fn check_asset(position: usize, asset: &AssetFacts) -> Result<(), CopilotError> {
    let at = Some(position);
    finite("drift", asset.drift, at)?;
    finite("target_weight", asset.target_weight, at)?;
    finite("optimized_target_weight", asset.optimized_target_weight, at)?;
    finite("current_weight", asset.current_weight, at)?;
    finite("forecast_annual", asset.forecast_annual, at)?;
    if let Some(interval) = asset.forecast_interval.given() {
        finite("forecast_interval.lower", interval.lower, at)?;
        finite("forecast_interval.upper", interval.upper, at)?;
    }
    finite("forecast_confidence", asset.forecast_confidence, at)?;
    amount("trade_value", asset.trade_value, at)?;
    finite("trade_units", asset.trade_units, at)?;
    amount("estimated_cost", asset.estimated_cost, at)?;
    finite("residual_drift", asset.residual_drift, at)?;
    finite("priority_score", asset.priority_score, at)?;
    finite("marginal_benefit_bps", asset.marginal_benefit_bps.unwrap_or_default(), at)?;
    if asset.action == Action::Hold {
        for (field, value) in [
            ("trade_value", asset.trade_value),
            ("trade_units", asset.trade_units),
            ("estimated_cost", asset.estimated_cost),
        ] {
            if value != 0.0 {
                return Err(CopilotError::HoldTrades { asset: position, field });
            }
        }
    }
    Ok(())
}

fn finite(field: &'static str, value: f64, asset: Option<usize>) -> Result<(), CopilotError> {
    if value.is_finite() { Ok(()) } else { Err(CopilotError::NotFinite { field, asset }) }
}

fn amount(field: &'static str, value: f64, asset: Option<usize>) -> Result<(), CopilotError> {
    finite(field, value, asset)?;
    if value < 0.0 { Err(CopilotError::Negative { field, asset }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_plan_without_assets_is_refused() {
        assert_eq!(Facts { assets: Vec::new(), ..sample::mixed() }.check(), Err(CopilotError::NoAssets));
    }

    #[test]
    fn a_number_that_is_not_finite_is_named() {
        let mut facts = sample::mixed();
        facts.turnover_used = f64::NAN;
        assert_eq!(facts.check(), Err(CopilotError::NotFinite { field: "turnover_used", asset: None }));

        let mut facts = sample::mixed();
        facts.assets[2].priority_score = f64::INFINITY;
        assert_eq!(facts.check(), Err(CopilotError::NotFinite { field: "priority_score", asset: Some(2) }));

        let mut facts = sample::mixed();
        facts.risk.sharpe = Some(f64::NEG_INFINITY);
        assert_eq!(facts.check(), Err(CopilotError::NotFinite { field: "sharpe", asset: None }));

        let mut facts = sample::mixed();
        facts.alerts.turnover.critical = f64::NAN;
        let refused = PipelineError::Limits { measure: "turnover" };
        assert_eq!(facts.check(), Err(CopilotError::Limits(refused)));
    }

    #[test]
    fn amounts_have_no_sign_and_a_hold_has_no_amount() {
        let mut facts = sample::mixed();
        facts.assets[0].trade_value = -1.0;
        assert_eq!(facts.check(), Err(CopilotError::Negative { field: "trade_value", asset: Some(0) }));

        let mut facts = sample::all_hold();
        facts.assets[1].estimated_cost = 0.01;
        assert_eq!(facts.check(), Err(CopilotError::HoldTrades { asset: 1, field: "estimated_cost" }));
    }

    #[test]
    fn words_count_assets_from_one() {
        let held = CopilotError::HoldTrades { asset: 1, field: "estimated_cost" };
        assert_eq!(held.to_string(), "asset 2 is held, but its estimated_cost is not zero");
        assert_eq!(CopilotError::UnknownAsset { position: 2 }.to_string(), "there is no asset 3");
        let named = CopilotError::Negative { field: "trade_value", asset: Some(0) };
        assert_eq!(named.to_string(), "fact trade_value of asset 1 is negative");
        let whole = CopilotError::NotFinite { field: "turnover_used", asset: None };
        assert_eq!(whole.to_string(), "fact turnover_used is not a finite number");
    }

    #[test]
    fn a_critical_limit_below_its_warning_limit_is_refused() {
        let mut facts = sample::mixed();
        facts.alerts.max_drawdown.critical = 0.07;
        let refused = PipelineError::Limits { measure: "max_drawdown" };
        assert_eq!(facts.check(), Err(CopilotError::Limits(refused)));
    }

    #[test]
    fn currencies_are_letters_with_few_decimals() {
        for code in ["", "US", "usd", "U5D", "US\n", "ABCDEFGHI"] {
            let facts = Facts { currency: code.to_owned(), ..sample::mixed() };
            assert_eq!(facts.check(), Err(CopilotError::CurrencyCode), "{code:?}");
        }
        let facts = Facts { minor_digits: 9, ..sample::mixed() };
        assert_eq!(facts.check(), Err(CopilotError::MinorDigits { digits: 9 }));
    }
}
