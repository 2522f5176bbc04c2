//! The fifth agent: puts trades into an order in which they can be paid for.

mod outlook;
mod proof;
mod record;
mod region;
mod schedule;
mod worth;

use std::cmp::Reverse;

use portfolio_core::{Action, Intent, Money, TradeReason, TradeRow};
use serde::Serialize;

use crate::admitted::Admitted;
use crate::agent::{Agent, AgentId, Veto};
use crate::error::PipelineError;
use crate::forecasting::Forecasted;
use crate::market_data::Surveyed;
use crate::proposal::{Proposed, is_weighed};
use crate::risk_stage::Assessed;
use crate::warning::{AskedBy, MissingFigure, RunWarning};

pub use outlook::{NoOutlook, OUTLOOK_DAYS, WaitFigures, WaitOutlook};
pub use proof::NoProof;
pub use record::QueueSummary;
pub use region::{NoRegion, NoTradeRegion};
pub use schedule::{MAX_PARTICIPATION, OrderSchedule, ScheduleMethod};
use worth::Worth;
pub use worth::{NoPayback, NoWorth, PlanWorth, WorthFigures};

/// Orders and schedules the trades.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExecutionAgent;

/// The orders, and the expected effect of waiting.
#[derive(Debug)]
pub struct Staged {
    pub(crate) orders: Vec<PlannedOrder>,
    pub(crate) worth: PlanWorth,
    pub(crate) regions: Vec<Result<NoTradeRegion, NoRegion>>,
    pub(crate) outlook: WaitOutlook,
    /// The reason for the trades; `None` for a liquidation, which is not measured against the policy that it leaves.
    pub(crate) asked_by: Option<AskedBy>,
    /// Whether a least worth decides on the trades.
    pub(crate) has_least_worth: bool,
}

impl Staged {
    /// The orders, in the sequence in which they may be placed.
    #[must_use]
    pub fn orders(&self) -> &[PlannedOrder] {
        &self.orders
    }

    /// What the plan is worth.
    #[must_use]
    pub fn worth(&self) -> &PlanWorth {
        &self.worth
    }

    /// For each asset, the weights between which no trade of it pays.
    pub fn regions(&self) -> &[Result<NoTradeRegion, NoRegion>] {
        &self.regions
    }

    /// A warning when the trades cost more than they are worth.
    pub(crate) fn loss_warning(&self) -> Option<RunWarning> {
        let (net_bps, asked_by) = (self.worth.loss()?, self.asked_by?);
        Some(RunWarning::CostsMoreThanWorth { net_bps, asked_by })
    }

    /// A warning when there is no worth to compare with the least worth of the run.
    pub(crate) fn least_worth_warning(&self) -> Option<RunWarning> {
        let reason = self.worth.reason.filter(|_| self.has_least_worth)?.to_string();
        Some(RunWarning::FigureUnavailable { figure: MissingFigure::LeastWorth { reason } })
    }

    /// What waiting a week would cost.
    #[must_use]
    pub fn outlook(&self) -> &WaitOutlook {
        &self.outlook
    }
}

/// One order. Sells come before the buys they pay for; a Hold gives no order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedOrder {
    /// Name of the asset.
    #[cfg_attr(feature = "openapi", schema(example = "ETF"))]
    pub asset: String,
    /// Position of the asset in the request.
    #[cfg_attr(feature = "openapi", schema(example = 0))]
    pub position: usize,
    /// Buy or Sell.
    pub action: Action,
    /// Size, never negative: `action` has the direction.
    #[cfg_attr(feature = "openapi", schema(example = 5500.0, value_type = f64))]
    pub trade_value: Money,
    /// Units, never negative: `action` has the direction.
    #[cfg_attr(feature = "openapi", schema(example = 57.8947))]
    pub units: f64,
    /// Proportional cost as booked in the plan.
    #[cfg_attr(feature = "openapi", schema(example = 5.5, value_type = f64))]
    pub estimated_cost: Money,
    /// Expected price impact, basis points of the order, by the square-root law; null without a daily volume or a
    /// volatility. It is an estimate in addition to the booked cost, not part of it.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 3.2))]
    pub impact_bps: Option<f64>,
    /// Number of orders, from the start of the list, that have to be filled before this one is funded; 0 when cash pays
    /// for it.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub after_orders: usize,
    /// How to place it over time.
    pub schedule: OrderSchedule,
    /// What the order contributes to the worth of the plan, basis points of NAV over the horizon, after its cost; all
    /// of them add up to `worth.figures.net_bps`, and that of an order that only pays for others may be negative. Null
    /// when the histories do not support it.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 4.1))]
    pub marginal_benefit_bps: Option<f64>,
}

impl Agent for ExecutionAgent {
    const ID: AgentId = AgentId::Execution;
    const ROLE: &'static str = "Queues the orders, each after the sells that pay for it, with a schedule, a cost and its \
                                worth; Hold is no order.";
    const OBJECTIVE: &'static str = "Queue the orders, sells before buys";
}

impl ExecutionAgent {
    /// Queues the orders of a proposal.
    ///
    /// # Errors
    /// A veto for a trade whose action and value contradict each other, and for buys that sells and cash cannot pay
    /// for.
    pub fn act(
        &self,
        admitted: &Admitted<'_>,
        surveyed: &Surveyed,
        forecasted: &Forecasted,
        assessed: &Assessed,
        proposed: &Proposed,
    ) -> Result<Staged, Veto> {
        let sequence = sequence(&proposed.trades.rows).map_err(Veto::by(Self::ID))?;
        let worth = Worth::of(admitted, surveyed, proposed, &sequence);
        let orders = queue(admitted, forecasted, proposed, &sequence, worth.orders.as_deref());
        let orders = orders.map_err(Veto::by(Self::ID))?;
        let regions = region::regions(admitted, surveyed, proposed);
        let outlook = WaitOutlook::of(admitted, surveyed, assessed, proposed);
        let asked_by = asked_by(admitted, proposed);
        let has_least_worth = admitted.config.worth_min_bps.is_some() && is_weighed(admitted, &proposed.trades);
        Ok(Staged { orders, worth: worth.plan, regions, outlook, asked_by, has_least_worth })
    }
}

/// The reason for the trades of a plan; `None` for a liquidation.
fn asked_by(admitted: &Admitted<'_>, proposed: &Proposed) -> Option<AskedBy> {
    let is_emptied = admitted.target().iter().all(|weight| *weight == 0.0);
    match admitted.config.rules.as_ref().map(|rules| rules.intent) {
        Some(Intent::Liquidate) => None,
        _ if is_emptied => None,
        Some(Intent::InvestCash { .. } | Intent::RaiseCash { .. }) => Some(AskedBy::Intent),
        _ => {
            let by_client = |row: &TradeRow| matches!(row.reason, TradeReason::Selected | TradeReason::Scheduled);
            let is_weighed = is_weighed(admitted, &proposed.trades);
            Some(match admitted.config.worth_min_bps {
                // Weighed and made all the same.
                None if is_weighed => AskedBy::Limits,
                _ if proposed.trades.rows.iter().any(by_client) => AskedBy::Client,
                _ => AskedBy::Bands,
            })
        }
    }
}

/// Positions of the assets that trade: sells first, then buys, larger ones first.
fn sequence(rows: &[TradeRow]) -> Result<Vec<usize>, PipelineError> {
    let mut orders = Vec::new();
    for (asset, row) in rows.iter().enumerate() {
        let minor = row.value.minor();
        let (action, fits) = match row.action {
            Action::Buy => ("Buy", minor > 0),
            Action::Sell => ("Sell", minor < 0),
            Action::Hold => ("Hold", minor == 0 && row.cost.minor() == 0 && row.units == 0.0),
        };
        if !fits {
            return Err(PipelineError::Queue { asset, action, minor });
        }
        if row.action != Action::Hold {
            orders.push(asset);
        }
    }
    orders.sort_by_key(|&i| {
        let value = rows[i].value.minor();
        (value > 0, Reverse(value.abs()), i)
    });
    Ok(orders)
}

fn queue(
    admitted: &Admitted<'_>,
    forecasted: &Forecasted,
    proposed: &Proposed,
    sequence: &[usize],
    worth: Option<&[f64]>,
) -> Result<Vec<PlannedOrder>, PipelineError> {
    let rows = &proposed.trades.rows;
    let mut funds = Funds::of(proposed, sequence);
    sequence
        .iter()
        .enumerate()
        .map(|(rank, &i)| {
            let row = &rows[i];
            let value = Money::from_minor(row.value.minor().abs(), row.value.currency());
            let units = row.units.abs();
            let volume = admitted.market.volume(i);
            let volatility = forecasted.forecasts[i].volatility;
            Ok(PlannedOrder {
                asset: admitted.book.universe()[i].to_owned(),
                position: i,
                action: row.action,
                trade_value: value,
                units,
                estimated_cost: row.cost,
                impact_bps: schedule::impact_bps(units, volume, volatility),
                after_orders: if row.action == Action::Buy { funds.wait_for(row)? } else { 0 },
                schedule: OrderSchedule::of(value, units, volume, admitted.nav(), lot_of(admitted, i)),
                marginal_benefit_bps: worth.and_then(|worth| worth.get(rank).copied()),
            })
        })
        .collect()
}

/// Units of one lot of an asset, if it trades in lots.
fn lot_of(admitted: &Admitted<'_>, asset: usize) -> Option<f64> {
    admitted.config.rules.as_ref().and_then(|rules| rules.lots.get(asset).copied().flatten())
}

/// The money available along the queue: cash, plus the proceeds of one sell after another.
struct Funds {
    /// Cumulative money after the first `n` sells are filled, in minor units; `[0]` is cash alone.
    after_sells: Vec<i64>,
    /// The money needed by the buys so far.
    needed: i64,
}

impl Funds {
    fn of(proposed: &Proposed, sequence: &[usize]) -> Self {
        let trades = &proposed.trades;
        let mut funds = trades.cash_after.minor() - trades.cash_change.minor();
        let mut after_sells = vec![funds];
        for &i in sequence {
            let row = &trades.rows[i];
            if row.action == Action::Sell {
                funds += row.value.minor().abs() - row.cost.minor();
                after_sells.push(funds);
            }
        }
        Self { after_sells, needed: 0 }
    }

    /// The number of sells that must be filled before this buy and the buys before it can be paid.
    fn wait_for(&mut self, buy: &TradeRow) -> Result<usize, PipelineError> {
        self.needed += buy.value.minor() + buy.cost.minor();
        // No sell costs more than its proceeds: costs are at most a tenth.
        let enough = self.after_sells.partition_point(|&funds| funds < self.needed);
        match self.after_sells.last() {
            Some(&all) if enough == self.after_sells.len() => Err(PipelineError::Unfunded { minor: self.needed - all }),
            _ => Ok(enough),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;
    use portfolio_core::{CostModel, Currency, TradingRules};

    fn execute(case: &Case, change: impl FnOnce(&mut Proposed)) -> Result<Staged, Veto> {
        let lent = case.lend();
        let mut proposed = lent.proposed();
        change(&mut proposed);
        ExecutionAgent.act(&lent.admitted(), &lent.surveyed(), &lent.forecasted(), &lent.assessed(), &proposed)
    }

    #[test]
    fn a_loss_names_what_asks_for_the_trades_and_a_liquidation_has_none() {
        let mut case = Case::pair();
        // A tenth of every trade is lost.
        case.config.costs = CostModel::proportional(&[1000.0; 2]).unwrap();
        case.config.sizing.turnover_limit = 2.0;
        let mut asked_by = |intent: Option<Intent>, least: Option<f64>| {
            case.config.worth_min_bps = least;
            case.config.rules = intent.map(|intent| TradingRules { intent, ..TradingRules::plain(2, 0.02) });
            match execute(&case, |_| ()).unwrap().loss_warning() {
                Some(RunWarning::CostsMoreThanWorth { asked_by, .. }) => Some(asked_by),
                _ => None,
            }
        };
        let amount = Money::parse("10000.00", Currency::USD).unwrap();
        // A weight of 66 % where the policy has 60 % is critical: the trades that end it are made.
        assert_eq!(asked_by(None, None), Some(AskedBy::Limits));
        assert_eq!(asked_by(None, Some(-1e4)), Some(AskedBy::Bands));
        assert_eq!(asked_by(Some(Intent::RaiseCash { amount }), None), Some(AskedBy::Intent));
        assert_eq!(asked_by(Some(Intent::Liquidate), None), None);
        let told = RunWarning::CostsMoreThanWorth { net_bps: -12.0, asked_by: AskedBy::Intent }.to_string();
        assert!(told.ends_with("more than they are worth: the intent asks for them all the same"), "{told}");
    }

    #[test]
    fn sells_come_first_and_buys_wait_for_those_that_pay_for_them() {
        let staged = execute(&Case::four(), |_| ()).unwrap();
        let orders = staged.orders();
        let actions: Vec<Action> = orders.iter().map(|order| order.action).collect();
        assert_eq!(actions, [Action::Sell, Action::Sell, Action::Buy, Action::Buy]);
        assert!(orders[0].trade_value.minor() >= orders[1].trade_value.minor());
        assert_eq!(orders.iter().map(|order| order.after_orders).collect::<Vec<_>>(), [0, 0, 2, 2]);
        for order in orders {
            assert!(order.trade_value.minor() > 0 && order.units > 0.0);
        }
    }

    #[test]
    fn a_book_on_target_has_no_orders() {
        let mut case = Case::pair();
        case.current = case.config.policy.weights.clone();
        let staged = execute(&case, |_| ()).unwrap();
        assert!(staged.orders().is_empty());
    }

    #[test]
    fn a_hold_with_a_value_never_enters_the_queue() {
        let veto = execute(&Case::pair(), |proposed| proposed.trades.rows[0].action = Action::Hold).unwrap_err();
        assert_eq!(veto.agent, AgentId::Execution);
        assert!(matches!(veto.cause, PipelineError::Queue { asset: 0, action: "Hold", .. }), "{veto:?}");

        let mislabelled = execute(&Case::pair(), |proposed| proposed.trades.rows[1].action = Action::Sell);
        assert!(mislabelled.is_err(), "a buy that calls itself a sell");
    }

    #[test]
    fn buys_that_nothing_pays_are_refused() {
        let veto = execute(&Case::pair(), |proposed| {
            let buy = proposed.trades.rows.iter_mut().find(|row| row.action == Action::Buy).unwrap();
            buy.value = Money::from_minor(buy.value.minor() * 2, buy.value.currency());
        })
        .unwrap_err();
        assert!(matches!(veto.cause, PipelineError::Unfunded { .. }), "{veto:?}");
    }
}
