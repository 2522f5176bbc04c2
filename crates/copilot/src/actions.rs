//! The most important actions, each with its reason in words.

use pipeline::AnnualInterval;
use portfolio_core::{Action, TradeReason};
use serde::Serialize;

use crate::facts::{AssetFacts, Facts};
use crate::measures::Stated;
use crate::{number, phrase, quote};

/// Maximum number of actions in a brief.
const MOST: usize = 3;

/// One of the actions that matter most, with its reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TopAction {
    /// The asset's name as it was sent: data, to be escaped wherever it is shown.
    #[cfg_attr(feature = "openapi", schema(example = "AAPL"))]
    pub asset: String,
    /// `0.45·|drift| + 0.35·|forecast return| + 0.20·confidence`, all as fractions; higher scores come first.
    #[cfg_attr(feature = "openapi", schema(example = 0.1581))]
    pub priority_score: f64,
    /// The order's contribution to the worth of the plan, basis points of NAV over the horizon, after its cost; null
    /// for a hold or without a history. Orders are ranked by it; where it is null, by `priority_score`.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 4.1))]
    pub marginal_benefit_bps: Option<f64>,
    /// What to do.
    pub action: Action,
    /// Why, in words: the asset's drift, the trade, its cost, and the forecast.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "5.14 pp above its target of 20.00%. Sell 12,851.23 USD, estimated cost 12.85 USD.")
    )]
    pub reason: String,
    /// Why, as a code.
    pub reason_code: TradeReason,
}

/// The most valuable orders, at most three; if the plan has none, the largest drifts, as holds.
///
/// Ties are broken by name, so the same facts give the same list.
pub(crate) fn rank(facts: &Facts) -> Vec<TopAction> {
    let mut chosen: Vec<&AssetFacts> = facts.assets.iter().filter(|asset| asset.trades()).collect();
    if chosen.is_empty() {
        chosen = facts.assets.iter().collect();
        chosen.sort_by(|a, b| b.drift.abs().total_cmp(&a.drift.abs()).then_with(|| a.asset.cmp(&b.asset)));
    } else {
        let worth = |asset: &AssetFacts| asset.marginal_benefit_bps.unwrap_or(f64::NEG_INFINITY);
        chosen.sort_by(|a, b| {
            let by_worth = worth(b).total_cmp(&worth(a)).then(b.priority_score.total_cmp(&a.priority_score));
            by_worth.then_with(|| a.asset.cmp(&b.asset))
        });
    }
    chosen
        .into_iter()
        .take(MOST)
        .map(|asset| TopAction {
            asset: asset.asset.clone(),
            priority_score: asset.priority_score,
            marginal_benefit_bps: asset.marginal_benefit_bps,
            action: asset.action,
            reason: reason(facts, asset),
            reason_code: asset.reason,
        })
        .collect()
}

/// The asset's drift, why it trades or does not trade, the order, the remaining drift, and the forecast.
fn reason(facts: &Facts, asset: &AssetFacts) -> String {
    let mut text = sentence_start(&phrase::position(asset));
    let tilted = number::percent(asset.optimized_target_weight);
    let is_solved =
        matches!(asset.reason, TradeReason::Optimal | TradeReason::NearestPolicy | TradeReason::LimitsConflict);
    if !is_solved && tilted != number::percent(asset.target_weight) {
        text += &format!(" ({tilted} after the forecast tilt)");
    }
    text += &why(facts, asset);
    let verb = match asset.action {
        Action::Buy => "Buy",
        Action::Sell => "Sell",
        Action::Hold => "",
    };
    if asset.trades() {
        let value = phrase::money(facts, asset.trade_value);
        let cost = phrase::money(facts, asset.estimated_cost);
        text += &format!(". {verb} {value}, estimated cost {cost}");
        if facts.turnover_binding && asset.residual_drift.abs() > asset.half_width {
            text += &format!("; it stays {}, as far as the turnover limit allows", phrase::residual(asset));
        }
    } else {
        text += ". No trade";
    }
    let forecast = number::percent(asset.forecast_annual);
    let interval = match &asset.forecast_interval {
        Stated::Given(AnnualInterval { kind, lower, upper }) => {
            format!("{} interval {} to {}", kind.as_str(), number::percent(*lower), number::percent(*upper))
        }
        Stated::Missing { reason } => format!("no interval: {}", quote::sentence(reason)),
    };
    let confidence = number::plain(asset.forecast_confidence, 3);
    text + &format!(". Forecast {forecast} a year ({interval}), confidence {confidence}.")
}

fn why(facts: &Facts, asset: &AssetFacts) -> String {
    let band = phrase::band(facts);
    match (asset.reason, asset.action) {
        (TradeReason::DriftBreach, _) => format!(", past {band}"),
        (TradeReason::WithinBand, _) => format!(", within {band}"),
        (TradeReason::Funding, Action::Sell) => ", sold to fund the buys".to_owned(),
        (TradeReason::Funding, _) => ", moved to fund the plan".to_owned(),
        (TradeReason::Absorption, Action::Buy) => ", bought with what the sells leave over".to_owned(),
        (TradeReason::Absorption, _) => ", moved to absorb the other trades".to_owned(),
        (TradeReason::TurnoverLimit, _) => {
            let limit = number::limit_percent(facts.turnover_limit);
            format!(", but the turnover limit of {limit} leaves no room")
        }
        (TradeReason::BelowMinimum, _) => ", but the trade would be below the minimum ticket".to_owned(),
        (TradeReason::Unfunded, _) => ", but nothing is left to fund it once costs are paid".to_owned(),
        (TradeReason::Optimal, Action::Hold) => ", at the weight the optimal method solved for".to_owned(),
        (TradeReason::Optimal, _) => ", moved to the weight the optimal method solved for".to_owned(),
        (TradeReason::NearestPolicy, Action::Hold) => ", as near to its target as the limits allow".to_owned(),
        (TradeReason::NearestPolicy, _) => ", moved as near to its target as the limits allow".to_owned(),
        // The plan as a whole, or under a turnover limit this trade of it.
        (TradeReason::WorthTooLittle, _) if facts.turnover_used > 0.0 => {
            ", but the trade would cost more than it is worth".to_owned()
        }
        (TradeReason::WorthTooLittle, _) => ", but the trades together are worth less than a plan has to be".to_owned(),
        (TradeReason::LimitsConflict, _) => ", but the limits contradict each other".to_owned(),
        (TradeReason::CashBand, Action::Buy) => ", bought with cash that is outside its band".to_owned(),
        (TradeReason::CashBand, _) => ", sold to bring cash back into its band".to_owned(),
        (TradeReason::GroupBreach, _) => format!(", within {band}, but its group is outside its own"),
        (TradeReason::WholeBook, _) => format!(", within {band}, traded with the whole book"),
        (TradeReason::Selected, _) => ", picked to trade".to_owned(),
        (TradeReason::Scheduled, _) => ", traded because the day is scheduled".to_owned(),
        (TradeReason::InvestCash, _) => ", bought with the cash to invest".to_owned(),
        (TradeReason::RaiseCash, _) => ", sold to raise cash".to_owned(),
        (TradeReason::Liquidation, _) => ", sold with everything else".to_owned(),
        (TradeReason::Frozen, _) => ", frozen".to_owned(),
        (TradeReason::Excluded, _) => ", outside the value of the portfolio".to_owned(),
        (TradeReason::NoBuy, _) => ", but it is not to be bought".to_owned(),
        (TradeReason::NoSell, _) => ", but it is not to be sold".to_owned(),
        (TradeReason::SettlesLate, _) => ", but its sale would settle after the cash is needed".to_owned(),
        (TradeReason::NotPicked, _) => ", not among the assets picked to trade".to_owned(),
        (TradeReason::OutsideIntent, _) => ", but this plan trades on the other side only".to_owned(),
        (TradeReason::IntentAmount, _) => ", but the amount of the intent is reached without it".to_owned(),
        (TradeReason::BelowLot, _) => ", but the trade would be less than a lot".to_owned(),
        (TradeReason::BelowMinNotional, _) => ", but the trade would be less than the smallest order".to_owned(),
        (TradeReason::BelowMinQuantity, _) => ", but the trade would be fewer units than an order may have".to_owned(),
        (TradeReason::TicketLimit, _) => ", but the other orders use up the number of orders".to_owned(),
        (TradeReason::NotDue, _) => ", but the policy does not trade today".to_owned(),
    }
}

/// Capitalises the first letter: `on its target` becomes `On its target`. A number does not change.
fn sentence_start(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn names(facts: &Facts) -> Vec<(String, Action)> {
        rank(facts).into_iter().map(|top| (top.asset, top.action)).collect()
    }

    #[test]
    fn orders_come_first_by_their_score() {
        let mut facts = sample::mixed();
        let hold = facts.assets.iter().position(|asset| !asset.trades()).unwrap();
        facts.assets[hold].priority_score = 9.0;
        let scores: Vec<_> = rank(&facts).iter().map(|top| top.priority_score).collect();
        assert_eq!(scores.len(), 3);
        assert!(scores.is_sorted_by(|a, b| a >= b) && scores[0] < 9.0, "{scores:?}");
    }

    #[test]
    fn worth_comes_before_priority() {
        let mut facts = sample::mixed();
        facts.assets[3].marginal_benefit_bps = Some(0.4);
        facts.assets[1].marginal_benefit_bps = Some(2.5);
        let ranked: Vec<_> = names(&facts).into_iter().map(|(name, _)| name).collect();
        assert_eq!(ranked[..2], [facts.assets[1].asset.clone(), facts.assets[3].asset.clone()]);
    }

    #[test]
    fn ties_are_broken_by_name() {
        let mut facts = sample::mixed();
        for asset in &mut facts.assets {
            asset.priority_score = 0.5;
        }
        let ranked: Vec<_> = names(&facts).into_iter().map(|(name, _)| name).collect();
        assert!(ranked.is_sorted(), "{ranked:?}");
        facts.assets.reverse();
        assert_eq!(ranked, names(&facts).into_iter().map(|(name, _)| name).collect::<Vec<_>>());
    }

    #[test]
    fn without_orders_the_largest_drifts_are_holds_and_one_order_is_one_action() {
        let mut facts = sample::all_hold();
        facts.assets[0].drift = 0.001;
        facts.assets[1].drift = -0.019;
        facts.assets[2].drift = 0.012;
        let ranked = names(&facts);
        assert_eq!(ranked[0], (facts.assets[1].asset.clone(), Action::Hold));
        assert_eq!(ranked[1].0, facts.assets[2].asset);

        facts.assets[0].action = Action::Buy;
        assert_eq!(names(&facts), [(facts.assets[0].asset.clone(), Action::Buy)]);
    }

    #[test]
    fn the_reason_says_where_it_stands_what_is_done_and_what_it_costs() {
        let mut facts = sample::mixed();
        facts.turnover_binding = false;
        assert_eq!(
            reason(&facts, &facts.assets[0]),
            "6.20 pp above its target of 20.00% (19.60% after the forecast tilt), past the 2.00% drift threshold. \
             Sell 37,894.74 USD, estimated cost 37.89 USD. Forecast -10.08% a year (credible interval -25.20% to 5.04%), confidence 0.31."
        );
    }

    #[test]
    fn a_hold_says_why_nothing_is_done() {
        let mut facts = sample::all_hold();
        let asset = &mut facts.assets[0];
        (asset.drift, asset.reason) = (0.0, TradeReason::WithinBand);
        assert!(reason(&facts, &facts.assets[0]).contains("On its target of"), "{}", reason(&facts, &facts.assets[0]));
        (facts.assets[0].reason, facts.turnover_binding) = (TradeReason::TurnoverLimit, true);
        facts.assets[0].drift = -0.05;
        let text = reason(&facts, &facts.assets[0]);
        assert!(text.contains("leaves no room. No trade."), "{text}");
        // The limit binds the other trades; this one is too small even without the limit.
        facts.assets[0].reason = TradeReason::BelowMinimum;
        let text = reason(&facts, &facts.assets[0]);
        assert!(text.contains("below the minimum ticket. No trade."), "{text}");
    }
}
