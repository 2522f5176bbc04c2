//! Whether the trades of a plan are worth being made.

use optimizer::{RebalanceProblem, RiskModel, SolveOptions, solve};
use portfolio_core::{TradePlan, TradeReason};

use crate::admitted::Admitted;
use crate::concentration::concentration;
use crate::error::PipelineError;
use crate::limit_check::{LimitCheck, LimitPoint};
use crate::limits::Severity;
use crate::market_data::CommonHistory;
use crate::priced::{Priced, fractions};
use crate::proposal::OptimalPlan;
use crate::risk_stage::RiskGauge;

use super::{is_rebalance, none_of, slack_of, trading};

/// What a plan has to be worth where its policy says nothing, basis points: it must not cost more than it takes off the objective. A worth of
/// zero may come out this much below it.
const LEAST_WORTH: f64 = -1e-9;

/// The trades, or no trades if their worth is below what it has to be, with their benefit and cost where they were weighed. Where no worth can be
/// measured, the bands decide.
///
/// A limit outranks the worth: trades that end a critical check of the book are made whatever they cost, and so are those that the limits of
/// the optimal method require. An amount to raise or to invest, a liquidation and trades that the client picked are orders, and not weighed.
pub(super) fn unless_too_little(
    admitted: &Admitted<'_>,
    common: &CommonHistory,
    gauge: &RiskGauge,
    targets: &[f64],
    trades: TradePlan,
    found: Option<&OptimalPlan>,
) -> Result<(TradePlan, Option<[f64; 2]>), PipelineError> {
    if trading(&trades) == 0 || !is_weighed(admitted, &trades) {
        return Ok((trades, None));
    }
    let least = admitted.config.worth_min_bps.unwrap_or(LEAST_WORTH);
    let Some(worth) = worth(admitted, common, targets, &trades, found) else { return Ok((trades, None)) };
    let [benefit, cost] = worth;
    // Who states a least worth means it.
    let is_required = match admitted.config.worth_min_bps {
        _ if 1e4 * (benefit - cost) >= least => true,
        Some(_) => found.is_some_and(|found| !may_stay(admitted, found)),
        None => is_required(admitted, common, gauge, &trades, found)?,
    };
    match is_required {
        true => Ok((trades, Some(worth))),
        false => Ok((none_of(admitted, targets, &trades, TradeReason::WorthTooLittle)?, Some(worth))),
    }
}

/// What the trades take off the objective and what they cost, fractions of NAV; `None` when the histories do not support it.
pub(super) fn worth(
    admitted: &Admitted<'_>,
    common: &CommonHistory,
    targets: &[f64],
    trades: &TradePlan,
    found: Option<&OptimalPlan>,
) -> Option<[f64; 2]> {
    let trade = fractions(admitted, trades);
    let priced = match found {
        Some(found) => Priced::solved(admitted, found, &trade),
        None => Priced::on_histories(admitted, common, targets, &trade),
    };
    priced?.benefit_and_cost(admitted, found, trades)
}

/// Whether the trades are weighed by their worth.
pub(crate) fn is_weighed(admitted: &Admitted<'_>, trades: &TradePlan) -> bool {
    let is_emptied = admitted.target().iter().all(|weight| *weight == 0.0);
    let is_picked = trades.rows.iter().any(|row| row.reason == TradeReason::Selected);
    is_rebalance(admitted) && (admitted.config.worth_min_bps.is_some() || !(is_emptied || is_picked))
}

/// Whether a limit requires trades: of the verdict, one that the book breaks without them and not with them; of the optimal method, one that the
/// book as it is breaks.
fn is_required(
    admitted: &Admitted<'_>,
    common: &CommonHistory,
    gauge: &RiskGauge,
    trades: &TradePlan,
    found: Option<&OptimalPlan>,
) -> Result<bool, PipelineError> {
    if found.is_some_and(|found| !may_stay(admitted, found)) {
        return Ok(true);
    }
    ends_critical(admitted, common, gauge, None, trades)
}

/// Whether the trades end a check above a warning that `fewer` of them do not end, or that the book breaks without any.
pub(super) fn ends_critical(
    admitted: &Admitted<'_>,
    common: &CommonHistory,
    gauge: &RiskGauge,
    fewer: Option<&TradePlan>,
    trades: &TradePlan,
) -> Result<bool, PipelineError> {
    let of = |trades: &TradePlan| -> Vec<f64> { trades.rows.iter().map(|row| row.weight_after).collect() };
    let before = fewer.map_or_else(|| admitted.current().to_vec(), of);
    let held = checks(admitted, common, gauge, &before, trades)?;
    let traded = checks(admitted, common, gauge, &of(trades), trades)?;
    Ok(held.iter().zip(&traded).any(|(held, traded)| {
        held.measure == traded.measure && held.severity > Severity::Warning && traded.severity <= Severity::Warning
    }))
}

/// The checks of a book after a plan, without those of its trades.
pub(super) fn checks(
    admitted: &Admitted<'_>,
    common: &CommonHistory,
    gauge: &RiskGauge,
    weights: &[f64],
    trades: &TradePlan,
) -> Result<Vec<LimitCheck>, PipelineError> {
    let returns = common.returns_of(weights);
    let summary = gauge.measure(&returns)?;
    let mut checks = gauge.checks(LimitPoint::After, weights, &returns, &summary);
    let levels = admitted.config.limits.concentration;
    checks.push(concentration(levels, weights, admitted.target(), slack_of(admitted, trades)));
    Ok(checks)
}

/// Whether the limits of the optimal method leave the book as it is.
fn may_stay(admitted: &Admitted<'_>, found: &OptimalPlan) -> bool {
    // The solved problem is stated in the NAV that its costs leave; without trades there are none.
    let current = admitted.current().to_vec();
    let still = RebalanceProblem { trade_max: Some(vec![0.0; current.len()]), w0: current, ..found.problem.clone() };
    let Ok(model) = RiskModel::try_from(&found.model) else { return false };
    solve(&still, &model, &SolveOptions::default()).is_ok_and(|outcome| outcome.solution().is_some())
}
