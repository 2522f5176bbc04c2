//! The optimal method without any history: the nearest portfolio to the policy that the limits allow, and no figure of risk.

use pipeline::{
    MarketData, Method, OptimalGoal, OptimalMethod, PipelineError, Plan, Policy, ReturnPanel, RunConfig, RunWarning,
    VerdictDecision, plan,
};
use portfolio_core::{
    AssetRole, Book, CostModel, Currency, Intent, Money, Position, TradePermit, TradeReason, TradingRules, Universe,
};

const NAV: f64 = 1_000_000.0;

struct Case {
    target: Vec<f64>,
    current: Vec<f64>,
    returns: Vec<Vec<f64>>,
    method: OptimalMethod,
    costs_bps: f64,
    turnover_limit: f64,
    rules: Option<TradingRules>,
}

impl Case {
    /// Four assets at a quarter each, of which the first is 20 points above.
    fn four() -> Self {
        Self {
            target: vec![0.25; 4],
            current: vec![0.45, 0.20, 0.20, 0.15],
            returns: vec![Vec::new(); 4],
            method: OptimalMethod::long_only(4),
            costs_bps: 0.0,
            turnover_limit: 2.0,
            rules: None,
        }
    }

    fn plan(&self) -> Result<Plan, PipelineError> {
        let n = self.target.len();
        let universe = Universe::numbered(n).expect("distinct");
        // Units of one: weights are values.
        let position = |weight: &f64| Position::of_quantity(weight * NAV, 1.0, Currency::USD);
        let invested: f64 = self.current.iter().sum();
        let cash = Money::floor(((1.0 - invested) * NAV).max(0.0).round(), Currency::USD).expect("in range");
        let book = Book::new(universe.clone(), self.current.iter().map(position).collect(), cash).expect("a book");
        let panel = ReturnPanel::new(universe, self.returns.clone()).expect("a panel");
        let cash_weight = (1.0 - self.target.iter().sum::<f64>()).max(0.0);
        let mut config = RunConfig::new(Policy { weights: self.target.clone(), cash_weight })
            .with_costs(CostModel::proportional(&vec![self.costs_bps; n]).expect("in range"))
            .with_method(Method::Optimal(Box::new(self.method.clone())))
            .with_simulation(None);
        config.sizing.turnover_limit = self.turnover_limit;
        config.rules = self.rules.clone();
        plan(&book, MarketData::new(&panel), &config).map_err(|veto| veto.cause)
    }

    fn ends(&self, expected: [f64; 4]) -> Plan {
        let plan = self.plan().expect("a plan");
        for (row, end) in plan.trades.rows.iter().zip(expected) {
            assert!((row.weight_after - end).abs() < 2e-6, "{} is not {end}: {:?}", row.weight_after, plan.trades.rows);
        }
        plan
    }
}

#[test]
fn without_a_limit_the_plan_goes_to_the_policy_and_measures_nothing() {
    let plan = Case::four().ends([0.25; 4]);
    assert!(plan.warnings.contains(&RunWarning::RiskNotMeasured), "{:?}", plan.warnings);
    assert!(plan.worth.figures.is_none() && plan.worth.reason.is_some());
    assert!(plan.worth.net_bps_on_histories.is_none() && plan.outlook.figures.is_none());
    assert!(plan.regions.iter().all(Result::is_err));
    // A limit that could not be assessed is for a person to decide.
    assert_eq!(plan.verdict.decision, VerdictDecision::ReviewRequired);
    assert!(plan.trades.rows.iter().all(|row| row.reason == TradeReason::NearestPolicy));
    let found = plan.optimal.expect("solved");
    assert!(found.covariance.is_none() && found.outcome.solution().is_some());
}

#[test]
fn a_turnover_limit_levels_the_largest_distances() {
    // 10 points may be sold and bought. Of 5, 5 and 10 points missing the largest is filled to 5 first; the other 5 go to all three: 1.67 each.
    let level = 0.25 - 0.05 + 0.05 / 3.0;
    let case = Case { turnover_limit: 0.2, ..Case::four() };
    let plan = case.ends([0.35, level, level, level]);
    assert!(plan.trades.turnover_bound);
}

#[test]
fn what_is_frozen_leaves_the_others_equally_short() {
    // 45 % are frozen: 55 % are left for three targets of 25 %, which are short by 20 points together.
    let mut rules = TradingRules::plain(4, 0.02);
    rules.permits[0] = TradePermit { role: AssetRole::Frozen, ..TradePermit::default() };
    rules.units = [0.45, 0.20, 0.20, 0.15].iter().map(|weight| weight * NAV).collect();
    let short = 0.25 - 0.2 / 3.0;
    let plan = Case { rules: Some(rules), ..Case::four() }.ends([0.45, short, short, short]);
    assert_eq!(plan.trades.rows[0].value.minor(), 0);
}

#[test]
fn cash_is_raised_from_what_is_furthest_above_and_no_further_than_asked() {
    let amount = Money::from_minor(5_000_000, Currency::USD);
    let mut rules = TradingRules { intent: Intent::RaiseCash { amount }, ..TradingRules::plain(4, 0.02) };
    rules.units = [0.45, 0.20, 0.20, 0.15].iter().map(|weight| weight * NAV).collect();
    let plan = Case { rules: Some(rules), ..Case::four() }.ends([0.40, 0.20, 0.20, 0.15]);
    assert_eq!(plan.trades.unraised.minor(), 0);
    let raised = plan.trades.cash_after.minor() - amount.minor();
    assert!((0..=10).contains(&raised), "{raised}");
}

#[test]
fn costs_are_paid_and_not_weighed() {
    // At 1 % no covariance says that the trade would not pay.
    let case = Case { costs_bps: 100.0, ..Case::four() };
    let plan = case.ends([0.25; 4]);
    // 20 points are sold and a little less bought, of a NAV that loses 1 % of both.
    let cost = plan.trades.total_cost.minor() as f64 / 1e8;
    assert!((cost - 0.004).abs() < 1e-4, "{cost}");
}

#[test]
fn whole_lots_and_tickets_hold() {
    let mut rules = TradingRules { max_tickets: Some(2), ..TradingRules::plain(4, 0.02) };
    rules.lots = vec![Some(1_000.0); 4];
    rules.units = [0.45, 0.20, 0.20, 0.15].iter().map(|weight| weight * NAV).collect();
    let plan = Case { rules: Some(rules), ..Case::four() }.plan().expect("a plan");
    let tickets: Vec<f64> = plan.trades.rows.iter().map(|row| row.units).filter(|units| *units != 0.0).collect();
    assert!(!tickets.is_empty() && tickets.len() <= 2, "{tickets:?}");
    assert!(tickets.iter().all(|units| units % 1_000.0 == 0.0), "{tickets:?}");
}

#[test]
fn what_needs_a_covariance_is_refused() {
    let mut forecasts = Case::four();
    forecasts.method.goal = OptimalGoal::MeanVariance { risk_aversion: 5.0 };
    assert_eq!(forecasts.plan().err(), Some(PipelineError::UnmeasuredGoal));
    let mut limited = Case::four();
    limited.method.tracking_error_max = Some(0.05);
    assert_eq!(limited.plan().err(), Some(PipelineError::UnmeasuredTrackingError));
    // One history of four is no covariance, and no absence of data either.
    let mut partly = Case::four();
    partly.returns[0] = vec![0.01; 60];
    assert_eq!(partly.plan().err(), Some(PipelineError::NoHistory { asset: 1 }));
}
