//! A view of the forecasts is the α of the objective: both methods measure from the reference that it moves.

use pipeline::{
    Book, CostModel, Currency, MarketData, Method, Money, OptimalMethod, Plan, Policy, ReturnPanel, RunConfig,
    Universe, VerdictDecision, plan,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use risk::{CovarianceEstimator, LedoitWolf, ShrinkageTarget};

const POLICY: [f64; 4] = [0.25; 4];

/// Four assets of about 16 % volatility a year; the first has earned a third of a percent a day for four years, the others nothing.
fn panel() -> ReturnPanel {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut history =
        |mean: f64| -> Vec<f64> { (0..1_000).map(|_| mean + rng.random_range(-0.0175..0.0175)).collect() };
    let returns = [0.003, 0.0, 0.0, 0.0].map(&mut history).to_vec();
    ReturnPanel::new(Universe::numbered(4).expect("distinct"), returns).expect("a panel")
}

/// The plan of a book on its policy.
fn planned(method: Method) -> Plan {
    let panel = panel();
    let nav = Money::from_minor(1_000_000_000, Currency::USD);
    let book = Book::from_weights(panel.universe().clone(), nav, POLICY.to_vec(), &[50.0; 4]).expect("a book");
    let mut config = RunConfig::new(Policy { weights: POLICY.to_vec(), cash_weight: 0.0 })
        .with_costs(CostModel::free(4))
        .with_method(method)
        .with_simulation(None);
    config.sizing.turnover_limit = 2.0;
    plan(&book, MarketData::new(&panel), &config).expect("a plan")
}

fn optimal(tilt_budget: Option<f64>) -> Plan {
    planned(Method::Optimal(Box::new(OptimalMethod { tilt_budget, ..OptimalMethod::long_only(4) })))
}

#[test]
fn without_costs_the_optimal_method_reaches_the_reference_of_the_view() {
    let none = optimal(None);
    assert!(none.tilt.is_none() && none.trades.rows.iter().all(|row| row.value.minor() == 0));
    let (viewed, drift) = (optimal(Some(0.01)), planned(Method::Drift { tilt_budget: Some(0.01) }));
    // The tilted targets of the drift method, which never trades for a tilt alone.
    let spent = viewed.tilt.as_ref().expect("a view").tracking_error_spent;
    assert!(spent > 0.001 && drift.tilt.as_ref().expect("a tilt").tracking_error_spent == spent, "{spent}");
    assert!(drift.trades.rows.iter().all(|row| row.value.minor() == 0));
    for (row, reference) in viewed.trades.rows.iter().zip(&drift.targets) {
        // The solver ends where the objective is within its gap of the least: a hundredth of a basis point of NAV.
        assert!((row.weight_after - reference).abs() < 1e-6, "{} for {reference}", row.weight_after);
    }
    // What is bought is what is thought of highly.
    assert!(viewed.trades.rows[0].value.minor() > 0, "{:?}", viewed.trades.rows);
}

#[test]
fn worth_and_marginal_benefits_are_measured_with_the_view_and_the_verdict_without() {
    let viewed = optimal(Some(0.01));
    let reference = planned(Method::Drift { tilt_budget: Some(0.01) }).targets;
    let estimator = LedoitWolf { target: ShrinkageTarget::ConstantCorrelation };
    let annual = estimator.estimate(&panel(), 252.0).expect("an estimate").covariance.annualised();
    let moved: Vec<f64> = reference.iter().zip(POLICY).map(|(to, from)| to - from).collect();
    // At w = b the deviation costs (γ/2)·H·d'Σd, with γ = 5 and H = 1: H·α'd less (γ/2)·H·d'Σd for α = γΣd.
    let worth = 1e4 * 2.5 * annual.variance(&moved).expect("valid");
    let figures = viewed.worth.figures.expect("figures");
    assert!((figures.benefit_bps - worth).abs() < 1e-3 * worth, "{} for {worth}", figures.benefit_bps);
    assert!((figures.tracking_error_before - annual.variance(&moved).expect("valid").sqrt()).abs() < 1e-9);
    let orders: f64 = viewed.orders.iter().filter_map(|order| order.marginal_benefit_bps).sum();
    assert!((orders - figures.net_bps).abs() < 1e-9, "{orders} for {}", figures.net_bps);
    assert_eq!(viewed.verdict.decision, VerdictDecision::ReviewRequired);
    let sentence = &viewed.verdict.sentence;
    assert!(sentence.contains("because of the views of the forecasts that were asked for"), "{sentence}");
}
