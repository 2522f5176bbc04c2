//! The band and the turnover limit that a request is planned under.

use portfolio_core::{Intent, SizingOptions};

use crate::dto::instructions::IntentKind;
use crate::dto::portfolio::RebalanceRequest;

/// The limits that were sent, and the defaults of what is to be reached for the others.
pub(super) fn sizing_of(request: &RebalanceRequest) -> SizingOptions {
    let defaults = SizingOptions::of(kind_of(request));
    SizingOptions {
        drift_threshold: request.drift_threshold.unwrap_or(defaults.drift_threshold),
        turnover_limit: request.turnover_limit.unwrap_or(defaults.turnover_limit),
    }
}

/// What is to be reached; its amount, which no limit depends on, may be any.
fn kind_of(request: &RebalanceRequest) -> Intent {
    match request.intent.as_ref().map(|intent| intent.kind) {
        _ if request.liquidate.unwrap_or(false) => Intent::Liquidate,
        None | Some(IntentKind::Rebalance) => Intent::Rebalance,
        Some(IntentKind::InvestCash | IntentKind::RaiseCash) => Intent::InvestCash { amount: None },
        Some(IntentKind::BuyOnly) => Intent::BuyOnly,
        Some(IntentKind::SellOnly) => Intent::SellOnly,
        Some(IntentKind::Liquidate) => Intent::Liquidate,
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::{Action, TradePlan, TradeReason};

    use super::*;
    use crate::plans::plan_without_keeping;
    use crate::refusal::Refusal;

    const TWO: &str = r#"{"asset": "A", "target_weight": 0, "current_weight": 0.7, "price": 10},
                         {"asset": "B", "target_weight": 0, "current_weight": 0.3, "price": 20}"#;

    fn ask(members: &str, assets: &str) -> Result<TradePlan, Refusal> {
        let body = format!(r#"{{"portfolio_value": 100000, "liquidate": true{members}, "assets": [{assets}]}}"#);
        plan_without_keeping(body.as_bytes()).map(|planned| planned.plan.trades)
    }

    fn asset(name: &str, current: f64, more: &str) -> String {
        format!(r#"{{"asset": "{name}", "target_weight": 0, "current_weight": {current}{more}}}"#)
    }

    /// Assets with these current weights.
    fn held(current: &[f64]) -> String {
        let assets = current.iter().enumerate().map(|(i, w)| asset(&format!("A{i}"), *w, r#", "price": 10"#));
        assets.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_liquidation_sells_everything_unless_a_limit_was_sent_with_it() {
        let history =
            r#", "price": 10, "historical_returns": [0.01, -0.02, 0.015, 0.003, -0.004, 0.02, 0.001, -0.006]"#;
        let with_history = [asset("A", 0.6, history), asset("B", 0.4, history)].join(", ");
        let cases = [
            ("no limit", "", TWO.to_owned()),
            ("a limit of everything", r#", "turnover_limit": 1"#, TWO.to_owned()),
            ("no costs", r#", "transaction_cost_bps": 0"#, TWO.to_owned()),
            ("the largest costs", r#", "transaction_cost_bps": 1000"#, TWO.to_owned()),
            ("some cash already", r#", "weight_policy": "cash_remainder""#, held(&[0.5, 0.2])),
            ("mostly cash", r#", "weight_policy": "cash_remainder""#, held(&[0.001, 0.002])),
            ("a position inside the default band", "", held(&[0.985, 0.015])),
            ("a position at the default band", "", held(&[0.98, 0.02])),
            ("only positions inside the default band", "", held(&[0.01; 100])),
            ("a threshold of zero", r#", "drift_threshold": 0"#, held(&[0.995, 0.005])),
            ("one asset", "", held(&[1.0])),
            ("weights in units of their own", "", held(&[30.0, 10.0])),
            ("strict weights", r#", "weight_policy": "strict""#, held(&[0.25; 4])),
            ("no prices", "", asset("A", 1.0, "")),
            ("a currency without decimals", r#", "currency": "JPY""#, held(&[0.6, 0.4])),
            ("a tilt that was asked for", r#", "tracking_error_budget": 0.1"#, with_history),
            (
                "a cost of its own",
                "",
                [asset("A", 0.4, r#", "transaction_cost_bps": 500"#), asset("B", 0.6, "")].join(","),
            ),
            ("an asset that is not held", "", held(&[0.6, 0.4, 0.0])),
        ];
        for (name, members, assets) in cases {
            let plan = ask(members, &assets).unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
            assert!(plan.rows.iter().all(|row| row.weight_after == 0.0), "{name}: {plan:?}");
            assert!(!plan.turnover_bound, "{name}");
            assert_eq!(plan.cash_after, plan.nav_after, "{name}");
        }
    }

    #[test]
    fn a_limit_that_was_sent_holds_a_liquidation_back_and_is_named() {
        use TradeReason::{BelowMinimum, DriftBreach, TurnoverLimit, WithinBand};
        let cases = [
            // Without histories the largest gap closes first.
            (r#", "turnover_limit": 0.2"#, TWO.to_owned(), [DriftBreach, TurnoverLimit]),
            (r#", "turnover_limit": 1e-9"#, TWO.to_owned(), [TurnoverLimit, TurnoverLimit]),
            (r#", "drift_threshold": 0.02"#, held(&[0.985, 0.015]), [DriftBreach, WithinBand]),
            (r#", "drift_threshold": 0.5"#, held(&[0.5, 0.5]), [WithinBand, WithinBand]),
            // Worth less than a cent.
            ("", held(&[1.0 - 5e-8, 5e-8]), [DriftBreach, BelowMinimum]),
        ];
        for (members, assets, reasons) in cases {
            let plan = ask(members, &assets).unwrap();
            let got: Vec<TradeReason> = plan.rows.iter().map(|row| row.reason).collect();
            assert_eq!(got, reasons, "{members}");
            assert!(plan.rows.iter().any(|row| row.weight_after > 0.0), "{members}");
        }
    }

    #[test]
    fn a_liquidation_of_cash_alone_trades_nothing() {
        let plan = ask("", &held(&[0.0, 0.0])).unwrap();
        assert!(plan.rows.iter().all(|row| (row.action, row.reason) == (Action::Hold, TradeReason::WithinBand)));
        assert_eq!(plan.cash_after.major(), 100_000.0);
    }

    #[test]
    fn a_liquidation_with_targets_a_problem_to_solve_or_a_member_twice_is_refused() {
        let refused = |members: &str, assets: &str| ask(members, assets).is_err();
        assert!(refused("", r#"{"asset": "A", "target_weight": 1, "current_weight": 1}"#));
        assert!(refused(r#", "method": "optimal""#, TWO));
        assert!(refused(r#", "turnover_limit": 0.2, "turnover_limit": 1"#, TWO));
        assert!(refused(r#", "drift_threshold": 0, "drift_threshold": 0.02"#, TWO));
        assert!(refused(r#", "turnover_limit": 0"#, TWO));
    }

    #[test]
    fn any_other_plan_keeps_the_default_limits() {
        let body = br#"{"portfolio_value": 100000, "assets": [
            {"asset": "A", "target_weight": 0.5, "current_weight": 1},
            {"asset": "B", "target_weight": 0.5, "current_weight": 0}]}"#;
        let planned = plan_without_keeping(body).unwrap();
        assert_eq!(planned.case.config.sizing, SizingOptions::default());
    }
}
