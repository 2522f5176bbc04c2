//! The check of the two-way turnover: by how much of it leads to the policy, and by what whole histories might have had traded.

use portfolio_core::TradePlan;

use crate::admitted::Admitted;
use crate::limit_check::{CheckReason, LimitCheck, LimitPoint, Measure};
use crate::limits::{LimitLevels, Severity};
use crate::market_data::Evidence;
use crate::method::Method;
use crate::risk_stage::Doubt;

use super::{rounding_of, was_held};

/// The turnover of trades and the part of it that does not lead to the policy, fractions of NAV.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moved {
    /// Two-way turnover.
    turnover: f64,
    /// The turnover less the reduction of the distance to the policy: zero for trades that stop at the policy or before it.
    astray: f64,
    /// How far the weight furthest from its target ends from it.
    off: f64,
    /// What costs and whole minor units alone add to `off`.
    slack: f64,
}

impl Moved {
    pub(super) fn of(admitted: &Admitted<'_>, trades: &TradePlan) -> Self {
        let after: Vec<f64> = trades.rows.iter().map(|row| row.weight_after).collect();
        // Weights are fractions of the NAV that costs leave.
        let slack = 2.0 * rounding_of(admitted, trades);
        let off = after.iter().zip(admitted.target()).map(|(w, b)| (w - b).abs()).fold(0.0, f64::max);
        Self { turnover: trades.turnover_two_way, astray: astray(admitted, &after), off, slack }
    }

    /// A plan that ends on the policy is clear, as the book is that stands on it: no more than this is traded for the sake of the policy. Trades on the
    /// way there are a warning at most, while the part of them that leads elsewhere is within the level of a warning.
    fn check(self, levels: LimitLevels) -> LimitCheck {
        let unavailable = || CheckReason::Unavailable;
        let check = LimitCheck::of(Measure::Turnover, LimitPoint::After, levels, Some(self.turnover), unavailable);
        if self.off <= self.slack {
            check.at_most(Severity::Clear, CheckReason::OnPolicy)
        } else if self.astray <= levels.warning {
            check.at_most(Severity::Warning, CheckReason::TowardsPolicy)
        } else {
            check
        }
    }

    /// The most that whole histories might have had traded in place of these trades, within the turnover limit.
    ///
    /// Under the optimal method trades may be larger by the part of the turnover limit that the error of the histories allows (`doubt`), and what
    /// they are larger by may lead away from the policy. A tilt moves a target by half of its band at most. Otherwise trades stop at the policy
    /// whatever the histories say.
    fn at_most(self, admitted: &Admitted<'_>, trades: &TradePlan, doubt: f64) -> Self {
        let limit = admitted.config.sizing.turnover_limit;
        let more = match admitted.config.method {
            Method::Optimal(_) => doubt.min(1.0) * limit,
            Method::Drift { tilt_budget: Some(budget) } if budget > 0.0 => {
                trades.rows.iter().map(|row| 0.5 * row.half_width).sum::<f64>()
            }
            Method::Drift { .. } => 0.0,
        };
        let most = limit.max(self.turnover);
        // The rest of a limit that costs left unused might have been worth it, and leads to the policy.
        let turnover = if trades.stopped_by_cost { most } else { (self.turnover + more).min(most) };
        Self { turnover, astray: self.astray + 2.0 * more, off: self.off + more, ..self }
    }
}

/// The check of the trades of a plan. `called_for` is what would have been traded whatever it is worth, and `doubt` are the relative errors of a
/// tracking error because a history was completed.
///
/// Where a history is short or completed, the check is not milder than that of the trades that whole ones might have chosen.
pub(super) fn check(
    admitted: &Admitted<'_>,
    evidence: Evidence,
    trades: &TradePlan,
    called_for: Moved,
    doubt: Doubt,
) -> LimitCheck {
    let levels = admitted.config.limits.turnover;
    let made = Moved::of(admitted, trades);
    let check = made.check(levels);
    if !admitted.config.is_due || !(evidence.is_short() || evidence.is_completed()) {
        return check;
    }
    let doubt = if evidence.is_short() { Doubt::WHOLE } else { doubt };
    let was_held = was_held(trades);
    let might_be = |moved: Moved| {
        let by = |doubt: f64| moved.at_most(admitted, trades, doubt).check(levels).severity;
        by(doubt.critical).max(by(doubt.warning).min(Severity::Warning))
    };
    let other = might_be(made).max(if was_held { might_be(called_for) } else { Severity::Clear });
    if other > check.severity { check.at_least(other, CheckReason::HistoriesChoseTrades) } else { check }
}

/// Turnover that does not move weights to the policy's: the turnover less the reduction of the distance to the policy.
/// It is zero for trades that stop at the policy or before it.
fn astray(admitted: &Admitted<'_>, after: &[f64]) -> f64 {
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y).abs()).sum::<f64>();
    let (current, policy) = (admitted.current(), admitted.config.policy.weights.as_slice());
    distance(after, current) - (distance(current, policy) - distance(after, policy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::SupervisorLimits;
    use crate::method::OptimalMethod;
    use crate::sample::Case;

    fn of_case(case: &Case) -> LimitCheck {
        let proposed = case.lend().proposed();
        proposed.checks().iter().find(|check| check.measure == Measure::Turnover).unwrap().clone()
    }

    #[test]
    fn turnover_onto_the_policy_is_clear_towards_it_a_warning_and_past_it_critical() {
        let mut case = Case::pair();
        case.current = vec![1.0, 0.0];
        (case.config.policy.weights, case.config.sizing.turnover_limit) = (vec![0.5, 0.5], 1.0);
        let check = of_case(&case);
        assert_eq!((check.severity, check.reason), (Severity::Clear, Some(CheckReason::OnPolicy)), "{check:?}");
        assert!(check.value.is_some_and(|value| value > check.critical_above), "{check:?}");
        // The limit of the client stops it on the way.
        case.config.sizing.turnover_limit = 0.8;
        let check = of_case(&case);
        assert_eq!((check.severity, check.reason), (Severity::Warning, Some(CheckReason::TowardsPolicy)), "{check:?}");
        // The same distance on the other side.
        let lent = case.lend();
        let admitted = lent.admitted();
        assert!((astray(&admitted, &[0.2, 0.8]) - 1.2).abs() < 1e-12, "0.3 past the policy, out and on each side");
        assert_eq!(astray(&admitted, &[0.6, 0.4]), 0.0);
        let levels = SupervisorLimits::default().turnover;
        let severity =
            |turnover: f64, astray: f64, off: f64| Moved { turnover, astray, off, slack: 0.001 }.check(levels).severity;
        use Severity::{Clear, Critical, Warning};
        assert_eq!([0.0, 0.001, 0.002].map(|off| severity(0.9, 0.0, off)), [Clear, Clear, Warning]);
        assert_eq!([0.18, 0.181].map(|astray| severity(0.9, astray, 0.1)), [Warning, Critical]);
        assert_eq!([0.18, 0.181, 0.361].map(|turnover| severity(turnover, 0.5, 0.1)), [Clear, Warning, Critical]);
    }

    #[test]
    fn what_whole_histories_might_have_traded_is_within_the_limit_and_the_error() {
        let mut case = Case::pair();
        case.config.sizing.turnover_limit = 0.5;
        let moved = Moved { turnover: 0.3, astray: 0.0, off: 0.0, slack: 0.001 };
        let most = |case: &Case, doubt: f64| {
            let lent = case.lend();
            let most = moved.at_most(&lent.admitted(), lent.proposed().trades(), doubt);
            assert_eq!(most.off > most.slack, most.astray > 0.0);
            (most.turnover, most.astray)
        };
        // Without a tilt the bands alone say what is traded; a tilt moves two targets by half of 2 % each.
        assert_eq!(most(&case, 1.0), (0.3, 0.0));
        case.config.method = Method::Drift { tilt_budget: Some(0.01) };
        let (turnover, astray) = most(&case, 0.1);
        assert!((turnover - 0.32).abs() < 1e-12 && (astray - 0.04).abs() < 1e-12, "{turnover}, {astray}");
        case.config.method = Method::Optimal(Box::new(OptimalMethod::long_only(2)));
        let (turnover, astray) = most(&case, 0.1);
        assert!((turnover - 0.35).abs() < 1e-12 && (astray - 0.1).abs() < 1e-12, "{turnover}, {astray}");
        assert_eq!(most(&case, 7.0), (0.5, 1.0));
    }
}
