//! The plan as running text.

use pipeline::DriftChoice;
use portfolio_core::{Action, TradeReason};
use risk::UnavailableReason;

use crate::facts::{AssetFacts, Facts, WarningFacts};
use crate::figure::{FigureUnit, FigureWords, TOLD};
use crate::flags::RiskFlag;
use crate::measures::{OutcomeFacts, SimulationFacts, Stated};
use crate::{flags, number, phrase, quote};

/// Maximum number of names in a sentence.
const MOST: usize = 4;
/// Maximum number of warnings in the text.
const MOST_WARNINGS: usize = 5;

/// The plan in sentences: what to do, why, what it costs, what remains undone, the risk, and what the data do not
/// support.
pub(crate) fn write(facts: &Facts, flags: &[RiskFlag]) -> String {
    let mut text = vec![opening(facts)];
    text.extend(why(facts));
    text.extend(cost(facts));
    text.extend(undone(facts));
    text.push(posture(facts, flags));
    text.extend(risk(facts));
    text.push(simulation(facts));
    text.push(forecast(facts));
    text.extend(drivers(facts));
    text.extend(missing(facts));
    text.extend(warnings(facts));
    text.join(" ")
}

fn opening(facts: &Facts) -> String {
    let value = phrase::money(facts, facts.portfolio_value);
    let sells = side(facts, Action::Sell);
    let buys = side(facts, Action::Buy);
    match (sells.is_empty(), buys.is_empty()) {
        (true, true) => format!("Portfolio of {value}: no trade."),
        (false, true) => format!("Portfolio of {value}: sell {sells}."),
        (true, false) => format!("Portfolio of {value}: buy {buys}."),
        (false, false) => format!("Portfolio of {value}: sell {sells}; buy {buys}."),
    }
}

/// The orders of one side with their values, the largest first.
fn side(facts: &Facts, side: Action) -> String {
    let mut orders: Vec<_> = facts.assets.iter().filter(|asset| asset.action == side).collect();
    orders.sort_by(|a, b| b.trade_value.total_cmp(&a.trade_value).then_with(|| a.asset.cmp(&b.asset)));
    let ticket =
        |asset: &&AssetFacts| format!("{} {}", quote::name(&asset.asset), phrase::money(facts, asset.trade_value));
    phrase::list(orders.iter().map(ticket), MOST)
}

/// Why the plan trades or does not trade.
fn why(facts: &Facts) -> Vec<String> {
    let band = phrase::band(facts);
    if facts.assets.iter().all(|asset| asset.reason == TradeReason::WithinBand && !asset.is_outside()) {
        return vec![format!("Every asset is within {band}.")];
    }
    if facts.assets.iter().any(|asset| asset.reason == TradeReason::LimitsConflict) {
        return vec![
            "The limits contradict each other: no portfolio keeps all of them, so every position is held.".to_owned(),
        ];
    }
    if facts.assets.iter().all(|asset| asset.reason == TradeReason::Optimal && !asset.trades()) {
        return vec!["No trade would be worth its cost within the limits.".to_owned()];
    }
    if facts.assets.iter().all(|asset| asset.reason == TradeReason::NearestPolicy && !asset.trades()) {
        return vec!["No trade would bring the portfolio nearer to its policy within the limits.".to_owned()];
    }
    let mut text = Vec::new();
    let mut breached = trading_for(facts, TradeReason::DriftBreach);
    breached.sort_by(|a, b| b.drift.abs().total_cmp(&a.drift.abs()).then_with(|| a.asset.cmp(&b.asset)));
    if !breached.is_empty() {
        let position = |asset: &&AssetFacts| format!("{} {}", quote::name(&asset.asset), phrase::position(asset));
        let names = phrase::list(breached.iter().map(position), MOST);
        text.push(format!("Past {band}: {names}."));
    }
    for (reason, sentence) in [
        (TradeReason::Optimal, "Traded to the weights that are best for risk, return and cost within the limits"),
        (
            TradeReason::NearestPolicy,
            "Traded to the weights nearest to the policy within the limits; no risk is measured",
        ),
        (TradeReason::Funding, "In band, but traded to fund the others"),
        (TradeReason::Absorption, "In band, but traded to absorb what the others leave over"),
        (TradeReason::CashBand, "Traded because cash is outside its band"),
        (TradeReason::GroupBreach, "In band, but traded because their group is outside its band"),
        (TradeReason::WholeBook, "In band, but traded with the whole book"),
        (TradeReason::Selected, "Picked to trade"),
        (TradeReason::Scheduled, "Traded because the day is scheduled"),
        (TradeReason::InvestCash, "Bought with the cash to invest"),
        (TradeReason::RaiseCash, "Sold to raise cash"),
        (TradeReason::Liquidation, "Sold because everything is to be sold"),
    ] {
        let traded = trading_for(facts, reason);
        if !traded.is_empty() {
            let names = phrase::list(traded.iter().map(|asset| quote::name(&asset.asset)), MOST);
            text.push(format!("{sentence}: {names}."));
        }
    }
    text
}

fn trading_for(facts: &Facts, reason: TradeReason) -> Vec<&AssetFacts> {
    facts.assets.iter().filter(|asset| asset.trades() && asset.reason == reason).collect()
}

fn cost(facts: &Facts) -> Option<String> {
    facts.assets.iter().any(AssetFacts::trades).then(|| {
        let cost = phrase::money(facts, facts.estimated_total_transaction_cost);
        let turnover = number::percent(facts.turnover_used);
        let limit = number::limit_percent(facts.turnover_limit);
        let before = number::percent(facts.cash_weight_before);
        let after = number::percent(facts.cash_weight_after);
        let cash = if before == after { format!("stays at {after}") } else { format!("goes from {before} to {after}") };
        format!("Estimated cost {cost}; turnover {turnover}, limit {limit}; cash {cash}.")
    })
}

/// Whether a warning states the shortfall of the cash to raise or to invest: it is reported with what the plan leaves
/// undone.
fn is_shortfall(warning: &WarningFacts) -> bool {
    matches!(warning.code.as_str(), "cash_not_raised" | "cash_not_invested")
}

fn undone(facts: &Facts) -> Vec<String> {
    let missing = facts.warnings.iter().filter(|warning| is_shortfall(warning));
    let mut text: Vec<String> = missing.map(|warning| format!("{}.", quote::sentence(&warning.sentence))).collect();
    if facts.turnover_binding {
        let limit = number::limit_percent(facts.turnover_limit);
        let effect = if facts.assets.iter().any(|asset| asset.reason == TradeReason::Optimal) {
            "binds: a larger one would allow a better book"
        } else if facts.assets.iter().any(|asset| asset.reason == TradeReason::NearestPolicy) {
            "binds: a larger one would allow a book nearer to the policy"
        } else if facts.assets.iter().any(AssetFacts::trades) {
            "binds and keeps the trades smaller than their gaps"
        } else {
            "leaves no room for a trade"
        };
        text.push(format!("The turnover limit of {limit} {effect}."));
    }
    let undone = phrase::undone(facts);
    if !undone.is_empty() {
        let names = phrase::list(undone.iter().map(|asset| phrase::left(facts, asset)), MOST);
        text.push(format!("Left undone: {names}."));
    }
    text
}

/// The flags, or as much of an all-clear as the data support.
fn posture(facts: &Facts, flags: &[RiskFlag]) -> String {
    if flags.is_empty() {
        return format!("{}.", facts.verdict.objection().unwrap_or_else(|| flags::ALL_CLEAR.to_owned()));
    }
    let assessed: Vec<_> = flags.iter().filter(|flag| flag.value.is_some()).map(RiskFlag::told).collect();
    let open: Vec<_> = flags.iter().filter(|flag| flag.value.is_none()).map(RiskFlag::sentence).collect();
    let mut text = if assessed.is_empty() {
        let within = || "What could be assessed is within its limits".to_owned();
        format!("{}.", facts.verdict.objection().unwrap_or_else(within))
    } else {
        format!("Risk flags: {}.", assessed.join("; "))
    };
    if !open.is_empty() {
        text += &format!(" {}.", open.join("; "));
    }
    text
}

/// The available measures, each with its unit in words.
fn risk(facts: &Facts) -> Option<String> {
    let measure = |figure| {
        let FigureWords { in_text, unit, .. } = FigureWords::of(figure);
        facts.risk[figure].map(|value| match unit {
            FigureUnit::Ratio => format!("{in_text} {}", number::fixed(value, 2)),
            FigureUnit::Fraction => format!("{in_text} {}", number::percent(value)),
        })
    };
    let measures: Vec<_> = TOLD.into_iter().filter_map(measure).collect();
    (!measures.is_empty()).then(|| format!("Risk of the current weights: {}.", measures.join(", ")))
}

fn simulation(facts: &Facts) -> String {
    match &facts.simulation {
        Stated::Missing { reason } => format!("No simulation: {}.", quote::sentence(reason)),
        Stated::Given(run) => {
            format!(
                "Simulated over {} days on {} paths with a drift of {} a year ({}: {}): probability of loss {}, \
                 expected terminal value {} per unit invested, {} or less in the worst one in twenty.",
                number::whole(u64::from(run.horizon_days)),
                number::whole(run.paths),
                number::percent(run.drift_annual),
                run.drift_choice.as_str(),
                drift_in_words(run.drift_choice),
                number::percent(run.probability_of_loss),
                number::fixed(run.expected_terminal_value, 4),
                number::fixed(run.worst_5pct_terminal_value, 4),
            ) + &other_weights(run)
        }
    }
}

/// What the drift of a simulation consists of.
fn drift_in_words(choice: DriftChoice) -> &'static str {
    match choice {
        DriftChoice::Posterior => "the risk-free rate, and what the history supports above it",
        DriftChoice::Sample => "as in the history",
        DriftChoice::Forecast => "as forecast",
        DriftChoice::RiskFreePlusPremium => "the risk-free rate and a premium for risk",
        DriftChoice::ZeroExcess => "the risk-free rate",
    }
}

/// One sentence about the other weights on the same shocks, each with its drift: the targets, and the book after the
/// plan.
fn other_weights(run: &SimulationFacts) -> String {
    let outcome = |name, outcome: OutcomeFacts| {
        let loss = number::percent(outcome.probability_of_loss);
        let worst = number::fixed(outcome.worst_5pct_terminal_value, 4);
        let drift = number::percent(outcome.drift_annual);
        format!(
            "{name} (drift {drift} a year) the probability of loss is {loss}, and the worst one in twenty ends at \
             {worst} or less"
        )
    };
    let after = run.after.map(|after| outcome("after the plan", after));
    let target = run.target.map(|target| outcome("at the target weights", target));
    match (after, target) {
        (Some(after), Some(target)) => format!(" On the same paths, {after}; {target}."),
        (Some(one), None) | (None, Some(one)) => format!(" On the same paths, {one}."),
        (None, None) => String::new(),
    }
}

fn forecast(facts: &Facts) -> String {
    let (id, version) = (quote::name(&facts.model.id), quote::name(&facts.model.version));
    let model = format!("Forecasts: model {id}, version {version}");
    match &facts.tilt {
        None => format!("{model}, without a tilt of the targets."),
        Some(tilt) => {
            let spent = number::percent(tilt.tracking_error_spent);
            let budget = number::limit_percent(tilt.tracking_error_budget);
            let strength = number::plain(tilt.strength, 3);
            let reason = quote::sentence(&tilt.reason);
            format!(
                "{model}; their tilt spends {spent} of a {budget} tracking-error budget (strength {strength}): {reason}."
            )
        }
    }
}

/// What adds most to the forecasts.
fn drivers(facts: &Facts) -> Option<String> {
    let told = facts.drivers.iter().map(|driver| {
        let (feature, asset) = (quote::name(&driver.feature), quote::name(&driver.asset));
        let sign = if driver.annual > 0.0 { "+" } else { "" };
        format!("{sign}{} a year for {asset} by its {feature}", number::percent(driver.annual))
    });
    let told: Vec<String> = told.collect();
    let most = told.len();
    (most > 0).then(|| format!("Largest contributions to the forecasts: {}.", phrase::list(told, most)))
}

/// The unavailable measures, grouped by reason. Those with a limit are already among the flags.
fn missing(facts: &Facts) -> Vec<String> {
    let mut groups: Vec<(UnavailableReason, Vec<String>)> = Vec::new();
    for figure in TOLD {
        let Some(name) = FigureWords::of(figure).missing else { continue };
        if let Err(reason) = facts.risk.figure(figure) {
            match groups.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, names)) => names.push(name.to_owned()),
                None => groups.push((reason, vec![name.to_owned()])),
            }
        }
    }
    groups
        .into_iter()
        .map(|(reason, names)| format!("Not available: {} ({}).", phrase::list(names, TOLD.len()), reason.sentence()))
        .collect()
}

fn warnings(facts: &Facts) -> Vec<String> {
    let mut rest = facts.warnings.iter().filter(|warning| !is_shortfall(warning));
    let mut text: Vec<_> = rest
        .by_ref()
        .take(MOST_WARNINGS)
        .map(|warning| format!("Warning: {}.", quote::sentence(&warning.sentence)))
        .collect();
    if rest.next().is_some() {
        text.push("Further warnings stand in the plan.".to_owned());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn narrative(facts: &Facts) -> String {
        write(facts, &flags::raise(facts))
    }

    #[test]
    fn the_largest_contributions_to_the_forecasts_are_told_with_their_sign() {
        let mut facts = sample::mixed();
        assert!(!narrative(&facts).contains("contributions"));
        let driver = |asset: &str, feature: &str, annual| crate::DriverFacts {
            asset: asset.to_owned(),
            feature: feature.to_owned(),
            annual,
        };
        facts.drivers =
            vec![driver("AAPL", "return of a month", -0.0125), driver("MSFT", "volatility of a year", 0.005)];
        let told = "Largest contributions to the forecasts: -1.25% a year for AAPL by its return of a month and \
                    +0.50% a year for MSFT by its volatility of a year.";
        assert!(narrative(&facts).contains(told), "{}", narrative(&facts));
        facts.drivers[0].annual = f64::NAN;
        assert!(facts.check().is_err());
    }

    #[test]
    fn a_probability_of_loss_stands_beside_the_drift_it_was_simulated_under() {
        let text = narrative(&sample::mixed());
        for told in [
            "Simulated over 30 days on 10,000 paths with a drift of 4.10% a year (posterior: the risk-free rate, and \
             what the history supports above it): probability of loss 39.21%,",
            "On the same paths, after the plan (drift 3.90% a year) the probability of loss is 38.84%,",
            "; at the target weights (drift 3.80% a year) the probability of loss is 38.67%,",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
        let mut facts = sample::mixed();
        let Stated::Given(run) = &mut facts.simulation else { panic!("simulated") };
        (run.drift_choice, run.drift_annual) = (DriftChoice::Sample, -0.17);
        assert!(narrative(&facts).contains("with a drift of -17.00% a year (sample: as in the history): probability"));
        let Stated::Given(run) = &mut facts.simulation else { panic!("simulated") };
        run.drift_annual = f64::NAN;
        assert!(facts.check().is_err());
    }

    #[test]
    fn it_opens_with_what_to_do_and_why() {
        let text = narrative(&sample::mixed());
        assert!(
            text.starts_with(
                "Portfolio of 1,000,000.00 USD: sell AAPL 37,894.74 USD and MSFT 22,392.34 USD; \
                 buy UST 10Y 43,636.36 USD and EUR/USD 16,076.56 USD. Past the 2.00% drift threshold: \
                 UST 10Y 7.50 pp below its target of 30.00%, AAPL 6.20 pp above"
            ),
            "{text}"
        );
    }

    #[test]
    fn it_says_what_the_turnover_limit_left_undone() {
        let text = narrative(&sample::mixed());
        assert!(
            text.contains(
                "The turnover limit of 12.00% binds and keeps the trades smaller than their gaps. \
                 Left undone: UST 10Y 3.24 pp underweight (turnover limit) and AAPL 2.81 pp overweight"
            ),
            "{text}"
        );

        let mut facts = sample::all_hold();
        facts.turnover_binding = true;
        facts.assets[0].reason = TradeReason::TurnoverLimit;
        let text = narrative(&facts);
        assert!(text.contains("The turnover limit of 12.00% leaves no room for a trade. Left undone: AAPL"), "{text}");
        assert!(!text.contains("Every asset is within"), "{text}");
    }

    #[test]
    fn a_quiet_book_gets_a_quiet_text() {
        let text = narrative(&sample::all_hold());
        assert!(text.starts_with(
            "Portfolio of 1,000,000.00 USD: no trade. Every asset is within the 2.00% drift threshold. Risk"
        ));
        for absent in ["cost", "Left undone", "sell", "buy", "binds"] {
            assert!(!text.contains(absent), "{absent}: {text}");
        }
    }

    #[test]
    fn without_history_it_claims_no_all_clear_and_names_what_is_missing() {
        let text = narrative(&sample::without_history());
        for present in [
            "What could be assessed is within its limits. VaR95 not assessed: the history is too short for this figure; \
             Max drawdown not assessed: the history is too short for this figure.",
            "No simulation: no price history was sent.",
            "Not available: volatility, mean annual return, Sharpe, CVaR95 and tracking error \
             (the history is too short for this figure).",
        ] {
            assert!(text.contains(present), "{present}: {text}");
        }
        assert!(!text.contains(flags::ALL_CLEAR) && !text.contains("Risk of the current weights"), "{text}");
    }

    #[test]
    fn trades_of_assets_in_their_band_say_what_they_are_for() {
        let mut facts = sample::mixed();
        facts.assets[1].reason = TradeReason::Funding;
        facts.assets[3].reason = TradeReason::Absorption;
        let text = narrative(&facts);
        assert!(text.contains("In band, but traded to fund the others: MSFT."), "{text}");
        assert!(text.contains("to absorb what the others leave over: EUR/USD."), "{text}");
    }

    #[test]
    fn what_is_missing_of_an_amount_is_told_however_many_warnings_there_are() {
        let mut facts = sample::mixed();
        facts.warnings = vec![facts.warnings[0].clone(); 6];
        let sentence = "40093.48 USD are missing of the 50000.00 USD to raise: kept by the turnover limit";
        facts.warnings.push(WarningFacts { code: "cash_not_raised".to_owned(), sentence: sentence.to_owned() });
        let text = narrative(&facts);
        assert_eq!(text.matches(sentence).count(), 1, "{text}");
        assert!(text.find(sentence) < text.find("Left undone"), "{text}");
    }

    #[test]
    fn assets_outside_their_bands_are_not_said_to_be_within_them() {
        let mut facts = sample::all_hold();
        for asset in &mut facts.assets {
            (asset.drift, asset.residual_drift, asset.reason) = (-0.0526, -0.0526, TradeReason::BelowLot);
        }
        let text = narrative(&facts);
        assert!(!text.contains("Every asset is within"), "{text}");
        assert!(text.contains("5.26 pp underweight (below a lot)"), "{text}");
    }

    #[test]
    fn many_warnings_are_cut_short_and_not_counted() {
        let mut facts = sample::mixed();
        facts.warnings = vec![facts.warnings[0].clone(); 6];
        let text = narrative(&facts);
        assert_eq!(text.matches("Warning: ").count(), MOST_WARNINGS);
        assert!(text.ends_with("Further warnings stand in the plan."));
    }
}
