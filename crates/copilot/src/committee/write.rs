//! The answers to a committee's questions.

use optimizer::Objective;
use pipeline::{CheckReason, VerdictDecision};
use portfolio_core::{Action, TradeReason};

use super::{
    AnnualCited, BriefSentence, BriefTopic, Cited, CommitteeAsset, CommitteeFacts, DataIssue, OrderFacts, PricedLimit,
    RankedAction, RiskLine, controls, verdict, words,
};
use crate::Stated;
use crate::figure::{FigureUnit, FigureWords};
use crate::number;

/// Maximum number of names in a sentence.
const MOST: usize = 4;
/// Maximum number of ranked orders.
const MOST_ACTIONS: usize = 8;

/// The answer to one question.
pub(super) fn answer(facts: &CommitteeFacts, topic: BriefTopic) -> Vec<BriefSentence> {
    match topic {
        BriefTopic::WhatChanged => what_changed(facts),
        BriefTopic::WhatToDo => what_to_do(facts),
        BriefTopic::Why => why(facts),
        BriefTopic::WhatItCosts => what_it_costs(facts),
        BriefTopic::WhatItRisks => what_it_risks(facts),
        BriefTopic::WhichControls => controls::sentences(facts),
        BriefTopic::WhatWasRejected => what_was_rejected(facts),
        BriefTopic::IfWeWait => [Some(if_we_wait(facts)), no_trade(facts)].into_iter().flatten().collect(),
    }
}

fn say(words: &str) -> BriefSentence {
    BriefSentence::new(words)
}

fn money(facts: &CommitteeFacts, sentence: BriefSentence, cited: &Cited) -> BriefSentence {
    sentence.money(cited, facts.minor_digits, &facts.currency)
}

fn what_changed(facts: &CommitteeFacts) -> Vec<BriefSentence> {
    let drift = money(facts, say("The portfolio of "), &facts.portfolio_value)
        .words(" has drifted ")
        .percent(&facts.drift_before)
        .words(" away from its targets (half the sum of all drifts).");
    let mut past: Vec<&CommitteeAsset> =
        facts.assets.iter().filter(|asset| asset.drift.value.abs() > asset.half_width.value).collect();
    past.sort_by(|a, b| b.drift.value.abs().total_cmp(&a.drift.value.abs()).then_with(|| a.asset.cmp(&b.asset)));
    if past.is_empty() {
        let inside = match is_one_band(facts) {
            true => say("No asset is past its band of ").limit(&facts.drift_threshold).words("."),
            false => say("No asset is past its band."),
        };
        return vec![drift, inside];
    }
    let one = |asset: &&CommitteeAsset| {
        let side = if asset.drift.value < 0.0 { " below" } else { " above" };
        let sentence = BriefSentence::default().name(&asset.asset).words(" ").points(&asset.drift);
        sentence.words(side).words(" its target of ").percent(&asset.target)
    };
    let names = match is_one_band(facts) {
        true => say("Past the band of ").limit(&facts.drift_threshold).words(": "),
        false => say("Past their bands: "),
    };
    vec![drift, names.list(past.iter().map(one).collect(), MOST).words(".")]
}

/// Whether all assets have the band of the plan.
fn is_one_band(facts: &CommitteeFacts) -> bool {
    facts.assets.iter().all(|asset| asset.half_width.value == facts.drift_threshold.value)
}

fn what_to_do(facts: &CommitteeFacts) -> Vec<BriefSentence> {
    if is_conflict(facts) {
        return vec![say("Nothing: hold every position until a limit gives way.")];
    }
    if facts.orders.is_empty() {
        return vec![say("Nothing: hold every position.")];
    }
    let side = |action: Action, waits: bool| -> Vec<BriefSentence> {
        let of_side = facts.orders.iter().filter(|order| asset(facts, order).action == action);
        of_side
            .filter(|order| action == Action::Sell || order.waits == waits)
            .map(|order| money(facts, BriefSentence::default().name(name(facts, order)).words(" "), &order.trade_value))
            .collect()
    };
    let (sells, buys, later) = (side(Action::Sell, false), side(Action::Buy, false), side(Action::Buy, true));
    let has_both = !sells.is_empty() && !buys.is_empty();
    let mut sentences = Vec::new();
    if !sells.is_empty() {
        sentences.push(say(if later.is_empty() { "Sell " } else { "First sell " }).list(sells, MOST).words("."));
    }
    if !buys.is_empty() {
        let head = if has_both { "Without waiting for the sells, as cash pays for it, buy " } else { "Buy " };
        sentences.push(say(head).list(buys, MOST).words("."));
    }
    if !later.is_empty() {
        sentences.push(say("Then, as the sells fill, buy ").list(later, MOST).words("."));
    }
    if facts.decision == VerdictDecision::Rejected {
        sentences.push(say("The plan is rejected: place none of these orders."));
    }
    sentences
}

fn why(facts: &CommitteeFacts) -> Vec<BriefSentence> {
    let mut sentences = vec![
        say("The plan takes the drift from ")
            .percent(&facts.drift_before)
            .words(" to ")
            .percent(&facts.drift_after)
            .words("."),
    ];
    if facts.orders.is_empty() {
        sentences = vec![without_orders(facts)];
    }
    if is_conflict(facts) {
        return vec![say("The limits contradict each other: no portfolio keeps all of them.")];
    }
    if let Some((order, benefit)) = most_worthwhile(facts).first().and_then(|o| Some((*o, o.benefit_bps.as_ref()?))) {
        sentences.push(
            say("The order that contributes most is ")
                .name(name(facts, order))
                .words(", worth ")
                .bps(benefit)
                .words(" of NAV after its cost."),
        );
    }
    let reason = sentence_start(&facts.tilt_reason);
    let tilt = match facts.tilt_spent.value {
        0.0 => say("Forecasts move no target. "),
        _ => say("Forecasts move the targets by ")
            .percent(&facts.tilt_spent)
            .words(" of tracking error a year, out of a budget of ")
            .limit(&facts.tilt_budget)
            .words(". "),
    };
    sentences.push(tilt.quoted(&reason).words("."));
    sentences
}

/// Why nothing is traded: the reasons that keep assets outside their bands from trading, or that none is outside.
fn without_orders(facts: &CommitteeFacts) -> BriefSentence {
    if facts.assets.iter().any(|asset| asset.reason == TradeReason::Optimal) {
        return say("No trade would be worth its cost within the limits.");
    }
    if facts.assets.iter().any(|asset| asset.reason == TradeReason::NearestPolicy) {
        return say("No trade would bring the portfolio nearer to its policy within the limits.");
    }
    let mut kept: Vec<(&CommitteeAsset, &'static str)> = facts
        .assets
        .iter()
        .filter(|asset| asset.is_outside() && asset.reason != TradeReason::WorthTooLittle)
        .filter_map(|asset| Some((asset, asset.obstacle()?)))
        .collect();
    if kept.is_empty() {
        return say(match facts.shortfall {
            Some(_) => "Nothing could be traded of what the intent asks for.",
            None => "No drift is large enough to be worth a trade under the policy.",
        });
    }
    let size = |asset: &CommitteeAsset| asset.drift.value.abs();
    kept.sort_by(|(a, _), (b, _)| size(b).total_cmp(&size(a)).then_with(|| a.asset.cmp(&b.asset)));
    let one = |(asset, obstacle): &(&CommitteeAsset, &'static str)| {
        BriefSentence::default().name(&asset.asset).words(" (").words(obstacle).words(")")
    };
    say("What is past its band is not traded: ").list(kept.iter().map(one).collect(), MOST).words(".")
}

/// Whether nothing is traded because no portfolio satisfies all limits.
fn is_conflict(facts: &CommitteeFacts) -> bool {
    facts.assets.iter().any(|asset| asset.reason == TradeReason::LimitsConflict)
}

fn what_it_costs(facts: &CommitteeFacts) -> Vec<BriefSentence> {
    if facts.orders.is_empty() {
        return vec![say("Nothing is traded, so nothing is paid.")];
    }
    let cost = money(facts, say("Estimated cost "), &facts.total_cost);
    let turnover = say("Two-way turnover ").percent(&facts.turnover_used).words(" of a limit of ");
    let cash = cash(facts);
    let payback = match &facts.payback_weeks {
        Stated::Given(weeks) => say("The smaller deviation from the targets pays for it in ").weeks(weeks).words("."),
        Stated::Missing { reason } => say("When that pays is not known: ").quoted(reason).words("."),
    };
    let turnover = turnover.limit(&facts.turnover_limit).words(".");
    let mut sentences = vec![cost.words(".")];
    sentences.extend(cost_parts(facts, true, "Of it "));
    sentences.extend(cost_parts(facts, false, "Beside it, counted in the worth and not paid: "));
    sentences.push(payback);
    // Without a payback there is nothing to prove.
    if facts.payback_weeks.given().is_some() {
        sentences.push(match &facts.payback_weeks_at_most {
            Stated::Given(weeks) => say("The histories prove that it takes at most ").weeks(weeks).words("."),
            Stated::Missing { reason } => say("How long it takes at most is not known: ").quoted(reason).words("."),
        });
    }
    if let Some([risk_aversion, horizon]) = &facts.objective {
        let said = say("Worth and payback are measured at a risk aversion of ").plain(risk_aversion);
        sentences.push(said.words(" over a horizon of ").years(horizon).words("."));
    }
    sentences.push(turnover);
    if let Some(path) = &facts.path {
        let all = say("The plan is the first step of a path over several periods, whose steps together turn over ");
        sentences.push(all.percent(&path.turnover).words(", ").percent(&path.first).words(" of it in this step."));
    }
    sentences.push(cash);
    sentences
}

/// The parts of the costs that are paid, or those that are not; `None` where there is none.
fn cost_parts(facts: &CommitteeFacts, is_charged: bool, head: &str) -> Option<BriefSentence> {
    let parts = facts.cost_parts.iter().filter(|part| part.is_charged == is_charged && part.cost.value != 0.0);
    let mut sentence = None;
    for part in parts {
        let before = sentence.map_or_else(|| say(head), |sentence: BriefSentence| sentence.words(", "));
        let named = match part.part.as_str() {
            "proportional" => before.words("costs by rate "),
            "minimum_commission" => before.words("commission "),
            "per_share" => before.words("fees per unit "),
            "duty_on_buys" => before.words("duty on purchases "),
            "duty_on_sells" => before.words("duty on sales "),
            "market_impact" => before.words("market impact "),
            other => before.name(other).words(" "),
        };
        sentence = Some(money(facts, named, &part.cost));
    }
    sentence.map(|sentence| sentence.words("."))
}

/// The change of cash; a single weight if both are printed the same.
fn cash(facts: &CommitteeFacts) -> BriefSentence {
    let (before, after) = (&facts.cash_before, &facts.cash_after);
    let sentence = match number::percent(before.value) == number::percent(after.value) {
        true => say("Cash stays at ").percent(after),
        false => say("Cash goes from ").percent(before).words(" to ").percent(after),
    };
    sentence.words(" of the portfolio.")
}

fn what_it_risks(facts: &CommitteeFacts) -> Vec<BriefSentence> {
    let mut sentences = verdict::sentences(facts);
    let lines: Vec<BriefSentence> = facts.risk.iter().filter_map(risk_line).collect();
    if !lines.is_empty() {
        let most = lines.len();
        sentences.push(say("From before to after the plan: ").list(lines, most).words("."));
    }
    match &facts.data_quality {
        Some(score) => sentences.push(say("Data quality scores ").plain(score).words(" on a scale to one.")),
        None => {
            let reason = CheckReason::NoHistory.to_string();
            sentences.push(say("Data quality has no score: ").words(&reason).words("."));
        }
    }
    let issue = |issue: &DataIssue| BriefSentence::default().name(&issue.asset).words(": ").quoted(&issue.detail);
    if !facts.data_issues.is_empty() {
        let issues = facts.data_issues.iter().map(issue).collect();
        sentences.push(say("What is wrong with the data: ").list(issues, MOST).words("."));
    }
    sentences
}

fn risk_line(line: &RiskLine) -> Option<BriefSentence> {
    let (before, after) = (line.before.as_ref()?, line.after.as_ref()?);
    let FigureWords { name, unit, .. } = FigureWords::of(line.figure);
    let sentence = say(name).words(" ");
    Some(match unit {
        FigureUnit::Ratio => sentence.plain(before).words(" to ").plain(after),
        FigureUnit::Fraction => sentence.percent(before).words(" to ").percent(after),
    })
}

fn what_was_rejected(facts: &CommitteeFacts) -> Vec<BriefSentence> {
    let mut sentences = Vec::new();
    if is_conflict(facts) {
        sentences.push(say("Every trade: the plan's answer lists the limits in conflict and the smallest repair."));
    }
    if let Some(shortfall) = &facts.shortfall {
        sentences.push(say("Part of what the intent asks: ").quoted(shortfall).words("."));
    }
    if !facts.priced_limits.is_empty() {
        sentences.extend(priced_limits(facts));
    } else if facts.turnover_bound {
        sentences.push(
            say("The turnover limit of ")
                .limit(&facts.turnover_limit)
                .words(" binds: all trades are smaller than their gaps."),
        );
    }
    let mut undone: Vec<&CommitteeAsset> = facts
        .assets
        .iter()
        .filter(|asset| {
            if facts.is_liquidation {
                return asset.after.value > 0.0;
            }
            let is_blocked = asset.obstacle().is_some();
            asset.residual.value != 0.0 && (is_blocked || asset.residual.value.abs() > asset.half_width.value)
        })
        .collect();
    undone
        .sort_by(|a, b| b.residual.value.abs().total_cmp(&a.residual.value.abs()).then_with(|| a.asset.cmp(&b.asset)));
    let one = |asset: &&CommitteeAsset| {
        let side = if asset.residual.value < 0.0 { " underweight" } else { " overweight" };
        let head = BriefSentence::default().name(&asset.asset).words(" ");
        let sentence = match facts.is_liquidation {
            true => head.percent(&asset.after).words(" still held"),
            false => head.points(&asset.residual).words(side),
        };
        match asset.obstacle() {
            Some(obstacle) => sentence.words(" (").words(obstacle).words(")"),
            None if facts.turnover_bound => sentence.words(" (turnover limit)"),
            None => sentence,
        }
    };
    if !undone.is_empty() {
        sentences.push(say("Left undone: ").list(undone.iter().map(one).collect(), MOST).words("."));
    }
    for relaxation in &facts.relaxations {
        let head = if relaxation.granted { "Asked and granted: " } else { "Asked and not granted: " };
        sentences.push(
            say(head).words(words::request(relaxation.kind)).words(", because ").quoted(&relaxation.reason).words("."),
        );
    }
    if sentences.is_empty() {
        sentences.push(say("Nothing: no limit kept the plan from what the policy asks for."));
    }
    sentences
}

/// The binding limits, each with its price in the unit of the objective.
fn priced_limits(facts: &CommitteeFacts) -> impl Iterator<Item = BriefSentence> {
    let objectives = [Objective::Utility, Objective::Variance, Objective::TrackingError];
    objectives.into_iter().filter_map(|objective| {
        let of_it = facts.priced_limits.iter().filter(|priced| priced.objective == objective);
        let unit = words::measured_by(objective);
        let one = |priced: &PricedLimit| {
            let limit = words::limit(facts, &priced.limit).words(" ");
            if unit.is_none() { limit.bps(&priced.bps) } else { limit.plain(&priced.bps) }
        };
        let limits: Vec<BriefSentence> = of_it.map(one).collect();
        let head = match unit {
            None => say("Binding limits, with what one percentage point more of each is worth a year: "),
            Some(unit) => {
                say("Binding limits, with what one percentage point more of each takes off the objective, ten-thousandths of ")
                    .words(unit)
                    .words(": ")
            }
        };
        (!limits.is_empty()).then(|| head.list(limits, MOST).words("."))
    })
}

fn if_we_wait(facts: &CommitteeFacts) -> BriefSentence {
    if is_conflict(facts) {
        return say("The same again: nothing can be traded until a limit gives way.");
    }
    match &facts.wait {
        Stated::Missing { reason } => say("The data cannot say: ").quoted(reason).words("."),
        Stated::Given(wait) => say("Over ")
            .plain(&wait.days)
            .words(" trading days the drift is expected to go from ")
            .percent(&wait.drift_now)
            .words(" to ")
            .percent(&wait.drift_expected)
            .words("; tracking error over them is ")
            .percent(&wait.tracking_error_waiting)
            .words(" waiting and ")
            .percent(&wait.tracking_error_planned)
            .words(" after the plan; VaR95 over them is ")
            .percent(&wait.loss_waiting)
            .words(" waiting and ")
            .percent(&wait.loss_planned)
            .words(" after the plan; the deviation itself is priced at ")
            .bps(&wait.cost_bps)
            .words(" of NAV."),
    }
}

/// The regions in which what is traded now needs no further trade.
fn no_trade(facts: &CommitteeFacts) -> Option<BriefSentence> {
    let one = |order: &&OrderFacts| {
        let [lower, upper] = asset(facts, order).no_trade.as_ref()?;
        let sentence = BriefSentence::default().name(name(facts, order)).words(" between ");
        Some(sentence.percent(lower).words(" and ").percent(upper))
    };
    let regions: Vec<BriefSentence> = most_worthwhile(facts).iter().filter_map(one).collect();
    let head = "With the others at their targets, no trade of an asset pays while its weight stays in its region: ";
    (!regions.is_empty()).then(|| say(head).list(regions, MOST).words("."))
}

/// The orders by worth, the largest first; then orders of unknown worth, larger drifts first. Ties are broken by name.
fn most_worthwhile(facts: &CommitteeFacts) -> Vec<&OrderFacts> {
    let mut orders: Vec<&OrderFacts> = facts.orders.iter().collect();
    let worth = |order: &OrderFacts| order.benefit_bps.as_ref().map_or(f64::NEG_INFINITY, |cited| cited.value);
    let drift = |order: &OrderFacts| asset(facts, order).drift.value.abs();
    orders.sort_by(|a, b| {
        let by_worth = worth(b).total_cmp(&worth(a)).then(drift(b).total_cmp(&drift(a)));
        by_worth.then_with(|| name(facts, a).cmp(name(facts, b)))
    });
    orders
}

/// The forecast of an asset: per year with its interval, or per day where the plan has no more.
fn forecast(sentence: BriefSentence, asset: &CommitteeAsset) -> BriefSentence {
    let Some(AnnualCited { expected, interval }) = &asset.forecast_annual else {
        return sentence.percent(&asset.forecast).words(" a day");
    };
    let sentence = sentence.percent(expected).words(" a year");
    let Some((kind, [lower, upper])) = interval else { return sentence };
    let sentence = sentence.words(" (").words(kind.as_str()).words(" interval ").percent(lower);
    sentence.words(" to ").percent(upper).words(")")
}

/// The most important orders, each in a sentence.
pub(super) fn ranked(facts: &CommitteeFacts) -> Vec<RankedAction> {
    let one = |(i, order): (usize, &OrderFacts)| {
        let asset = asset(facts, order);
        let verb = match asset.action {
            Action::Buy => "Buy ",
            Action::Sell => "Sell ",
            Action::Hold => "Hold ",
        };
        let sentence = money(facts, say(verb).name(&asset.asset).words(" "), &order.trade_value);
        let sentence = money(facts, sentence.words(" at an estimated cost of "), &order.cost);
        let sentence = match &order.benefit_bps {
            Some(benefit) => sentence.words(": worth ").bps(benefit).words(" of NAV after cost"),
            None => sentence.words(": worth unknown, the histories do not support it"),
        };
        let sentence = forecast(sentence.words("; drift ").percent(&asset.drift).words(", forecast "), asset);
        let sentence = sentence.words(" at confidence ").plain(&asset.confidence).words("; in ");
        let follows = match (order.slices.value == 1.0, order.by_volume) {
            (true, _) => " slice.",
            (false, true) => " slices, one a day by volume.",
            (false, false) => " slices over one session.",
        };
        RankedAction {
            rank: i + 1,
            asset: asset.asset.clone(),
            action: asset.action,
            marginal_benefit_bps: order.benefit_bps.as_ref().map(|cited| cited.value),
            sentence: sentence.plain(&order.slices).words(follows),
        }
    };
    most_worthwhile(facts).into_iter().take(MOST_ACTIONS).enumerate().map(one).collect()
}

/// A reason as a separate sentence.
fn sentence_start(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn asset<'a>(facts: &'a CommitteeFacts, order: &OrderFacts) -> &'a CommitteeAsset {
    &facts.assets[order.position]
}

fn name<'a>(facts: &'a CommitteeFacts, order: &OrderFacts) -> &'a str {
    &asset(facts, order).asset
}
