//! What runs the built-in models on their golden inputs.

use std::sync::Arc;

use ::regimes::{Observations, fit};
use forecast::{AssetFeatures, Forecaster};
use models::{Runnable, canonical_json};
use portfolio_core::{Confidence, ModelParameter, ReturnPanel, Seed, Universe};
use risk::{conditional_value_at_risk, max_drawdown, standard_deviation, value_at_risk};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stress::{NormalShocks, PortfolioLaw, SimulationOptions, simulate};

use super::Part;

/// The input of a golden case: a panel that is made of whole numbers, so that it has the same bits on every platform.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GoldenPanel {
    /// Number of assets.
    assets: usize,
    /// Returns of each.
    periods: usize,
    /// Start of the generator.
    seed: u64,
}

/// The inputs of the golden cases, from which their file is written, the same for every model: 30 to 300 periods of two to four assets.
#[cfg(test)]
pub(super) fn golden_inputs() -> Vec<Value> {
    (0..models::GOLDENS).map(|i| json!({"assets": 2 + i % 3, "periods": 30 * (i + 1), "seed": i + 1})).collect()
}

impl GoldenPanel {
    /// Returns between −2 % and 2 %, from the multiplicative generator of Knuth (MMIX); each asset a little of the first.
    fn series(self) -> Vec<Vec<f64>> {
        let mut state = self.seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // 31 bits, exact in a double; the quotient is rounded once, as on every platform.
            0.02 * ((state >> 33) as f64 / f64::from(1_u32 << 30) - 1.0)
        };
        let first: Vec<f64> = (0..self.periods).map(|_| next()).collect();
        let others = (1..self.assets).map(|_| first.iter().map(|r| 0.5 * r + 0.5 * next()).collect());
        let others: Vec<Vec<f64>> = others.collect();
        std::iter::once(first).chain(others).collect()
    }

    pub(super) fn panel(self) -> Result<ReturnPanel, String> {
        let universe = Universe::new((0..self.assets).map(|i| format!("A{i}"))).map_err(text)?;
        ReturnPanel::new(universe, self.series()).map_err(text)
    }

    fn weights(self) -> Vec<f64> {
        vec![1.0 / self.assets as f64; self.assets]
    }

    /// The returns of equal weights that are restored every period.
    fn book(self) -> Vec<f64> {
        let series = self.series();
        (0..self.periods).map(|t| series.iter().map(|returns| returns[t]).sum::<f64>() / self.assets as f64).collect()
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A built-in model: its code, and the settings that are its weights.
pub(super) struct BuiltIn<'a>(pub(super) &'a Part);

impl BuiltIn<'_> {
    /// The weights of the version: its settings in canonical JSON.
    pub(super) fn weights(&self) -> Result<Vec<u8>, serde_json::Error> {
        let parameters: Vec<ModelParameter> = match self.0 {
            Part::Forecast(forecaster) => forecaster.card().parameters.clone(),
            Part::Covariance(name) => name.estimator().parameters(),
            Part::Simulation => vec![ModelParameter::new("shocks", "normal 1")],
            Part::Figures => vec![ModelParameter::new("var_level", 0.95)],
            Part::Regimes => super::regimes::regimes_use().parameters,
            Part::Tool | Part::Costs(_) | Part::Quantiles | Part::Allocator(_) => Vec::new(),
        };
        canonical_json(&json!({ "parameters": parameters }))
    }
}

impl Runnable for BuiltIn<'_> {
    fn run(&self, weights: &[u8], input: &Value) -> Result<Value, String> {
        // The settings are compiled in: other weights are another version, which this code does not compute.
        if self.weights().map_err(text)? != weights {
            return Err("the weights are not the settings of this version".to_owned());
        }
        let input: GoldenPanel = serde_json::from_value(input.clone()).map_err(text)?;
        match self.0 {
            Part::Forecast(forecaster) => forecast(forecaster, input),
            Part::Covariance(name) => {
                let estimate = match name.estimator().estimate(&input.panel()?, 252.0) {
                    Ok(estimate) => estimate,
                    // Which histories are too short is a part of the version too.
                    Err(refusal) => return Ok(json!({"refusal": text(refusal)})),
                };
                let entries = (0..input.assets).flat_map(|i| (i..input.assets).map(move |j| (i, j)));
                let entries: Vec<Option<f64>> = entries.map(|(i, j)| estimate.covariance.get(i, j)).collect();
                Ok(json!({"shrinkage": estimate.shrinkage, "upper_triangle": entries}))
            }
            Part::Simulation => simulation(input),
            Part::Figures => figures(&input.book()),
            Part::Regimes => states(&input.book()),
            Part::Tool => Err("a tool has no golden cases".to_owned()),
            Part::Costs(_) => Err("a fitted cost model is run by its own code".to_owned()),
            Part::Quantiles => Err("a transformer is run by its own code".to_owned()),
            Part::Allocator(_) => Err("a learned allocator is run by its own code".to_owned()),
        }
    }
}

fn forecast(forecaster: &Arc<dyn Forecaster>, input: GoldenPanel) -> Result<Value, String> {
    let weights = input.weights();
    let features =
        AssetFeatures::default().with_policy_weights(&weights).with_risk_free_rate(0.0001).with_risk_aversion(5.0);
    let forecasts = forecaster.forecast(&input.panel()?, &features).map_err(text)?;
    let told = forecasts.iter().map(|f| match f.outcome_interval {
        // What a model without such intervals told before there were any stays as it is.
        None => json!([f.expected_return, f.standard_error, f.confidence, f.interval]),
        Some(next) => {
            json!([f.expected_return, f.standard_error, f.confidence, f.interval, [next.lower, next.upper]])
        }
    });
    Ok(Value::Array(told.collect()))
}

fn simulation(input: GoldenPanel) -> Result<Value, String> {
    let volatility = standard_deviation(&input.book()).map_err(text)? * 252.0_f64.sqrt();
    let law = PortfolioLaw::new(0.05, volatility, 252.0).map_err(text)?;
    let options = SimulationOptions {
        paths: 256,
        horizon_days: input.periods,
        seed: Seed(input.seed),
        shocks: Arc::new(NormalShocks),
        ..SimulationOptions::default()
    };
    let statistics = simulate(law, &options).map_err(text)?.statistics;
    let [mean, loss, var, cvar] = [
        statistics.mean_terminal_value.value,
        statistics.probability_of_loss.value,
        statistics.var_95.value,
        statistics.cvar_95.value,
    ];
    Ok(json!({"mean_terminal_value": mean, "probability_of_loss": loss, "var_95": var, "cvar_95": cvar}))
}

fn states(returns: &[f64]) -> Result<Value, String> {
    let rows = Observations::of_series(returns).map_err(text)?;
    let fitted = fit(&rows, &super::regimes::spec(), super::regimes::SEED).map_err(text)?;
    let predicted = fitted.model.filter(&rows).map_err(text)?.predict();
    Ok(json!({
        "means": fitted.model.means(),
        "variances": fitted.model.variances(),
        "transition": fitted.model.transition(),
        "log_likelihood": fitted.log_likelihood,
        "predicted": predicted.probabilities(),
    }))
}

fn figures(returns: &[f64]) -> Result<Value, String> {
    let level = Confidence::new(0.95).map_err(text)?;
    Ok(json!({
        "volatility": standard_deviation(returns).map_err(text)?,
        "var_95": value_at_risk(returns, level).map_err(text)?,
        "cvar_95": conditional_value_at_risk(returns, level).map_err(text)?,
        "max_drawdown": max_drawdown(returns).map_err(text)?.depth,
    }))
}
