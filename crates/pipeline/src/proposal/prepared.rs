//! The decision of the Optimizer Agent alone, for many books under one policy.
//!
//! A run of all agents measures and simulates each book, which takes milliseconds. A night of a million accounts needs the trades: this
//! file reaches them with the functions that the agent calls, and does once for a policy what does not depend on a book.

use optimizer::{RebalanceOutcome, RiskModel};
use portfolio_core::{
    BandBreaches, Book, Currency, Intent, Money, Position, ReturnPanel, TradePlan, TradingRules, Universe,
};

use crate::admitted::Admitted;
use crate::config::RunConfig;
use crate::error::PipelineError;
use crate::market::MarketData;
use crate::method::{Method, OptimalGoal};
use crate::supervisor::Supervisor;

use super::drift::size;
use super::optimal;

/// Where the risk of an optimal plan comes from.
#[derive(Debug, Clone)]
pub enum RiskSource {
    /// The histories, by the estimator of the configuration, as in a run.
    Histories(ReturnPanel),
    /// A model of another source, such as the factor model of a vendor, annual.
    Model(RiskModel),
}

/// A policy made ready to decide on many books of the same assets.
///
/// Under the drift method it decides as a run whose assets have no histories: nothing is tilted, nothing is weighed, and where the turnover
/// limit binds the largest gaps close first. Under the optimal method, with the goal of the policy, it states and solves the problem that a run
/// states and solves.
///
/// # Example
/// ```
/// use pipeline::{Book, Currency, Money, Policy, PreparedPolicy, RunConfig, Universe};
///
/// let policy = Policy { weights: vec![0.6, 0.4], cash_weight: 0.0 };
/// let prepared = PreparedPolicy::drift(Universe::new(["Stocks", "Bonds"])?, RunConfig::new(policy))?;
/// let nav = Money::parse("100000.00", Currency::USD)?;
/// let book = Book::from_weights(prepared.universe().clone(), nav, vec![0.66, 0.34], &[50.0, 20.0])?;
/// let decision = prepared.decide(&book)?;
/// assert_eq!(decision.trades.rows[0].value.to_string(), "-6000.00 USD");
/// // Two points off target is inside the band.
/// let near = Book::from_weights(prepared.universe().clone(), nav, vec![0.62, 0.38], &[50.0, 20.0])?;
/// assert_eq!(prepared.quiet_drift(&near), Some(0.02));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PreparedPolicy {
    config: RunConfig,
    panel: ReturnPanel,
    risk: Option<Aimed>,
    max_iterations: usize,
    /// The band of each asset: the rules of the configuration, or those that it stands for.
    bands: TradingRules,
    /// Whether something else than a breach makes a book trade.
    is_always_sized: bool,
}

/// Largest NAV that the sizing takes, minor units; beyond it the sizing says why not.
const NAV_MAX: i64 = 1 << 53;

/// A risk model, and the objective on it as `λ` and `μ`.
type Aimed = (RiskModel, (f64, Vec<f64>));

/// The trades of one book.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The weights that the trades aim at.
    pub targets: Vec<f64>,
    /// The trades.
    pub trades: TradePlan,
    /// The solution of the optimal method with its certificate, or why there is none; `None` under the drift method.
    pub outcome: Option<RebalanceOutcome>,
}

impl PreparedPolicy {
    /// A policy of the drift method.
    ///
    /// # Errors
    /// [`PipelineError`] for lists of another length than the universe and numbers outside their range.
    pub fn drift(universe: Universe, config: RunConfig) -> Result<Self, PipelineError> {
        let config = RunConfig { method: Method::Drift { tilt_budget: None }, ..config };
        let none = vec![Vec::new(); universe.len()];
        let panel = ReturnPanel::new(universe, none).map_err(|_| PipelineError::Universe)?;
        Self::checked(config, panel, None, 0)
    }

    /// A policy of the optimal method with the goal of the policy; `max_iterations` is the most that one run of the interior point may take.
    ///
    /// # Errors
    /// As [`PreparedPolicy::drift`]; [`PipelineError`] for histories that do not support a covariance, a model of another size, and
    /// an objective that depends on forecasts, views or later periods, which only a run makes.
    pub fn optimal(
        universe: Universe,
        config: RunConfig,
        source: RiskSource,
        max_iterations: usize,
    ) -> Result<Self, PipelineError> {
        let Method::Optimal(method) = &config.method else { return Err(PipelineError::UnmeasuredGoal) };
        if method.goal != OptimalGoal::Policy || method.tilt_budget.is_some() || method.path.is_some() {
            return Err(PipelineError::UnmeasuredGoal);
        }
        let none = ReturnPanel::new(universe.clone(), vec![Vec::new(); universe.len()]);
        let none = none.map_err(|_| PipelineError::Universe)?;
        let (panel, risk) = match source {
            RiskSource::Histories(panel) => {
                let risk = on_histories(&universe, &config, &panel)?;
                (panel, risk)
            }
            RiskSource::Model(model) => {
                let target = &config.policy.weights;
                if model.assets() != target.len() {
                    let (expected, got) = (target.len(), model.assets());
                    return Err(PipelineError::Length { list: "risk model", expected, got });
                }
                let price = config.objective.price_of_variance();
                let mu = model.product(target).iter().map(|implied| 2.0 * price * implied).collect();
                (none, (model, (price, mu)))
            }
        };
        Self::checked(config, panel, Some(risk), max_iterations)
    }

    fn checked(
        config: RunConfig,
        panel: ReturnPanel,
        risk: Option<Aimed>,
        max_iterations: usize,
    ) -> Result<Self, PipelineError> {
        let n = panel.universe().len();
        let weights = &config.policy.weights;
        let flat = Book::from_weights(panel.universe().clone(), unit_nav(), weights.clone(), &vec![1.0; n]);
        let flat =
            flat.map_err(|_| PipelineError::Length { list: "target weights", expected: n, got: weights.len() })?;
        Supervisor.admit(&flat, MarketData::new(&panel), &config).map_err(|veto| veto.cause)?;
        let bands = config.rules.clone().unwrap_or_else(|| TradingRules::plain(n, config.sizing.drift_threshold));
        let is_always_sized = bands.is_scheduled
            || bands.intent != Intent::Rebalance
            || bands.permits.iter().any(|permit| permit.unpicked)
            || risk.is_some();
        Ok(Self { config, panel, risk, max_iterations, bands, is_always_sized })
    }

    /// The assets, in the order of every book.
    #[must_use]
    pub fn universe(&self) -> &Universe {
        self.panel.universe()
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// The drift of a book, `½·Σ|w − t|`, that has nothing outside its bands under the drift method, so that it does not trade; `None` where
    /// that is not sure.
    #[must_use]
    pub fn quiet_drift(&self, book: &Book) -> Option<f64> {
        let rules = &self.bands;
        if self.is_always_sized || book.nav().minor() > NAV_MAX {
            return None;
        }
        BandBreaches::quiet_drift(rules, book.weights(), &self.config.policy.weights).ok().flatten()
    }

    /// The trades of a book.
    ///
    /// # Errors
    /// [`PipelineError`] for a book of other assets, or when no optimum could be proven within the iterations.
    pub fn decide(&self, book: &Book) -> Result<Decision, PipelineError> {
        self.decide_under(book, &self.config)
    }

    /// The trades of a book whose rules name what it holds: whole lots are fitted to the units held.
    ///
    /// # Errors
    /// As [`PreparedPolicy::decide`], and for units outside their range.
    pub fn decide_in_lots(&self, book: &Book) -> Result<Decision, PipelineError> {
        let mut config = self.config.clone();
        if let Some(rules) = &mut config.rules {
            rules.units = book.positions().iter().map(Position::quantity).collect();
        }
        self.decide_under(book, &config)
    }

    fn decide_under(&self, book: &Book, config: &RunConfig) -> Result<Decision, PipelineError> {
        if book.universe() != self.universe() {
            return Err(PipelineError::Universe);
        }
        let admitted = Admitted { book, market: MarketData::new(&self.panel), config };
        match (&config.method, &self.risk) {
            (Method::Optimal(options), Some((model, aim))) => {
                let found = optimal::solved(&admitted, options, Some(aim.clone()), model, self.max_iterations)?;
                Ok(Decision { targets: found.weights, trades: found.trades, outcome: Some(found.outcome) })
            }
            _ => {
                let targets = config.policy.weights.clone();
                let trades = size(&admitted, admitted.sizing_input(&config.policy.weights))?;
                Ok(Decision { targets, trades, outcome: None })
            }
        }
    }
}

/// The model that a run would estimate, and the objective that it would state.
fn on_histories(universe: &Universe, config: &RunConfig, panel: &ReturnPanel) -> Result<Aimed, PipelineError> {
    let n = universe.len();
    let book = Book::from_weights(universe.clone(), unit_nav(), config.policy.weights.clone(), &vec![1.0; n]);
    let book = book.map_err(|_| PipelineError::Universe)?;
    let admitted = Admitted { book: &book, market: MarketData::new(panel), config };
    let annual = optimal::covariance(&admitted)?.covariance.annualised();
    let aim = optimal::objective(&admitted, &[], OptimalGoal::Policy, &config.policy.weights, &annual);
    Ok((RiskModel::from(&annual), aim))
}

/// A book of this value stands for any other where only its assets are read.
fn unit_nav() -> Money {
    Money::from_minor(1_000_000, Currency::USD)
}
