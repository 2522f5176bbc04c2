use crate::facts::{AdvisedAction, AssetFacts, Facts};
use crate::measures::FlagLimits;

/// Facts that no true brief can be made of.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CopilotError {
    /// There is nothing to speak of.
    #[error("a brief needs at least one asset")]
    NoAssets,
    /// A number is NaN or infinite.
    #[error("fact {field} is not a finite number")]
    NotFinite {
        /// The member: `turnover_used`, or of an asset `drift`.
        field: &'static str,
        /// Position of the asset in [`Facts::assets`], when the member belongs to one.
        asset: Option<usize>,
    },
    /// An amount that has no sign is negative.
    #[error("fact {field} is negative")]
    Negative {
        /// The member: `trade_value`.
        field: &'static str,
        /// Position of the asset in [`Facts::assets`], when the member belongs to one.
        asset: Option<usize>,
    },
    /// A hold that has a value, units or a cost.
    #[error("the asset at position {asset} is held but has a {field}")]
    HoldTrades {
        /// Position of the asset in [`Facts::assets`].
        asset: usize,
        /// The member that is not zero.
        field: &'static str,
    },
    /// The currency is not three to eight capital letters.
    #[error("a currency code is three to eight capital letters")]
    CurrencyCode,
    /// A flag would be critical before it is a warning.
    #[error("the critical limit {field} lies below its warning limit")]
    LimitsCrossed {
        /// The member of [`FlagLimits`].
        field: &'static str,
    },
    /// An order for an asset that is not there.
    #[error("an order is for the asset at position {position}, which there is not")]
    UnknownAsset {
        /// The position it names.
        position: usize,
    },
    /// More decimals than any currency has.
    #[error("a currency has at most 8 decimals, got {digits}")]
    MinorDigits {
        /// The number of decimals handed over.
        digits: u8,
    },
}

impl Facts {
    /// Refuses facts that no true brief can be made of. [`brief`](crate::brief) calls it first.
    ///
    /// # Errors
    /// [`CopilotError`], the first fault in the order of the members.
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
        for (field, measure) in self.risk.named() {
            measure.given().map_or(Ok(()), |&value| finite(field, value, None))?;
        }
        if let Some(run) = self.simulation.given() {
            finite("simulation.probability_of_loss", run.probability_of_loss, None)?;
            finite("simulation.worst_5pct_terminal_value", run.worst_5pct_terminal_value, None)?;
            finite("simulation.expected_terminal_value", run.expected_terminal_value, None)?;
        }
        if let Some(tilt) = &self.tilt {
            finite("tilt.tracking_error_spent", tilt.tracking_error_spent, None)?;
            finite("tilt.tracking_error_budget", tilt.tracking_error_budget, None)?;
            finite("tilt.strength", tilt.strength, None)?;
        }
        check_limits(&self.limits, ["limits.var_95", "limits.max_drawdown", "limits.turnover"])?;
        check_limits(
            &self.critical_limits,
            ["critical_limits.var_95", "critical_limits.max_drawdown", "critical_limits.turnover"],
        )?;
        for (field, limit, critical) in [
            ("var_95", self.limits.var_95, self.critical_limits.var_95),
            ("max_drawdown", self.limits.max_drawdown, self.critical_limits.max_drawdown),
            ("turnover", self.limits.turnover, self.critical_limits.turnover),
        ] {
            if critical < limit {
                return Err(CopilotError::LimitsCrossed { field });
            }
        }
        Ok(())
    }
}

fn check_asset(position: usize, asset: &AssetFacts) -> Result<(), CopilotError> {
    let at = Some(position);
    finite("drift", asset.drift, at)?;
    finite("target_weight", asset.target_weight, at)?;
    finite("optimized_target_weight", asset.optimized_target_weight, at)?;
    finite("current_weight", asset.current_weight, at)?;
    finite("forecast_return", asset.forecast_return, at)?;
    finite("forecast_confidence", asset.forecast_confidence, at)?;
    amount("trade_value", asset.trade_value, at)?;
    finite("trade_units", asset.trade_units, at)?;
    amount("estimated_cost", asset.estimated_cost, at)?;
    finite("residual_drift", asset.residual_drift, at)?;
    finite("priority_score", asset.priority_score, at)?;
    finite("marginal_benefit_bps", asset.marginal_benefit_bps.unwrap_or_default(), at)?;
    if asset.action == AdvisedAction::Hold {
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

fn check_limits(limits: &FlagLimits, fields: [&'static str; 3]) -> Result<(), CopilotError> {
    let values = [limits.var_95, limits.max_drawdown, limits.turnover];
    fields.into_iter().zip(values).try_for_each(|(field, value)| finite(field, value, None))
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
    fn numbers_that_are_none_are_refused_by_name() {
        let mut facts = sample::mixed();
        facts.turnover_used = f64::NAN;
        assert_eq!(facts.check(), Err(CopilotError::NotFinite { field: "turnover_used", asset: None }));

        let mut facts = sample::mixed();
        facts.assets[2].priority_score = f64::INFINITY;
        assert_eq!(facts.check(), Err(CopilotError::NotFinite { field: "priority_score", asset: Some(2) }));

        let mut facts = sample::mixed();
        facts.risk.sharpe = crate::Stated::Given(f64::NEG_INFINITY);
        assert_eq!(facts.check(), Err(CopilotError::NotFinite { field: "risk.sharpe", asset: None }));

        let mut facts = sample::mixed();
        facts.critical_limits.turnover = f64::NAN;
        assert_eq!(facts.check(), Err(CopilotError::NotFinite { field: "critical_limits.turnover", asset: None }));
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
    fn a_critical_limit_below_its_warning_limit_is_refused() {
        let mut facts = sample::mixed();
        facts.critical_limits.max_drawdown = 0.07;
        assert_eq!(facts.check(), Err(CopilotError::LimitsCrossed { field: "max_drawdown" }));
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
