//! The controls of a policy, one per file.

mod concentration_group;
mod concentration_name;
mod drawdown_stop;
mod duplicate_plan;
mod gross_exposure;
mod leverage;
mod notional_rate;
mod order_notional;
mod order_quantity;
mod order_rate;
mod oversold;
mod participation;
mod plan_notional;
mod price_collar;
mod repeated_execution;
mod restricted_list;
mod stale_prices;
mod tracking_error;
mod turnover;
mod var_budget;

use crate::{Control, ControlPolicy};

/// The controls for which a policy has limits, in the order of its documentation.
pub(crate) fn of(policy: &ControlPolicy) -> Vec<Box<dyn Control>> {
    fn boxed<L, C: Control + 'static>(limits: Option<L>, make: impl FnOnce(L) -> C) -> Option<Box<dyn Control>> {
        limits.map(|limits| Box::new(make(limits)) as Box<dyn Control>)
    }

    let p = policy.clone();
    let (gross, rate) = (p.currency.clone(), p.currency.clone());
    let (order, plan) = (p.currency.clone(), p.currency.clone());
    [
        boxed(p.gross_exposure, |levels| gross_exposure::GrossExposure { levels, currency: gross }),
        boxed(p.leverage, leverage::Leverage),
        boxed(p.concentration_name, concentration_name::ConcentrationName),
        boxed(p.concentration_group, concentration_group::ConcentrationGroup),
        boxed(p.price_collar, price_collar::PriceCollar),
        boxed(p.order_notional, |levels| order_notional::OrderNotional { levels, currency: order }),
        boxed(p.plan_notional, |levels| plan_notional::PlanNotional { levels, currency: plan }),
        boxed(p.order_quantity, order_quantity::OrderQuantity),
        boxed(p.oversold, oversold::Oversold),
        boxed(p.participation, participation::Participation),
        boxed(p.turnover, turnover::Turnover),
        boxed(p.restricted_list, restricted_list::Restricted),
        boxed(p.duplicate_plan, duplicate_plan::DuplicatePlan),
        boxed(p.stale_prices, stale_prices::StalePrices),
        boxed(p.tracking_error, tracking_error::TrackingErrorLimit),
        boxed(p.var_budget, var_budget::VarBudget),
        boxed(p.drawdown_stop, drawdown_stop::DrawdownStop),
        boxed(p.order_rate, order_rate::OrderRate),
        boxed(p.notional_rate, |levels| notional_rate::NotionalRate { levels, currency: rate }),
        boxed(p.repeated_execution, repeated_execution::RepeatedExecution),
    ]
    .into_iter()
    .flatten()
    .collect()
}
