//! The part of an admitted case that the digests of its run cover.

use portfolio_core::bands::groups::BandGroup;
use portfolio_core::{AssetRole, Intent, ModelParameter, Money, ParameterValue, TradePermit, TradeScope, TradingRules};
use stress::SimulationOptions;

use crate::admitted::Admitted;
use crate::config::RunConfig;
use crate::digest::Canon;
use crate::limits::{RiskBudget, SupervisorLimits};
use crate::method::Method;

/// Adds every figure of the admitted case that a default or a policy may have set. The digest of the source covers the
/// figures that were used as sent.
pub(crate) fn add_admitted(canon: &mut Canon, admitted: &Admitted<'_>) {
    let (book, config) = (admitted.book, admitted.config);
    canon.text(env!("CARGO_PKG_VERSION"));
    canon.text(book.currency().code()).whole(book.nav().minor());
    canon.numbers(&config.policy.weights).numbers(book.weights());
    canon.number(config.policy.cash_weight).number(book.cash_weight());
    canon.number(config.sizing.drift_threshold).number(config.sizing.turnover_limit);
    canon.number(config.risk_free_rate);
    canon.number(config.objective.risk_aversion).number(config.objective.horizon_years);
    add_models(canon, config);
    match &config.simulation {
        None => {
            canon.optional(None);
        }
        Some(options) => add_simulation(canon.text(config.drift.as_str()), options),
    }
    match &config.method {
        Method::Drift { tilt_budget } => {
            canon.text("drift").optional(*tilt_budget);
        }
        Method::Optimal(method) => method.add_to(canon.text("optimal")),
    }
    canon.optional(config.worth_min_bps);
    if !config.is_due {
        canon.text("not_due");
    }
    if let Some(rules) = &config.rules {
        add_rules(canon, rules);
    }
    for doubt in &config.doubts {
        canon.text(&doubt.to_string());
    }
    // A run without a stress loss has the digest it had before there was any.
    for stand_in in &config.stand_ins {
        canon.text("stand_in").text(stand_in.map_or("", |series| series.name));
    }
    add_limits(canon, &config.limits);
}

/// Every rule of the trades.
fn add_rules(canon: &mut Canon, rules: &TradingRules) {
    let TradingRules {
        half_widths,
        cash_half_width,
        groups,
        destination,
        scope,
        is_scheduled,
        intent,
        permits,
        lots,
        units,
        min_units,
        min_notional,
        max_tickets,
    } = rules;
    canon.text("rules").numbers(half_widths).optional(*cash_half_width).number(*destination);
    canon.text(match scope {
        TradeScope::Breached => "breached",
        TradeScope::Whole => "whole",
    });
    let (name, amount) = match intent {
        Intent::Rebalance => ("rebalance", None),
        Intent::InvestCash { amount } => ("invest_cash", *amount),
        Intent::RaiseCash { amount } => ("raise_cash", Some(*amount)),
        Intent::BuyOnly => ("buy_only", None),
        Intent::SellOnly => ("sell_only", None),
        Intent::Liquidate => ("liquidate", None),
    };
    canon.text(name).optional(amount.map(Money::major));
    for TradePermit { role, no_buy, no_sell, unpicked, settles_late: _ } in permits {
        let role = match role {
            AssetRole::Tradable => 0,
            AssetRole::Frozen => 1,
            AssetRole::Excluded => 2,
        };
        canon.whole(role).whole(i64::from(*no_buy)).whole(i64::from(*no_sell)).whole(i64::from(*unpicked));
    }
    for lot in lots {
        canon.optional(*lot);
    }
    canon.numbers(units).optional(min_notional.map(Money::major));
    canon.optional(max_tickets.map(|most| most as f64));
    // Rules without these have the digest they had before there were any.
    if *is_scheduled {
        canon.text("scheduled");
    }
    if min_units.iter().any(|units| *units > 0.0) {
        canon.text("min_units").numbers(min_units);
    }
    for (i, _) in permits.iter().enumerate().filter(|(_, permit)| permit.settles_late) {
        canon.text("settles_late").whole(i as i64);
    }
    for BandGroup { assets, rule } in groups {
        canon.text("group").whole(assets.len() as i64);
        for asset in assets {
            canon.whole(*asset as i64);
        }
        canon.numbers(&[rule.relative, rule.floor, rule.cap]);
    }
}

/// Every option of a simulation except its law of shocks, which is among the models.
fn add_simulation(canon: &mut Canon, options: &SimulationOptions) {
    let SimulationOptions {
        paths,
        horizon_days,
        seed,
        shocks: _,
        rebalancing,
        path_statistics,
        drawdown_threshold,
        barrier,
        cash_flows,
        fan,
    } = options;
    canon.whole(*paths as i64).whole(*horizon_days as i64).whole(seed.0.cast_signed());
    canon.text(rebalancing.as_str());
    canon.whole(i64::from(*path_statistics)).number(*drawdown_threshold);
    canon.numbers(cash_flows).whole(i64::from(*fan));
    if let Some(barrier) = barrier {
        canon.text("barrier").number(*barrier);
    }
}

/// Every model with its version and parameters.
fn add_models(canon: &mut Canon, config: &RunConfig) {
    let card = config.forecaster.card();
    add_model(canon, &card.id, &card.version, &card.parameters);
    let estimator = &config.estimator;
    add_model(canon, estimator.id(), estimator.version(), &estimator.parameters());
    if let Some(SimulationOptions { shocks, .. }) = &config.simulation {
        add_model(canon, shocks.id(), shocks.version(), &shocks.parameters());
    }
    for term in config.costs.terms() {
        add_model(canon, term.id(), term.version(), &term.parameters());
    }
}

/// Id, version, the number of parameters, then the name and the value of each.
fn add_model(canon: &mut Canon, id: &str, version: &str, parameters: &[ModelParameter]) {
    canon.text(id).text(version).whole(parameters.len() as i64);
    for parameter in parameters {
        canon.text(&parameter.name);
        match &parameter.value {
            ParameterValue::Number(number) => canon.number(*number),
            ParameterValue::PerAsset(numbers) => canon.numbers(numbers),
            ParameterValue::Text(text) => canon.text(text),
        };
    }
}

fn add_limits(canon: &mut Canon, limits: &SupervisorLimits) {
    let RiskBudget { warning, critical, least_volatility } = limits.risk;
    canon.numbers(&[warning, critical, least_volatility]);
    for levels in [limits.concentration, limits.turnover, limits.data_shortfall] {
        canon.numbers(&[levels.warning, levels.critical]).optional(levels.rejected);
    }
    canon.whole(limits.relaxations_max as i64);
    // Limits that do not require it have the digest they had before any could.
    if limits.is_stress_required {
        canon.text("stress_required");
    }
}
