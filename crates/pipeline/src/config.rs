//! The configuration of a run: policy, limits of the trades, method, and the models it uses.

use std::fmt;
use std::sync::Arc;

use forecast::{Ensemble, Forecaster, TiltOptions};
use portfolio_core::{Book, CoreError, CostModel, CostTerm, ResolvedWeights, SizingOptions};
use risk::{CovarianceEstimator, LedoitWolf, RiskOptions, ShrinkageTarget};
use stress::{ShockLaw, SimulationOptions};

use crate::{MarketData, OptimalMethod, PolicyObjective, SupervisorLimits};

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

/// How trades are found.
#[derive(Debug, Clone, PartialEq)]
pub enum Method {
    /// Assets outside their bands trade to their targets.
    Drift {
        /// Tracking error a year that tilting the targets by the forecasts may spend, a fraction above 0; `None` for no tilt.
        tilt_budget: Option<f64>,
    },
    /// The weights solve a convex problem of risk, return and cost.
    Optimal(Box<OptimalMethod>),
}

/// Everything a run is asked for, apart from the book and the market.
///
/// | field | default | meaning |
/// |---|---|---|
/// | `policy` | | the target weights |
/// | `sizing` | [`SizingOptions::default`] | band and turnover limit |
/// | `costs` | free | what trades cost |
/// | `objective` | [`PolicyObjective::default`] | what a plan is weighed in |
/// | `method` | drift, tilted within the budget of [`TiltOptions`] | how trades are found |
/// | `risk_free_rate` | that of [`RiskOptions`] | annual, a fraction |
/// | `forecaster` | [`Ensemble`] | expected returns |
/// | `estimator` | [`LedoitWolf`], constant correlation | covariance of the optimal method |
/// | `simulation` | [`SimulationOptions::default`] | `None` switches it off; its shocks come from any [`ShockLaw`] |
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
    /// What trades cost.
    pub costs: CostModel,
    /// What a plan is weighed in.
    pub objective: PolicyObjective,
    /// How trades are found.
    pub method: Method,
    /// Annual risk-free rate, a fraction.
    pub risk_free_rate: f64,
    /// Expected returns.
    pub forecaster: Arc<dyn Forecaster>,
    /// Covariance of the optimal method.
    pub estimator: Arc<dyn CovarianceEstimator>,
    /// The simulation of the current weights; `None` switches it off.
    pub simulation: Option<SimulationOptions>,
    /// The limits the plan is checked against.
    pub limits: SupervisorLimits,
}

/// A model a run used: enough to use it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelUse {
    /// What it was used for.
    pub role: ModelRole,
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Every parameter as `name = value`, in a fixed order.
    pub parameters: Vec<String>,
}

/// Prints as `student 1 (degrees_of_freedom = 5)`.
impl fmt::Display for ModelUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.version)?;
        if self.parameters.is_empty() { Ok(()) } else { write!(f, " ({})", self.parameters.join(", ")) }
    }
}

/// What a model is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelRole {
    /// Expected returns.
    Forecast,
    /// Covariance.
    Covariance,
    /// Shocks of the simulation.
    Shocks,
    /// A part of the cost.
    Cost,
}

impl RunConfig {
    /// The defaults for a policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            costs: CostModel::free(policy.weights.len()),
            policy,
            sizing: SizingOptions::default(),
            objective: PolicyObjective::default(),
            method: Method::Drift { tilt_budget: Some(TiltOptions::default().tracking_error_budget) },
            risk_free_rate: RiskOptions::default().risk_free_rate,
            forecaster: Arc::new(Ensemble::default()),
            estimator: Arc::new(LedoitWolf { target: ShrinkageTarget::ConstantCorrelation }),
            simulation: Some(SimulationOptions::default()),
            limits: SupervisorLimits::default(),
        }
    }

    /// With another band or turnover limit.
    #[must_use]
    pub fn with_sizing(self, sizing: SizingOptions) -> Self {
        Self { sizing, ..self }
    }

    /// With these costs.
    #[must_use]
    pub fn with_costs(self, costs: CostModel) -> Self {
        Self { costs, ..self }
    }

    /// With one more part of the cost.
    ///
    /// # Errors
    /// [`CoreError::Lengths`] when the term has parameters for another number of assets.
    pub fn with_cost_term(self, term: impl CostTerm + 'static) -> Result<Self, CoreError> {
        Ok(Self { costs: self.costs.with(term)?, ..self })
    }

    /// With another risk aversion or horizon.
    #[must_use]
    pub fn with_objective(self, objective: PolicyObjective) -> Self {
        Self { objective, ..self }
    }

    /// With another method.
    #[must_use]
    pub fn with_method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// With another forecaster.
    #[must_use]
    pub fn with_forecaster(self, forecaster: impl Forecaster + 'static) -> Self {
        Self { forecaster: Arc::new(forecaster), ..self }
    }

    /// With another covariance estimator.
    #[must_use]
    pub fn with_covariance(self, estimator: impl CovarianceEstimator + 'static) -> Self {
        Self { estimator: Arc::new(estimator), ..self }
    }

    /// With another simulation, or none.
    #[must_use]
    pub fn with_simulation(self, simulation: Option<SimulationOptions>) -> Self {
        Self { simulation, ..self }
    }

    /// With shocks of another law; no effect when the simulation is switched off.
    #[must_use]
    pub fn with_shocks(self, shocks: impl ShockLaw + 'static) -> Self {
        let simulation = self.simulation.map(|options| SimulationOptions { shocks: Arc::new(shocks), ..options });
        Self { simulation, ..self }
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(self, limits: SupervisorLimits) -> Self {
        Self { limits, ..self }
    }

    /// Every model in use: forecaster, estimator, shocks, then the parts of the cost.
    #[must_use]
    pub fn models(&self) -> Vec<ModelUse> {
        let card = self.forecaster.card();
        let mut models = vec![
            ModelUse {
                role: ModelRole::Forecast,
                id: card.id.clone(),
                version: card.version.clone(),
                parameters: card.parameters.iter().map(ToString::to_string).collect(),
            },
            ModelUse {
                role: ModelRole::Covariance,
                id: self.estimator.id().to_owned(),
                version: self.estimator.version().to_owned(),
                parameters: self.estimator.parameters().iter().map(|p| format!("{} = {}", p.name, p.value)).collect(),
            },
        ];
        models.extend(self.simulation.as_ref().map(|options| ModelUse {
            role: ModelRole::Shocks,
            id: options.shocks.id().to_owned(),
            version: options.shocks.version().to_owned(),
            parameters: options.shocks.parameters().iter().map(|(name, value)| format!("{name} = {value}")).collect(),
        }));
        models.extend(self.costs.terms().map(|term| ModelUse {
            role: ModelRole::Cost,
            id: term.id().to_owned(),
            version: term.version().to_owned(),
            parameters: term.parameters().iter().enumerate().map(|(i, value)| format!("{i} = {value}")).collect(),
        }));
        models
    }

    /// Rough number of elementary steps a run takes (tens of nanoseconds each), to decide where it runs.
    #[must_use]
    pub fn work(&self, book: &Book, market: &MarketData<'_>) -> u64 {
        let returns: usize = market.panel.columns().map(<[f64]>::len).sum();
        let simulated = self.simulation.as_ref().map_or(0, |s| s.work(1));
        let solved = match self.method {
            Method::Optimal(_) => 100 * book.assets().pow(2) as u64 + 50_000,
            Method::Drift { .. } => 0,
        };
        10 * returns as u64 + 50 * book.assets() as u64 + 5 * simulated + solved
    }
}
