//! A book of stocks, government bonds, oil and one currency, ten weeks after its last rebalance.
//!
//! In production a planner, a forecast and a risk engine compute these numbers. Here they are constants, so that a
//! reader can check the text of the brief against them.

use copilot::{
    Action, AlertLevels, AnnualInterval, AssetFacts, DriftChoice, Facts, IntervalKind, ModelFacts, OutcomeFacts,
    SimulationFacts, Stated, TiltFacts, TradeReason, VerdictDecision, VerdictFacts, WarningFacts,
};
use risk::{RiskFigure, RiskSummary, Unavailable, UnavailableReason};

/// Four assets beyond the threshold; the turnover limit lets the plan close a little more than half of each gap.
pub(crate) fn mixed() -> Facts {
    Facts {
        currency: "USD".to_owned(),
        minor_digits: 2,
        portfolio_value: 1_000_000.0,
        drift_threshold: 0.02,
        turnover_used: 0.12,
        turnover_limit: 0.12,
        turnover_binding: true,
        estimated_total_transaction_cost: 120.0,
        cash_weight_before: 0.0,
        cash_weight_after: 0.000_454_16,
        assets: vec![
            AssetFacts {
                asset: "AAPL".to_owned(),
                action: Action::Sell,
                drift: 0.062,
                target_weight: 0.2,
                optimized_target_weight: 0.196,
                current_weight: 0.262,
                forecast_annual: -0.1008,
                forecast_interval: credible(-0.2520, 0.0504),
                forecast_confidence: 0.31,
                trade_value: 37_894.74,
                trade_units: -129.0473,
                estimated_cost: 37.89,
                residual_drift: 0.028_105_26,
                half_width: 0.02,
                priority_score: 0.090_04,
                marginal_benefit_bps: None,
                reason: TradeReason::DriftBreach,
            },
            AssetFacts {
                asset: "MSFT".to_owned(),
                action: Action::Sell,
                drift: 0.041,
                target_weight: 0.15,
                optimized_target_weight: 0.152,
                current_weight: 0.191,
                forecast_annual: 0.1260,
                forecast_interval: credible(-0.0252, 0.2772),
                forecast_confidence: 0.28,
                trade_value: 22_392.34,
                trade_units: -141.9933,
                estimated_cost: 22.39,
                residual_drift: 0.016_607_66,
                half_width: 0.02,
                priority_score: 0.074_625,
                marginal_benefit_bps: None,
                reason: TradeReason::DriftBreach,
            },
            AssetFacts {
                asset: "UST 10Y".to_owned(),
                action: Action::Buy,
                drift: -0.075,
                target_weight: 0.3,
                optimized_target_weight: 0.301,
                current_weight: 0.225,
                forecast_annual: 0.0504,
                forecast_interval: credible(-0.1008, 0.2016),
                forecast_confidence: 0.35,
                trade_value: 43_636.36,
                trade_units: 368.5503,
                estimated_cost: 43.64,
                residual_drift: -0.032_363_64,
                half_width: 0.02,
                priority_score: 0.103_82,
                marginal_benefit_bps: None,
                reason: TradeReason::DriftBreach,
            },
            AssetFacts {
                asset: "EUR/USD".to_owned(),
                action: Action::Buy,
                drift: -0.028,
                target_weight: 0.1,
                optimized_target_weight: 0.1,
                current_weight: 0.072,
                forecast_annual: 0.0076,
                forecast_interval: credible(-0.1436, 0.1588),
                forecast_confidence: 0.05,
                trade_value: 16_076.56,
                trade_units: 14_337.43,
                estimated_cost: 16.08,
                residual_drift: -0.011_923_44,
                half_width: 0.02,
                priority_score: 0.022_610_5,
                marginal_benefit_bps: None,
                reason: TradeReason::DriftBreach,
            },
            AssetFacts {
                asset: "WTI".to_owned(),
                action: Action::Hold,
                drift: -0.011,
                target_weight: 0.1,
                optimized_target_weight: 0.101,
                current_weight: 0.089,
                forecast_annual: 0.0756,
                forecast_interval: credible(-0.0756, 0.2268),
                forecast_confidence: 0.12,
                trade_value: 0.0,
                trade_units: 0.0,
                estimated_cost: 0.0,
                residual_drift: -0.012,
                half_width: 0.02,
                priority_score: 0.029_055,
                marginal_benefit_bps: None,
                reason: TradeReason::WithinBand,
            },
            AssetFacts {
                asset: "UST 5Y".to_owned(),
                action: Action::Hold,
                drift: 0.011,
                target_weight: 0.15,
                optimized_target_weight: 0.15,
                current_weight: 0.161,
                forecast_annual: 0.0252,
                forecast_interval: credible(-0.1260, 0.1764),
                forecast_confidence: 0.22,
                trade_value: 0.0,
                trade_units: 0.0,
                estimated_cost: 0.0,
                residual_drift: 0.011,
                half_width: 0.02,
                priority_score: 0.048_985,
                marginal_benefit_bps: None,
                reason: TradeReason::WithinBand,
            },
        ],
        risk: RiskSummary {
            volatility: Some(0.1142),
            sharpe: Some(0.58),
            max_drawdown: Some(0.1263),
            live_drawdown: Some(0.0312),
            var_95: Some(0.0114),
            cvar_95: Some(0.0167),
            expected_annual_return: Some(0.0861),
            tracking_error: Some(0.0188),
            unavailable: Vec::new(),
        },
        simulation: Stated::Given(SimulationFacts {
            drift_choice: DriftChoice::Posterior,
            drift_annual: 0.041,
            probability_of_loss: 0.3921,
            horizon_days: 30,
            paths: 10_000,
            worst_5pct_terminal_value: 0.9461,
            expected_terminal_value: 1.0103,
            target: Some(OutcomeFacts {
                drift_annual: 0.038,
                probability_of_loss: 0.3867,
                worst_5pct_terminal_value: 0.9503,
            }),
            after: Some(OutcomeFacts {
                drift_annual: 0.039,
                probability_of_loss: 0.3884,
                worst_5pct_terminal_value: 0.9498,
            }),
        }),
        tilt: Some(TiltFacts {
            tracking_error_spent: 0.0009,
            tracking_error_budget: 0.01,
            strength: 0.09,
            reason: "the forecasts carry little evidence".to_owned(),
        }),
        alerts: AlertLevels::default(),
        is_liquidation: false,
        verdict: VerdictFacts {
            decision: VerdictDecision::Approved,
            sentence: "Within limits: every limit is clear.".to_owned(),
        },
        warnings: vec![WarningFacts {
            code: "histories_aligned".to_owned(),
            sentence: "The histories differ in length; risk uses the 250 periods they share.".to_owned(),
        }],
        model: ModelFacts { id: "ensemble_v2".to_owned(), version: "2.0.1".to_owned() },
        drivers: Vec::new(),
    }
}

/// The same book on a day when every drift is within the threshold.
pub(crate) fn all_hold() -> Facts {
    let mut facts = mixed();
    for (asset, drift) in facts.assets.iter_mut().zip([0.012, 0.003, -0.016, -0.004, 0.0, 0.005]) {
        asset.action = Action::Hold;
        asset.reason = TradeReason::WithinBand;
        (asset.drift, asset.residual_drift) = (drift, drift);
        asset.current_weight = asset.target_weight + drift;
        (asset.trade_value, asset.trade_units, asset.estimated_cost) = (0.0, 0.0, 0.0);
    }
    (facts.turnover_used, facts.turnover_binding) = (0.0, false);
    (facts.estimated_total_transaction_cost, facts.cash_weight_after) = (0.0, 0.0);
    facts
}

/// A credible interval.
fn credible(lower: f64, upper: f64) -> Stated<AnnualInterval> {
    Stated::Given(AnnualInterval { kind: IntervalKind::Credible, lower, upper })
}

/// The same book without any price history.
pub(crate) fn without_history() -> Facts {
    let mut facts = mixed();
    let missing = |figure: RiskFigure| Unavailable { metric: figure.name(), reason: UnavailableReason::TooFewReturns };
    facts.risk = RiskSummary {
        volatility: None,
        sharpe: None,
        max_drawdown: None,
        live_drawdown: None,
        var_95: None,
        cvar_95: None,
        expected_annual_return: None,
        tracking_error: None,
        unavailable: RiskFigure::ALL.map(missing).into(),
    };
    facts.simulation = Stated::from_option(None, "no price history was sent");
    for asset in &mut facts.assets {
        asset.forecast_interval = Stated::from_option(None, "no price history was sent");
    }
    facts.tilt = None;
    facts.warnings.clear();
    facts
}
