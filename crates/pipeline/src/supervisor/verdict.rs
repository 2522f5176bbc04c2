//! The verdict: the decision that follows from every limit and every relaxation.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::limit_check::{CheckReason, LimitCheck, LimitPoint, Measure};
use crate::limits::{LimitLevels, Severity, SupervisorLimits};
use crate::market_data::Surveyed;
use crate::measured::measures_in_words;
use crate::obstacle;
use crate::proposal::Proposed;
use crate::relaxation::{Relaxation, answer, is_refused, is_without_plan};
use crate::risk_stage::Assessed;

/// Whether a plan may be executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VerdictDecision {
    /// Every limit is clear or a warning.
    Approved,
    /// A limit is critical or could not be assessed, or the limits of the optimal method contradict each other: a
    /// person must decide.
    ReviewRequired,
    /// A limit is blocking, or the run needed more relaxations than allowed: the orders must not be executed.
    Rejected,
}

impl fmt::Display for VerdictDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Approved => "approved",
            Self::ReviewRequired => "review required",
            Self::Rejected => "rejected",
        })
    }
}

/// The supervisor's verdict: every limit with its severity, every relaxation with its reason, and what follows.
///
/// A stress loss that no window of market history covers is not assessed; the check, a warning and the sentence say so.
/// It requires a review if the caller set its limit; a default limit that cannot be assessed does not, because the
/// windows cover few tickers and too many books would need a review. It makes nothing milder: all other checks stay as
/// they are.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verdict {
    /// What follows from the most severe entry of `checks`, from relaxations that were refused, and from limits of the
    /// optimal method that contradict each other.
    pub decision: VerdictDecision,
    /// The highest severity.
    pub severity: Severity,
    /// The decision in a sentence.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "Review required: above a critical level: annual tracking error after the plan.")
    )]
    pub sentence: String,
    /// Every measure that has a limit, in a fixed order, clear ones included.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<LimitCheck>))]
    pub checks: Arc<[LimitCheck]>,
    /// Exceptions that agents requested, each with the supervisor's answer.
    pub relaxations: Vec<Relaxation>,
    /// Maximum number of relaxations that one run may be granted.
    #[cfg_attr(feature = "openapi", schema(example = 3))]
    pub relaxations_max: usize,
}

impl Verdict {
    /// Decides from the severities of all measures of the agents.
    pub(crate) fn on(limits: &SupervisorLimits, surveyed: &Surveyed, assessed: &Assessed, proposed: &Proposed) -> Self {
        let mut checks: Vec<LimitCheck> =
            assessed.checks.iter().map(|before| unless_mended(before.clone(), &proposed.checks)).collect();
        checks.extend(proposed.checks.iter().cloned());
        let implausible = &surveyed.implausible;
        let count = Some(implausible.len() as f64);
        let found = LimitCheck::of(Measure::ImplausibleInputs, LimitPoint::Before, LimitLevels::ANY, count, || {
            CheckReason::Unavailable
        });
        checks.push(found.because(CheckReason::ImplausibleInput));
        let shortfall = surveyed.quality.score.map(|score| 1.0 - score);
        checks.push(LimitCheck::of(
            Measure::DataShortfall,
            LimitPoint::Before,
            limits.data_shortfall,
            shortfall,
            || CheckReason::NoHistory,
        ));
        let asked = assessed.asked.iter().chain(&proposed.asked).cloned().collect();
        let further = proposed.further.as_deref();
        let mut found: Vec<String> = proposed.raise_shortfall().map(obstacle::of_raise).into_iter().collect();
        found.extend(surveyed.findings());
        let loss = checks.iter().find_map(loss_of);
        let verdict =
            Self::from(checks, answer(asked, limits.relaxations_max), limits.relaxations_max, further, &found);
        match loss {
            Some(loss) => Self { sentence: format!("{}; {loss}.", verdict.sentence.trim_end_matches('.')), ..verdict },
            None => verdict,
        }
    }

    fn from(
        checks: Vec<LimitCheck>,
        relaxations: Vec<Relaxation>,
        relaxations_max: usize,
        further: Option<&str>,
        findings: &[String],
    ) -> Self {
        let is_refused = is_refused(&relaxations);
        let counts = checks.iter().filter(|check| !check.is_without_window());
        let gravest = counts.map(|check| check.severity).max().unwrap_or(Severity::Clear);
        let is_without_plan = is_without_plan(&relaxations);
        let severity = match (is_refused, is_without_plan) {
            (true, _) => Severity::Blocking,
            // There is nothing to execute, and a person has to decide which limit to relax.
            (false, true) => gravest.max(Severity::Critical),
            (false, false) => gravest,
        };
        let decision = match severity {
            Severity::Clear | Severity::Warning => VerdictDecision::Approved,
            Severity::NotAssessed | Severity::Critical => VerdictDecision::ReviewRequired,
            Severity::Blocking => VerdictDecision::Rejected,
        };
        let sentence = sentence(decision, severity, &checks, is_refused, is_without_plan, further, findings);
        Self { decision, severity, sentence, checks: checks.into(), relaxations, relaxations_max }
    }
}

/// That trades which are weighed by their worth cost more than it, in words; `None` where the histories cannot say, and for less than a hundredth
/// of a basis point.
fn loss_of(check: &LimitCheck) -> Option<String> {
    let is_weighed = check.measure == Measure::NetCost
        && check.reason != Some(CheckReason::Ordered)
        && check.severity != Severity::NotAssessed;
    let bps = check.value.filter(|value| is_weighed && *value >= 0.5e-6).map(|value| 1e4 * value)?;
    Some(format!("the trades cost {bps:.2} bp of the portfolio more than they are worth"))
}

/// If the plan corrects a critical figure of the book before it, the figure is a reason to carry out the plan.
fn unless_mended(before: LimitCheck, after: &[LimitCheck]) -> LimitCheck {
    let is_mended = after.iter().any(|check| check.measure == before.measure && check.severity <= Severity::Warning);
    match before.severity {
        Severity::Critical if is_mended => before.at_most(Severity::Warning, CheckReason::Mended),
        _ => before,
    }
}

/// The sentence of a decision, with the measures that have its severity, how much `further` the plan ends from its
/// policy, and the first finding.
fn sentence(
    decision: VerdictDecision,
    severity: Severity,
    checks: &[LimitCheck],
    is_refused: bool,
    is_without_plan: bool,
    further: Option<&str>,
    findings: &[String],
) -> String {
    let head = match decision {
        // The software proposes; people approve.
        VerdictDecision::Approved => "Within limits",
        VerdictDecision::ReviewRequired => "Review required",
        VerdictDecision::Rejected => "Rejected",
    };
    let is_without_stress = checks.iter().any(LimitCheck::is_without_window);
    let of = |severity: Severity, is_open: bool| {
        let of_severity = checks
            .iter()
            .filter(|check| check.severity == severity && severity != Severity::Clear && !check.is_without_window())
            .filter(|check| !check.is_of_distance_alone() && check.is_open() == is_open);
        measures_in_words(of_severity.map(|check| (check.measure, check.point)))
    };
    let named = of(severity, false);
    let open = of(Severity::Critical, true);
    const CONFLICT: &str = "the limits contradict each other, so nothing is traded";
    let because = match severity {
        Severity::Critical if is_without_plan && named.is_empty() && open.is_empty() => CONFLICT,
        Severity::Clear if is_without_stress => "every limit that was assessed is clear",
        Severity::Clear => "every limit is clear",
        Severity::Warning => "nothing is above a critical level; above a warning level",
        Severity::NotAssessed => "the data cannot say",
        Severity::Critical => "above a critical level",
        Severity::Blocking if named.is_empty() => "the run needed more relaxations than one may have",
        Severity::Blocking => "above a level at which plans are rejected",
    };
    let mut parts = match (named.as_str(), further) {
        // No level is exceeded: the distance is the reason.
        ("", Some(_)) if severity == Severity::Critical && because != CONFLICT => Vec::new(),
        ("", None) if severity == Severity::Critical && because != CONFLICT && !open.is_empty() => Vec::new(),
        ("", _) => vec![because.to_owned()],
        (named, _) => vec![format!("{because}: {named}")],
    };
    if severity == Severity::NotAssessed {
        let above = of(Severity::Critical, false);
        parts.extend((!above.is_empty()).then(|| format!("above a critical level: {above}")));
    }
    if !open.is_empty() && decision == VerdictDecision::ReviewRequired {
        parts.push(format!("not shown to be within a critical level: {open}"));
    }
    parts.extend(further.map(str::to_owned));
    if is_refused && !named.is_empty() {
        parts.push("more relaxations needed than one run may have".to_owned());
    }
    if is_without_plan && because != CONFLICT {
        parts.push(CONFLICT.to_owned());
    }
    let is_unnamed = severity != Severity::NotAssessed && checks.iter().any(LimitCheck::is_stress_unassessed);
    if is_without_stress || is_unnamed {
        parts.push("stress loss not assessed".to_owned());
    }
    match findings {
        [] => {}
        [only] => parts.push(only.clone()),
        [first, more @ ..] => parts.push(format!("{first}, and {} more", more.len())),
    }
    format!("{head}: {}.", parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::AgentId;
    use crate::method::{Method, OptimalMethod};
    use crate::relaxation::RelaxationKind;
    use crate::sample::Case;
    use portfolio_core::{Currency, Intent, Money, TradingRules};

    fn judge(case: &Case) -> Verdict {
        case.lend().judged().verdict
    }

    #[test]
    fn a_calm_book_is_approved() {
        let verdict = judge(&Case::pair());
        assert_eq!(verdict.decision, VerdictDecision::Approved, "{verdict:#?}");
        assert_eq!(verdict.checks.len(), 13);
    }

    #[test]
    fn the_stress_loss_counts_where_it_is_assessed_and_is_said_where_not() {
        let mut case = Case::pair();
        let with = |case: &mut Case, names: [&str; 2]| {
            case.config.stand_ins = names.map(stress::scenario::series).to_vec();
            judge(case)
        };
        let verdict = with(&mut case, ["SP500_INDEX", "GLD"]);
        assert_eq!((verdict.decision, verdict.severity), (VerdictDecision::Approved, Severity::Clear));
        assert_eq!(
            verdict.sentence,
            "Within limits: every limit that was assessed is clear; stress loss not assessed."
        );
        case.config.limits.is_stress_required = true;
        let verdict = with(&mut case, ["SP500_INDEX", "GLD"]);
        assert_eq!((verdict.decision, verdict.severity), (VerdictDecision::ReviewRequired, Severity::NotAssessed));
        assert_eq!(verdict.sentence, "Review required: the data cannot say: stress loss before and after the plan.");
        let checks = verdict.checks.iter().filter(|check| check.measure == Measure::StressLoss);
        let reasons: Vec<String> = checks.filter_map(|check| check.reason.map(|reason| reason.to_string())).collect();
        let reason = "no series of market history stands for 1 of 2 assets, and the request sets this limit";
        assert_eq!(reasons, [reason; 2]);
        // What can be assessed is judged as ever.
        assert_eq!(with(&mut case, ["SP500_INDEX", "UST2Y_TR"]).decision, VerdictDecision::Approved);
        case.config.limits.is_stress_required = false;
        // The histories of the request are calm, and those of the market are not: shares where the policy has Treasuries.
        (case.config.policy.weights, case.current) = (vec![0.1, 0.9], vec![0.6, 0.4]);
        case.returns[1] = case.returns[0].clone();
        case.config.sizing.turnover_limit = 1e-9;
        let held = with(&mut case, ["SP500_INDEX", "UST2Y_TR"]);
        assert_eq!(held.decision, VerdictDecision::ReviewRequired, "{}", held.sentence);
        assert_eq!(held.sentence, "Review required: above a critical level: stress loss before and after the plan.");
        case.config.sizing.turnover_limit = 1.0;
        case.config.sizing.drift_threshold = 0.0;
        let moved = with(&mut case, ["SP500_INDEX", "UST2Y_TR"]);
        assert_eq!(moved.decision, VerdictDecision::Approved, "{}", moved.sentence);
    }

    #[test]
    fn limits_that_contradict_each_other_leave_nothing_to_approve() {
        let mut case = Case::pair();
        let method = OptimalMethod { upper: vec![0.3, 0.3], ..OptimalMethod::long_only(2) };
        case.config.method = Method::Optimal(Box::new(method));
        let verdict = judge(&case);
        assert_eq!((verdict.decision, verdict.severity), (VerdictDecision::ReviewRequired, Severity::Critical));
        assert!(verdict.sentence.ends_with("the limits contradict each other, so nothing is traded."), "{verdict:?}");
    }

    #[test]
    fn one_critical_measure_asks_for_a_review_and_a_blocking_one_rejects() {
        let mut case = Case::pair();
        // Half of the policy is cash, and almost nothing may be traded.
        (case.config.policy.weights, case.config.policy.cash_weight) = (vec![0.3, 0.2], 0.5);
        case.config.sizing.turnover_limit = 0.01;
        let verdict = judge(&case);
        assert_eq!((verdict.decision, verdict.severity), (VerdictDecision::ReviewRequired, Severity::Critical));
        assert!(
            verdict.sentence.contains("one-day VaR95") && verdict.sentence.contains("before"),
            "{}",
            verdict.sentence
        );
        // The policy's own risk is not a reason to reject, unless no portfolio has such risk.
        case.returns.iter_mut().flatten().for_each(|r| *r *= 60.0);
        let verdict = judge(&case);
        assert_eq!(verdict.decision, VerdictDecision::Rejected, "{}", verdict.sentence);
    }

    #[test]
    fn trades_at_a_loss_are_said_to_be_whoever_asks_for_them() {
        let mut case = Case::pair();
        (case.current, case.config.sizing.turnover_limit) = (vec![0.57, 0.43], 1.0);
        case.config.costs = portfolio_core::CostModel::proportional(&[1000.0; 2]).unwrap();
        let held = judge(&case);
        assert!(!held.sentence.contains("worth"), "{}", held.sentence);
        case.config.worth_min_bps = Some(-1e4);
        let made = judge(&case);
        assert_eq!((made.decision, made.severity), (VerdictDecision::Approved, Severity::Clear), "{}", made.sentence);
        let told = "bp of the portfolio more than they are worth.";
        assert!(made.sentence.contains("; the trades cost ") && made.sentence.ends_with(told), "{}", made.sentence);
    }

    #[test]
    fn what_the_plan_mends_is_no_reason_against_it() {
        let mut case = Case::pair();
        (case.config.policy.weights, case.config.policy.cash_weight) = (vec![0.3, 0.2], 0.5);
        case.config.sizing.turnover_limit = 1.0;
        let verdict = judge(&case);
        assert_eq!(verdict.decision, VerdictDecision::Approved, "{}", verdict.sentence);
        let mended = verdict.checks.iter().filter(|check| check.reason == Some(CheckReason::Mended)).count();
        assert_eq!(mended, 4, "{:#?}", verdict.checks);
    }

    // Page fault 6
    #[test]
    fn a_plan_that_takes_the_book_further_from_its_policy_is_not_approved() {
        let mut case = Case::pair();
        case.config.sizing.turnover_limit = 2.0;
        // A limit of the method holds one asset far below its target.
        let method = OptimalMethod { upper: vec![1.0, 0.2], ..OptimalMethod::long_only(2) };
        case.config.method = Method::Optimal(Box::new(method));
        let verdict = judge(&case);
        assert_ne!(verdict.decision, VerdictDecision::Approved, "{}", verdict.sentence);
        let further = |check: &&LimitCheck| matches!(check.reason, Some(CheckReason::FurtherFromPolicy { .. }));
        let check = verdict.checks.iter().find(further).expect("the distance is a check");
        assert_eq!((check.measure, check.point), (Measure::TrackingError, LimitPoint::After));
        assert_eq!(check.severity, Severity::Critical);
        // The error of the book stands in the check, and its level is not exceeded: the sentence says the distance instead.
        assert!(check.value.is_some_and(|value| value <= check.critical_above), "{check:?}");
        let by = check.reason.map(|reason| reason.to_string()).expect("a reason");
        let told = format!("; {by}, because of the goal and the limits of the optimal method");
        assert!(verdict.sentence.contains(&told), "{}", verdict.sentence);
        assert!(!verdict.sentence.contains("annual tracking error"), "{}", verdict.sentence);
    }

    #[test]
    fn a_plan_further_from_its_policy_says_what_it_is_for_and_what_may_not_trade() {
        let mut case = Case::pair();
        case.config.sizing.turnover_limit = 2.0;
        let amount = Money::parse("20000.00", Currency::USD).unwrap();
        let mut rules = TradingRules { intent: Intent::RaiseCash { amount }, ..TradingRules::plain(2, 0.02) };
        // The overweight asset may not be sold, so the other one is.
        rules.permits[0].no_sell = true;
        case.config.rules = Some(rules);
        let verdict = judge(&case);
        assert_eq!(verdict.decision, VerdictDecision::ReviewRequired, "{}", verdict.sentence);
        let further =
            |check: &LimitCheck| check.reason.filter(|reason| matches!(reason, CheckReason::FurtherFromPolicy { .. }));
        let by = verdict.checks.iter().find_map(further).expect("the distance is a check");
        let told = format!("{by}, because of the cash to raise and assets that may not be sold");
        assert!(verdict.sentence.contains(&told), "{}", verdict.sentence);
        assert!(!verdict.sentence.contains("annual tracking error"), "{}", verdict.sentence);
    }

    #[test]
    fn a_raise_that_falls_short_needs_a_review_and_says_by_how_much() {
        let mut case = Case::pair();
        let amount = Money::parse("50000.00", Currency::USD).unwrap();
        let intent = Intent::RaiseCash { amount };
        case.config.rules = Some(TradingRules { intent, ..TradingRules::plain(2, 0.02) });
        case.config.sizing.turnover_limit = 2.0;
        let whole = judge(&case);
        let check = |verdict: &Verdict| verdict.checks.iter().find(|c| c.measure == Measure::UnraisedCash).cloned();
        assert_eq!(check(&whole).map(|c| (c.value, c.severity)), Some((Some(0.0), Severity::Clear)), "{whole:?}");
        case.config.sizing.turnover_limit = 0.01;
        let short = judge(&case);
        assert_eq!(short.decision, VerdictDecision::ReviewRequired, "{}", short.sentence);
        let (value, severity) = check(&short).map(|c| (c.value.unwrap(), c.severity)).unwrap();
        assert!((value - 0.98).abs() < 1e-4 && severity == Severity::Critical, "{value}");
        assert!(
            short.sentence.contains("cash not raised")
                && short.sentence.contains("are missing of the 50000.00 USD to raise: kept by the turnover limit"),
            "{}",
            short.sentence
        );
        // A day that is not due raises nothing.
        case.config.is_due = false;
        let none = judge(&case);
        assert!(none.sentence.contains("50000.00 USD are missing of the 50000.00 USD"), "{}", none.sentence);
        assert_eq!(check(&judge(&Case::pair())), None);
    }

    #[test]
    fn measures_of_both_books_and_implausible_inputs_are_said_once() {
        let mut case = Case::pair();
        case.returns.iter_mut().for_each(Vec::clear);
        let verdict = judge(&case);
        assert!(verdict.sentence.contains("before and after the plan"), "{}", verdict.sentence);
        assert_eq!(verdict.sentence.matches("annual volatility").count(), 1, "{}", verdict.sentence);
    }

    #[test]
    fn what_is_not_known_asks_for_a_review_and_too_many_gaps_reject() {
        let mut case = Case::pair();
        case.returns.iter_mut().for_each(Vec::clear);
        let verdict = judge(&case);
        assert_eq!(verdict.decision, VerdictDecision::ReviewRequired);
        assert_eq!(verdict.relaxations.iter().filter(|r| r.granted).count(), 2, "{:?}", verdict.relaxations);
        case.config.limits.relaxations_max = 1;
        let verdict = judge(&case);
        assert_eq!(verdict.decision, VerdictDecision::Rejected);
        assert!(verdict.sentence.contains("more relaxations"), "{}", verdict.sentence);
    }

    #[test]
    fn bad_data_alone_can_reject_a_plan() {
        let mut case = Case::pair();
        for returns in &mut case.returns {
            returns[20] = -0.5;
            returns[..18].fill(0.0);
            returns[25..43].fill(0.0);
        }
        let verdict = judge(&case);
        let data = verdict.checks.last().unwrap();
        assert_eq!((data.measure, data.severity), (Measure::DataShortfall, Severity::Blocking), "{data:?}");
        assert_eq!(verdict.decision, VerdictDecision::Rejected);
    }

    #[test]
    fn a_budget_that_leaves_a_breach_is_asked_about_and_not_granted() {
        let mut case = Case::four();
        case.config.sizing.turnover_limit = 0.02;
        let verdict = judge(&case);
        let asked = &verdict.relaxations[0];
        assert_eq!(
            (asked.kind, asked.granted, asked.agent),
            (RelaxationKind::LargerTurnover, false, AgentId::Optimizer)
        );
        assert_eq!(verdict.decision, VerdictDecision::Approved, "the limit is the client's own");
    }
}
