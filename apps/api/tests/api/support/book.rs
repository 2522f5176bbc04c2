//! What must hold of every plan, recomputed from the request and the printed answer alone.

use serde_json::Value;

use super::json::{close, column, list, minor, number, text};

/// Checks weights, money and bookkeeping of a plan in a currency with `digits` decimals.
#[track_caller]
pub(crate) fn check(body: &Value, plan: &Value, digits: i32) {
    let nav = minor_floor(number(body, "/portfolio_value"), digits);
    let trades: Vec<i64> = amounts(plan, "signed_trade_value", digits);
    let costs: Vec<i64> = amounts(plan, "estimated_cost", digits);
    let total_cost: i64 = costs.iter().sum();
    let cash_after = minor(number(plan, "/cash/value_after"), digits);

    assert_eq!(total_cost, minor(number(plan, "/estimated_total_transaction_cost"), digits), "total cost");
    assert_eq!(nav - total_cost, minor(number(plan, "/value_after"), digits), "NAV after costs");
    cash_identity(plan, nav, cash_after, trades.iter().sum::<i64>() + total_cost);
    turnover(body, plan, nav, &trades);
    rows(body, plan, nav, &trades, &costs);
    weights(plan, nav, nav - total_cost, &trades);
    triggers(plan);
}

fn amounts(plan: &Value, member: &str, digits: i32) -> Vec<i64> {
    column(plan, "/trades", member).into_iter().map(|amount| minor(amount, digits)).collect()
}

/// Whole minor units in an amount; a decimal a hair below a whole number of them counts as whole.
fn minor_floor(amount: f64, digits: i32) -> i64 {
    let scaled = amount * 10_f64.powi(digits);
    (if (scaled - scaled.round()).abs() < 1e-9 * scaled.max(1.0) { scaled.round() } else { scaled.floor() }) as i64
}

/// Signed trades + costs + change of cash = 0, exactly: what was spent is what the account had before less what is left.
fn cash_identity(plan: &Value, nav: i64, cash_after: i64, spent: i64) {
    assert!(cash_after >= 0, "cash after is {cash_after}");
    let cash_before = cash_after + spent;
    let printed = number(plan, "/cash/weight_before");
    if printed == 0.0 {
        assert_eq!(cash_before, 0, "an invested book has no cash to spend");
    } else {
        let unbooked = printed * nav as f64 - cash_before as f64;
        assert!((-0.01..1.01).contains(&unbooked), "cash before: {printed} of {nav} is not {cash_before}");
    }
}

fn turnover(body: &Value, plan: &Value, nav: i64, trades: &[i64]) {
    let used = trades.iter().map(|t| t.abs()).sum::<i64>() as f64 / nav as f64;
    close("turnover", number(plan, "/turnover_used"), used, 1e-11);
    close("one-way turnover", number(plan, "/turnover_one_way"), 0.5 * used, 1e-11);
    // An order to sell everything is held back only by a limit that was sent.
    let default = if body["liquidate"] == true { 1.0 } else { 0.2 };
    let limit = body["turnover_limit"].as_f64().unwrap_or(default);
    assert_eq!(number(plan, "/turnover_limit"), limit);
    assert!(used <= limit + 1e-12, "turnover {used} over {limit}");
}

fn rows(body: &Value, plan: &Value, nav: i64, trades: &[i64], costs: &[i64]) {
    let default_bps = body["transaction_cost_bps"].as_f64().unwrap_or(10.0);
    for (i, row) in list(plan, "/trades").iter().enumerate() {
        let sent = &body["assets"][i];
        assert_eq!(row["asset"], text(sent, "/asset").trim(), "row {i}");
        let action = match trades[i] {
            0 => "Hold",
            t if t > 0 => "Buy",
            _ => "Sell",
        };
        assert_eq!(text(row, "/action"), action, "row {i}");
        assert_eq!(number(row, "/trade_value"), number(row, "/signed_trade_value").abs());
        let price = sent["price"].as_f64().unwrap_or(100.0);
        let units = number(row, "/signed_trade_value") / price;
        close("units", number(row, "/trade_units"), units, 1e-12 * units.abs().max(1.0) + 1e-12);
        let bps = sent["transaction_cost_bps"].as_f64().unwrap_or(default_bps);
        let cost = trades[i].abs() as f64 * bps / 1e4;
        assert!((costs[i] as f64 - cost).abs() <= 0.5 + 1e-6, "row {i}: cost {} is not {cost}", costs[i]);
        let held = number(plan, &format!("/weights/{i}/current_weight")) * nav as f64;
        assert!(trades[i] as f64 >= -held - 0.01, "row {i} sells {} of {held}", -trades[i]);
        if trades[i] == 0 {
            let amounts = ["trade_value", "signed_trade_value", "trade_units", "estimated_cost"];
            assert!(amounts.iter().all(|member| row[*member].as_f64() == Some(0.0)), "row {i} holds and is {row}");
        }
    }
}

fn weights(plan: &Value, nav: i64, nav_after: i64, trades: &[i64]) {
    let member = |name: &str| column(plan, "/weights", name);
    let (current, target, optimized) =
        (member("current_weight"), member("target_weight"), member("optimized_target_weight"));
    let (drift, after, residual) = (member("drift"), member("weight_after"), member("residual_drift"));
    for i in 0..current.len() {
        close("drift", drift[i], current[i] - target[i], 2e-12);
        close("weight after", after[i], (current[i] * nav as f64 + trades[i] as f64) / nav_after as f64, 3e-12);
        close("residual drift", residual[i], after[i] - optimized[i], 3e-12);
        assert!(optimized[i] >= 0.0 && after[i] >= 0.0, "asset {i}");
    }
    let rounding = 1e-12 * current.len() as f64 + 1e-11;
    close("optimised weights", optimized.iter().sum(), target.iter().sum(), rounding);
    close("before", current.iter().sum::<f64>() + number(plan, "/cash/weight_before"), 1.0, rounding);
    // The position values are no whole cents; the cash is.
    let cent = 1.0 / nav_after as f64;
    close("after", after.iter().sum::<f64>() + number(plan, "/cash/weight_after"), 1.0, rounding + cent);
    close("drift before", number(plan, "/portfolio_drift"), 0.5 * drift.iter().map(|d| d.abs()).sum::<f64>(), rounding);
    let after_drift: f64 = after.iter().zip(&target).map(|(a, t)| (a - t).abs()).sum();
    close("drift after", number(plan, "/portfolio_drift_after"), 0.5 * after_drift, rounding);
}

/// Only a breach starts trades, and assets inside their band move only with it.
fn triggers(plan: &Value) {
    let threshold = number(plan, "/drift_threshold");
    let drift = column(plan, "/weights", "drift");
    let breached: Vec<bool> = drift.iter().map(|d| d.abs() > threshold + 1e-12).collect();
    for (i, row) in list(plan, "/trades").iter().enumerate() {
        let reason = text(row, "/reason");
        let holds = text(row, "/action") == "Hold";
        let fits = match reason {
            "drift_breach" => breached[i] && !holds,
            "funding" | "absorption" => !holds && breached.contains(&true),
            "within_band" => !breached[i] && holds,
            "unfunded" | "turnover_limit" | "below_minimum" => breached[i] && holds,
            // A plan that is not worth its cost has no trade at all; under a turnover limit some of them may be worth it.
            "worth_too_little" => {
                let is_unspent = list(plan, "/warnings").iter().any(|warning| warning["code"] == "turnover_unspent");
                holds && (list(plan, "/orders").is_empty() || (is_unspent && breached[i]))
            }
            _ => false,
        };
        assert!(fits, "asset {i} with drift {} over {threshold}: {row}", drift[i]);
    }
}
