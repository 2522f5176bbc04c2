//! The loss of a book in the worst window of market history, compared with the policy's own.

use stress::scenario::{ReplayAsset, ScenarioSeries, Window, windows, windows_with, worst_window};

use crate::admitted::Admitted;
use crate::limit_check::{CheckReason, LimitCheck, LimitPoint, Measure};
use crate::limits::RiskBudget;

/// Compares the stress loss of a book with that of the policy.
///
/// Both are replayed in the windows that have a series for every asset of either, so both use the same windows. An
/// asset without a series is not replaced by another series: the loss is then not assessed.
#[derive(Debug)]
pub(super) struct StressGauge {
    budget: RiskBudget,
    is_required: bool,
    /// The series of each asset; empty when the check is not enabled.
    stand_ins: Vec<Option<&'static ScenarioSeries>>,
    target: Vec<f64>,
}

impl StressGauge {
    pub(super) fn of(admitted: &Admitted<'_>) -> Self {
        let config = admitted.config;
        Self {
            budget: config.limits.risk,
            is_required: config.limits.is_stress_required,
            stand_ins: config.stand_ins.clone(),
            target: admitted.target().to_vec(),
        }
    }

    /// The check of a book; `None` when it is not enabled.
    pub(super) fn check(&self, point: LimitPoint, weights: &[f64]) -> Option<LimitCheck> {
        if self.stand_ins.is_empty() {
            return None;
        }
        let is_part = |asset: usize| {
            let weight = |weights: &[f64]| weights.get(asset).is_some_and(|weight| *weight != 0.0);
            weight(weights) || weight(&self.target)
        };
        let of: Vec<usize> = (0..self.stand_ins.len()).filter(|asset| is_part(*asset)).collect();
        let names: Vec<&str> = of.iter().filter_map(|asset| self.name(*asset)).collect();
        let without = of.len() - names.len();
        let covering: Vec<&'static Window> = if without == 0 { windows_with(&names).collect() } else { Vec::new() };
        let worst = |weights: &[f64]| worst_window(covering.iter().copied(), &self.book(weights));
        let (book, policy) = (worst(weights), worst(&self.target));
        let levels = self.budget.stress_loss(policy.map(|policy| policy.loss));
        let reason = match book {
            Some(worst) => CheckReason::WorstWindow {
                window: worst.window.id,
                date: worst.date,
                covering: covering.len(),
                windows: windows().len(),
            },
            None => CheckReason::NoWindow { without, assets: of.len(), is_required: self.is_required },
        };
        let check = LimitCheck::of(Measure::StressLoss, point, levels, book.map(|worst| worst.loss), || reason);
        Some(LimitCheck { reason: Some(reason), ..check })
    }

    fn name(&self, asset: usize) -> Option<&'static str> {
        self.stand_ins.get(asset).copied().flatten().map(|series| series.name)
    }

    fn book(&self, weights: &[f64]) -> Vec<ReplayAsset<'static>> {
        weights
            .iter()
            .enumerate()
            .map(|(asset, weight)| ReplayAsset { weight: *weight, series: self.name(asset) })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use stress::scenario::series;

    use super::*;
    use crate::limits::Severity;

    fn gauge(names: &[&str], target: &[f64]) -> StressGauge {
        let stand_ins = names.iter().map(|name| series(name)).collect();
        StressGauge { budget: RiskBudget::default(), is_required: false, stand_ins, target: target.to_vec() }
    }

    fn check(gauge: &StressGauge, weights: &[f64]) -> LimitCheck {
        gauge.check(LimitPoint::Before, weights).unwrap()
    }

    #[test]
    fn the_policy_is_clear_and_a_wilder_book_is_not() {
        let gauge = gauge(&["NASDAQ", "UST10Y_TR"], &[0.4, 0.6]);
        let own = check(&gauge, &[0.4, 0.6]);
        assert_eq!(own.severity, Severity::Clear, "{own:?}");
        assert!((own.warning_above - 1.25 * own.value.unwrap()).abs() < 1e-15);
        assert!((own.critical_above - 1.5 * own.value.unwrap()).abs() < 1e-15);
        let wild = check(&gauge, &[0.9, 0.1]);
        assert_eq!(wild.severity, Severity::Critical, "{wild:?}");
        let reason = wild.reason.unwrap().to_string();
        assert_eq!(reason, "lost by 2002-10-09 in the window 2000_2002, the worst of 5 of 11 with every asset");
        assert_eq!(check(&gauge, &[0.2, 0.8]).severity, Severity::Clear);
    }

    #[test]
    fn a_policy_that_lost_nothing_leaves_the_least_volatility() {
        let gauge = gauge(&["SP500_INDEX"], &[0.0]);
        let cash = check(&gauge, &[0.0]);
        assert_eq!((cash.value, cash.severity), (Some(0.0), Severity::Clear));
        assert!((cash.warning_above - 1.25 * 0.01 * 2.062_712_807_507_073).abs() < 1e-15);
        assert_eq!(check(&gauge, &[0.2]).severity, Severity::Critical);
    }

    #[test]
    fn what_no_window_covers_is_not_assessed_and_named() {
        let of = gauge(&["SP500_INDEX", "GLD"], &[0.5, 0.5]);
        let found = check(&of, &[0.6, 0.4]);
        assert_eq!((found.severity, found.value), (Severity::NotAssessed, None));
        assert_eq!(found.reason.unwrap().to_string(), "no series of market history stands for 1 of 2 assets");
        assert!(found.is_without_window());
        let required = check(&StressGauge { is_required: true, ..of }, &[0.6, 0.4]);
        assert_eq!((required.severity, required.is_without_window()), (Severity::NotAssessed, false));
        // The factor funds begin after the Treasuries end.
        let apart = gauge(&["UST10Y_TR", "BND", "CSJ", "USMV"], &[0.5, 0.5, 0.0, 0.0]);
        let never = check(&apart, &[0.1, 0.2, 0.3, 0.4]);
        let covers = windows_with(&["UST10Y_TR", "BND", "CSJ", "USMV"]).count();
        assert_eq!(never.value.is_some(), covers > 0);
        // An asset that neither book has does not matter.
        assert!(check(&gauge(&["SP500_INDEX", "GLD"], &[1.0, 0.0]), &[0.5, 0.0]).value.is_some());
    }

    #[test]
    fn a_run_that_names_no_series_has_no_such_check() {
        assert_eq!(gauge(&[], &[]).check(LimitPoint::After, &[]), None);
    }
}
