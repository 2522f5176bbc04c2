//! Limits on weighted sums of weights: the budget, groups and exposures share one type.
//!
//! This file holds everything that solver, certificate, prices and repair need to know about such a limit: its row, the
//! name of each side, its current value, and how it is relaxed. A new kind of linear limit is a member of
//! [`RebalanceProblem`] with its check (`problem.rs`), a variant of [`Limit`] with its multiplier and slack
//! (`limits.rs`), its words (`words.rs`), and an entry in [`RebalanceProblem::linear_limits`] and [`relax`] here.

use crate::limits::{Limit, LimitSlacks, NamedSlack};
use crate::problem::RebalanceProblem;
use crate::program::{Coefficients, Row};

/// The two sides of a row `lo ≤ aᵀw ≤ hi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Lower,
    Upper,
}

/// The kind of linear limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Budget,
    Group,
    Exposure,
}

/// One limit `lower ≤ aᵀw ≤ upper`.
#[derive(Debug, Clone)]
pub(crate) struct LinearLimit<'a> {
    family: Family,
    name: &'a str,
    coefficients: Coefficients<'a>,
    /// The limits as the problem states them: on cash for the budget, on the sum otherwise.
    lower: f64,
    upper: f64,
}

impl RebalanceProblem {
    /// The linear limits in the order of the programme's rows: the budget, groups, exposures.
    pub(crate) fn linear_limits(&self) -> Vec<LinearLimit<'_>> {
        let mut out = vec![LinearLimit {
            family: Family::Budget,
            name: "",
            coefficients: Coefficients::Ones,
            lower: self.cash_min,
            upper: self.cash_max,
        }];
        out.extend(self.groups.iter().map(|g| LinearLimit {
            family: Family::Group,
            name: &g.name,
            coefficients: Coefficients::Members((&g.members).into()),
            lower: g.lower,
            upper: g.upper,
        }));
        out.extend(self.exposures.iter().map(|e| LinearLimit {
            family: Family::Exposure,
            name: &e.name,
            coefficients: Coefficients::Dense((&e.loadings).into()),
            lower: e.lower,
            upper: e.upper,
        }));
        out
    }
}

impl<'a> LinearLimit<'a> {
    /// The row of the programme. Cash is one minus the sum of the weights, so its lower and upper limits change places.
    pub(crate) fn into_row(self) -> Row<'a> {
        let (lo, hi) = match self.family {
            Family::Budget => (1.0 - self.upper, 1.0 - self.lower),
            Family::Group | Family::Exposure => (self.lower, self.upper),
        };
        Row { a: self.coefficients, lo, hi }
    }

    /// The limit that binds on one side of the row.
    pub(crate) fn limit(&self, side: Bound) -> Limit {
        let name = self.name.to_owned();
        match (self.family, side) {
            (Family::Budget, Bound::Upper) => Limit::CashMin,
            (Family::Budget, Bound::Lower) => Limit::CashMax,
            (Family::Group, Bound::Upper) => Limit::GroupUpper { name },
            (Family::Group, Bound::Lower) => Limit::GroupLower { name },
            (Family::Exposure, Bound::Upper) => Limit::ExposureUpper { name },
            (Family::Exposure, Bound::Lower) => Limit::ExposureLower { name },
        }
    }

    /// The value of that limit, as the problem states it.
    pub(crate) fn stated(&self, side: Bound) -> f64 {
        match (self.family, side) {
            (Family::Budget, Bound::Upper) | (Family::Group | Family::Exposure, Bound::Lower) => self.lower,
            (Family::Budget, Bound::Lower) | (Family::Group | Family::Exposure, Bound::Upper) => self.upper,
        }
    }

    /// Records the slack at `value` of the row, where `cash` is one minus the sum of the weights.
    pub(crate) fn file_slack(&self, value: f64, cash: f64, slacks: &mut LimitSlacks) {
        let named = || NamedSlack { name: self.name.to_owned(), lower: value - self.lower, upper: self.upper - value };
        match self.family {
            Family::Budget => (slacks.cash_min, slacks.cash_max) = (cash - self.lower, self.upper - cash),
            Family::Group => slacks.groups.push(named()),
            Family::Exposure => slacks.exposures.push(named()),
        }
    }
}

/// How a linear limit is relaxed when no portfolio satisfies all limits.
#[cfg(feature = "conic")]
pub(crate) mod repair {
    use super::{Bound, Coefficients, Family, Limit, LinearLimit, RebalanceProblem};

    impl LinearLimit<'_> {
        /// Price of one unit of relaxation.
        pub(crate) fn relaxation_price(&self) -> f64 {
            if self.family == Family::Budget { 1.0 } else { 2.0 }
        }

        /// The largest relaxation at that price, beyond which cash would be borrowed; `None`: no such bound.
        pub(crate) fn room(&self, side: Bound) -> Option<f64> {
            (self.family == Family::Budget && side == Bound::Upper).then(|| self.lower.max(0.0))
        }

        /// Whether the problem states the limit on one minus the sum of the row, and not on the sum itself.
        pub(crate) fn is_complement(&self) -> bool {
            self.family == Family::Budget
        }

        pub(crate) fn coefficients(&self) -> &Coefficients<'_> {
            &self.coefficients
        }
    }

    /// Moves a linear limit of `problem` to `to`; other limits do not change. Limits that share a name all move.
    pub(crate) fn relax(problem: &mut RebalanceProblem, limit: &Limit, to: f64) {
        let groups = problem.groups.iter_mut().map(|g| (&g.name, &mut g.lower, &mut g.upper));
        let exposures = problem.exposures.iter_mut().map(|e| (&e.name, &mut e.lower, &mut e.upper));
        match limit {
            Limit::CashMin => problem.cash_min = to,
            Limit::CashMax => problem.cash_max = to,
            Limit::GroupLower { name } => groups.filter(|g| g.0 == name).for_each(|g| *g.1 = g.1.min(to)),
            Limit::GroupUpper { name } => groups.filter(|g| g.0 == name).for_each(|g| *g.2 = g.2.max(to)),
            Limit::ExposureLower { name } => exposures.filter(|e| e.0 == name).for_each(|e| *e.1 = e.1.min(to)),
            Limit::ExposureUpper { name } => exposures.filter(|e| e.0 == name).for_each(|e| *e.2 = e.2.max(to)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GroupLimit;

    #[test]
    fn cash_between_two_and_five_percent_is_a_sum_from_95_to_98_percent() {
        let group = GroupLimit { name: "bonds".into(), members: vec![1], lower: 0.25, upper: 0.5 };
        let problem = RebalanceProblem {
            cash_min: 0.02,
            cash_max: 0.05,
            groups: vec![group],
            ..RebalanceProblem::long_only(vec![0.0; 2], 1.0)
        };
        let limits = problem.linear_limits();
        let budget = &limits[0];
        assert_eq!((budget.limit(Bound::Upper), budget.stated(Bound::Upper)), (Limit::CashMin, 0.02));
        assert_eq!((budget.limit(Bound::Lower), budget.stated(Bound::Lower)), (Limit::CashMax, 0.05));
        let row = budget.clone().into_row();
        assert_eq!((row.lo, row.hi), (0.95, 0.98));
        let bonds = &limits[1];
        assert_eq!(bonds.limit(Bound::Lower), Limit::GroupLower { name: "bonds".into() });
        let mut slacks = LimitSlacks::default();
        limits.iter().for_each(|l| l.file_slack(0.375, 0.03125, &mut slacks));
        assert_eq!(slacks.groups, [NamedSlack { name: "bonds".into(), lower: 0.125, upper: 0.125 }]);
        assert!((slacks.cash_min - 0.01125).abs() < 1e-17 && (slacks.cash_max - 0.01875).abs() < 1e-17);
    }
}
