//! An account, decided.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use controls::{ControlBook, ControlSet, OrderFacts, Proposal};
use orders::Decimal;
use pipeline::{PreparedPolicy, RebalanceOutcome};
use portfolio_core::{Book, Currency, Money, Position, TradePlan, TradeSide};

use crate::decision::{Decided, Order, Outcome, Reason};
use crate::reference::{Ready, Reference};

/// An account as it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account<'a> {
    pub(crate) currency: Currency,
    pub(crate) cash_minor: i64,
    pub(crate) model: u32,
    pub(crate) policy: u32,
    /// Assets by position in the table of prices, and units held.
    pub(crate) assets: &'a [u32],
    pub(crate) units: &'a [f64],
}

/// The pre-trade controls of a run.
#[derive(Debug)]
pub(crate) struct Checks {
    pub(crate) set: ControlSet,
    pub(crate) is_empty: bool,
    pub(crate) now: DateTime<Utc>,
}

/// Decides on accounts, one after the other.
#[derive(Debug)]
pub(crate) struct Planner<'a> {
    reference: &'a Reference,
    checks: &'a Checks,
    /// Policies that are ready, by model, policy and currency.
    ready: HashMap<Key, Result<Arc<Ready>, Reason>>,
    /// Place of each asset in the account at hand; [`NONE`] for an asset that is not in it.
    places: Vec<u32>,
    /// Units of each asset of the account at hand.
    held: Vec<f64>,
    last: Option<(Key, Arc<Ready>)>,
    /// The book that the controls saw last: its names and prices are those of the next one under the same policy.
    case: Option<(Arc<Ready>, ControlBook)>,
}

const NONE: u32 = u32::MAX;

/// Model, policy and code of the currency.
type Key = (u32, u32, &'static str);

impl<'a> Planner<'a> {
    pub(crate) fn new(reference: &'a Reference, checks: &'a Checks) -> Self {
        let places = vec![NONE; reference.names.len()];
        Self { reference, checks, ready: HashMap::new(), places, held: Vec::new(), last: None, case: None }
    }

    fn shared(&mut self, account: &Account<'_>) -> Result<Arc<Ready>, Reason> {
        let key = (account.model, account.policy, account.currency.code());
        if let Some((own, ready)) = &self.last
            && *own == key
        {
            return Ok(Arc::clone(ready));
        }
        let reference = self.reference;
        let made = self
            .ready
            .entry(key)
            .or_insert_with(|| reference.ready(account.model, account.policy, account.currency, &[]).map(Arc::new));
        match made {
            Ok(ready) => {
                self.last = Some((key, Arc::clone(ready)));
                Ok(Arc::clone(ready))
            }
            Err(reason) => Err(reason.clone()),
        }
    }

    /// Decides on an account. Whatever it holds, there is an answer.
    pub(crate) fn decide(&mut self, account: &Account<'_>) -> Decided {
        self.decided(account).unwrap_or_else(Decided::refused)
    }

    fn decided(&mut self, account: &Account<'_>) -> Result<Decided, Reason> {
        let mut ready = self.shared(account)?;
        let extra = self.place(account, &ready)?;
        if !extra.is_empty() {
            let own = self.reference.ready(account.model, account.policy, account.currency, &extra);
            ready = Arc::new(own?);
        }
        let reference = self.reference;
        let positions = ready.assets.iter().zip(&self.held);
        let positions = positions.map(|(asset, units)| {
            let asset = &reference.assets[*asset as usize];
            Position::of_quantity(*units, asset.price, asset.currency)
        });
        let cash = Money::from_minor(account.cash_minor, account.currency);
        let book = Book::new(ready.own.universe().clone(), positions.collect(), cash);
        let book = book.map_err(|error| Reason::Book(error.to_string()))?;
        self.planned(&ready, &book)
    }

    /// Units of each asset of the model, and the assets that the account holds besides.
    fn place(&mut self, account: &Account<'_>, ready: &Ready) -> Result<Vec<u32>, Reason> {
        let model = &ready.assets;
        self.held.clear();
        self.held.resize(model.len(), 0.0);
        let mut extra = Vec::new();
        // The usual account holds the assets of its model in the order of its model.
        if account.assets == model.as_slice() {
            self.held.copy_from_slice(account.units);
            return Ok(extra);
        }
        for (i, asset) in model.iter().enumerate() {
            self.places[*asset as usize] = i as u32;
        }
        let mut twice = None;
        let mut seen = vec![false; model.len()];
        for (asset, units) in account.assets.iter().zip(account.units) {
            match self.places[*asset as usize] {
                NONE => {
                    self.places[*asset as usize] = self.held.len() as u32;
                    extra.push(*asset);
                    self.held.push(*units);
                    seen.push(true);
                }
                place if seen[place as usize] => twice = Some(*asset),
                place => {
                    self.held[place as usize] = *units;
                    seen[place as usize] = true;
                }
            }
        }
        for asset in model.iter().chain(&extra) {
            self.places[*asset as usize] = NONE;
        }
        match twice {
            Some(asset) => Err(Reason::AssetTwice(self.reference.names[asset as usize].clone())),
            None => Ok(extra),
        }
    }

    fn planned(&mut self, ready: &Arc<Ready>, book: &Book) -> Result<Decided, Reason> {
        if let Some(drift) = ready.own.quiet_drift(book) {
            return Ok(quiet(book, drift));
        }
        let (found, outcome, reason) = match decide(&ready.own, book, ready.in_lots) {
            Ok(decision) => match &decision.outcome {
                Some(RebalanceOutcome::Infeasible(_)) => (None, Outcome::Fallback, Some(Reason::Infeasible)),
                _ => (Some(decision), Outcome::Trade, None),
            },
            Err(error) if ready.fallback.is_some() => {
                (None, Outcome::Fallback, Some(Reason::NotProven(error.to_string())))
            }
            Err(error) => return Err(Reason::Sizing(error.to_string())),
        };
        let decision = match (found, &ready.fallback) {
            (Some(decision), _) => decision,
            (None, Some(band)) => {
                decide(band, book, ready.in_lots).map_err(|error| Reason::Sizing(error.to_string()))?
            }
            (None, None) => return Err(Reason::Infeasible),
        };
        let solution = decision.outcome.as_ref().and_then(RebalanceOutcome::solution);
        let solved = solution.map_or(0, |solution| solution.iterations);
        let mut decided = Decided {
            outcome,
            reason,
            duality_gap: solution.map(|solution| solution.certificate.duality_gap),
            ..of_trades(ready, book, &decision.trades, solved)
        };
        if decided.orders.is_empty() && decided.outcome == Outcome::Trade {
            decided.outcome = Outcome::Hold;
        }
        let held = |order: &Order| {
            let place = ready.assets.iter().position(|asset| *asset == order.asset);
            place.map_or(0.0, |place| book.positions()[place].value() * book.currency().minor_per_major())
        };
        if let Some(fault) = decided.fault(held, ready.turnover_limit) {
            return Err(Reason::Unsound(fault));
        }
        self.checked(ready, book, decided)
    }

    /// Holds the orders of an account against the pre-trade controls, as the service does at an export.
    fn checked(&mut self, ready: &Arc<Ready>, book: &Book, decided: Decided) -> Result<Decided, Reason> {
        if decided.orders.is_empty() || self.checks.is_empty {
            return Ok(decided);
        }
        let names = &self.reference.names;
        let fault = |what: &str| Reason::Book(what.to_owned());
        let currency = book.currency();
        let minor = |value: f64| Money::floor(value, currency).map_err(|error| Reason::Book(error.to_string()));
        let case = match &mut self.case {
            Some((own, case)) if Arc::ptr_eq(own, ready) => case,
            none => &mut none.insert((Arc::clone(ready), self.reference.control_book(ready, self.checks.now))).1,
        };
        case.nav = book.nav();
        for (known, position) in case.positions.iter_mut().zip(book.positions()) {
            known.value = minor(position.value())?;
            known.quantity = Some(position.quantity());
        }
        let mut proposals = Vec::with_capacity(decided.orders.len());
        for order in &decided.orders {
            let place = ready.assets.iter().position(|asset| *asset == order.asset);
            let value = Money::from_minor(order.value_minor.abs(), currency);
            let quantity = Decimal::from_f64(order.units.abs());
            let facts = OrderFacts {
                id: names[order.asset as usize].clone(),
                asset: place.ok_or_else(|| fault("an order of an asset that is not in the book"))?,
                side: if order.value_minor < 0 { TradeSide::Sell } else { TradeSide::Buy },
                quantity: quantity.map_err(|error| Reason::Book(error.to_string()))?,
                price: None,
                notional: value,
                market_value: value,
            };
            proposals.push(Proposal { facts, order: () });
        }
        let assessed = self.checks.set.assess(case, proposals, None, self.checks.now);
        let assessed = assessed.map_err(|error| Reason::Book(error.to_string()))?;
        let outcome = match assessed.outcome() {
            controls::Outcome::Hard => Outcome::Refused,
            controls::Outcome::Soft => Outcome::Held,
            _ => return Ok(decided),
        };
        let worst = assessed.worst().into_iter().filter(|check| check.outcome == assessed.outcome());
        let control = worst.map(|check| check.control).min().unwrap_or("control");
        Ok(Decided {
            outcome,
            reason: Some(Reason::Control(control)),
            cash_after_minor: decided.cash_before_minor,
            traded_minor: 0,
            cost_minor: 0,
            drift_after: decided.drift_before,
            orders: Vec::new(),
            ..decided
        })
    }
}

fn decide(policy: &PreparedPolicy, book: &Book, in_lots: bool) -> Result<pipeline::Decision, pipeline::PipelineError> {
    if in_lots { policy.decide_in_lots(book) } else { policy.decide(book) }
}

/// A book inside its bands.
fn quiet(book: &Book, drift: f64) -> Decided {
    let cash = book.cash().minor();
    Decided {
        outcome: Outcome::Hold,
        reason: None,
        nav_minor: book.nav().minor(),
        cash_before_minor: cash,
        cash_after_minor: cash,
        traded_minor: 0,
        cost_minor: 0,
        drift_before: drift,
        drift_after: drift,
        work: 0,
        duality_gap: None,
        orders: Vec::new(),
    }
}

fn of_trades(ready: &Ready, book: &Book, trades: &TradePlan, solved: usize) -> Decided {
    let rows = trades.rows.iter().zip(&ready.assets).filter(|(row, _)| row.value.minor() != 0);
    let orders: Vec<Order> = rows
        .map(|(row, asset)| Order {
            asset: *asset,
            value_minor: row.value.minor(),
            cost_minor: row.cost.minor(),
            units: row.units,
        })
        .collect();
    Decided {
        outcome: Outcome::Trade,
        reason: None,
        nav_minor: book.nav().minor(),
        cash_before_minor: book.cash().minor(),
        cash_after_minor: trades.cash_after.minor(),
        traded_minor: orders.iter().map(|order| order.value_minor.abs()).sum(),
        cost_minor: trades.total_cost.minor(),
        drift_before: trades.portfolio_drift_before,
        drift_after: trades.portfolio_drift_after,
        work: (solved + trades.cost_iterations) as u32,
        duality_gap: None,
        orders,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Accounts;
    use crate::engine::Engine;
    use crate::generate::{Recipe, generate};
    use crate::reference::{MODELS, PRICES, RETURNS};
    use crate::scratch::Folder;
    use crate::storage::Storage;
    use arrow::array::AsArray;
    use arrow::datatypes::Float64Type;
    use pipeline::{MarketData, Method, OptimalMethod, Policy, RunConfig};
    use portfolio_core::{BandRule, CostModel, ReturnPanel, SizingOptions, TradingRules, Universe};

    fn checks() -> Checks {
        let now = "2026-11-30T20:00:00Z".parse().unwrap();
        Checks { set: ControlSet::of(&controls::ControlPolicy::empty()), is_empty: true, now }
    }

    /// The tables as a reader of the schema sees them, without the code that plans.
    struct Tables {
        prices: HashMap<String, f64>,
        models: HashMap<String, Vec<(String, f64)>>,
        returns: HashMap<String, Vec<f64>>,
    }

    async fn tables(input: &Storage, engine: &Engine) -> Tables {
        let rows = async |name: &str| match input.get(name).await.unwrap() {
            Some(bytes) => engine.rows(name, bytes).await.unwrap(),
            None => Vec::new(),
        };
        let (mut prices, mut models, mut returns) = (HashMap::new(), HashMap::<_, Vec<_>>::new(), HashMap::new());
        for batch in rows(PRICES).await {
            let price = batch["price"].as_primitive::<Float64Type>();
            let names = batch["asset"].as_string::<i32>().iter().flatten();
            prices.extend(names.zip(price.values()).map(|(name, price)| (name.to_owned(), *price)));
        }
        for batch in rows(MODELS).await {
            let weight = batch["weight"].as_primitive::<Float64Type>();
            for row in 0..batch.num_rows() {
                let text = |name: &str| batch[name].as_string::<i32>().value(row).to_owned();
                models.entry(text("model_id")).or_default().push((text("asset"), weight.value(row)));
            }
        }
        for batch in rows(RETURNS).await {
            let list = batch["returns"].as_list::<i32>();
            for (row, name) in batch["asset"].as_string::<i32>().iter().enumerate() {
                let values = list.value(row);
                returns.insert(name.unwrap().to_owned(), values.as_primitive::<Float64Type>().values().to_vec());
            }
        }
        Tables { prices, models, returns }
    }

    /// Plans every account by a run of all agents, as the service does, and by the planner of the batch.
    async fn compared(name: &str, optimal: bool, accounts: u64) -> usize {
        let folder = Folder::new(name);
        let input = Storage::open(folder.path()).unwrap();
        let recipe = Recipe { accounts, assets: 20, shards: 1, seed: 3, optimal, max_iterations: 60, days: 252 };
        let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
        generate(&recipe, &data, &input).await.unwrap();
        let engine = Engine::new().unwrap();
        let tables = tables(&input, &engine).await;
        let reference = Reference::read(&input, &engine).await.unwrap();
        let (checks, mut traded) = (checks(), 0);
        let mut planner = Planner::new(&reference, &checks);
        let bytes = input.read("accounts/part-00000-of-00001.parquet").await.unwrap();
        for batch in engine.rows("accounts.parquet", bytes).await.unwrap() {
            let accounts = Accounts::read(&batch, &reference).unwrap();
            let models = arrow::compute::cast(&batch["model_id"], &arrow::datatypes::DataType::Utf8).unwrap();
            for row in 0..accounts.len() {
                let account = accounts.get(row).unwrap();
                let decided = planner.decide(&account);
                let model = &tables.models[models.as_string::<i32>().value(row)];
                let plan = plan_of(&account, &reference, model, &tables, optimal);
                let names = plan.0;
                let orders: Vec<(&str, i64, i64, u64)> = plan
                    .1
                    .trades
                    .rows
                    .iter()
                    .zip(&names)
                    .filter(|(row, _)| row.value.minor() != 0)
                    .map(|(row, name)| (name.as_str(), row.value.minor(), row.cost.minor(), row.units.to_bits()))
                    .collect();
                let own: Vec<(&str, i64, i64, u64)> = decided
                    .orders
                    .iter()
                    .map(|o| {
                        let name = reference.names[o.asset as usize].as_str();
                        (name, o.value_minor, o.cost_minor, o.units.to_bits())
                    })
                    .collect();
                assert_eq!(own, orders, "{}: {decided:?}", accounts.id(row));
                assert_eq!(decided.cash_after_minor, plan.1.trades.cash_after.minor());
                assert_eq!(decided.drift_before, plan.1.trades.portfolio_drift_before);
                assert_eq!(decided.drift_after, plan.1.trades.portfolio_drift_after);
                // The digest of the decision, of the service's trades.
                let of_service = Decided {
                    cash_after_minor: plan.1.trades.cash_after.minor(),
                    orders: orders
                        .iter()
                        .map(|(name, value, cost, units)| Order {
                            asset: reference.index[*name],
                            value_minor: *value,
                            cost_minor: *cost,
                            units: f64::from_bits(*units),
                        })
                        .collect(),
                    ..decided.clone()
                };
                let digest = |decided: &Decided| decided.digest(accounts.id(row), &reference.names);
                assert_eq!(digest(&of_service), digest(&decided));
                traded += usize::from(!orders.is_empty());
            }
        }
        traded
    }

    fn plan_of(
        account: &Account<'_>,
        reference: &Reference,
        model: &[(String, f64)],
        tables: &Tables,
        optimal: bool,
    ) -> (Vec<String>, pipeline::Plan) {
        let held: HashMap<&str, f64> = account
            .assets
            .iter()
            .map(|asset| reference.names[*asset as usize].as_str())
            .zip(account.units.iter().copied())
            .collect();
        let mut names: Vec<String> = model.iter().map(|(name, _)| name.clone()).collect();
        let mut weights: Vec<f64> = model.iter().map(|(_, weight)| *weight).collect();
        for asset in account.assets.iter().map(|asset| &reference.names[*asset as usize]) {
            if !names.contains(asset) {
                names.push(asset.clone());
                weights.push(0.0);
            }
        }
        let n = names.len();
        let universe = Universe::new(names.clone()).unwrap();
        let position = |name: &String| {
            Position::of_quantity(held.get(name.as_str()).copied().unwrap_or(0.0), tables.prices[name], Currency::USD)
        };
        let cash = Money::from_minor(account.cash_minor, Currency::USD);
        let book = Book::new(universe.clone(), names.iter().map(position).collect(), cash).unwrap();
        let band = BandRule::FIVE_TWENTY_FIVE;
        let rules = TradingRules {
            half_widths: weights.iter().map(|target| band.half_width(*target)).collect(),
            ..TradingRules::plain(n, 0.0)
        };
        let cash_weight = 1.0 - weights.iter().sum::<f64>();
        let mut config = RunConfig::new(Policy { weights, cash_weight })
            .with_sizing(SizingOptions { drift_threshold: 0.0, turnover_limit: 0.4 })
            .with_rules(rules)
            .with_costs(CostModel::proportional(&vec![3.0; n]).unwrap())
            .with_simulation(None);
        let mut histories = vec![Vec::new(); n];
        if optimal {
            config = config.with_method(Method::Optimal(Box::new(OptimalMethod::long_only(n))));
            histories = names.iter().map(|name| tables.returns[name].clone()).collect();
        }
        let panel = ReturnPanel::new(universe, histories).unwrap();
        let plan = pipeline::plan(&book, MarketData::new(&panel), &config).unwrap();
        (names, plan)
    }

    #[tokio::test]
    async fn a_band_plan_is_that_of_all_agents_to_the_last_bit() {
        let traded = compared("band-as-service", false, 400).await;
        assert!((50..350).contains(&traded), "{traded}");
    }

    #[tokio::test]
    async fn an_optimal_plan_is_that_of_all_agents_to_the_last_bit() {
        let traded = compared("optimal-as-service", true, 40).await;
        assert!(traded > 20, "{traded}");
    }

    #[test]
    fn what_cannot_be_planned_has_its_reason() {
        // Without a file: two assets, one model, one policy.
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let folder = Folder::new("reasons");
        let input = Storage::open(folder.path()).unwrap();
        let recipe =
            Recipe { accounts: 1, assets: 20, shards: 1, seed: 3, optimal: false, max_iterations: 60, days: 252 };
        let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
        runtime.block_on(generate(&recipe, &data, &input)).unwrap();
        let engine = Engine::new().unwrap();
        let reference = runtime.block_on(Reference::read(&input, &engine)).unwrap();
        let checks = checks();
        let mut planner = Planner::new(&reference, &checks);
        let account = Account {
            currency: Currency::USD,
            cash_minor: 100_000,
            model: 0,
            policy: 0,
            assets: &[0, 1],
            units: &[1.0, 2.0],
        };
        let mut code = |account: Account<'_>| planner.decide(&account).reason.map(|reason| reason.code());
        assert_eq!(code(account), None);
        assert_eq!(code(Account { assets: &[0, 0], ..account }), Some("asset_twice"));
        assert_eq!(code(Account { units: &[1.0, f64::NAN], ..account }), Some("book"));
        assert_eq!(code(Account { units: &[1.0, -2.0], ..account }), Some("book"));
        assert_eq!(code(Account { cash_minor: -1, ..account }), Some("book"));
        assert_eq!(code(Account { cash_minor: 0, assets: &[], units: &[], ..account }), Some("book"));
        assert_eq!(code(Account { currency: Currency::EUR, ..account }), Some("other_currency"));
        // An account that was refused leaves nothing behind for the next one.
        assert_eq!(code(account), None);
    }
}
