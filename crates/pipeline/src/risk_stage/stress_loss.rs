//! The loss of a book in the worst window of market history, compared with the policy's own.

use stress::scenario::{CoveringWindows, ScenarioSeries, WorstWindow, windows};

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
    /// What the book is compared with as it is: a plan rarely leaves the assets that it and the policy have.
    now: Compared,
}

/// The windows of the assets that a book or the policy has, and what the policy loses in them.
#[derive(Debug)]
struct Compared {
    /// The assets, ascending.
    assets: Vec<usize>,
    /// `None` when one of them has no series.
    windows: Option<CoveringWindows>,
    policy: Option<WorstWindow>,
}

impl Compared {
    fn of(assets: Vec<usize>, stand_ins: &[Option<&'static ScenarioSeries>], target: &[f64]) -> Self {
        let series = |asset: &usize| stand_ins.get(*asset).copied().flatten().map(|series| series.name);
        let names: Option<Vec<&str>> = assets.iter().map(series).collect();
        let mut compared = Self { assets, windows: names.map(|names| CoveringWindows::of(&names)), policy: None };
        compared.policy = compared.worst(target);
        compared
    }

    /// The largest loss of weights, which are zero for every other asset.
    fn worst(&self, weights: &[f64]) -> Option<WorstWindow> {
        let weight = |asset: &usize| weights.get(*asset).copied().unwrap_or_default();
        self.windows.as_ref()?.worst(&self.assets.iter().map(weight).collect::<Vec<_>>())
    }
}

impl StressGauge {
    pub(super) fn of(admitted: &Admitted<'_>) -> Self {
        let config = admitted.config;
        let limits = &config.limits;
        let stand_ins = config.stand_ins.clone();
        Self::new(limits.risk, limits.is_stress_required, stand_ins, admitted.target(), admitted.current())
    }

    fn new(
        budget: RiskBudget,
        is_required: bool,
        stand_ins: Vec<Option<&'static ScenarioSeries>>,
        target: &[f64],
        current: &[f64],
    ) -> Self {
        let now = Compared::of(parts(stand_ins.len(), current, target), &stand_ins, target);
        Self { budget, is_required, stand_ins, target: target.to_vec(), now }
    }

    /// The check of a book; `None` when it is not enabled.
    pub(super) fn check(&self, point: LimitPoint, weights: &[f64]) -> Option<LimitCheck> {
        if self.stand_ins.is_empty() {
            return None;
        }
        let assets = parts(self.stand_ins.len(), weights, &self.target);
        let other;
        let compared = if assets == self.now.assets {
            &self.now
        } else {
            other = Compared::of(assets, &self.stand_ins, &self.target);
            &other
        };
        let book = compared.worst(weights);
        let levels = self.budget.stress_loss(compared.policy.map(|policy| policy.loss));
        let reason = match book {
            Some(worst) => CheckReason::WorstWindow {
                window: worst.window.id,
                date: worst.date,
                covering: compared.windows.as_ref().map_or(0, CoveringWindows::len),
                windows: windows().len(),
            },
            None => {
                let of = &compared.assets;
                let without =
                    of.iter().filter(|asset| self.stand_ins.get(**asset).copied().flatten().is_none()).count();
                CheckReason::NoWindow { without, assets: of.len(), is_required: self.is_required }
            }
        };
        let check = LimitCheck::of(Measure::StressLoss, point, levels, book.map(|worst| worst.loss), || reason);
        Some(LimitCheck { reason: Some(reason), ..check })
    }
}

/// The assets that a book or the policy has.
fn parts(assets: usize, weights: &[f64], target: &[f64]) -> Vec<usize> {
    let has = |weights: &[f64], asset: usize| weights.get(asset).is_some_and(|weight| *weight != 0.0);
    (0..assets).filter(|asset| has(weights, *asset) || has(target, *asset)).collect()
}

#[cfg(test)]
mod tests {
    use stress::scenario::series;

    use super::*;
    use crate::limits::Severity;

    fn gauge(names: &[&str], target: &[f64]) -> StressGauge {
        let stand_ins = names.iter().map(|name| series(name)).collect();
        StressGauge::new(RiskBudget::default(), false, stand_ins, target, target)
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
        let covers = CoveringWindows::of(&["UST10Y_TR", "BND", "CSJ", "USMV"]).len();
        assert_eq!(never.value.is_some(), covers > 0);
        // An asset that neither book has does not matter.
        assert!(check(&gauge(&["SP500_INDEX", "GLD"], &[1.0, 0.0]), &[0.5, 0.0]).value.is_some());
    }

    #[test]
    fn a_run_that_names_no_series_has_no_such_check() {
        assert_eq!(gauge(&[], &[]).check(LimitPoint::After, &[]), None);
    }
}
