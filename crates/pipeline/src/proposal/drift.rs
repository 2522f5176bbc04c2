//! The trades of the drift method, and whether a turnover limit that cuts them is used in full.

use portfolio_core::{CoreError, SizingHistories, SizingInput, TradePlan, size_trades, size_under_rules};
use risk::RiskOptions;

use crate::admitted::Admitted;
use crate::error::PipelineError;
use crate::market_data::CommonHistory;
use crate::risk_stage::RiskGauge;

use super::{is_weighed, least_worth, trading};

/// Breached assets go to their tilted targets. If a turnover limit cuts the trades, the common history decides which of them are kept, and those
/// are left out that would cost more than they take off the objective.
///
/// The limit is used in full where the plan may cost more than it is worth: the request accepts that, its trades are not weighed, or, as for a plan
/// as a whole ([`least_worth`]), they end a critical check that fewer trades do not.
pub(super) fn trades(
    admitted: &Admitted<'_>,
    common: &CommonHistory,
    gauge: &RiskGauge,
    targets: &[f64],
) -> Result<TradePlan, PipelineError> {
    let stops = admitted.may_stop();
    let trades = sized(admitted, common, targets, !stops)?;
    if !trades.stopped_by_cost {
        return Ok(trades);
    }
    let whole = sized(admitted, common, targets, true)?;
    let is_kept = trading(&trades) > 0
        && is_weighed(admitted, &whole)
        && (admitted.config.worth_min_bps.is_some()
            || !least_worth::ends_critical(admitted, common, gauge, Some(&trades), &whole)?);
    Ok(if is_kept { trades } else { whole })
}

fn sized(
    admitted: &Admitted<'_>,
    common: &CommonHistory,
    targets: &[f64],
    spends_limit: bool,
) -> Result<TradePlan, CoreError> {
    let histories = common.by_asset(admitted.assets());
    let price_of_variance = admitted.config.objective.price_of_variance() * RiskOptions::default().periods_per_year;
    let histories = histories.as_deref().map(|returns| SizingHistories { returns, price_of_variance, spends_limit });
    size(admitted, SizingInput { histories, ..admitted.sizing_input(targets) })
}

/// Sizes trades under the band, the limit and the rules of the configuration.
pub(super) fn size(admitted: &Admitted<'_>, input: SizingInput<'_>) -> Result<TradePlan, CoreError> {
    match &admitted.config.rules {
        Some(rules) => size_under_rules(&input, &admitted.config.sizing, rules),
        None => size_trades(&input, &admitted.config.sizing),
    }
}
