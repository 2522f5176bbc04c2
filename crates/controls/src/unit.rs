//! Units of the values of controls.

/// The unit of a control's value and limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlUnit {
    /// A fraction, such as of NAV.
    Fraction,
    /// Money, in major units of the policy's currency.
    Money,
    /// A ratio, units of an asset, seconds, or a count.
    Number,
}

/// The unit of a control of this crate, by its name; `None` for another name.
#[must_use]
pub fn unit_of(control: &str) -> Option<ControlUnit> {
    Some(match control {
        "concentration_name"
        | "concentration_group"
        | "price_collar"
        | "participation"
        | "turnover"
        | "tracking_error"
        | "var_budget"
        | "drawdown_stop" => ControlUnit::Fraction,
        "gross_exposure" | "order_notional" | "plan_notional" | "notional_rate" => ControlUnit::Money,
        "leverage" | "order_quantity" | "oversold" | "restricted_list" | "duplicate_plan" | "stale_prices"
        | "order_rate" | "repeated_execution" => ControlUnit::Number,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ControlPolicy, ControlSet, Levels, RestrictedList, WhenUnknown, WindowLevels};

    #[test]
    fn every_control_has_a_unit() {
        let (levels, window) = (
            Some(Levels::hard(1.0)),
            Some(WindowLevels { soft: None, hard: Some(1.0), unknown: WhenUnknown::Hard, window_seconds: 60 }),
        );
        let policy = ControlPolicy {
            currency: Some("USD".to_owned()),
            gross_exposure: levels,
            leverage: levels,
            concentration_name: levels,
            concentration_group: levels,
            price_collar: levels,
            order_notional: levels,
            plan_notional: levels,
            order_quantity: levels,
            oversold: levels,
            participation: levels,
            turnover: levels,
            restricted_list: Some(RestrictedList::default()),
            duplicate_plan: window,
            stale_prices: levels,
            tracking_error: levels,
            var_budget: levels,
            drawdown_stop: levels,
            order_rate: window,
            notional_rate: window,
            repeated_execution: window,
            ..ControlPolicy::empty()
        };
        let controls = ControlSet::of(&policy);
        assert_eq!(controls.names().count(), 20);
        assert!(controls.names().all(|name| unit_of(name).is_some()));
        assert_eq!(unit_of("order_count"), None);
    }
}
