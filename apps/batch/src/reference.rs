//! Models, prices, policies and risk: what all accounts share.

use std::collections::HashMap;

use arrow::array::{Array, RecordBatch};
use chrono::{DateTime, Utc};
use controls::{ControlBook, ControlPosition};
use orders::Decimal;
use pipeline::{Method, OptimalMethod, Policy, PreparedPolicy, RiskModel, RiskSource, RunConfig};
use portfolio_core::{BandRule, CostModel, Currency, Money, ReturnPanel, SizingOptions, TradingRules, Universe};

use crate::columns::{lists, number, numbers, numbers_if_there, optional, text, texts};
use crate::decision::Reason;
use crate::engine::Engine;
use crate::error::BatchError;
use crate::storage::Storage;

/// The table of prices.
pub(crate) const PRICES: &str = "prices.parquet";
/// The table of models.
pub(crate) const MODELS: &str = "models.parquet";
/// The table of policies.
pub(crate) const POLICIES: &str = "policies.parquet";
/// Returns of the assets, for policies of the optimal method.
pub(crate) const RETURNS: &str = "returns.parquet";
/// A factor model of the assets, for policies of the optimal method, in place of returns.
pub(crate) const RISK: &str = "risk.parquet";

/// The tables of an input folder that have to be there, and those that may be.
pub(crate) const TABLES: [(&str, bool); 5] =
    [(PRICES, true), (MODELS, true), (POLICIES, true), (RETURNS, false), (RISK, false)];

/// An asset of the table of prices.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub(crate) currency: Currency,
    pub(crate) price: f64,
    pub(crate) cost_bps: f64,
    pub(crate) lot: Option<f64>,
    /// The price as the controls read it.
    pub(crate) exact_price: Option<Decimal>,
}

/// A model: assets by position in the table of prices, with their weights.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) assets: Vec<u32>,
    weights: Vec<f64>,
}

/// A policy of the table.
#[derive(Debug, Clone)]
struct PolicyRow {
    is_optimal: bool,
    band: BandRule,
    destination: f64,
    turnover_limit: f64,
    in_lots: bool,
    min_notional: Option<f64>,
    max_iterations: usize,
}

/// What all accounts share.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Names of the assets, in the order of the table of prices.
    pub(crate) names: Vec<String>,
    pub(crate) assets: Vec<Asset>,
    pub(crate) index: HashMap<String, u32>,
    pub(crate) models: Vec<Model>,
    pub(crate) model_index: HashMap<String, u32>,
    policies: Vec<PolicyRow>,
    pub(crate) policy_index: HashMap<String, u32>,
    risk: Risk,
}

#[derive(Debug)]
enum Risk {
    None,
    Returns(Vec<Vec<f64>>),
    Factors { loadings: Vec<Vec<f64>>, specific: Vec<f64> },
}

/// Assets, model and policy of an account, made ready to decide.
#[derive(Debug)]
pub(crate) struct Ready {
    /// The policy by its own method.
    pub(crate) own: PreparedPolicy,
    /// The band policy, where its own method may fail.
    pub(crate) fallback: Option<PreparedPolicy>,
    /// The assets, by position in the table of prices.
    pub(crate) assets: Vec<u32>,
    pub(crate) in_lots: bool,
    pub(crate) turnover_limit: f64,
}

impl Reference {
    /// Reads the tables.
    pub(crate) async fn read(input: &Storage, engine: &Engine) -> Result<Self, BatchError> {
        let rows = async |name: &str| engine.rows(name, input.read(name).await?).await;
        let (names, assets) = prices(&rows(PRICES).await?)?;
        let index = by_name(PRICES, &names)?;
        let (model_names, models) = models(&rows(MODELS).await?, &index)?;
        let (policy_names, policies) = policies(&rows(POLICIES).await?)?;
        let optional = async |name: &str| match input.get(name).await? {
            Some(bytes) => engine.rows(name, bytes).await.map(Some),
            None => Ok(None),
        };
        let risk = match (optional(RETURNS).await?, optional(RISK).await?) {
            (Some(_), Some(_)) => {
                return Err(BatchError::input(format!(
                    "{RETURNS} and {RISK} both say what the risk is: leave one out"
                )));
            }
            (Some(batches), None) => Risk::Returns(series(RETURNS, "returns", &batches, &index)?),
            (None, Some(batches)) => factors(&batches, &index)?,
            (None, None) => Risk::None,
        };
        if matches!(risk, Risk::None) && policies.iter().any(|policy| policy.is_optimal) {
            return Err(BatchError::input(format!(
                "{POLICIES} has an optimal policy, which needs {RETURNS} or {RISK}"
            )));
        }
        Ok(Self {
            model_index: by_name(MODELS, &model_names)?,
            policy_index: by_name(POLICIES, &policy_names)?,
            names,
            assets,
            index,
            models,
            policies,
            risk,
        })
    }

    /// Makes a policy ready for a model and further assets that accounts hold, whose target is zero.
    ///
    /// # Errors
    /// Why the model cannot be held in this currency, or the policy cannot be prepared.
    pub(crate) fn ready(&self, model: u32, policy: u32, currency: Currency, extra: &[u32]) -> Result<Ready, Reason> {
        let (model, row) = (&self.models[model as usize], &self.policies[policy as usize]);
        let assets: Vec<u32> = model.assets.iter().chain(extra).copied().collect();
        let of = |asset: &u32| &self.assets[*asset as usize];
        if let Some(other) = assets.iter().find(|asset| of(asset).currency != currency) {
            return Err(Reason::OtherCurrency(self.names[*other as usize].clone()));
        }
        let n = assets.len();
        let universe = Universe::new(assets.iter().map(|asset| self.names[*asset as usize].clone()));
        let universe = universe.map_err(sizing)?;
        let mut weights = model.weights.clone();
        weights.resize(n, 0.0);
        let cash_weight = (1.0 - weights.iter().sum::<f64>()).max(0.0);
        let costs: Vec<f64> = assets.iter().map(|asset| of(asset).cost_bps).collect();
        let rules = TradingRules {
            half_widths: weights.iter().map(|target| row.band.half_width(*target)).collect(),
            destination: row.destination,
            lots: assets.iter().map(|asset| of(asset).lot.filter(|_| row.in_lots)).collect(),
            min_notional: match row.min_notional {
                Some(least) => Some(Money::floor(least, currency).map_err(sizing)?),
                None => None,
            },
            ..TradingRules::plain(n, 0.0)
        };
        let in_lots = rules.fits_tickets();
        let options = SizingOptions { drift_threshold: 0.0, turnover_limit: row.turnover_limit };
        let config = RunConfig::new(Policy { weights, cash_weight })
            .with_sizing(options)
            .with_rules(rules)
            .with_costs(CostModel::proportional(&costs).map_err(sizing)?);
        let band = PreparedPolicy::drift(universe.clone(), config.clone()).map_err(sizing)?;
        if !row.is_optimal {
            return Ok(Ready { own: band, fallback: None, assets, in_lots, turnover_limit: row.turnover_limit });
        }
        let config = config.with_method(Method::Optimal(Box::new(OptimalMethod::long_only(n))));
        let source = self.source(&universe, &assets).map_err(Reason::Sizing)?;
        let own = PreparedPolicy::optimal(universe, config, source, row.max_iterations);
        let own = own.map_err(sizing)?;
        Ok(Ready { own, fallback: Some(band), assets, in_lots, turnover_limit: row.turnover_limit })
    }

    /// The book of the controls, without what an account holds.
    pub(crate) fn control_book(&self, ready: &Ready, now: DateTime<Utc>) -> ControlBook {
        let position = |asset: &u32| {
            let Asset { currency, exact_price, .. } = self.assets[*asset as usize];
            ControlPosition {
                asset: self.names[*asset as usize].clone(),
                value: Money::from_minor(0, currency),
                reference_price: exact_price,
                priced_at: Some(now),
                ..ControlPosition::default()
            }
        };
        ControlBook { positions: ready.assets.iter().map(position).collect(), ..ControlBook::default() }
    }

    fn source(&self, universe: &Universe, assets: &[u32]) -> Result<RiskSource, String> {
        match &self.risk {
            Risk::None => Err("there is no risk".to_owned()),
            Risk::Returns(all) => {
                let own = assets.iter().map(|asset| all[*asset as usize].clone()).collect();
                let panel = ReturnPanel::new(universe.clone(), own).map_err(|error| error.to_string())?;
                Ok(RiskSource::Histories(panel))
            }
            Risk::Factors { loadings, specific } => {
                let rows: Vec<&[f64]> = assets.iter().map(|asset| loadings[*asset as usize].as_slice()).collect();
                let k = rows.first().map_or(0, |row| row.len());
                let identity: Vec<Vec<f64>> =
                    (0..k).map(|i| (0..k).map(|j| f64::from(u8::from(i == j))).collect()).collect();
                let identity: Vec<&[f64]> = identity.iter().map(Vec::as_slice).collect();
                let specific: Vec<f64> = assets.iter().map(|asset| specific[*asset as usize]).collect();
                let model = RiskModel::factor(&rows, &identity, &specific).map_err(|error| error.to_string())?;
                Ok(RiskSource::Model(model))
            }
        }
    }
}

fn sizing(error: impl ToString) -> Reason {
    Reason::Sizing(error.to_string())
}

fn by_name(table: &str, names: &[String]) -> Result<HashMap<String, u32>, BatchError> {
    let mut index = HashMap::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        if index.insert(name.clone(), i as u32).is_some() {
            return Err(BatchError::input(format!("{table}: {name} is there twice")));
        }
    }
    Ok(index)
}

fn prices(batches: &[RecordBatch]) -> Result<(Vec<String>, Vec<Asset>), BatchError> {
    let (mut names, mut assets) = (Vec::new(), Vec::new());
    for batch in batches {
        let (name, currency) = (texts(PRICES, batch, "asset")?, texts(PRICES, batch, "currency")?);
        let price = numbers(PRICES, batch, "price")?;
        let (cost, lot) = (numbers_if_there(PRICES, batch, "cost_bps")?, numbers_if_there(PRICES, batch, "lot")?);
        for row in 0..batch.num_rows() {
            let id = text(PRICES, "asset", &name, row)?;
            let code = text(PRICES, "currency", &currency, row)?;
            let currency = code.parse().map_err(|_| BatchError::input(format!("{PRICES}: {code} is no currency")))?;
            let price = number(PRICES, "price", &price, row)?;
            if !(price > 0.0 && price.is_finite()) {
                return Err(BatchError::input(format!("{PRICES}: the price of {id} is {price}, not above 0")));
            }
            let lot = optional(&lot, row);
            if lot.is_some_and(|lot| !(lot > 0.0 && lot.is_finite())) {
                return Err(BatchError::input(format!("{PRICES}: the lot of {id} is not above 0")));
            }
            names.push(id.to_owned());
            assets.push(Asset {
                currency,
                price,
                cost_bps: optional(&cost, row).unwrap_or(0.0),
                lot,
                exact_price: Decimal::from_f64(price).ok(),
            });
        }
    }
    Ok((names, assets))
}

fn models(batches: &[RecordBatch], index: &HashMap<String, u32>) -> Result<(Vec<String>, Vec<Model>), BatchError> {
    let (mut names, mut models): (Vec<String>, Vec<Model>) = (Vec::new(), Vec::new());
    let mut places: HashMap<String, usize> = HashMap::new();
    for batch in batches {
        let (model, asset) = (texts(MODELS, batch, "model_id")?, texts(MODELS, batch, "asset")?);
        let weight = numbers(MODELS, batch, "weight")?;
        for row in 0..batch.num_rows() {
            let (id, name) = (text(MODELS, "model_id", &model, row)?, text(MODELS, "asset", &asset, row)?);
            let weight = number(MODELS, "weight", &weight, row)?;
            let asset = index.get(name);
            let asset = *asset.ok_or_else(|| BatchError::input(format!("{MODELS}: {id}: {name} has no price")))?;
            if !(0.0..=1.0).contains(&weight) {
                return Err(BatchError::input(format!(
                    "{MODELS}: {id}: the weight of {name} is {weight}, not from 0 to 1"
                )));
            }
            let place = *places.entry(id.to_owned()).or_insert_with(|| {
                names.push(id.to_owned());
                models.push(Model { assets: Vec::new(), weights: Vec::new() });
                models.len() - 1
            });
            if models[place].assets.contains(&asset) {
                return Err(BatchError::input(format!("{MODELS}: {id}: {name} is there twice")));
            }
            models[place].assets.push(asset);
            models[place].weights.push(weight);
        }
    }
    for (name, model) in names.iter().zip(&models) {
        let sum: f64 = model.weights.iter().sum();
        if sum > 1.0 + 1e-9 {
            return Err(BatchError::input(format!("{MODELS}: the weights of {name} sum to {sum}, more than 1")));
        }
    }
    Ok((names, models))
}

fn policies(batches: &[RecordBatch]) -> Result<(Vec<String>, Vec<PolicyRow>), BatchError> {
    let (mut names, mut policies) = (Vec::new(), Vec::new());
    for batch in batches {
        let (id, method) = (texts(POLICIES, batch, "policy_id")?, texts(POLICIES, batch, "method")?);
        let turnover = numbers(POLICIES, batch, "turnover_limit")?;
        let [relative, floor, cap, destination, lots, least, iterations] =
            ["band_relative", "band_floor", "band_cap", "destination", "in_lots", "min_notional", "max_iterations"]
                .map(|name| numbers_if_there(POLICIES, batch, name));
        let (relative, floor, cap, destination) = (relative?, floor?, cap?, destination?);
        let (lots, least, iterations) = (lots?, least?, iterations?);
        for row in 0..batch.num_rows() {
            let id = text(POLICIES, "policy_id", &id, row)?;
            let fault = |what: String| BatchError::input(format!("{POLICIES}: {id}: {what}"));
            let is_optimal = match text(POLICIES, "method", &method, row)? {
                "band" => false,
                "optimal" => true,
                other => return Err(fault(format!("the method is {other}, neither band nor optimal"))),
            };
            let band = BandRule {
                relative: optional(&relative, row).unwrap_or(0.0),
                floor: optional(&floor, row).unwrap_or(0.0),
                cap: optional(&cap, row).unwrap_or(1.0),
            };
            band.check().map_err(|error| fault(error.to_string()))?;
            let max_iterations = optional(&iterations, row).unwrap_or(60.0);
            if !(1.0..=10_000.0).contains(&max_iterations) {
                return Err(fault("max_iterations is from 1 to 10,000".to_owned()));
            }
            let turnover_limit = number(POLICIES, "turnover_limit", &turnover, row)?;
            let options = SizingOptions { drift_threshold: 0.0, turnover_limit };
            options.check().map_err(|error| fault(error.to_string()))?;
            names.push(id.to_owned());
            policies.push(PolicyRow {
                is_optimal,
                band,
                destination: optional(&destination, row).unwrap_or(0.0),
                turnover_limit,
                in_lots: optional(&lots, row).is_some_and(|lots| lots != 0.0),
                min_notional: optional(&least, row),
                max_iterations: max_iterations as usize,
            });
        }
    }
    Ok((names, policies))
}

/// A list of numbers for each asset; empty for those without a row.
fn series(
    table: &str,
    name: &str,
    batches: &[RecordBatch],
    index: &HashMap<String, u32>,
) -> Result<Vec<Vec<f64>>, BatchError> {
    let mut all = vec![Vec::new(); index.len()];
    for batch in batches {
        let (asset, list) = (texts(table, batch, "asset")?, lists(table, batch, name)?);
        for row in 0..batch.num_rows() {
            let id = text(table, "asset", &asset, row)?;
            let Some(&place) = index.get(id) else { continue };
            let values = list.value(row);
            let values = values.as_any().downcast_ref::<arrow::array::Float64Array>();
            let values = values.filter(|values| values.null_count() == 0);
            let values =
                values.ok_or_else(|| BatchError::input(format!("{table}: {id}: {name} are no list of numbers")))?;
            all[place as usize] = values.values().to_vec();
        }
    }
    Ok(all)
}

fn factors(batches: &[RecordBatch], index: &HashMap<String, u32>) -> Result<Risk, BatchError> {
    let loadings = series(RISK, "loadings", batches, index)?;
    let mut specific = vec![f64::NAN; index.len()];
    for batch in batches {
        let (asset, variance) = (texts(RISK, batch, "asset")?, numbers(RISK, batch, "specific_variance")?);
        for row in 0..batch.num_rows() {
            let id = text(RISK, "asset", &asset, row)?;
            let value = number(RISK, "specific_variance", &variance, row)?;
            if let Some(&place) = index.get(id) {
                specific[place as usize] = value;
            }
        }
    }
    Ok(Risk::Factors { loadings, specific })
}
