//! The parts of a simulation request that are simulated day by day.

use serde::{Deserialize, Serialize};
use stress::{BandPolicy, BandTrades, DailyOptions, DailyPolicy, DailyReport, DriftRule, DriftRuleName, Rebalancing};
use utoipa::ToSchema;

use crate::dto::absent;
use crate::dto::instructions::ScopeName;
use crate::dto::stress::{MonteCarloSimulationRequest, SimulationModel};
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Largest cost of a trade within a path per unit of value traded.
const MAX_COST_RATE: f64 = 0.1;
/// Asset-days of one simulation that goes day by day.
pub const MAX_DAILY_WORK: u64 = 200_000_000;

/// Parameters of a model; each belongs to some models only.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"degrees_of_freedom": 5.0}))]
pub struct SimulationParameters {
    /// Degrees of freedom of `student_t` and `t_copula`, above 2.
    #[schema(default = json!(absent::DEGREES_OF_FREEDOM), example = 5.0, maximum = 1000.0)]
    pub degrees_of_freedom: Option<f64>,
    /// Mean block length of `bootstrap` in days, from 1 to the length of the history. Default: chosen from the dependence of the history.
    #[schema(example = 20.0, minimum = 1.0)]
    pub mean_block_length: Option<f64>,
    /// Jumps a year of `jump_diffusion`, above 0.
    #[schema(default = json!(absent::JUMPS.intensity), example = 1.0, maximum = 1000.0)]
    pub intensity: Option<f64>,
    /// Mean of the logarithm of a jump of `jump_diffusion`.
    #[schema(default = json!(absent::JUMPS.mean), example = -0.05, minimum = -1.0, maximum = 1.0)]
    pub jump_mean: Option<f64>,
    /// Standard deviation of the logarithm of a jump of `jump_diffusion`.
    #[schema(default = json!(absent::JUMPS.deviation), example = 0.05, minimum = 0.0, maximum = 1.0)]
    pub jump_deviation: Option<f64>,
}

/// What the assets are expected to earn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SimulationDrift {
    /// The mean of the history; needs `returns`.
    Historical,
    /// Forecasts shrunk towards the risk-free rate by their confidence: those of the request, or of the forecaster in use.
    Forecast,
    /// The risk-free rate and the premia at which the book earns its Sharpe ratio.
    RiskFreePlusPremium,
    /// Only the risk-free rate.
    ZeroExcess,
}

/// Parameters of the drift.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"risk_free_rate": 0.02, "sharpe_ratio": 0.3}))]
pub struct SimulationDriftParameters {
    /// Annual risk-free rate, a fraction above −1.
    #[schema(default = 0.0, example = 0.02, maximum = 10.0)]
    pub risk_free_rate: Option<f64>,
    /// Annual Sharpe ratio of the book under `risk_free_plus_premium`.
    #[schema(default = json!(absent::SHARPE_RATIO), example = 0.3, minimum = -2.0, maximum = 2.0)]
    pub sharpe_ratio: Option<f64>,
    /// Annual arithmetic drift of each asset under `forecast`, in the order of the weights. Default: the forecasts of
    /// the forecaster in use from `returns`, with its confidence.
    #[schema(example = json!([0.06, 0.03]), max_items = 500)]
    pub forecast: Option<Vec<f64>>,
    /// Confidence in each forecast of the request, 0 to 1. Absent: 1 for each.
    #[schema(example = json!([0.5, 0.5]), max_items = 500)]
    pub confidence: Option<Vec<f64>>,
}

/// Bands around the weights, traded at a cost within each path.
///
/// With `scope` a day is traded as a plan with these bands, this `destination` and these costs trades it, for weights of at least 0 that sum to at
/// most 1. A path has neither minor units, lots and smallest tickets nor groups, a trigger, a limit of turnover and a least worth.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"relative": 0.25, "cap": 0.05, "scope": "breached", "destination": 0.0, "cost_rate": 0.001}))]
pub struct SimulationBand {
    /// Half-width as a share of the weight.
    #[schema(default = json!(absent::BAND.relative), example = 0.25, minimum = 0.0, maximum = 1.0)]
    pub relative: Option<f64>,
    /// Smallest half-width, a fraction of the value.
    #[schema(default = json!(absent::BAND.floor), example = 0.0, minimum = 0.0, maximum = 1.0)]
    pub floor: Option<f64>,
    /// Largest half-width, a fraction of the value, at least the floor.
    #[schema(default = json!(absent::BAND.cap), example = 0.05, minimum = 0.0, maximum = 1.0)]
    pub cap: Option<f64>,
    /// Half-width of the band of each asset, fractions of the value, in the order of the weights: in place of `relative`, `floor` and `cap`, as for
    /// the bands of a plan that compute themselves (`half_width` of its rows).
    #[schema(example = json!([0.05, 0.04]), max_items = 500)]
    pub half_widths: Option<Vec<f64>>,
    /// Which assets trade once something is outside its band, as in a plan. Absent: all assets move by the same share along the straight line to
    /// the weights, and cash triggers no trade.
    pub scope: Option<ScopeName>,
    /// Half-width of the band of cash, a fraction of the value; goes with `scope`. Absent: as in a plan, the rule at the weight that is left for
    /// cash, at least 0.0025; with `half_widths` cash triggers no trade.
    #[schema(example = 0.01, minimum = 0.0, maximum = 1.0)]
    pub cash_band: Option<f64>,
    /// Where a trade ends: 0 at the weights, 1 at the edge of the band; without `scope` when the last asset is back at its edge.
    #[schema(default = 0.0, example = 0.0, minimum = 0.0, maximum = 1.0)]
    pub destination: Option<f64>,
    /// Cost per unit of value traded, a fraction.
    #[schema(default = json!(absent::PATH_COST_RATE), example = 0.001, minimum = 0.0, maximum = 0.1)]
    pub cost_rate: Option<f64>,
    /// Cost of each asset per unit of value traded, fractions, in the order of the weights; in place of `cost_rate`, with `scope`.
    #[schema(example = json!([0.001, 0.0005]), max_items = 500)]
    pub cost_rates: Option<Vec<f64>>,
}

/// What a day-by-day simulation adds to its statistics.
#[derive(Debug, Serialize, ToSchema)]
pub struct DailySimulation {
    /// Which drift was simulated.
    pub drift: DriftRuleName,
    /// Model, drifts, figures at each horizon, goal, time under water, trading, worst paths, and how the run ended.
    #[serde(flatten)]
    pub report: DailyReport,
}

impl SimulationBand {
    /// The half-width of the rule at a weight.
    fn half_width(&self, weight: f64) -> f64 {
        let (floor, cap) = (self.floor.unwrap_or(absent::BAND.floor), self.cap.unwrap_or(absent::BAND.cap));
        (self.relative.unwrap_or(absent::BAND.relative) * weight.abs()).max(floor).min(cap)
    }

    fn policy(&self, weights: &[f64]) -> BandPolicy {
        let cost_rate = self.cost_rate.unwrap_or(absent::PATH_COST_RATE);
        let trades = match self.scope {
            None => BandTrades::StraightLine { cost_rate },
            Some(scope) => BandTrades::OfPlan {
                scope: scope.into(),
                cash_half_width: self.cash_band.or_else(|| {
                    let cash = (1.0 - weights.iter().sum::<f64>()).max(0.0);
                    self.half_widths.is_none().then(|| self.half_width(cash).max(absent::LEAST_CASH_BAND))
                }),
                cost_rates: self.cost_rates.clone().unwrap_or_else(|| vec![cost_rate; weights.len()]),
            },
        };
        let by_rule = || weights.iter().map(|weight| self.half_width(*weight)).collect();
        BandPolicy {
            half_widths: self.half_widths.clone().unwrap_or_else(by_rule),
            destination: self.destination.unwrap_or_default(),
            trades,
        }
    }

    fn check(&self, weights: &[f64], faults: &mut Faults) {
        let fields = [
            ("relative", self.relative, 1.0),
            ("floor", self.floor, 1.0),
            ("cap", self.cap, 1.0),
            ("cash_band", self.cash_band, 1.0),
            ("destination", self.destination, 1.0),
            ("cost_rate", self.cost_rate, MAX_COST_RATE),
        ];
        for (name, value, most) in fields {
            if value.is_some_and(|value| !(0.0..=most).contains(&value)) {
                faults.add(format!("/band/{name}"), FaultCode::Range, format!("must be at least 0 and at most {most}"));
            }
        }
        for (name, list, most) in
            [("half_widths", &self.half_widths, 1.0), ("cost_rates", &self.cost_rates, MAX_COST_RATE)]
        {
            let Some(list) = list else { continue };
            if list.len() != weights.len() {
                let text = format!("must have {} entries, one per weight", weights.len());
                faults.add(format!("/band/{name}"), FaultCode::Length, text);
            } else if let Some(i) = list.iter().position(|value| !(0.0..=most).contains(value)) {
                let text = format!("must be at least 0 and at most {most}");
                faults.add(format!("/band/{name}/{i}"), FaultCode::Range, text);
            }
        }
        let is_rule = self.relative.is_some() || self.floor.is_some();
        if self.half_widths.is_some() && (is_rule || self.cap.is_some()) {
            let text = "is in place of relative, floor and cap: send it or them, not both";
            faults.add("/band/half_widths", FaultCode::Value, text);
        } else if self.half_widths.is_none() && !is_rule {
            faults.add("/band", FaultCode::Value, "needs a relative width or a floor: without either it has no width");
        }
        if self.cap.is_some_and(|cap| cap < self.floor.unwrap_or(absent::BAND.floor)) {
            faults.add("/band/cap", FaultCode::Range, "must be at least the floor");
        }
        if self.cost_rates.is_some() && self.cost_rate.is_some() {
            faults.add("/band/cost_rates", FaultCode::Value, "is in place of cost_rate: send one of them");
        }
        if self.scope.is_some() {
            check_weights_of_plan(weights, faults);
            return;
        }
        for (name, is_sent) in [("cash_band", self.cash_band.is_some()), ("cost_rates", self.cost_rates.is_some())] {
            if is_sent {
                faults.add(format!("/band/{name}"), FaultCode::Value, "goes with scope");
            }
        }
    }
}

/// A plan has neither short holdings nor loans.
fn check_weights_of_plan(weights: &[f64], faults: &mut Faults) {
    if let Some(i) = weights.iter().position(|weight| *weight < 0.0) {
        faults.add(format!("/weights/{i}"), FaultCode::Range, "must be at least 0 with band.scope, as in a plan");
    } else if weights.iter().sum::<f64>() > 1.0 + 1e-9 {
        faults.add("/weights", FaultCode::Range, "must sum to at most 1 with band.scope, as in a plan");
    }
}

impl MonteCarloSimulationRequest {
    /// Whether the request needs a simulation day by day. Requests without the members of this file are answered as
    /// before they existed, except those that take money out of a book that is bought and held, which were refused.
    #[must_use]
    pub fn is_daily(&self) -> bool {
        self.model.is_some_and(|model| model != SimulationModel::Gbm)
            || self.horizons.is_some()
            || self.goal.is_some()
            || self.band.is_some()
            || self.worst_paths.is_some()
            || self.target_standard_error.is_some()
            || self.sells_what_is_held()
    }

    /// Whether money is taken out of a book that is bought and held: its holdings are then sold on the day.
    fn sells_what_is_held(&self) -> bool {
        self.rebalancing == Some(Rebalancing::BuyAndHold)
            && self.cash_flows.iter().flatten().any(|addition| *addition < 0.0)
    }

    /// The options of a simulation day by day, with their defaults.
    #[must_use]
    pub fn daily_options(&self) -> DailyOptions {
        let options = self.options();
        let horizons = self.horizons.as_ref().map(|days| days.iter().map(|day| *day as usize).collect());
        DailyOptions {
            paths: options.paths,
            horizons: horizons.unwrap_or_else(|| vec![options.horizon_days]),
            seed: options.seed,
            policy: match (&self.band, options.rebalancing) {
                (Some(band), _) => DailyPolicy::Band(band.policy(&self.weights)),
                (None, Rebalancing::BuyAndHold) => DailyPolicy::BuyAndHold,
                (None, Rebalancing::FixedWeights) => DailyPolicy::FixedWeights,
            },
            cash_flows: options.cash_flows,
            goal: self.goal,
            fan: options.fan,
            worst_paths: self.worst_paths.map_or(DailyOptions::default().worst_paths, |paths| paths as usize),
            target_standard_error: self.target_standard_error,
            drawdown_threshold: options.drawdown_threshold,
            barrier: options.barrier,
            work_budget: Some(MAX_DAILY_WORK),
        }
    }

    /// Whether the drift is what the forecaster in use expects of the returns of the request.
    #[must_use]
    pub fn asks_forecaster(&self) -> bool {
        self.drift == Some(SimulationDrift::Forecast)
            && self.drift_parameters.as_ref().is_none_or(|parameters| parameters.forecast.is_none())
    }

    /// The drift, with its defaults: of the history, or as given. Where the request asks the forecaster, its forecasts are still missing.
    #[must_use]
    pub fn drift_rule(&self) -> DriftRule {
        let parameters = self.drift_parameters.clone().unwrap_or_default();
        match self.drift {
            None if self.returns.is_none() => DriftRule::Given,
            None | Some(SimulationDrift::Historical) => DriftRule::Historical,
            Some(SimulationDrift::ZeroExcess) => DriftRule::ZeroExcess,
            Some(SimulationDrift::RiskFreePlusPremium) => {
                DriftRule::RiskFreePlusPremium { sharpe_ratio: parameters.sharpe_ratio.unwrap_or(absent::SHARPE_RATIO) }
            }
            Some(SimulationDrift::Forecast) => {
                let annual = parameters.forecast.unwrap_or_default();
                let confidence = parameters.confidence.unwrap_or_else(|| vec![1.0; annual.len()]);
                DriftRule::Forecast { annual, confidence }
            }
        }
    }

    /// Faults of the members of this file.
    pub(crate) fn check_daily(&self, faults: &mut Faults) {
        let model = self.model.unwrap_or_default();
        if self.returns.is_none() && model.needs_history() {
            faults.add("/returns", FaultCode::Required, "is required by the model, which resamples a history");
        }
        if self.returns.is_none() && self.drift == Some(SimulationDrift::Historical) {
            faults.add("/returns", FaultCode::Required, "is required by the drift historical");
        }
        let drift = self.drift_parameters.as_ref();
        if drift.is_some() && self.drift.is_none() {
            faults.add("/drift", FaultCode::Required, "is required with drift_parameters");
        }
        if self.asks_forecaster() {
            if self.returns.is_none() {
                let text = "is required by the drift forecast, or send returns for the forecaster";
                faults.add("/drift_parameters/forecast", FaultCode::Required, text);
            } else if drift.is_some_and(|d| d.confidence.is_some()) {
                let text = "goes with forecast: the forecaster states its own";
                faults.add("/drift_parameters/confidence", FaultCode::Value, text);
            }
        }
        let assets = self.weights.len();
        for (name, given) in [
            ("forecast", drift.and_then(|d| d.forecast.as_ref())),
            ("confidence", drift.and_then(|d| d.confidence.as_ref())),
        ] {
            if given.is_some_and(|given| given.len() != assets) {
                let text = format!("must have {assets} entries, one per weight");
                faults.add(format!("/drift_parameters/{name}"), FaultCode::Length, text);
            }
        }
        let parameters = self.model_parameters.clone().unwrap_or_default();
        let student = matches!(model, SimulationModel::StudentT | SimulationModel::TCopula);
        let jumps = model == SimulationModel::JumpDiffusion;
        for (name, given, belongs) in [
            ("degrees_of_freedom", parameters.degrees_of_freedom.is_some(), student),
            ("mean_block_length", parameters.mean_block_length.is_some(), model == SimulationModel::Bootstrap),
            ("intensity", parameters.intensity.is_some(), jumps),
            ("jump_mean", parameters.jump_mean.is_some(), jumps),
            ("jump_deviation", parameters.jump_deviation.is_some(), jumps),
        ] {
            if given && !belongs {
                faults.add(format!("/model_parameters/{name}"), FaultCode::Value, "does not belong to this model");
            }
        }
        if !self.is_daily() {
            return;
        }
        if let Some(band) = &self.band {
            band.check(&self.weights, faults);
            if self.rebalancing == Some(Rebalancing::BuyAndHold) {
                faults.add("/band", FaultCode::Value, "goes with fixed weights only");
            }
        }
        let options = self.daily_options();
        if self.horizon_days.is_some_and(|days| days as usize != options.horizon_days()) {
            faults.add("/horizon_days", FaultCode::Value, "must be the last of the horizons");
        }
        if !faults.is_empty() {
            return;
        }
        let work = options.work(self.weights.len());
        if work > MAX_DAILY_WORK {
            let text = format!(
                "the simulation takes {work} asset-days (paths × days × assets); the budget is {MAX_DAILY_WORK}"
            );
            faults.add("/paths", FaultCode::Limit, text);
        }
        // Its own budget is known to be kept or has been named with the work.
        if let Err(error) = (DailyOptions { work_budget: None, ..options }).check(self.weights.len()) {
            faults.add(daily_pointer(&error), FaultCode::Range, error.to_string());
        }
    }
}

/// The member of the request that an error of a daily simulation is about; empty where the law decides.
pub(crate) fn daily_pointer(error: &stress::StressError) -> String {
    use stress::StressError as E;
    match error {
        E::CashFlow { index, .. } => format!("/cash_flows/{index}"),
        E::CashFlowCount { .. } => "/cash_flows".to_owned(),
        E::Paths { .. } | E::WorkBudget { .. } => "/paths".to_owned(),
        E::Horizons { .. } | E::Horizon { .. } => "/horizons".to_owned(),
        E::NotPositive { field, .. } => format!("/{field}"),
        E::DrawdownThreshold { .. } => "/drawdown_threshold".to_owned(),
        E::Barrier { .. } => "/barrier".to_owned(),
        E::WorstPaths { .. } => "/worst_paths".to_owned(),
        E::Band => "/band".to_owned(),
        E::BandWeights => "/weights".to_owned(),
        E::DegreesOfFreedom { .. } => "/model_parameters/degrees_of_freedom".to_owned(),
        E::BlockLength { .. } => "/model_parameters/mean_block_length".to_owned(),
        E::Jumps { .. } => "/model_parameters".to_owned(),
        E::DriftParameter { parameter, .. } => format!("/drift_parameters/{parameter}"),
        E::HistoryTooShort { .. } => "/returns".to_owned(),
        E::Diverges { .. } => "/horizon_days".to_owned(),
        _ => String::new(),
    }
}
