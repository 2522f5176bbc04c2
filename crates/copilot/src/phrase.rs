//! Parts of sentences that several texts share.

use crate::facts::{AssetFacts, Facts};
use crate::{number, quote};

/// An amount in the currency of the plan.
pub(crate) fn money(facts: &Facts, amount: f64) -> String {
    number::money(amount, facts.minor_digits, &facts.currency)
}

/// `6.20 pp above its target of 20.00%`: the position of an asset before the plan.
pub(crate) fn position(asset: &AssetFacts) -> String {
    let target = number::percent(asset.target_weight);
    if asset.drift == 0.0 {
        return format!("on its target of {target}");
    }
    let side = if asset.drift < 0.0 { "below" } else { "above" };
    format!("{} pp {side} its target of {target}", drift(asset, asset.drift))
}

/// The size of a drift in percentage points, with enough decimals to distinguish it from the half-width of its band.
fn drift(asset: &AssetFacts, drift: f64) -> String {
    number::apart(drift.abs(), asset.half_width)
}

/// `the 2.00% drift threshold`, if all assets have the same band, or `its band`.
pub(crate) fn band(facts: &Facts) -> String {
    facts.common_band().map_or_else(
        || "its band".to_owned(),
        |threshold| format!("the {} drift threshold", number::limit_percent(threshold)),
    )
}

/// Assets that the plan leaves off their targets, either although an order was due or by more than the drift threshold.
/// The largest residual comes first; ties are broken by name.
pub(crate) fn undone(facts: &Facts) -> Vec<&AssetFacts> {
    let mut left: Vec<_> = facts
        .assets
        .iter()
        .filter(|asset| match facts.is_liquidation {
            true => asset.weight_after() > SOLD,
            false => asset.is_left(),
        })
        .collect();
    left.sort_by(|a, b| b.residual_drift.abs().total_cmp(&a.residual_drift.abs()).then_with(|| a.asset.cmp(&b.asset)));
    left
}

/// A weight up to this counts as sold: it is the remainder of rounding to money.
const SOLD: f64 = 1e-9;

/// `3.10 pp underweight`: the residual drift after the plan.
pub(crate) fn residual(asset: &AssetFacts) -> String {
    let side = if asset.residual_drift < 0.0 { "underweight" } else { "overweight" };
    format!("{} pp {side}", drift(asset, asset.residual_drift))
}

/// `"TLT" 3.10 pp underweight (turnover limit)`: the residual drift and, where known, its reason.
pub(crate) fn left(facts: &Facts, asset: &AssetFacts) -> String {
    if facts.is_liquidation {
        let held = format!("{} still held", quote::name(&asset.asset));
        return match asset.obstacle() {
            Some(obstacle) => format!("{held} ({obstacle})"),
            None if facts.turnover_binding => format!("{held} (turnover limit)"),
            None => held,
        };
    }
    let cause = match asset.obstacle() {
        Some(obstacle) => format!(" ({obstacle})"),
        None if asset.trades() && facts.turnover_binding => " (turnover limit)".to_owned(),
        None => String::new(),
    };
    format!("{} {}{cause}", quote::name(&asset.asset), residual(asset))
}

/// `a, b and c`; the items beyond `most` become `others`, without a count, because no fact contains it.
pub(crate) fn list(items: impl IntoIterator<Item = String>, most: usize) -> String {
    let mut items = items.into_iter();
    let mut shown: Vec<_> = items.by_ref().take(most).collect();
    if items.next().is_some() {
        shown.push("others".to_owned());
    }
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, head)) => format!("{} and {last}", head.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::TradeReason;

    use super::*;
    use crate::sample;

    #[test]
    fn lists_end_in_and_and_do_not_grow_without_bound() {
        let items = |n: usize| (0..n).map(|i| ["a", "b", "c", "d"][i].to_owned());
        assert_eq!(list(items(0), 3), "");
        assert_eq!(list(items(1), 3), "a");
        assert_eq!(list(items(2), 3), "a and b");
        assert_eq!(list(items(3), 3), "a, b and c");
        assert_eq!(list(items(4), 3), "a, b, c and others");
    }

    #[test]
    fn a_liquidation_leaves_undone_what_is_still_held() {
        let mut facts = sample::mixed();
        facts.is_liquidation = true;
        for asset in &mut facts.assets {
            (asset.residual_drift, asset.reason) = (-asset.optimized_target_weight, TradeReason::Liquidation);
        }
        assert!(undone(&facts).is_empty(), "all of it is sold");
        let asset = &mut facts.assets[1];
        (asset.residual_drift, asset.reason) = (asset.residual_drift + 0.125, TradeReason::Frozen);
        let told: Vec<_> = undone(&facts).iter().map(|asset| left(&facts, asset)).collect();
        assert_eq!(told, ["MSFT still held (frozen)"]);
    }

    #[test]
    fn undone_names_what_was_called_for_and_what_stays_past_the_threshold() {
        let mut facts = sample::mixed();
        for asset in &mut facts.assets {
            asset.residual_drift = 0.001;
        }
        assert!(undone(&facts).is_empty());
        facts.assets[4].residual_drift = -0.021;
        facts.assets[3].residual_drift = 0.03;
        facts.assets[0].reason = TradeReason::TurnoverLimit;
        let names: Vec<_> = undone(&facts).iter().map(|asset| asset.asset.as_str()).collect();
        assert_eq!(names, [&facts.assets[3].asset, &facts.assets[4].asset, &facts.assets[0].asset]);
    }
}
