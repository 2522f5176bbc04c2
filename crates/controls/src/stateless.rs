//! The part of a policy that depends only on the plan, not on the clock or on earlier activity.

use crate::{Assessment, Check, ControlPolicy, Outcome};

impl ControlPolicy {
    /// The same limits without those that depend on the clock or on earlier activity, and without overrides, which
    /// expire: under it, equal plans have equal checks.
    #[must_use]
    pub fn stateless(&self) -> Self {
        Self {
            stale_prices: None,
            duplicate_plan: None,
            order_rate: None,
            notional_rate: None,
            repeated_execution: None,
            overrides: Vec::new(),
            ..self.clone()
        }
    }

    /// Names of the controls with a limit that [`ControlPolicy::stateless`] leaves out.
    #[must_use]
    pub fn stateful_controls(&self) -> Vec<&'static str> {
        let limits = [
            ("stale_prices", self.stale_prices.is_some()),
            ("duplicate_plan", self.duplicate_plan.is_some()),
            ("order_rate", self.order_rate.is_some()),
            ("notional_rate", self.notional_rate.is_some()),
            ("repeated_execution", self.repeated_execution.is_some()),
        ];
        limits.into_iter().filter(|(_, has_limit)| *has_limit).map(|(name, _)| name).collect()
    }
}

impl<T> Assessment<T> {
    /// Every breach and, for a control without one, its [most significant check](Assessment::worst), control by
    /// control.
    #[must_use]
    pub fn breaches_or_worst(&self) -> Vec<Check> {
        let is_breach = |check: &Check| matches!(check.outcome, Outcome::Soft | Outcome::Hard);
        let of = |worst: Check| match is_breach(&worst) {
            true => {
                let own = self.checks().iter().filter(|check| check.control == worst.control && is_breach(check));
                own.copied().collect()
            }
            false => vec![worst],
        };
        self.worst().into_iter().flat_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{buy, now, one_asset, usd};
    use crate::{ControlPosition, ControlSet, Levels, OrderFacts, Override, Proposal, WhenUnknown, WindowLevels};

    #[test]
    fn what_is_left_reads_neither_clock_nor_history() {
        let window = Some(WindowLevels { soft: None, hard: Some(1.0), unknown: WhenUnknown::Hard, window_seconds: 60 });
        let policy = ControlPolicy {
            stale_prices: Some(Levels::hard(900.0)),
            duplicate_plan: window,
            order_rate: window,
            notional_rate: window,
            repeated_execution: window,
            ..ControlPolicy::default()
        };
        let stateful = policy.stateful_controls();
        assert_eq!(stateful, ["stale_prices", "duplicate_plan", "order_rate", "notional_rate", "repeated_execution"]);
        assert_eq!(policy.stateless(), ControlPolicy::default());
        assert!(ControlPolicy::default().stateful_controls().is_empty());
        // Limits stay as they are, and overrides end at a time.
        let own = ControlPolicy { leverage: Some(Levels::hard(2.0)), ..ControlPolicy::empty() };
        let over = Override {
            control: "leverage".to_owned(),
            subject: None,
            who: "Kim Lee".to_owned(),
            why: "a transition".to_owned(),
            starts_at: now(),
            ends_at: now(),
        };
        assert_eq!(ControlPolicy { overrides: vec![over], ..own.clone() }.stateless(), own);
        let (all, left) = (ControlSet::of(&policy), ControlSet::of(&policy.stateless()));
        let left: Vec<_> = left.names().collect();
        assert_eq!(all.names().filter(|name| !left.contains(name)).count(), stateful.len());
    }

    #[test]
    fn each_breach_is_told_and_one_check_of_a_control_that_passes() {
        let mut book = one_asset();
        let more = ControlPosition { asset: "BND".to_owned(), ..book.positions[0].clone() };
        book.positions.push(more);
        // Nothing of it is held: it passes the limit that the others breach.
        let none = ControlPosition { asset: "GLD".to_owned(), value: usd(0), ..book.positions[0].clone() };
        book.positions.push(none);
        let policy = ControlPolicy {
            concentration_name: Some(Levels::soft(1e-9)),
            order_quantity: Some(Levels::hard(1e9)),
            ..ControlPolicy::empty()
        };
        let other = OrderFacts { id: "B2".to_owned(), asset: 1, ..buy("2", "100.00") };
        let proposals = [buy("1", "100.00"), other].map(|facts| Proposal { facts, order: () });
        let told = ControlSet::of(&policy).assess(&book, proposals.into(), None, now()).unwrap().breaches_or_worst();
        let told: Vec<_> = told.iter().map(|check| (check.control, check.reading.value(), check.outcome)).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[..2].iter().all(|told| (told.0, told.2) == ("concentration_name", Outcome::Soft)));
        assert_eq!(told[2], ("order_quantity", Some(2.0), Outcome::Pass));
    }
}
