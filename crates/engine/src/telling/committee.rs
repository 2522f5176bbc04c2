//! From a plan's answer to the facts for a committee's brief. Each figure cites its place in that answer, so a brief of
//! a stored plan equals that of the new one.

use controls::{ControlUnit, Outcome};
use copilot::{
    AnnualCited, BenchmarkFacts, Cited, CommitteeAsset, CommitteeBrief, CommitteeFacts, ControlBreach, ControlFacts,
    CopilotError, CostPartFacts, DataIssue, LimitFacts, OrderFacts, PathFacts, PlanSource, PricedLimit, Proposer,
    RelaxationFacts, RiskLine, Stated, WaitFacts, committee_brief, committee_figures,
};
use pipeline::{ScheduleMethod, Severity};
use portfolio_core::Currency;
use risk::RiskFigure;
use serde::Deserializer;

use crate::dto::controls::ControlCheckEntry;
use crate::dto::warning_code::WarningCode;
use crate::telling::kept::{
    KeptAssetQuality, KeptBenchmarkKind, KeptControls, KeptIdentifiers, KeptInterval, KeptIssue, KeptPlan, KeptPrice,
    KeptRisk,
};

/// Why an answer has no brief.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CommitteeError {
    /// A member that the brief speaks of is missing or invalid.
    #[error("the answer has no usable {member}: {detail}")]
    Member {
        /// The member, as a path: `weights[0].drift`.
        member: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The facts make no true brief.
    #[error(transparent)]
    Facts(#[from] CopilotError),
}

/// The reason of an answer that gives none.
const UNAVAILABLE: &str = "it is unavailable";

type Read<T> = Result<T, CommitteeError>;

/// Who proposes a plan, and which stored plan it is.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The stored plan, if it is stored.
    pub plan: Option<PlanSource>,
    /// The software and the actor.
    pub proposed_by: Proposer,
}

/// The plan as a committee asks about it, and the facts behind the answers. `answer` is that of `POST /api/rebalance`.
///
/// # Errors
/// [`CommitteeError`] for an answer that is not a plan's.
pub fn committee<'de>(
    answer: impl Deserializer<'de>,
    provenance: Provenance,
) -> Read<(CommitteeFacts, CommitteeBrief)> {
    let kept: KeptPlan = serde_path_to_error::deserialize(answer)
        .map_err(|error| unusable(error.path().to_string(), error.inner().to_string()))?;
    let facts = facts(&kept, provenance)?;
    let brief = committee_brief(&facts)?;
    Ok((facts, brief))
}

fn unusable(member: impl Into<String>, detail: impl Into<String>) -> CommitteeError {
    CommitteeError::Member { member: member.into(), detail: detail.into() }
}

/// The JSON pointer of a field of [`KeptPlan`]: `plan.weights[i].drift` is at `/weights/{i}/drift`.
macro_rules! pointer {
    ($plan:ident $(.$member:ident $([$i:expr])?)+) => {
        [$("/", stringify!($member), $("/", $i.to_string().as_str(),)?)+].concat()
    };
}

/// The number in a field of [`KeptPlan`] with its pointer.
macro_rules! cite {
    ($plan:ident $(.$member:ident $([$i:expr])?)+) => {
        Cited::new($plan$(.$member$([$i])?)+, pointer!($plan$(.$member $([$i])?)+))
    };
}

/// The number in a field of [`KeptPlan`] that may be null, with its pointer.
macro_rules! cite_some {
    ($plan:ident $(.$member:ident $([$i:expr])?)+) => {
        $plan$(.$member$([$i])?)+.map(|value| Cited::new(value, pointer!($plan$(.$member $([$i])?)+)))
    };
}

fn facts(plan: &KeptPlan, provenance: Provenance) -> Read<CommitteeFacts> {
    let currency: Currency =
        plan.currency.parse().map_err(|_| unusable("currency", format!("{:?} is no currency", plan.currency)))?;
    if plan.trades.len() != plan.weights.len() {
        return Err(unusable("trades", "not one for each weight"));
    }
    Ok(CommitteeFacts {
        plan: provenance.plan,
        title: [&plan.title, &plan.name].into_iter().flatten().find(|title| !title.trim().is_empty()).cloned(),
        benchmark: plan.benchmark.as_ref().map(|benchmark| match benchmark.kind {
            KeptBenchmarkKind::Policy => BenchmarkFacts::Policy { name: benchmark.name.clone() },
            KeptBenchmarkKind::Returns => BenchmarkFacts::Returns { name: benchmark.name.clone() },
        }),
        proposed_by: provenance.proposed_by,
        currency: plan.currency.clone(),
        minor_digits: currency.minor_digits(),
        portfolio_value: cite!(plan.portfolio_value),
        drift_threshold: cite!(plan.drift_threshold),
        drift_before: cite!(plan.portfolio_drift),
        drift_after: cite!(plan.portfolio_drift_after),
        turnover_used: cite!(plan.turnover_used),
        turnover_limit: cite!(plan.turnover_limit),
        turnover_bound: plan.turnover_bound,
        total_cost: cite!(plan.estimated_total_transaction_cost),
        cost_parts: (0..plan.cost_parts.len())
            .map(|k| CostPartFacts {
                part: plan.cost_parts[k].part.clone(),
                is_charged: plan.cost_parts[k].kind == "charged",
                cost: cite!(plan.cost_parts[k].estimated_cost),
            })
            .collect(),
        payback_weeks: payback(plan),
        payback_weeks_at_most: longest_payback(plan),
        objective: objective(plan),
        cash_before: cite!(plan.cash.weight_before),
        cash_after: cite!(plan.cash.weight_after),
        assets: (0..plan.weights.len()).map(|i| asset(plan, i)).collect(),
        orders: (0..plan.orders.len()).map(|k| order(plan, k)).collect(),
        risk: risk_lines(plan),
        tilt_spent: cite!(plan.tilt.tracking_error_spent),
        tilt_budget: cite!(plan.tilt.tracking_error_budget),
        tilt_reason: plan.tilt.reason.clone(),
        data_quality: cite_some!(plan.data_quality.score),
        data_issues: data_issues(plan),
        limits: (0..plan.verdict.checks.len()).map(|k| limit(plan, k)).collect::<Read<_>>()?,
        controls: plan.controls.as_ref().map(controls),
        priced_limits: priced_limits(plan),
        path: path(plan),
        is_liquidation: plan.intent.kind == "liquidate",
        shortfall: shortfall(plan),
        relaxations: relaxations(plan),
        decision: plan.verdict.decision,
        wait: wait(plan),
    })
}

/// What the plan says is missing of the cash to raise or to invest.
fn shortfall(plan: &KeptPlan) -> Option<String> {
    let codes = [WarningCode::CashNotRaised, WarningCode::CashNotInvested].map(WarningCode::name);
    plan.warnings.iter().find(|warning| codes.contains(&warning.code.as_str())).map(|warning| warning.detail.clone())
}

/// Weeks until the plan has paid for itself, or the reason the plan gives.
fn payback(plan: &KeptPlan) -> Stated<Cited> {
    let Some(worth) = &plan.worth.figures else {
        return Stated::from_option(None, plan.worth.reason.as_deref().unwrap_or(UNAVAILABLE));
    };
    let weeks = worth.payback_weeks.map(|weeks| Cited::new(weeks, pointer!(plan.worth.figures.payback_weeks)));
    Stated::from_option(weeks, worth.payback_reason.as_deref().unwrap_or(UNAVAILABLE))
}

/// The objective that measures the worth.
fn objective(plan: &KeptPlan) -> Option<[Cited; 2]> {
    let risk_aversion = Cited::new(plan.worth.risk_aversion?, pointer!(plan.worth.risk_aversion));
    Some([risk_aversion, Cited::new(plan.worth.horizon_years?, pointer!(plan.worth.horizon_years))])
}

/// The most weeks that this takes, or the reason the plan gives.
fn longest_payback(plan: &KeptPlan) -> Stated<Cited> {
    let Some(worth) = &plan.worth.figures else {
        return Stated::from_option(None, plan.worth.reason.as_deref().unwrap_or(UNAVAILABLE));
    };
    let pointer = pointer!(plan.worth.figures.payback_weeks_at_most);
    let weeks = worth.payback_weeks_at_most.map(|weeks| Cited::new(weeks, pointer));
    Stated::from_option(weeks, worth.payback_at_most_reason.as_deref().unwrap_or(UNAVAILABLE))
}

fn asset(plan: &KeptPlan, i: usize) -> CommitteeAsset {
    let region = plan.weights[i].no_trade_region.as_ref();
    CommitteeAsset {
        asset: plan.weights[i].asset.clone(),
        action: plan.trades[i].action,
        reason: plan.trades[i].reason,
        drift: cite!(plan.weights[i].drift),
        half_width: match plan.weights[i].band_half_width {
            Some(width) => Cited::new(width, pointer!(plan.weights[i].band_half_width)),
            None => cite!(plan.drift_threshold),
        },
        current: cite!(plan.weights[i].current_weight),
        target: cite!(plan.weights[i].target_weight),
        after: cite!(plan.weights[i].weight_after),
        residual: cite!(plan.weights[i].residual_drift),
        no_trade: region.map(|region| {
            [
                Cited::new(region.lower, pointer!(plan.weights[i].no_trade_region.lower)),
                Cited::new(region.upper, pointer!(plan.weights[i].no_trade_region.upper)),
            ]
        }),
        forecast: cite!(plan.weights[i].forecast_return),
        forecast_annual: forecast_annual(plan, i),
        confidence: cite!(plan.weights[i].forecast_confidence),
    }
}

/// The forecast of an asset per year, where the answer has one.
fn forecast_annual(plan: &KeptPlan, i: usize) -> Option<AnnualCited> {
    let forecast = plan.house_view.asset_forecasts.get(i)?;
    let at = |value, member: &str| Cited::new(value, pointer!(plan.house_view.asset_forecasts[i]) + member);
    let ends = |KeptInterval { kind, lower, upper }: &KeptInterval| {
        let ends = [(*lower, "lower"), (*upper, "upper")];
        (*kind, ends.map(|(value, end)| at(value, &format!("/annual_return_interval/{end}"))))
    };
    Some(AnnualCited {
        expected: at(forecast.annual_return?, "/annual_return"),
        interval: forecast.annual_return_interval.as_ref().map(ends),
    })
}

fn order(plan: &KeptPlan, k: usize) -> OrderFacts {
    OrderFacts {
        position: plan.orders[k].position,
        quantity: cite_some!(plan.orders[k].quantity),
        price: cite_some!(plan.orders[k].reference_price),
        account: plan.orders[k].account.clone(),
        name: plan.orders[k].name.clone(),
        identifier: plan.orders[k].identifiers.as_ref().and_then(KeptIdentifiers::told),
        asset_class: plan.orders[k].asset_class.clone(),
        sleeve: plan.orders[k].sleeve.clone(),
        trade_value: cite!(plan.orders[k].trade_value),
        cost: cite!(plan.orders[k].estimated_cost),
        waits: match plan.orders[k].funding {
            Some(_) => !plan.orders[k].waits_for.is_empty(),
            None => plan.orders[k].after_orders > 0,
        },
        slices: cite!(plan.orders[k].schedule.slices),
        by_volume: plan.orders[k].schedule.method == ScheduleMethod::DailyVolume,
        benefit_bps: cite_some!(plan.orders[k].marginal_benefit_bps),
    }
}

/// The figures that a committee is told, each with its place among the members of its book.
fn risk_lines(plan: &KeptPlan) -> Vec<RiskLine> {
    let cited = |figure: RiskFigure, book: &KeptRisk, pointer: String| {
        book.figure(figure).map(|value| Cited::new(value, [&pointer, "/", figure.name()].concat()))
    };
    let line = |figure| RiskLine {
        figure,
        before: cited(figure, &plan.risk_metrics, pointer!(plan.risk_metrics)),
        after: cited(figure, &plan.after_risk_metrics, pointer!(plan.after_risk_metrics)),
    };
    committee_figures().map(line).collect()
}

/// What is wrong with the data of each asset.
fn data_issues(plan: &KeptPlan) -> Vec<DataIssue> {
    let of = |quality: &KeptAssetQuality| {
        let asset = quality.asset.clone();
        let issue = move |issue: &KeptIssue| DataIssue { asset: asset.clone(), detail: issue.detail.clone() };
        quality.issues.iter().map(issue).collect::<Vec<_>>()
    };
    plan.data_quality.assets.iter().flat_map(of).collect()
}

/// A measure with the level of its severity.
fn limit(plan: &KeptPlan, k: usize) -> Read<LimitFacts> {
    let check = &plan.verdict.checks[k];
    let level = match check.severity {
        Severity::Clear | Severity::Warning | Severity::NotAssessed => cite!(plan.verdict.checks[k].warning_above),
        Severity::Critical => cite!(plan.verdict.checks[k].critical_above),
        Severity::Blocking => cite_some!(plan.verdict.checks[k].blocking_above)
            .ok_or_else(|| unusable(format!("verdict.checks[{k}].blocking_above"), "a plan was rejected above it"))?,
    };
    let reason = check.reason.as_deref().unwrap_or(UNAVAILABLE);
    let told = check.value.is_some().then(|| check.reason.clone()).flatten();
    Ok(LimitFacts {
        measure: check.measure,
        point: check.point,
        severity: check.severity,
        value: Stated::from_option(cite_some!(plan.verdict.checks[k].value), reason),
        level,
        reason: told,
    })
}

/// The checks of the control policy.
fn controls(kept: &KeptControls) -> ControlFacts {
    let at = |k: usize, value, member: &str| {
        Cited::new(value, [pointer!(plan.controls.checks[k]).as_str(), "/", member].concat())
    };
    let told = |(k, check): (usize, &ControlCheckEntry)| ControlBreach {
        control: check.control.clone(),
        subject: check.asset.clone().or_else(|| check.subject_id.clone()),
        outcome: check.outcome,
        value: Stated::from_option(
            check.value.map(|value| at(k, value, "value")),
            check.reason.as_deref().unwrap_or(UNAVAILABLE),
        ),
        limit: at(k, check.limit, "limit"),
        unit: controls::unit_of(&check.control).unwrap_or(ControlUnit::Number),
    };
    let all = kept.checks.iter().enumerate().map(told);
    let (passed, open) = all.partition(|check: &ControlBreach| check.outcome == Outcome::Pass);
    ControlFacts {
        policy_version: Cited::new(kept.policy_version, pointer!(plan.controls.policy_version)),
        reason: kept.reason.clone(),
        checks: kept.checks.len(),
        open,
        kept: passed,
        at_approval: kept.checked_at_approval.clone(),
    }
}

/// The binding limits of the optimal method; none under the drift method.
fn priced_limits(plan: &KeptPlan) -> Vec<PricedLimit> {
    let prices = plan.optimization.constraint_prices.iter().enumerate();
    let one = |(k, price): (usize, &KeptPrice)| PricedLimit {
        limit: price.limit.clone(),
        bps: cite!(plan.optimization.constraint_prices[k].bp_per_point),
        objective: price.objective,
    };
    prices.map(one).collect()
}

/// The path of which the plan trades the first step.
fn path(plan: &KeptPlan) -> Option<PathFacts> {
    let turnover = cite_some!(plan.optimization.path.turnover)?;
    plan.optimization.path.steps.first()?;
    Some(PathFacts { first: cite!(plan.optimization.path.steps[0].turnover), turnover })
}

fn relaxations(plan: &KeptPlan) -> Vec<RelaxationFacts> {
    let asked = plan.verdict.relaxations.iter();
    asked.map(|it| RelaxationFacts { kind: it.kind, reason: it.reason.clone(), granted: it.granted }).collect()
}

fn wait(plan: &KeptPlan) -> Stated<WaitFacts> {
    let Some(outlook) = &plan.outlook.figures else {
        return Stated::from_option(None, plan.outlook.reason.as_deref().unwrap_or(UNAVAILABLE));
    };
    // A figure of the outlook with its pointer.
    macro_rules! figure {
        ($member:ident) => {
            Cited::new(outlook.$member, pointer!(plan.outlook.figures.$member))
        };
    }
    Stated::Given(WaitFacts {
        days: cite!(plan.outlook.days),
        drift_now: figure!(portfolio_drift_now),
        drift_expected: figure!(portfolio_drift_expected),
        tracking_error_waiting: figure!(tracking_error_waiting),
        tracking_error_planned: figure!(tracking_error_after_plan),
        loss_waiting: figure!(loss_95_waiting),
        loss_planned: figure!(loss_95_after_plan),
        cost_bps: figure!(cost_of_waiting_bps),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The smallest answer that has a brief: one asset, held.
    fn answer() -> Value {
        json!({
            "currency": "USD", "portfolio_value": 100.0, "drift_threshold": 0.02,
            "portfolio_drift": 0.05, "portfolio_drift_after": 0.05,
            "turnover_used": 0.0, "turnover_limit": 0.2, "turnover_bound": false,
            "estimated_total_transaction_cost": 0.0,
            "cash": {"weight_before": 0.0, "weight_after": 0.0},
            "weights": [{
                "asset": "A", "drift": 0.05, "current_weight": 1.0, "target_weight": 0.95, "weight_after": 1.0,
                "residual_drift": 0.05, "forecast_return": 0.0, "forecast_confidence": 0.0,
            }],
            "trades": [{"action": "Hold", "reason": "unfunded"}],
            "orders": [],
            "tilt": {"tracking_error_spent": 0.0, "tracking_error_budget": 0.0, "reason": "it is switched off"},
            "verdict": {
                "decision": "REVIEW_REQUIRED",
                "checks": [
                    {"measure": "turnover", "point": "after", "severity": "clear", "value": 0.0, "warning_above": 0.18,
                     "critical_above": 0.36, "blocking_above": null, "reason": null},
                    {"measure": "var_95", "point": "before", "severity": "critical", "value": 0.07, "warning_above": 0.03,
                     "critical_above": 0.06, "blocking_above": 0.25, "reason": null},
                ],
                "relaxations": [],
            },
            "outlook": {"days": 5, "figures": {
                "portfolio_drift_now": 0.05, "portfolio_drift_expected": 0.06, "tracking_error_waiting": 0.01,
                "tracking_error_after_plan": 0.01, "loss_95_waiting": 0.02, "loss_95_after_plan": 0.02,
                "cost_of_waiting_bps": 0.4,
            }, "reason": null},
        })
    }

    fn unstored() -> Provenance {
        Provenance { plan: None, proposed_by: Proposer::of("0.1.0", None) }
    }

    #[test]
    fn each_cited_number_is_at_its_pointer() {
        let answer = answer();
        let (facts, brief) = committee(answer.clone(), unstored()).unwrap();
        let Stated::Given(wait) = &facts.wait else { panic!("{:?}", facts.wait) };
        let check = &facts.limits[1];
        for cited in [&facts.cash_after, &facts.assets[0].target, &check.level, &wait.days, &wait.loss_waiting] {
            assert_eq!(answer.pointer(&cited.pointer).and_then(Value::as_f64), Some(cited.value), "{cited:?}");
        }
        assert_eq!(check.level.pointer, "/verdict/checks/1/critical_above");
        let sentences = brief.sections.iter().flat_map(|section| &section.sentences);
        for number in sentences.flat_map(|sentence| sentence.numbers()) {
            assert!(answer.pointer(&number.pointer).is_some_and(Value::is_number), "{number:?}");
        }
    }

    #[test]
    fn every_figure_is_read_from_the_member_that_an_answer_has_for_it() {
        let summary = risk::summarise(&[0.01, -0.02, 0.03], Some(&[0.0; 3]), &risk::RiskOptions::default()).unwrap();
        let member = serde_json::to_value(crate::dto::plan::RiskMetrics::from(&summary)).unwrap();
        let kept: KeptRisk = serde_json::from_value(member.clone()).unwrap();
        for (figure, value) in &summary {
            assert!(value.is_some() && kept.figure(figure) == value, "{figure}");
        }
        let mut answer = answer();
        answer["risk_metrics"] = member.clone();
        answer["after_risk_metrics"] = member;
        for line in committee(answer.clone(), unstored()).unwrap().0.risk {
            for cited in [line.before.unwrap(), line.after.unwrap()] {
                assert_eq!(answer.pointer(&cited.pointer).and_then(Value::as_f64), Some(cited.value), "{cited:?}");
            }
        }
    }

    #[test]
    fn a_price_is_told_in_the_unit_of_its_objective() {
        let mut priced = answer();
        let price = json!({"limit": {"kind": "turnover"}, "bp_per_point": 1.25});
        priced["optimization"] = json!({"constraint_prices": [price]});
        let text = copilot::brief_text(&committee(priced.clone(), unstored()).unwrap().1);
        assert!(text.contains("is worth a year: the turnover limit 1.25 bp."), "{text}");
        priced["optimization"]["constraint_prices"][0]["objective"] = json!("variance");
        let text = copilot::brief_text(&committee(priced, unstored()).unwrap().1);
        let want = "ten-thousandths of risk aversion times annual variance: the turnover limit 1.25.";
        assert!(text.contains(want), "{text}");
    }

    #[test]
    fn a_breach_is_told_with_the_place_of_its_numbers() {
        let mut answer = answer();
        answer["controls"] = json!({
            "policy_version": 2, "outcome": "soft", "checked_at_approval": ["stale_prices"], "checks": [
                {"control": "turnover", "subject": "plan", "subject_id": null, "value": 0.1, "limit": 0.36,
                 "outcome": "pass"},
                {"control": "order_notional", "subject": "order", "subject_id": null, "asset": "A", "value": 70.5,
                 "limit": 50.0, "outcome": "soft"},
                {"control": "var_budget", "subject": "plan", "subject_id": null, "value": null, "limit": 0.15,
                 "outcome": "not_assessed", "reason": "the figure is not known"},
            ],
        });
        let (facts, brief) = committee(answer.clone(), unstored()).unwrap();
        let controls = facts.controls.unwrap();
        assert_eq!((controls.checks, controls.open.len()), (3, 2));
        assert_eq!(controls.open[0].limit.pointer, "/controls/checks/1/limit");
        let text = copilot::brief_text(&brief);
        assert!(text.contains("Soft breach: order notional of A 70.50 USD, above 50.00 USD."), "{text}");
        assert!(text.contains("Kept, each with its limit: two-way turnover 10.00% of 36.00%."), "{text}");
        assert!(text.contains("Not assessed: one-day VaR95, because the figure is not known."), "{text}");
        let sentences = brief.sections.iter().flat_map(|section| &section.sentences);
        for number in sentences.flat_map(|sentence| sentence.numbers()) {
            assert!(answer.pointer(&number.pointer).is_some_and(Value::is_number), "{number:?}");
        }
    }

    #[test]
    fn an_answer_without_a_member_is_refused_by_its_path() {
        let mut cut = answer();
        cut["weights"][0].as_object_mut().unwrap().remove("drift");
        let refused = committee(cut, unstored()).unwrap_err();
        assert!(
            matches!(&refused, CommitteeError::Member { member, .. } if member.starts_with("weights[0]")),
            "{refused}"
        );
        let mut odd = answer();
        odd["verdict"]["checks"][1]["severity"] = json!("blocking");
        odd["verdict"]["checks"][1]["blocking_above"] = Value::Null;
        let refused = committee(odd, unstored()).unwrap_err();
        assert!(refused.to_string().contains("verdict.checks[1].blocking_above"), "{refused}");
    }
}
