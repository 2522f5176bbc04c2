//! Plans each due day with the pipeline that plans live books.

use std::ops::ControlFlow;
use std::time::Duration;

use governance::Digest;
use pipeline::{MarketData, Method, RunConfig, run};
use portfolio_core::{ModelParameter, TradingRules};

use crate::cadence::Cadence;
use crate::desk::Desk;
use crate::error::PolicyError;
use crate::past::Past;
use crate::policy::{Decision, Policy};
use crate::terms::Terms;

/// Plans each due day with [`pipeline::run`]: the book of the day, the histories up to it, and a configuration give a plan, and its
/// trades are executed unless its verdict rejects it.
///
/// The plan is the one that a live run makes from the same book, histories, configuration and source, with the same digests. Lots and
/// units of the rules, and costs, are those of the trial's terms; an asset without a price on the day is frozen, and
/// the share of a delisted asset is spread over the others.
#[derive(Debug, Clone)]
pub struct Planned {
    config: RunConfig,
    cadence: Cadence,
    lookback: Option<usize>,
    source: Digest,
    market_returns: Vec<Option<f64>>,
    volumes: Vec<Option<f64>>,
}

impl Planned {
    /// A configuration and the days on which it plans, on the whole history so far.
    #[must_use]
    pub fn new(config: RunConfig, cadence: Cadence) -> Self {
        Self { config, cadence, lookback: None, source: Digest::ZERO, market_returns: Vec::new(), volumes: Vec::new() }
    }

    /// Sets how many returns a plan sees, the newest ones.
    #[must_use]
    pub fn with_lookback(self, rows: usize) -> Self {
        Self { lookback: Some(rows), ..self }
    }

    /// Sets the source with which the digests of the plans begin: for a stored plan, the digest of its request.
    #[must_use]
    pub fn with_source(self, source: Digest) -> Self {
        Self { source, ..self }
    }

    /// Sets the caller's own estimate of each asset's next return, which every day's plan is given: of a stored plan, its own. Over more
    /// than one day an estimate that was made later is a look ahead, which no test of the history can find.
    #[must_use]
    pub fn with_market_returns(self, market_returns: Vec<Option<f64>>) -> Self {
        Self { market_returns, ..self }
    }

    /// Sets the units of each asset traded on an average day.
    #[must_use]
    pub fn with_volumes(self, volumes: Vec<Option<f64>>) -> Self {
        Self { volumes, ..self }
    }

    /// The terms of its own configuration: its costs, and the lots of its rules.
    #[must_use]
    pub fn terms(&self) -> Terms {
        let terms = Terms::of(self.config.costs.clone());
        match &self.config.rules {
            Some(rules) if rules.fits_tickets() => Terms {
                lots: rules.lots.clone(),
                min_notional: rules.min_notional,
                max_tickets: rules.max_tickets,
                ..terms
            },
            _ => terms,
        }
    }

    /// The configuration of a day.
    fn config_of(&self, past: &Past<'_>, desk: &Desk<'_>) -> RunConfig {
        let mut config = RunConfig { costs: desk.costs().clone(), ..self.config.clone() };
        config.policy.weights = desk.spread(&self.config.policy.weights).into_owned();
        let plain = TradingRules::plain(past.assets(), config.sizing.drift_threshold);
        let under_terms = desk.under_terms(config.rules.clone().unwrap_or_else(|| plain.clone()));
        let only_units = TradingRules { units: plain.units.clone(), ..under_terms.clone() };
        // A live run of a plain configuration has no rules, and neither has its replay.
        if config.rules.is_some() || only_units != plain {
            config.rules = Some(under_terms);
        }
        if let Method::Optimal(method) = &mut config.method {
            for asset in (0..past.assets()).filter(|&asset| !past.is_alive(asset)) {
                method.lower[asset] = 0.0;
                method.upper[asset] = 0.0;
            }
        }
        config
    }
}

/// The method with its settings. A plan of one problem is told as before there were paths, so that its digest stays.
fn told(method: &Method) -> String {
    let told = format!("{method:?}");
    match told.strip_suffix(", path: None })") {
        Some(settings) => format!("{settings} }})"),
        None => told,
    }
}

impl Policy for Planned {
    fn id(&self) -> &str {
        match self.config.method {
            Method::Drift { tilt_budget: None } => "planned_drift",
            Method::Drift { tilt_budget: Some(_) } => "planned_tilt",
            Method::Optimal(ref method) if method.path.is_some() => "planned_multi_period",
            Method::Optimal(_) => "planned_optimal",
        }
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        let RunConfig { policy, sizing, rules, objective, method, risk_free_rate, simulation, limits, .. } =
            &self.config;
        let models: Vec<String> = self.config.models().iter().map(ToString::to_string).collect();
        let mut parameters = vec![
            ModelParameter::new("weights", &policy.weights[..]),
            ModelParameter::new("cash_weight", policy.cash_weight),
            self.cadence.parameter(),
            ModelParameter::new("lookback", self.lookback.map_or_else(|| "all".to_owned(), |rows| rows.to_string())),
            ModelParameter::new("sizing", format!("{sizing:?}")),
            ModelParameter::new("rules", format!("{rules:?}")),
            ModelParameter::new("objective", format!("{objective:?}")),
            ModelParameter::new("method", told(method)),
            ModelParameter::new("risk_free_rate", *risk_free_rate),
            ModelParameter::new("simulation", format!("{simulation:?}")),
            ModelParameter::new("drift", format!("{:?} {:?}", self.config.drift, self.config.worth_min_bps)),
            ModelParameter::new("limits", format!("{limits:?}")),
            ModelParameter::new("models", models.join("; ")),
        ];
        for (name, values) in [("market_returns", &self.market_returns), ("volumes", &self.volumes)] {
            if values.iter().any(Option::is_some) {
                parameters.push(ModelParameter::new(name, format!("{values:?}")));
            }
        }
        parameters
    }

    fn target(&self) -> &[f64] {
        &self.config.policy.weights
    }

    fn decide(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError> {
        if !self.cadence.is_due(past, desk) {
            return Ok(Decision::Hold);
        }
        desk.check_length(self.config.policy.weights.len())?;
        let book = desk.book()?;
        let panel = past.panel(self.lookback).map_err(PolicyError::new)?;
        let config = self.config_of(past, desk);
        let mut watch = |_: &_, _: &_| ControlFlow::Continue(());
        let market = MarketData::new(&panel)
            .with_market_returns(&self.market_returns)
            .with_volumes(&self.volumes)
            .with_benchmark(past.benchmark(self.lookback));
        let plan = run(&book, market, &config, self.source, &|| Duration::ZERO, &mut watch)?;
        Ok(Decision::Plan(Box::new(plan)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::{OptimalMethod, PathMethod};

    #[test]
    fn a_plan_of_one_problem_is_told_as_before_there_were_paths() {
        let plain = OptimalMethod::long_only(1);
        let words = "Optimal(OptimalMethod { goal: Policy, lower: [0.0], upper: [1.0], cash_min: None, cash_max: None, groups: [], \
                     exposures: [], tracking_error_max: None, market_impact: None, trade_max: None, restrictions: [], \
                     tilt_budget: None })";
        assert_eq!(told(&Method::Optimal(Box::new(plain.clone()))), words);
        let path = OptimalMethod { path: Some(PathMethod::over(2)), ..plain };
        assert!(told(&Method::Optimal(Box::new(path))).contains("periods: 2"));
    }
}
