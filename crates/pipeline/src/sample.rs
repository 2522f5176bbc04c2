//! Cases for tests, and the result of each agent for them.

use portfolio_core::{Book, CostModel, Currency, Money, ReturnPanel, Universe};
use stress::SimulationOptions;

use crate::admitted::Admitted;
use crate::config::{Policy, RunConfig};
use crate::execution::{ExecutionAgent, Staged};
use crate::forecasting::{ForecastAgent, Forecasted};
use crate::market::MarketData;
use crate::market_data::{MarketDataAgent, Surveyed};
use crate::proposal::{OptimizerAgent, Proposed};
use crate::risk_stage::{Assessed, RiskAgent};
use crate::supervisor::{Judged, Supervisor};

/// A case whose parts a test may change before it is passed to the agents.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) current: Vec<f64>,
    pub(crate) price: Vec<f64>,
    pub(crate) returns: Vec<Vec<f64>>,
    pub(crate) market_returns: Vec<Option<f64>>,
    pub(crate) volumes: Vec<Option<f64>>,
    pub(crate) benchmark: Option<Vec<f64>>,
    pub(crate) config: RunConfig,
}

/// A case as the agents see it.
pub(crate) struct Lent<'a> {
    case: &'a Case,
    pub(crate) book: Book,
    panel: ReturnPanel,
}

/// Returns in (−0.01, 0.01): a linear congruential generator (Knuth's MMIX constants).
fn returns(seed: u64, periods: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        0.02 * ((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5)
    };
    (0..periods).map(|_| next()).collect()
}

impl Case {
    fn of(target: &[f64], current: &[f64]) -> Self {
        let n = target.len();
        let policy = Policy { weights: target.to_vec(), cash_weight: 0.0 };
        let simulation = SimulationOptions { paths: 200, ..SimulationOptions::default() };
        Self {
            current: current.to_vec(),
            price: vec![50.0; n],
            returns: (0..n).map(|i| returns(i as u64 + 1, 60)).collect(),
            market_returns: vec![Some(0.001); n],
            volumes: vec![None; n],
            benchmark: None,
            config: RunConfig::new(policy)
                .with_costs(CostModel::proportional(&vec![10.0; n]).unwrap())
                .with_simulation(Some(simulation)),
        }
    }

    /// Two assets six points off target.
    pub(crate) fn pair() -> Self {
        Self::of(&[0.6, 0.4], &[0.66, 0.34])
    }

    /// Two overweight and two underweight assets.
    pub(crate) fn four() -> Self {
        Self::of(&[0.25; 4], &[0.31, 0.29, 0.21, 0.19])
    }

    /// The case as the agents see it.
    pub(crate) fn lend(&self) -> Lent<'_> {
        let universe = Universe::new((0..self.current.len()).map(|i| format!("A{i}"))).unwrap();
        let nav = Money::from_minor(10_000_000, Currency::USD);
        let book = Book::from_weights(universe.clone(), nav, self.current.clone(), &self.price).unwrap();
        let panel = ReturnPanel::new(universe, self.returns.clone()).unwrap();
        Lent { case: self, book, panel }
    }
}

impl Lent<'_> {
    pub(crate) fn market(&self) -> MarketData<'_> {
        MarketData::new(&self.panel)
            .with_market_returns(&self.case.market_returns)
            .with_volumes(&self.case.volumes)
            .with_benchmark(self.case.benchmark.as_deref())
    }

    /// The case without the supervisor's checks, so that agents can get input that the supervisor would reject.
    pub(crate) fn admitted(&self) -> Admitted<'_> {
        Admitted { book: &self.book, market: self.market(), config: &self.case.config }
    }

    pub(crate) fn surveyed(&self) -> Surveyed {
        MarketDataAgent.act(&self.admitted()).unwrap()
    }

    pub(crate) fn forecasted(&self) -> Forecasted {
        ForecastAgent.act(&self.admitted(), &self.surveyed()).unwrap()
    }

    pub(crate) fn assessed(&self) -> Assessed {
        RiskAgent.act(&self.admitted(), &self.surveyed(), &self.forecasted()).unwrap()
    }

    pub(crate) fn proposed(&self) -> Proposed {
        OptimizerAgent.act(&self.admitted(), &self.surveyed(), &self.forecasted(), &self.assessed()).unwrap()
    }

    pub(crate) fn staged(&self) -> Staged {
        let (surveyed, forecasted, assessed) = (self.surveyed(), self.forecasted(), self.assessed());
        ExecutionAgent.act(&self.admitted(), &surveyed, &forecasted, &assessed, &self.proposed()).unwrap()
    }

    pub(crate) fn judged(&self) -> Judged {
        let (surveyed, assessed, proposed) = (self.surveyed(), self.assessed(), self.proposed());
        Supervisor.act(&self.admitted(), &surveyed, &assessed, &proposed, &self.staged())
    }
}
