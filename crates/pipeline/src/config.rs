//! The configuration of a run: policy, limits of the trades, method, and the models it uses.

use std::fmt;
use std::sync::Arc;

use forecast::{Forecaster, PolicyPosterior};
use governance::Digest;
use portfolio_core::{
    Book, CoreError, CostModel, CostTerm, ModelParameter, ResolvedWeights, SizingOptions, TradingRules,
};
use risk::{CovarianceEstimator, LedoitWolf, RiskOptions, ShrinkageTarget};
use serde::{Deserialize, Serialize};
use stress::scenario::ScenarioSeries;
use stress::{ShockLaw, SimulationOptions};

use crate::limits::SupervisorLimits;
use crate::market::MarketData;
use crate::method::Method;
use crate::objective::PolicyObjective;
use crate::plausibility::ImplausibleInput;
use crate::simulation::DriftChoice;

/// The target weights of a book, fractions of NAV; with cash they sum to one.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Target weight of each asset, in the order of the book.
    pub weights: Vec<f64>,
    /// Target weight of cash.
    pub cash_weight: f64,
}

impl From<&ResolvedWeights> for Policy {
    fn from(resolved: &ResolvedWeights) -> Self {
        Self { weights: resolved.target.clone(), cash_weight: resolved.target_cash }
    }
}

/// The complete settings of a run, apart from the book and the market.
///
/// | field | default | meaning |
/// |---|---|---|
/// | `policy` | | the target weights |
/// | `sizing` | [`SizingOptions::default`] | band and turnover limit |
/// | `rules` | `None` | bands of each asset, permits, intent and lots; without them only the band and the limit of `sizing` apply |
/// | `costs` | free | costs of trades |
/// | `objective` | [`PolicyObjective::default`] | the objective by which a plan is judged |
/// | `method` | drift, without a forecast tilt | how trades are found |
/// | `risk_free_rate` | that of [`RiskOptions`] | annual, a fraction |
/// | `forecaster` | [`PolicyPosterior`] | expected returns |
/// | `estimator` | [`LedoitWolf`], constant correlation | covariance of the optimal method |
/// | `simulation` | [`SimulationOptions::default`] | `None` switches it off; its shocks come from any [`ShockLaw`] |
/// | `drift` | [`DriftChoice::Posterior`] | what a simulated portfolio is expected to earn |
/// | `worth_min_bps` | `None` | least worth of a plan; without one it is 0 where it can be measured |
/// | `is_due` | yes | whether the policy trades today; what is called for on another day is left out |
/// | `doubts` | none | what the reader of the case found implausible |
/// | `stand_ins` | none | the series of market history that stands for each asset; with none, no stress loss is checked |
/// | `limits` | [`SupervisorLimits::default`] | the limits the plan is checked against |
///
/// [`RunConfig::models`] names each model with its version and parameters.
///
/// # Example
/// ```
/// use pipeline::{Method, Policy, RunConfig};
/// use portfolio_core::{CostModel, Duty, TradeSide};
/// use risk::SampleCovariance;
///
/// let config = RunConfig::new(Policy { weights: vec![0.6, 0.4], cash_weight: 0.0 })
///     .with_method(Method::Drift { tilt_budget: None })
///     .with_costs(CostModel::proportional(&[10.0, 5.0])?)
///     .with_cost_term(Duty::new(TradeSide::Buy, &[0.0, 50.0])?)?
///     .with_covariance(SampleCovariance);
/// assert_eq!(config.models().last().map(|model| model.id.as_str()), Some("duty_on_buys"));
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
#[derive(Debug, Clone)]
pub struct RunConfig {
    /// The target weights.
    pub policy: Policy,
    /// Band and turnover limit.
    pub sizing: SizingOptions,
    /// Rules beyond one band and one limit: bands of each asset, permits, intent, lots.
    pub rules: Option<TradingRules>,
    /// The costs of trades.
    pub costs: CostModel,
    /// The objective of a plan.
    pub objective: PolicyObjective,
    /// How trades are found.
    pub method: Method,
    /// Annual risk-free rate, a fraction.
    pub risk_free_rate: f64,
    /// Model of expected returns.
    pub forecaster: Arc<dyn Forecaster>,
    /// Covariance estimator of the optimal method.
    pub estimator: Arc<dyn CovarianceEstimator>,
    /// The simulation of the current weights; `None` switches it off.
    pub simulation: Option<SimulationOptions>,
    /// The expected return of a simulated portfolio.
    pub drift: DriftChoice,
    /// Least worth of a plan, basis points of NAV over the horizon: below it nothing trades, unless a limit requires the trades. `None` is 0, and
    /// where no worth can be measured the bands alone decide; −∞ has every plan made.
    pub worth_min_bps: Option<f64>,
    /// Whether the policy trades today. If not, nothing trades, and the reason of a trade that was called for says so.
    pub is_due: bool,
    /// Implausible input found when the case was read; a plan with such a finding is not approved.
    pub doubts: Vec<ImplausibleInput>,
    /// The series of market history that represents each asset, in the order of the book. Empty: no stress loss is
    /// checked.
    pub stand_ins: Vec<Option<&'static ScenarioSeries>>,
    /// The limits the plan is checked against.
    pub limits: SupervisorLimits,
    /// Models that made a part of these settings before the run, such as one whose states widen the bands.
    pub prepared_by: Vec<ModelUse>,
}

/// A model that a run used, with everything needed to use it again.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelUse {
    /// Its role.
    pub role: ModelRole,
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Every parameter, in a fixed order.
    pub parameters: Vec<ModelParameter>,
}

impl ModelUse {
    /// SHA-256 of role, id, version and parameters: models with the same digest give the same numbers.
    ///
    /// # Example
    /// ```
    /// use pipeline::{Policy, RunConfig};
    /// use risk::Oas;
    ///
    /// let config = RunConfig::new(Policy { weights: vec![0.6, 0.4], cash_weight: 0.0 });
    /// let (default, other) = (config.models(), config.with_covariance(Oas).models());
    /// // The forecaster is the same, the estimator is another.
    /// assert_eq!(default[0].digest(), other[0].digest());
    /// assert_ne!(default[1].digest(), other[1].digest());
    /// ```
    #[must_use]
    pub fn digest(&self) -> Digest {
        let parameters: Vec<String> = self.parameters.iter().map(ToString::to_string).collect();
        let identity = [self.role.as_str(), &self.id, &self.version];
        let fields: Vec<&[u8]> =
            identity.into_iter().chain(parameters.iter().map(String::as_str)).map(str::as_bytes).collect();
        Digest::of_fields("smart-portfolio-rebalancer/model/1", &fields)
    }
}

/// Prints as `student 1 (degrees_of_freedom = 5)`.
impl fmt::Display for ModelUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.version)?;
        for (i, parameter) in self.parameters.iter().enumerate() {
            write!(f, "{}{parameter}", if i == 0 { " (" } else { ", " })?;
        }
        f.write_str(if self.parameters.is_empty() { "" } else { ")" })
    }
}

/// What a model is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ModelRole {
    /// Expected returns.
    Forecast,
    /// Covariance.
    Covariance,
    /// Shocks of the simulation.
    Shocks,
    /// A part of the cost.
    Cost,
    /// States of the market.
    Regimes,
    /// Targets and bands of a learned allocator.
    Bands,
}

impl ModelRole {
    /// The role as records name it: `forecast`, `covariance`, `shocks`, `cost`, `regimes`, `bands`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forecast => "forecast",
            Self::Covariance => "covariance",
            Self::Shocks => "shocks",
            Self::Cost => "cost",
            Self::Regimes => "regimes",
            Self::Bands => "bands",
        }
    }
}

impl RunConfig {
    /// The default settings for a policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            costs: CostModel::free(policy.weights.len()),
            policy,
            sizing: SizingOptions::default(),
            rules: None,
            objective: PolicyObjective::default(),
            method: Method::Drift { tilt_budget: None },
            risk_free_rate: RiskOptions::default().risk_free_rate,
            forecaster: Arc::new(PolicyPosterior::default()),
            estimator: Arc::new(LedoitWolf { target: ShrinkageTarget::ConstantCorrelation }),
            simulation: Some(SimulationOptions::default()),
            drift: DriftChoice::default(),
            worth_min_bps: None,
            is_due: true,
            doubts: Vec::new(),
            stand_ins: Vec::new(),
            limits: SupervisorLimits::default(),
            prepared_by: Vec::new(),
        }
    }

    /// Sets the band and the turnover limit.
    #[must_use]
    pub fn with_sizing(self, sizing: SizingOptions) -> Self {
        Self { sizing, ..self }
    }

    /// Sets the rules.
    #[must_use]
    pub fn with_rules(self, rules: TradingRules) -> Self {
        Self { rules: Some(rules), ..self }
    }

    /// Sets the costs.
    #[must_use]
    pub fn with_costs(self, costs: CostModel) -> Self {
        Self { costs, ..self }
    }

    /// Adds a cost term.
    ///
    /// # Errors
    /// [`CoreError::Lengths`] when the term has parameters for a different number of assets.
    pub fn with_cost_term(self, term: impl CostTerm + 'static) -> Result<Self, CoreError> {
        Ok(Self { costs: self.costs.with(term)?, ..self })
    }

    /// Sets the risk aversion and the horizon.
    #[must_use]
    pub fn with_objective(self, objective: PolicyObjective) -> Self {
        Self { objective, ..self }
    }

    /// Sets the method.
    #[must_use]
    pub fn with_method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// Sets the forecaster.
    #[must_use]
    pub fn with_forecaster(self, forecaster: impl Forecaster + 'static) -> Self {
        Self { forecaster: Arc::new(forecaster), ..self }
    }

    /// Sets the covariance estimator.
    #[must_use]
    pub fn with_covariance(self, estimator: impl CovarianceEstimator + 'static) -> Self {
        Self { estimator: Arc::new(estimator), ..self }
    }

    /// Sets or switches off the simulation.
    #[must_use]
    pub fn with_simulation(self, simulation: Option<SimulationOptions>) -> Self {
        Self { simulation, ..self }
    }

    /// Sets the law of shocks; no effect when the simulation is switched off.
    #[must_use]
    pub fn with_shocks(self, shocks: impl ShockLaw + 'static) -> Self {
        let simulation = self.simulation.map(|options| SimulationOptions { shocks: Arc::new(shocks), ..options });
        Self { simulation, ..self }
    }

    /// Enables the check of the stress loss, with the series that represents each asset
    /// ([`stress::scenario::stand_in`]).
    #[must_use]
    pub fn with_stand_ins(self, stand_ins: Vec<Option<&'static ScenarioSeries>>) -> Self {
        Self { stand_ins, ..self }
    }

    /// Sets the supervisor's limits.
    #[must_use]
    pub fn with_limits(self, limits: SupervisorLimits) -> Self {
        Self { limits, ..self }
    }

    /// Every model in use: forecaster, estimator, shocks, then the cost terms.
    #[must_use]
    pub fn models(&self) -> Vec<ModelUse> {
        let card = self.forecaster.card();
        let mut models = vec![
            ModelUse {
                role: ModelRole::Forecast,
                id: card.id.clone(),
                version: card.version.clone(),
                parameters: card.parameters.clone(),
            },
            ModelUse {
                role: ModelRole::Covariance,
                id: self.estimator.id().to_owned(),
                version: self.estimator.version().to_owned(),
                parameters: self.estimator.parameters(),
            },
        ];
        models.extend(self.simulation.as_ref().map(|options| ModelUse {
            role: ModelRole::Shocks,
            id: options.shocks.id().to_owned(),
            version: options.shocks.version().to_owned(),
            parameters: options.shocks.parameters(),
        }));
        models.extend(self.costs.terms().map(|term| ModelUse {
            role: ModelRole::Cost,
            id: term.id().to_owned(),
            version: term.version().to_owned(),
            parameters: term.parameters(),
        }));
        models.extend(self.prepared_by.iter().cloned());
        models
    }

    /// Rough number of elementary steps of a run (tens of nanoseconds each), used to decide where it runs.
    #[must_use]
    pub fn work(&self, book: &Book, market: &MarketData<'_>) -> u64 {
        let forecast = self.forecaster.work(market.panel);
        let simulated = self.simulation.as_ref().map_or(0, |s| s.work(1));
        let solved = match &self.method {
            Method::Optimal(method) => {
                let n = book.assets() as u64;
                // An iteration of a path factorises a matrix for each period.
                let path = method.path.as_ref().map_or(0, |path| path.periods as u64 * (n * n * n / 4 + 20_000));
                100 * n * n + 50_000 + path
            }
            Method::Drift { .. } => 0,
        };
        // The targets and the planned book cost less than the current one together: their shocks are drawn once.
        forecast + 50 * book.assets() as u64 + 8 * simulated + solved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_of_a_model_covers_everything_that_identifies_it() {
        let model = ModelUse {
            role: ModelRole::Shocks,
            id: "student".to_owned(),
            version: "1".to_owned(),
            parameters: vec![ModelParameter::new("degrees_of_freedom", 5.0)],
        };
        let others = [
            ModelUse { role: ModelRole::Cost, ..model.clone() },
            ModelUse { id: "normal".to_owned(), ..model.clone() },
            ModelUse { version: "2".to_owned(), ..model.clone() },
            ModelUse { parameters: vec![ModelParameter::new("degrees_of_freedom", 6.0)], ..model.clone() },
            ModelUse { parameters: Vec::new(), ..model.clone() },
        ];
        assert_eq!(model.digest(), model.clone().digest());
        for other in others {
            assert_ne!(model.digest(), other.digest(), "{other:?}");
        }
    }
}
