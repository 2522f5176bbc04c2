//! The check of the worth of a plan: what its trades cost more than they are worth.

use portfolio_core::TradePlan;

use crate::admitted::Admitted;
use crate::limit_check::{CheckReason, LimitCheck, LimitPoint, Measure};
use crate::limits::{LimitLevels, Severity};
use crate::market_data::Evidence;
use crate::risk_stage::Doubt;

use super::{is_weighed, trading, was_held};

/// The gate takes a worth that is this close to its level as equal to it, fractions of NAV.
const ROUNDING: f64 = 1e-12;

/// Cost less benefit of the trades of a plan, a fraction of NAV over the horizon, against what the request accepts. `worth` are their benefit and
/// cost, `None` where the histories do not support them; `doubt` are the relative errors of a tracking error because a history was completed.
///
/// Above its level it is a warning and never more: such trades are made because a limit outranks the worth, and that limit has a check of its own.
/// Orders such as a cash flow are carried out whatever they are worth. `was_critical` says whether a check of the book before the plan
/// is above a warning, so that whole histories might have had trades made at a loss.
pub(super) fn check(
    admitted: &Admitted<'_>,
    evidence: Evidence,
    trades: &TradePlan,
    worth: Option<[f64; 2]>,
    doubt: Doubt,
    was_critical: bool,
) -> LimitCheck {
    let least = 1e-4 * admitted.config.worth_min_bps.unwrap_or(0.0);
    let warning = 0.0 - least.clamp(-1.0, 1.0);
    // A loss of the whole portfolio is the scale of it and no level that counts.
    let levels = LimitLevels { warning, critical: warning.max(1.0), rejected: None };
    let is_still = trading(trades) == 0;
    let near = |cost: f64| if (cost - warning).abs() <= ROUNDING { warning } else { cost };
    let value = if is_still { Some(0.0) } else { worth.map(|[benefit, cost]| near(cost - benefit)) };
    let check = LimitCheck::of(Measure::NetCost, LimitPoint::After, levels, value, || CheckReason::NoHistory);
    let check = match check.severity {
        Severity::NotAssessed => check,
        _ if is_still => check.at_most(Severity::Clear, CheckReason::NothingTraded),
        _ if !is_weighed(admitted, trades) => check.at_most(Severity::Clear, CheckReason::Ordered),
        Severity::Clear => check,
        _ => check.at_most(Severity::Warning, CheckReason::LimitsAsk).because(CheckReason::LimitsAsk),
    };
    if evidence.is_short() {
        return check.at_least(Severity::NotAssessed, CheckReason::ShortHistory);
    }
    let was_held = was_held(trades);
    let error = (1.0 + doubt.warning).powi(2);
    // The benefit is a difference of squared tracking errors.
    let least_benefit = |benefit: f64| if benefit > 0.0 { benefit / error } else { benefit * error };
    let might_exceed = worth.is_some_and(|[benefit, cost]| near(cost - least_benefit(benefit)) > warning);
    match evidence.is_completed() {
        true if is_still && was_held && was_critical => {
            check.at_least(Severity::Warning, CheckReason::HistoriesChoseTrades)
        }
        true if !is_still && is_weighed(admitted, trades) && check.severity == Severity::Clear && might_exceed => {
            check.at_least(Severity::Warning, CheckReason::CompletedHistoryWarns)
        }
        _ => check,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;
    use portfolio_core::{CostModel, Currency, Intent, Money, TradingRules};

    fn of_case(case: &Case) -> LimitCheck {
        let proposed = case.lend().proposed();
        proposed.checks().iter().find(|check| check.measure == Measure::NetCost).unwrap().clone()
    }

    #[test]
    fn the_worth_is_a_check_and_its_level_is_what_the_request_accepts() {
        use Severity::{Clear, NotAssessed, Warning};
        // 66 % of one asset where the policy has 60 % is critical, and a tenth of every trade is lost. Sales x and purchases y have x - y = 0.1(x + y), and
        // 0.66 - x is 0.6 of what is left: x = 0.067347, and the cost x - y is 0.012245 of NAV. The benefit is small beside it.
        let mut case = Case::pair();
        case.config.sizing.turnover_limit = 1.0;
        case.config.costs = CostModel::proportional(&[1000.0; 2]).unwrap();
        let check = of_case(&case);
        assert_eq!((check.severity, check.reason), (Warning, Some(CheckReason::LimitsAsk)), "{check:?}");
        let loss = check.value.unwrap();
        assert!(check.warning_above == 0.0 && loss > 0.012 && loss < 0.012_245, "{check:?}");
        // Who says that the trades may cost so much is within what he said.
        case.config.worth_min_bps = Some(-1e4);
        let check = of_case(&case);
        assert_eq!((check.severity, check.value, check.warning_above), (Clear, Some(loss), 1.0));
        // A least worth that is not reached leaves the book as it is.
        case.config.worth_min_bps = Some(20.0);
        let check = of_case(&case);
        assert_eq!((check.value, check.warning_above), (Some(0.0), -0.002));
        assert_eq!((check.severity, check.reason), (Clear, Some(CheckReason::NothingTraded)));
        // A cash flow is an order.
        case.config.worth_min_bps = None;
        let amount = Money::parse("20000.00", Currency::USD).unwrap();
        case.config.rules = Some(TradingRules { intent: Intent::RaiseCash { amount }, ..TradingRules::plain(2, 0.02) });
        let check = of_case(&case);
        assert_eq!((check.severity, check.reason), (Clear, Some(CheckReason::Ordered)), "{check:?}");
        // What no history supports is not assessed.
        case.config.rules = None;
        case.returns.iter_mut().for_each(Vec::clear);
        let check = of_case(&case);
        assert_eq!((check.severity, check.value), (NotAssessed, None));
        assert_eq!(check.reason, Some(CheckReason::NoHistory));
    }

    #[test]
    fn trades_that_are_worth_their_cost_are_clear() {
        let mut case = Case::pair();
        case.config.costs = CostModel::free(2);
        let check = of_case(&case);
        assert!(check.severity == Severity::Clear && check.reason.is_none(), "{check:?}");
        assert!(check.value.is_some_and(|value| value < 0.0), "{check:?}");
    }
}
