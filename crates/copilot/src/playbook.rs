//! The plan as three stages of work.

use portfolio_core::Action;

use crate::facts::{AssetFacts, Facts};
use crate::{number, phrase, quote};

/// Maximum number of orders in a stage.
const MOST: usize = 8;

/// The plan as three stages: what to sell, what to buy, what to check and hold.
pub(crate) fn write(facts: &Facts) -> [String; 3] {
    let sells = orders(facts, Action::Sell);
    let buys = orders(facts, Action::Buy);
    [selling(facts, &sells, &buys), buying(facts, &sells, &buys), reviewing(facts, &sells, &buys)]
}

/// The orders of one side, the largest first, then by name.
fn orders(facts: &Facts, side: Action) -> Vec<&AssetFacts> {
    let mut orders: Vec<_> = facts.assets.iter().filter(|asset| asset.action == side).collect();
    orders.sort_by(|a, b| b.trade_value.total_cmp(&a.trade_value).then_with(|| a.asset.cmp(&b.asset)));
    orders
}

fn selling(facts: &Facts, sells: &[&AssetFacts], buys: &[&AssetFacts]) -> String {
    match (sells, buys) {
        ([], []) => "Sell nothing: the plan has no orders.".to_owned(),
        ([], _) => {
            let cash = number::percent(facts.cash_weight_before);
            format!("Sell nothing: cash, {cash} of the portfolio before the plan, pays for the buys.")
        }
        (sells, []) => format!("Sell {}.", tickets(facts, sells)),
        (sells, _) => format!("Sell first: {}. Wait for the fills before buying.", tickets(facts, sells)),
    }
}

fn buying(facts: &Facts, sells: &[&AssetFacts], buys: &[&AssetFacts]) -> String {
    match (sells, buys) {
        ([], []) => "Buy nothing: the plan has no orders.".to_owned(),
        (_, []) => {
            let cash = number::percent(facts.cash_weight_after);
            format!("Buy nothing: the proceeds stay in cash, {cash} of the portfolio after the plan.")
        }
        ([], buys) => format!("Buy {}.", tickets(facts, buys)),
        (_, buys) => format!("Then buy: {}.", tickets(facts, buys)),
    }
}

fn reviewing(facts: &Facts, sells: &[&AssetFacts], buys: &[&AssetFacts]) -> String {
    let held: Vec<_> = facts.assets.iter().filter(|asset| !asset.trades()).collect();
    let mut text = if sells.is_empty() && buys.is_empty() {
        "Hold every position.".to_owned()
    } else {
        let cost = phrase::money(facts, facts.estimated_total_transaction_cost);
        let turnover = number::percent(facts.turnover_used);
        let cash = number::percent(facts.cash_weight_after);
        let check = format!("Then review the fills against cost {cost}, turnover {turnover} and cash weight {cash}.");
        if held.is_empty() {
            check
        } else {
            let names = phrase::list(held.iter().map(|asset| quote::name(&asset.asset)), MOST);
            format!("{check} Hold {names}.")
        }
    };
    let undone = phrase::undone(facts);
    if undone.is_empty() {
        text += &match facts.common_band() {
            Some(threshold) => format!(" Plan again when a drift passes {}.", number::limit_percent(threshold)),
            None => " Plan again when a drift passes its band.".to_owned(),
        };
    } else {
        let names = phrase::list(undone.iter().map(|asset| phrase::left(facts, asset)), MOST);
        text += &format!(" Left undone: {names}.");
        if facts.turnover_binding {
            text += " Plan again to close what the turnover limit leaves open.";
        }
    }
    text
}

fn tickets(facts: &Facts, orders: &[&AssetFacts]) -> String {
    let ticket = |asset: &&AssetFacts| {
        let value = phrase::money(facts, asset.trade_value);
        let units = number::units(asset.trade_units.abs());
        format!("{} {value} ({units} units)", quote::name(&asset.asset))
    };
    phrase::list(orders.iter().map(ticket), MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn without(side: Action) -> Facts {
        let mut facts = sample::mixed();
        facts.assets.retain(|asset| asset.action != side);
        facts
    }

    #[test]
    fn sells_come_before_buys_and_the_largest_order_first() {
        let [sell, buy, review] = write(&sample::mixed());
        assert_eq!(
            sell,
            "Sell first: AAPL 37,894.74 USD (129.0473 units) and MSFT 22,392.34 USD (141.9933 units). \
             Wait for the fills before buying."
        );
        assert_eq!(
            buy,
            "Then buy: UST 10Y 43,636.36 USD (368.5503 units) and EUR/USD 16,076.56 USD (14,337.43 units)."
        );
        assert_eq!(
            review,
            "Then review the fills against cost 120.00 USD, turnover 12.00% and cash weight 0.05%. \
             Hold WTI and UST 5Y. Left undone: UST 10Y 3.24 pp underweight \
             (turnover limit) and AAPL 2.81 pp overweight (turnover limit). \
             Plan again to close what the turnover limit leaves open."
        );
    }

    #[test]
    fn buys_alone_are_paid_from_cash() {
        let mut facts = without(Action::Sell);
        facts.cash_weight_before = 0.4;
        let [sell, buy, _] = write(&facts);
        assert_eq!(sell, "Sell nothing: cash, 40.00% of the portfolio before the plan, pays for the buys.");
        assert!(buy.starts_with("Buy UST 10Y"), "{buy}");
    }

    #[test]
    fn sells_alone_leave_cash() {
        let mut facts = without(Action::Buy);
        facts.cash_weight_after = 0.06;
        let [sell, buy, _] = write(&facts);
        assert!(sell.starts_with("Sell AAPL") && !sell.contains("Wait"), "{sell}");
        assert_eq!(buy, "Buy nothing: the proceeds stay in cash, 6.00% of the portfolio after the plan.");
    }

    #[test]
    fn a_plan_without_orders_says_so_in_every_stage() {
        assert_eq!(
            write(&sample::all_hold()),
            [
                "Sell nothing: the plan has no orders.",
                "Buy nothing: the plan has no orders.",
                "Hold every position. Plan again when a drift passes 2.00%.",
            ]
        );
    }

    #[test]
    fn a_long_book_does_not_make_a_long_stage() {
        let mut facts = sample::mixed();
        facts.assets =
            (0..2_000).map(|i| AssetFacts { asset: format!("S{i:04}"), ..facts.assets[0].clone() }).collect();
        let [sell, ..] = write(&facts);
        assert!(sell.contains("S0007") && !sell.contains("S0008") && sell.contains("and others"), "{sell}");
    }
}
