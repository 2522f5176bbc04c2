//! From a request to the case the agents start from: every default filled in.

use governance::ClientLabels;
use orders::SettlementMarket;
use pipeline::{ImplausibleInput, MarketData, Method, OptimalMethod, PolicyObjective, RunConfig, SupervisorLimits};
use portfolio_core::{
    AssetRole, Book, Currency, NaiveDate, ReturnPanel, Seed, Universe, WeightSide, Written, lookalikes,
    round_to_12_decimals,
};
use risk::RiskOptions;
use stress::SimulationOptions;
use stress::scenario::stand_in;

use crate::control::policy_of_plan::PolicyOfPlan;
use crate::decode::decode;
use crate::dto::absent;
use crate::dto::allocator::AppliedAllocator;
use crate::dto::asset_description::AssetDescription;
use crate::dto::identifiers::{AssetIdentifiers, AssetIdentifiersRequest};
use crate::dto::labels::ClientMetadata;
use crate::dto::optimal::RebalanceMethodName;
use crate::dto::plan::FittedCosts;
use crate::dto::portfolio::{HoldingRequest, RebalanceRequest};
use crate::dto::regimes::RegimeBand;
use crate::dto::trigger::TriggerEntry;
use crate::dto::verdict_limits::VerdictLimitsRequest;
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault::{Fault, Faults};
use crate::fault_code::FaultCode;
use crate::inventory::regimes::regimes_use;
use crate::planning::costs::{costs_of, states_tariffs};
use crate::planning::groups::{MeasuredGroup, measured};
use crate::planning::holdings::{Holdings, implied_cash_target};
use crate::planning::optimal::{ESTIMATOR, optimal_method, path_method};
use crate::planning::regime_band::widened;
use crate::planning::rules::rules_of;
use crate::planning::sizing::sizing_of;
use crate::planning::trigger::judged;
use crate::telling::inventory::forecaster;

/// The input of the agents that a request states, and what its answer repeats.
#[derive(Debug, Clone)]
pub struct Case {
    /// What is held.
    pub book: Book,
    /// The history of each asset, in the order of the book.
    pub panel: ReturnPanel,
    /// The client's own estimate of each asset's next return.
    pub market_returns: Vec<Option<f64>>,
    /// Units of each asset traded on an average day.
    pub average_daily_volumes: Vec<Option<f64>>,
    /// Returns of the benchmark.
    pub benchmark: Option<Vec<f64>>,
    /// Policy, limits, method and models.
    pub config: RunConfig,
    /// What the answer repeats and no agent reads.
    pub echo: Echo,
}

/// What an answer repeats of its request and no agent reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Echo {
    /// NAV, major units: as it was sent beside weights, and what positions and cash come to beside quantities.
    pub portfolio_value: f64,
    /// Tracking error a year that the tilt may spend; stated also where the method does not tilt.
    pub tracking_error_budget: f64,
    /// The simulation as it was asked for; stated also when it is switched off.
    pub simulation: SimulationEcho,
    /// The holdings inside each asset, where sent.
    pub holdings: Vec<Vec<Holding>>,
    /// What was assumed while reading the request.
    pub warnings: Vec<PlanWarning>,
    /// Whether the request names its covariance model: then no champion takes its place.
    pub names_covariance: bool,
    /// The control policy that its answer tells the checks of: the default one, unless the service has another.
    pub control_policy: Option<PolicyOfPlan>,
    /// The fitted cost model of the assets whose rate the request does not state, where one is in use.
    pub cost_model: Option<FittedCosts>,
    /// Whether the request states costs beside rates, of which its answer tells each part.
    pub states_tariffs: bool,
    /// By how much the bands are wider because the state of the market is unsure, where it was asked.
    pub regime_band: Option<RegimeBand>,
    /// The learned allocator whose targets and bands it has, where its request names one.
    pub learned_allocator: Option<AppliedAllocator>,
    /// How its orders are placed.
    pub order_terms: OrderTerms,
    /// The groups against their bands.
    pub groups: Vec<MeasuredGroup>,
    /// Whether the policy trades on the trade date, where it was asked.
    pub trigger: Option<TriggerEntry>,
    /// Whether everything is to be sold.
    pub is_liquidation: bool,
    /// Units held of each asset, where they were sent.
    pub quantities: Option<Vec<f64>>,
    /// What the client says of each asset.
    pub descriptions: Vec<Description>,
    /// What each asset is called elsewhere, where sent.
    pub identifiers: Vec<Option<AssetIdentifiers>>,
    /// The date of each return of the longest history, where sent.
    pub dates: Vec<chrono::NaiveDate>,
    /// What the benchmark is called, trimmed.
    pub benchmark_name: Option<String>,
    /// The name of the portfolio.
    pub name: Option<String>,
    /// The title of the plan.
    pub title: Option<String>,
    /// The client's own reference.
    pub client_reference: Option<String>,
    /// The client's own data.
    pub client_metadata: Option<ClientMetadata>,
}

impl Echo {
    /// What the client calls its plan, as it is kept.
    ///
    /// # Errors
    /// Never: strings by name can be written.
    pub fn labels(&self) -> Result<ClientLabels, serde_json::Error> {
        Ok(ClientLabels {
            reference: self.client_reference.clone(),
            metadata: self.client_metadata.as_ref().map(serde_json::to_string).transpose()?,
        })
    }
}

/// A simulation as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulationEcho {
    /// Paths; 0 switches it off.
    pub paths: usize,
    /// Days of each path.
    pub horizon_days: usize,
    /// The seed.
    pub seed: u64,
}

impl Echo {
    /// What the client says of asset `i`, for an answer.
    #[must_use]
    pub fn description(&self, i: usize) -> AssetDescription {
        let Description { name, asset_class, account, sleeve, .. } = self.descriptions[i].clone();
        AssetDescription { identifiers: self.identifiers[i].clone(), name, asset_class, account, sleeve }
    }
}

/// How the orders of a plan are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderTerms {
    /// The day on which they are to be executed.
    pub trade_date: Option<NaiveDate>,
    /// How far a limit price may be from the reference price, basis points.
    pub collar_bps: u32,
}

/// What a client says of an asset, as sent; no figure depends on it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Description {
    /// Its full name.
    pub name: Option<String>,
    /// Its class.
    pub asset_class: Option<String>,
    /// The account that holds it.
    pub account: Option<String>,
    /// The sleeve it belongs to.
    pub sleeve: Option<String>,
    /// The part it plays.
    pub role: AssetRole,
    /// Units of one lot.
    pub lot_size: Option<f64>,
    /// The market it is traded in.
    pub market: Option<SettlementMarket>,
}

/// One holding inside an asset.
#[derive(Debug, Clone, PartialEq)]
pub struct Holding {
    /// Its name, trimmed.
    pub name: String,
    /// Share of the asset's value.
    pub weight: f64,
    /// Price of one unit, major units, where sent.
    pub last_price: Option<f64>,
}

impl Case {
    /// Units held of an asset before the plan's trades: as they were sent, or those that its weight comes to.
    #[must_use]
    pub fn units_held(&self, asset: usize) -> f64 {
        match &self.echo.quantities {
            Some(quantities) => quantities[asset],
            None => self.book.weights()[asset] * self.book.nav().major() / self.book.positions()[asset].unit_value(),
        }
    }

    /// The case that the bytes of a [`RebalanceRequest`] state.
    ///
    /// # Errors
    /// Everything found wrong with them, at most [`Faults::MAX`] faults.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        decode::<RebalanceRequest>(bytes).and_then(Self::try_from)
    }

    /// The market the agents see.
    #[must_use]
    pub fn market(&self) -> MarketData<'_> {
        MarketData::new(&self.panel)
            .with_market_returns(&self.market_returns)
            .with_volumes(&self.average_daily_volumes)
            .with_benchmark(self.benchmark.as_deref())
    }

    /// Rough number of elementary steps the plan takes, to decide where it is made.
    #[must_use]
    pub fn work(&self) -> u64 {
        // A model that is fitted to each history; the champion is a sum of products.
        let fitted = u64::from(self.echo.names_covariance) * 200 * (self.panel.assets() * self.panel.periods()) as u64;
        self.config.work(&self.book, &self.market()) + fitted
    }

    /// The names of the assets, in input order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        self.book.universe().names()
    }
}

impl TryFrom<RebalanceRequest> for Case {
    type Error = Vec<Fault>;

    fn try_from(request: RebalanceRequest) -> Result<Self, Vec<Fault>> {
        Self::with_costs(request, None)
    }
}

impl Case {
    /// The case of a request in which assets without a stated rate cost what a fitted model says.
    ///
    /// # Errors
    /// Everything found wrong with it.
    pub fn with_costs(request: RebalanceRequest, fitted: Option<FittedCosts>) -> Result<Self, Vec<Fault>> {
        let currency = match &request.currency {
            Some(code) => code.parse::<Currency>().map_err(|e| fault("/currency", &e))?,
            None => Currency::USD,
        };
        let n = request.assets.len();
        let states_tariffs = states_tariffs(&request);
        let trade_date = request.trade_date.as_deref().and_then(|date| date.parse().ok());
        let universe =
            Universe::new(request.assets.iter().map(|asset| asset.asset.trim())).map_err(|e| fault("/assets", &e))?;
        let Holdings { book, policy, scaled_from } = Holdings::of(&request, currency, &universe)?;
        let warnings = warnings_of(&request, scaled_from);
        let has_only_dates = request.has_only_dates();
        let mut doubts = doubts_of(&request, scaled_from);
        doubts.extend(doubts_of_book(&request, &book, &policy.weights));
        let (costs, cost_model) = costs_of(&request, &book, fitted)?;
        let (mut sizing, objective) = (sizing_of(&request), objective_of(&request));
        let mut rules = rules_of(&request, &book, &policy, &costs, objective, sizing.drift_threshold)?;
        let regime_band = widened(&request, &policy, &mut sizing, rules.as_mut())?;
        let groups = match &rules {
            Some(rules) => measured(&request, rules, book.weights(), &policy.weights)?,
            None => Vec::new(),
        };
        let trigger = match &mut rules {
            Some(rules) => judged(&request, rules, book.weights(), &policy.weights)?,
            None => None,
        };
        let simulation = simulation_of(&request);
        // A value stated beside quantities may be a few minor units off: what they come to is what is planned.
        let portfolio_value =
            request.portfolio_value.filter(|_| !request.holds_quantities()).unwrap_or_else(|| book.nav().major());
        let quantities = request
            .holds_quantities()
            .then(|| book.positions().iter().map(portfolio_core::Position::quantity).collect());
        let named_covariance = request.optimization.as_ref().and_then(|optimization| optimization.covariance);
        let tracking_error_budget = request.tracking_error_budget.unwrap_or_default();
        let stand_ins =
            request.assets.iter().map(|asset| stand_in(&asset.asset, asset.asset_class.as_deref())).collect();
        let tilt_budget = Some(tracking_error_budget).filter(|budget| *budget > 0.0);
        let config = RunConfig {
            policy,
            sizing,
            rules,
            costs,
            objective,
            method: match request.method.unwrap_or_default() {
                method @ (RebalanceMethodName::Optimal | RebalanceMethodName::MultiPeriod) => {
                    let optimization = request.optimization.unwrap_or_default();
                    let path = match method {
                        RebalanceMethodName::MultiPeriod => {
                            Some(path_method(optimization.path.as_ref(), book.nav().major())?)
                        }
                        _ => None,
                    };
                    let method = OptimalMethod { path, ..optimal_method(optimization, n, tilt_budget) };
                    Method::Optimal(Box::new(method))
                }
                RebalanceMethodName::Drift => Method::Drift { tilt_budget },
            },
            risk_free_rate: request.risk_free_rate.unwrap_or_else(|| RiskOptions::default().risk_free_rate),
            forecaster: forecaster(request.forecast_model).clone(),
            estimator: named_covariance.unwrap_or(ESTIMATOR).estimator().into(),
            simulation: (simulation.paths > 0).then(|| SimulationOptions {
                paths: simulation.paths,
                horizon_days: simulation.horizon_days,
                seed: Seed(simulation.seed),
                ..SimulationOptions::default()
            }),
            drift: request.monte_carlo.as_ref().and_then(|asked| asked.drift).unwrap_or_default(),
            worth_min_bps: request.worth_min_bps,
            prepared_by: regime_band.iter().map(|_| regimes_use()).collect(),
            is_due: trigger.as_ref().is_none_or(|trigger| trigger.is_due),
            doubts,
            stand_ins,
            limits: request
                .verdict_limits
                .as_ref()
                .map_or_else(SupervisorLimits::default, VerdictLimitsRequest::limits),
        };
        let mut returns = Vec::with_capacity(n);
        let (mut market_returns, mut volumes) = (Vec::new(), Vec::new());
        let (mut holdings, mut identifiers, mut descriptions) = (Vec::new(), Vec::new(), Vec::new());
        for asset in request.assets {
            market_returns.push(asset.market_return);
            identifiers.push(asset.identifiers.and_then(AssetIdentifiersRequest::told));
            volumes.push(asset.average_daily_volume);
            returns.push(asset.historical_returns.unwrap_or_default());
            descriptions.push(Description {
                name: asset.name,
                asset_class: asset.asset_class,
                account: asset.account,
                sleeve: asset.sleeve,
                role: asset.role.unwrap_or_default(),
                lot_size: asset.lot_size,
                market: asset.market.as_deref().and_then(|code| code.parse().ok()),
            });
            holdings.push(asset.holdings.unwrap_or_default().into_iter().map(holding).collect());
        }
        Ok(Self {
            book,
            panel: ReturnPanel::new(universe, returns).map_err(|e| fault("/assets", &e))?,
            market_returns,
            average_daily_volumes: volumes,
            benchmark: request.benchmark_returns,
            config,
            echo: Echo {
                names_covariance: named_covariance.is_some(),
                control_policy: Some(PolicyOfPlan::default()),
                cost_model,
                states_tariffs,
                regime_band,
                learned_allocator: None,
                portfolio_value,
                order_terms: OrderTerms {
                    trade_date,
                    collar_bps: request.limit_collar_bps.map_or(absent::COLLAR_BPS, |bps| bps as u32),
                },
                groups,
                trigger,
                is_liquidation: request.liquidate.unwrap_or(false),
                quantities,
                tracking_error_budget,
                simulation,
                holdings,
                warnings,
                identifiers,
                descriptions,
                dates: request.dates.filter(|_| !has_only_dates).unwrap_or_default(),
                benchmark_name: request.benchmark_name.map(|name| name.trim().to_owned()),
                name: request.name,
                title: request.title,
                client_reference: request.client_reference,
                client_metadata: request.metadata,
            },
        })
    }
}

fn fault(pointer: &str, detail: &dyn std::fmt::Display) -> Vec<Fault> {
    let mut faults = Faults::default();
    faults.add(pointer, FaultCode::Value, detail.to_string());
    faults.into_vec()
}

/// Weights that were scaled although no unit of weights explains their sums.
fn doubts_of(request: &RebalanceRequest, scaled_from: Option<(f64, Option<f64>)>) -> Vec<ImplausibleInput> {
    let Some((target, current)) = scaled_from else { return Vec::new() };
    let value = request.portfolio_value.unwrap_or_default();
    let targets_whole = 1.0 - request.cash_target_weight.unwrap_or_default();
    // Weights of all that is held are plausible too where some of it is outside the portfolio.
    let excluded = request.assets.iter().filter(|asset| asset.role == Some(AssetRole::Excluded));
    let outside: f64 = excluded.filter_map(|asset| asset.current_weight).sum();
    let of_current = |sum| {
        ImplausibleInput::in_weight_sum(WeightSide::Current, sum, 1.0, value)
            .filter(|_| ImplausibleInput::in_weight_sum(WeightSide::Current, sum + outside, 1.0, value).is_some())
    };
    ImplausibleInput::in_weight_sum(WeightSide::Target, target, targets_whole, value)
        .into_iter()
        .chain(current.and_then(of_current))
        .collect()
}

/// Cash and prices of a book that are probably other numbers than they are taken for.
fn doubts_of_book(request: &RebalanceRequest, book: &Book, targets: &[f64]) -> Vec<ImplausibleInput> {
    let nav = book.nav().major();
    let mut found = Vec::new();
    if let Some(cash) = implied_cash_target(request) {
        found.extend(ImplausibleInput::in_implied_cash(1.0 - cash, book.cash().major() / nav));
    }
    for (i, asset) in request.assets.iter().enumerate() {
        if let Some(price) = asset.price {
            // Quantities that were computed from the price itself say nothing about it.
            let held = if request.holds_quantities() { book.positions()[i].quantity() } else { 0.0 };
            found.extend(ImplausibleInput::in_unit_price(i, price, held, targets[i] * nav));
        }
    }
    found
}

fn objective_of(request: &RebalanceRequest) -> PolicyObjective {
    let defaults = PolicyObjective::default();
    PolicyObjective {
        risk_aversion: request.risk_aversion.unwrap_or(defaults.risk_aversion),
        horizon_years: request.horizon_years.unwrap_or(defaults.horizon_years),
    }
}

fn holding(sent: HoldingRequest) -> Holding {
    Holding { name: sent.holding.trim().to_owned(), weight: sent.holding_weight, last_price: sent.last_price }
}

/// Paths, horizon and seed with their defaults.
fn simulation_of(request: &RebalanceRequest) -> SimulationEcho {
    let defaults = SimulationOptions::default();
    let asked = request.monte_carlo.clone().unwrap_or_default();
    SimulationEcho {
        paths: asked.paths.map_or(defaults.paths, |n| n as usize),
        horizon_days: asked.horizon_days.map_or(defaults.horizon_days, |n| n as usize),
        seed: asked.seed.unwrap_or(defaults.seed.0),
    }
}

fn warnings_of(request: &RebalanceRequest, scaled_from: Option<(f64, Option<f64>)>) -> Vec<PlanWarning> {
    let mut warnings = Vec::new();
    let mut warn = |code, pointer: String, detail| warnings.push(PlanWarning { code, pointer, detail });
    if let Some((target, current)) = scaled_from {
        let detail = match (current, request.cash_target_weight) {
            (Some(current), None) => format!(
                "target weights summed to {} and current weights to {}: both were scaled to one",
                Written(target),
                Written(current)
            ),
            (_, Some(cash)) => format!(
                "target weights summed to {}: they were scaled to the {} that the cash target leaves",
                Written(round_to_12_decimals(target)),
                Written(round_to_12_decimals(1.0 - cash))
            ),
            (None, None) => {
                format!("target weights summed to {}: they were scaled to one", Written(round_to_12_decimals(target)))
            }
        };
        warn(WarningCode::WeightsNormalized, "/assets".to_owned(), detail);
    }
    if let Some(cash) = implied_cash_target(request) {
        let detail = format!(
            "target weights sum to {}: the rest, {}, is taken as the cash target; send cash_target_weight, or correct the target that is missing",
            Written(round_to_12_decimals(1.0 - cash)),
            Written(round_to_12_decimals(cash))
        );
        warn(WarningCode::CashTargetImplied, "/assets".to_owned(), detail);
    }
    for (first, i) in lookalikes(request.assets.iter().map(|asset| asset.asset.as_str())) {
        let detail = format!(
            "assets {} and {} have names that differ only in the case of letters or in characters that cannot be seen: one position may be in the book twice",
            first + 1,
            i + 1
        );
        warn(WarningCode::SimilarNames, format!("/assets/{i}/asset"), detail);
    }
    if request.has_only_dates() {
        let detail = "no asset has a history: the dates are those of no return, and are not told back".to_owned();
        warn(WarningCode::HistoryMissing, "/dates".to_owned(), detail);
    }
    for (i, asset) in request.assets.iter().enumerate() {
        if asset.price.is_none() && asset.role != Some(AssetRole::Excluded) {
            warn(
                WarningCode::PriceDefaulted,
                format!("/assets/{i}/price"),
                "no price was sent: units are counted at 100 each".to_owned(),
            );
        }
        if let Some(holdings) = &asset.holdings {
            let sum: f64 = holdings.iter().map(|h| h.holding_weight).sum();
            if !holdings.is_empty() && (sum - 1.0).abs() > 1e-6 {
                warn(
                    WarningCode::HoldingWeightsSum,
                    format!("/assets/{i}/holdings"),
                    format!("holding weights sum to {}, not to one: they are used as sent", Written(sum)),
                );
            }
        }
    }
    warnings
}
