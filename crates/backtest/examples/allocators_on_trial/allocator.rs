//! Policies that choose weights from the past once a month.

use allocators::{DynamicProblem, closed_form};
use backtest::{Cadence, Decision, Desk, Past, Policy, PolicyError};
use optimizer::{MultiPeriodProblem, RiskModel, SolveOptions, solve_path, verify_path};
use portfolio_core::ModelParameter;

use crate::trends::{MONTH, SIGNALS, Trends};
use crate::weights::{least_variance, whole};
use crate::{COST_BPS, RISK_AVERSION};

/// Rows from which a covariance is estimated.
const LOOKBACK: usize = 252;
/// Trade of an asset, a fraction of the book, for which the quadratic cost is the proportional one.
const USUAL_TRADE: f64 = 0.01;
/// Largest gap of a path's certificate, relative to 1.
const GAP: f64 = 1e-6;

/// What chooses the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Rule {
    /// The least variance of the last year.
    LeastVariance,
    /// The closed form of Gârleanu and Pedersen for positions beyond equal weights, of which a long book keeps what it can hold.
    DynamicTrading,
    /// The first step of the best path over so many months, around equal weights.
    Path { months: usize },
}

/// Equal weights to begin with, and those of a rule from then on.
#[derive(Debug)]
pub(crate) struct Allocator {
    rule: Rule,
    equal: Vec<f64>,
}

impl Allocator {
    pub(crate) fn new(rule: Rule, assets: usize) -> Self {
        Self { rule, equal: vec![1.0 / assets as f64; assets] }
    }

    fn weights(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Vec<f64>, PolicyError> {
        if self.rule == Rule::LeastVariance {
            let panel = past.panel(Some(LOOKBACK)).map_err(PolicyError::new)?;
            let series: Vec<&[f64]> = (0..past.assets()).filter_map(|asset| panel.series(asset)).collect();
            return least_variance(&series);
        }
        let Some(trends) = Trends::of(past) else { return Ok(self.equal.clone()) };
        let covariance = monthly_covariance(past);
        match self.rule {
            Rule::Path { months } => self.first_step(&trends, &covariance, desk, months),
            Rule::LeastVariance | Rule::DynamicTrading => self.part_of_the_way(&trends, &covariance, desk),
        }
    }

    fn part_of_the_way(
        &self,
        trends: &Trends,
        covariance: &[Vec<f64>],
        desk: &Desk<'_>,
    ) -> Result<Vec<f64>, PolicyError> {
        let n = self.equal.len();
        // Each signal of each asset is a factor, which only that asset's return depends on.
        let mut loadings = vec![0.0; n * SIGNALS * n];
        let mut decay = vec![0.0; (SIGNALS * n).pow(2)];
        let mut cost = vec![0.0; n * n];
        for asset in 0..n {
            for signal in 0..SIGNALS {
                let factor = signal * n + asset;
                loadings[asset * SIGNALS * n + factor] = trends.loadings[signal];
                decay[factor * SIGNALS * n + factor] = 1.0 - trends.persistence[signal];
            }
            // x²·Λ/2 = c·x at the usual trade.
            cost[asset * n + asset] = 2.0 * COST_BPS / 1e4 / USUAL_TRADE;
        }
        let problem = DynamicProblem {
            loadings: &loadings,
            decay: &decay,
            covariance: &covariance.concat(),
            cost: &cost,
            risk_aversion: RISK_AVERSION,
            discount_rate: 0.0,
        };
        let policy = closed_form(&problem).map_err(PolicyError::new)?.policy;
        let active: Vec<f64> = desk.weights().iter().zip(&self.equal).map(|(held, equal)| held - equal).collect();
        let wanted = policy.target(&active, &trends.signals.concat()).map_err(PolicyError::new)?;
        let long: Vec<f64> = wanted.iter().zip(&self.equal).map(|(active, equal)| (equal + active).max(0.0)).collect();
        Ok(whole(&long))
    }

    fn first_step(
        &self,
        trends: &Trends,
        covariance: &[Vec<f64>],
        desk: &Desk<'_>,
        months: usize,
    ) -> Result<Vec<f64>, PolicyError> {
        let expected = (0..months as i32).map(|month| trends.expected(month)).collect();
        let problem = MultiPeriodProblem {
            w0: desk.weights().to_vec(),
            benchmark: Some(self.equal.clone()),
            cost_linear: Some(vec![COST_BPS / 1e4; self.equal.len()]),
            ..MultiPeriodProblem::long_only(expected, RISK_AVERSION / 2.0)
        };
        let model = RiskModel::dense(covariance).map_err(PolicyError::new)?;
        let solved = solve_path(&problem, &model, &SolveOptions::default()).map_err(PolicyError::new)?;
        let gap = verify_path(&problem, &model, &solved).map_err(PolicyError::new)?;
        if gap.is_none_or(|gap| gap > GAP) {
            return Err(PolicyError::new(format!("a path is not certified: gap {gap:?}")));
        }
        Ok(whole(&solved.path[0]))
    }
}

/// The sample covariance of the last year's daily returns, for a month.
fn monthly_covariance(past: &Past<'_>) -> Vec<Vec<f64>> {
    let centred: Vec<Vec<f64>> = (0..past.assets())
        .map(|asset| {
            let returns = past.returns(asset);
            crate::weights::centred(&returns[returns.len().saturating_sub(LOOKBACK)..])
        })
        .collect();
    let product =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() * MONTH as f64 / (a.len() as f64 - 1.0);
    centred.iter().map(|a| centred.iter().map(|b| product(a, b)).collect()).collect()
}

impl Policy for Allocator {
    fn id(&self) -> &str {
        match self.rule {
            Rule::LeastVariance => "least_variance",
            Rule::DynamicTrading => "dynamic_trading",
            Rule::Path { .. } => "path",
        }
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        let own = match self.rule {
            Rule::Path { months } => vec![ModelParameter::new("months", months as f64)],
            Rule::LeastVariance | Rule::DynamicTrading => vec![],
        };
        own.into_iter()
            .chain([
                ModelParameter::new("lookback", LOOKBACK as f64),
                ModelParameter::new("risk_aversion", RISK_AVERSION),
            ])
            .collect()
    }

    fn target(&self) -> &[f64] {
        &self.equal
    }

    fn decide(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError> {
        if !Cadence::Monthly.is_due(past, desk) {
            return Ok(Decision::Hold);
        }
        Ok(desk.trade_to(&self.weights(past, desk)?)?)
    }
}
