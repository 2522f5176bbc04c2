//! Ratios without a maximum, riskless mixes, bounds of methods with a unique portfolio, and variances of any size.

#![expect(clippy::unwrap_used, reason = "a covariance that cannot be stated fails the test")]

use optimizer::{
    AllocationAnswer, AllocationInput, AllocationMethod, AllocationOutcome, AllocationPortfolio, HierarchicalLinkage,
    OptimizerError, RiskModel, RisklessCause, WeightBounds, allocate, hierarchical_risk_parity, max_diversification,
    max_sharpe, risk_parity,
};

const UNBOUNDED: Result<AllocationPortfolio, OptimizerError> =
    Err(OptimizerError::UnboundedRatio { method: "max_sharpe", cause: RisklessCause::ExcessReturn });

type Numbers = &'static [f64];
type Rows = &'static [&'static [f64]];

fn dense(rows: &[&[f64]]) -> RiskModel {
    RiskModel::dense(rows).unwrap()
}

fn sharpe(mu: &[f64], rows: &[&[f64]], lower: f64, upper: &[f64]) -> Result<AllocationPortfolio, OptimizerError> {
    let bounds = WeightBounds { lower: vec![lower; mu.len()], upper: upper.to_vec() };
    max_sharpe(mu, &dense(rows), &bounds, 0.02)
}

#[test]
fn a_riskless_mix_that_earns_more_than_the_risk_free_rate_leaves_no_largest_ratio() {
    let cases: [(&str, Numbers, Rows, f64, Numbers); 12] = [
        ("one riskless asset", &[0.05], &[&[0.0]], 0.0, &[1.0]),
        ("a riskless asset a hair above the rate", &[0.0201, 0.1], &[&[0.0, 0.0], &[0.0, 0.04]], 0.0, &[1.0; 2]),
        ("opposite assets", &[0.05, 0.07], &[&[0.04, -0.04], &[-0.04, 0.04]], 0.0, &[1.0; 2]),
        ("opposite assets of two volatilities", &[0.05, 0.07], &[&[0.04, -0.02], &[-0.02, 0.01]], 0.0, &[1.0; 2]),
        ("one asset, half of another sold short", &[0.05, 0.07], &[&[0.04, 0.02], &[0.02, 0.01]], -1.0, &[2.0; 2]),
        ("two riskless assets", &[0.01, 0.03], &[&[0.0, 0.0], &[0.0, 0.0]], 0.0, &[1.0; 2]),
        (
            "opposite assets beside a third",
            &[0.05, 0.07, 0.2],
            &[&[0.04, -0.04, 0.0], &[-0.04, 0.04, 0.0], &[0.0, 0.0, 0.09]],
            0.0,
            &[1.0; 3],
        ),
        (
            "three assets whose risks cancel",
            &[0.05, 0.05, 0.05],
            &[&[0.04, -0.02, -0.02], &[-0.02, 0.04, -0.02], &[-0.02, -0.02, 0.04]],
            0.0,
            &[1.0; 3],
        ),
        (
            "a riskless asset capped, and another",
            &[0.05, 0.03, 0.1],
            &[&[0.0; 3], &[0.0; 3], &[0.0, 0.0, 0.04]],
            0.0,
            &[0.5, 0.5, 1.0],
        ),
        ("tiny volatilities", &[0.05, 0.07], &[&[4e-12, -4e-12], &[-4e-12, 4e-12]], 0.0, &[1.0; 2]),
        ("large volatilities", &[0.05, 0.07], &[&[400.0, -400.0], &[-400.0, 400.0]], 0.0, &[1.0; 2]),
        ("volatilities of very different size", &[0.05, 0.07], &[&[0.04, -2e-7], &[-2e-7, 1e-12]], 0.0, &[1.0; 2]),
    ];
    for (name, mu, rows, lower, upper) in cases {
        assert_eq!(sharpe(mu, rows, lower, upper), UNBOUNDED, "{name}");
    }
    let words = UNBOUNDED.unwrap_err().to_string();
    assert_eq!(words, "there is no largest ratio: a riskless mix earns more than the risk-free rate");
}

#[test]
fn a_riskless_mix_that_bounds_or_its_return_keep_out_leaves_the_finite_optimum() {
    let riskless: &[&[f64]] = &[&[0.0, 0.0], &[0.0, 0.04]];
    // With 90 % riskless at 0.0001 above the rate, the ratio is (0.9·0.0001 + 0.1·0.08)/(0.1·0.2).
    let p = sharpe(&[0.0201, 0.1], riskless, 0.0, &[0.9, 1.0]).unwrap();
    assert!((p.weights[0] - 0.9).abs() < 1e-9 && (p.objective - 0.4045).abs() < 1e-9, "{p:?}");
    // Cash at the risk-free rate leaves the ratio unchanged: any share of it has the ratio of the risky asset,
    // 0.08/0.2.
    let p = sharpe(&[0.02, 0.1], riskless, 0.0, &[1.0; 2]).unwrap();
    assert!((p.objective - 0.4).abs() < 1e-9, "{p:?}");
    // A riskless asset below the rate is not held.
    let p = sharpe(&[0.01, 0.1], riskless, 0.0, &[1.0; 2]).unwrap();
    assert!((p.objective - 0.4).abs() < 1e-9 && p.weights[0].abs() < 1e-9, "{p:?}");
    // Opposite assets of equal volatility with at most 40 % of the first: (0.4·0.03 + 0.6·0.05)/(0.2·0.2).
    let opposite: &[&[f64]] = &[&[0.04, -0.04], &[-0.04, 0.04]];
    let p = sharpe(&[0.05, 0.07], opposite, 0.0, &[0.4, 1.0]).unwrap();
    assert!((p.weights[0] - 0.4).abs() < 1e-9 && (p.objective - 1.05).abs() < 1e-9, "{p:?}");
    // Their riskless mix earns less than the rate; the second alone earns (0.1 − 0.02)/0.2.
    let p = sharpe(&[-0.1, 0.1], opposite, 0.0, &[1.0; 2]).unwrap();
    assert!((p.objective - 0.4).abs() < 1e-9, "{p:?}");
    // Equal assets, long only: the better one alone, 0.05/0.2.
    let p = sharpe(&[0.05, 0.07], &[&[0.04, 0.04], &[0.04, 0.04]], 0.0, &[1.0; 2]).unwrap();
    assert!((p.objective - 0.25).abs() < 1e-9 && (p.weights[1] - 1.0).abs() < 1e-9, "{p:?}");
    // Equal assets, one sold short: every mix has the risk of one asset, and (31·0.05 − 30·0.03)/0.2 is the largest
    // ratio.
    let p = sharpe(&[0.05, 0.07], &[&[0.04, 0.04], &[0.04, 0.04]], -30.0, &[31.0; 2]).unwrap();
    assert!((p.objective - 3.25).abs() < 1e-9, "{p:?}");
    // Three riskless thirds, one of which may not be filled: the fourth asset takes the rest.
    let rows: &[&[f64]] = &[&[0.0; 4], &[0.0; 4], &[0.0; 4], &[0.0, 0.0, 0.0, 0.04]];
    let p = sharpe(&[0.03, 0.03, 0.03, 0.1], rows, 0.0, &[0.3, 0.3, 0.3, 1.0]).unwrap();
    assert!((p.objective - (0.9 * 0.01 + 0.1 * 0.08) / 0.02).abs() < 1e-8, "{p:?}");
    // Nothing earns the risk-free rate.
    let none = sharpe(&[0.01, 0.02], riskless, 0.0, &[1.0; 2]);
    assert_eq!(none, Err(OptimizerError::NoPositiveRatio { method: "max_sharpe" }));
}

#[test]
fn risks_that_cancel_leave_no_largest_diversification() {
    let unbounded: [&[&[f64]]; 4] = [
        &[&[0.04, -0.04], &[-0.04, 0.04]],
        &[&[0.04, -0.02], &[-0.02, 0.01]],
        &[&[0.04, -0.02, -0.02], &[-0.02, 0.04, -0.02], &[-0.02, -0.02, 0.04]],
        &[&[0.0, 0.0, 0.0], &[0.0, 0.04, -0.04], &[0.0, -0.04, 0.04]],
    ];
    for rows in unbounded {
        let e = max_diversification(&dense(rows), &WeightBounds::long_only(rows.len())).unwrap_err();
        assert_eq!(e.to_string(), "there is no largest ratio: the risks of a mix of risky assets cancel", "{rows:?}");
    }
    let finite: [(&[&[f64]], f64, f64); 4] = [
        // Uncorrelated: (0.5·0.2 + 0.5·0.2)/(0.2·√½).
        (&[&[0.04, 0.0], &[0.0, 0.04]], 1.0, 2.0_f64.sqrt()),
        // Cash adds nothing to the ratio of two uncorrelated assets.
        (&[&[0.0, 0.0, 0.0], &[0.0, 0.04, 0.0], &[0.0, 0.0, 0.04]], 1.0, 2.0_f64.sqrt()),
        // Equal assets diversify nothing.
        (&[&[0.04, 0.04], &[0.04, 0.04]], 1.0, 1.0),
        // Volatilities 0.2 and 0.1 that cancel at one third; with at most 60 % in the second: 0.14/0.02.
        (&[&[0.04, -0.02], &[-0.02, 0.01]], 0.6, 7.0),
    ];
    for (rows, upper, ratio) in finite {
        let bounds = WeightBounds { lower: vec![0.0; rows.len()], upper: vec![upper; rows.len()] };
        let p = max_diversification(&dense(rows), &bounds).unwrap();
        assert!((p.objective - ratio).abs() < 1e-8, "{rows:?}: {p:?}");
    }
    // All cash: no volatility to spread.
    let none = max_diversification(&dense(&[&[0.0]]), &WeightBounds::long_only(1));
    assert_eq!(none, Err(OptimizerError::NoPositiveRatio { method: "max_diversification" }));
}

#[test]
fn equal_shares_of_no_risk_are_refused_and_a_tree_splits_them_evenly() {
    let opposite = dense(&[&[0.04, -0.04], &[-0.04, 0.04]]);
    let cancel = dense(&[&[0.04, -0.02, -0.02], &[-0.02, 0.04, -0.02], &[-0.02, -0.02, 0.04]]);
    for model in [&opposite, &cancel] {
        let e = risk_parity(model, &WeightBounds::long_only(model.assets())).unwrap_err();
        assert_eq!(e, OptimizerError::RisklessMix { method: "risk_parity" });
    }
    // Two pairs, each of which cancels: both halves are riskless.
    let pairs = dense(&[
        &[0.04, 0.04, -0.04, -0.04],
        &[0.04, 0.04, -0.04, -0.04],
        &[-0.04, -0.04, 0.04, 0.04],
        &[-0.04, -0.04, 0.04, 0.04],
    ]);
    for linkage in [HierarchicalLinkage::Distance, HierarchicalLinkage::DistanceOfDistances] {
        let p = hierarchical_risk_parity(&opposite, &WeightBounds::long_only(2), linkage).unwrap();
        assert_eq!(p.weights, [0.5, 0.5]);
        let p = hierarchical_risk_parity(&pairs, &WeightBounds::long_only(4), linkage).unwrap();
        assert!(p.weights.iter().all(|w| (w - 0.25).abs() < 1e-12), "{p:?}");
        let p = hierarchical_risk_parity(&cancel, &WeightBounds::long_only(3), linkage).unwrap();
        assert!((p.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12 && p.objective.is_finite(), "{p:?}");
    }
}

#[test]
fn variances_too_small_or_too_large_to_divide_by_are_refused_and_small_ones_are_not() {
    for variance in [f64::from_bits(1), 1e-310, 2e-308, 1e-200, 1e-101, 1e101, 1e300] {
        let model = dense(&[&[0.04, 0.0], &[0.0, variance]]);
        let bounds = WeightBounds::long_only(2);
        let faults = [
            hierarchical_risk_parity(&model, &bounds, HierarchicalLinkage::Distance).unwrap_err(),
            risk_parity(&model, &bounds).unwrap_err(),
            max_sharpe(&[0.05, 0.05], &model, &bounds, 0.02).unwrap_err(),
            max_diversification(&model, &bounds).unwrap_err(),
        ];
        for e in faults {
            assert!(matches!(e, OptimizerError::OutOfRange { what: "variance", index: 1, .. }), "{variance}: {e}");
        }
    }
    for variance in [1e-99, 1e-50, 1e-20, 1e-12, 1e6, 1e99] {
        let model = dense(&[&[0.04, 0.0], &[0.0, variance]]);
        let bounds = WeightBounds::long_only(2);
        let tree = hierarchical_risk_parity(&model, &bounds, HierarchicalLinkage::Distance).unwrap();
        assert!((tree.weights[1] - 0.04 / (0.04 + variance)).abs() < 1e-12, "{tree:?}");
        let parity = risk_parity(&model, &bounds).unwrap();
        assert!((parity.weights[1] - 0.2 / (0.2 + variance.sqrt())).abs() < 1e-12, "{parity:?}");
    }
    let zero = risk_parity(&dense(&[&[0.04, 0.0], &[0.0, 0.0]]), &WeightBounds::long_only(2)).unwrap_err();
    assert!(zero.to_string().contains("an asset without risk has no share of it"), "{zero}");
}

#[test]
fn a_tree_keeps_its_bounds() {
    let two: &[&[f64]] = &[&[0.0001, 0.0], &[0.0, 0.04]];
    let four: &[&[f64]] =
        &[&[0.0001, 0.0, 0.0, 0.0], &[0.0, 0.04, 0.03, 0.0], &[0.0, 0.03, 0.04, 0.0], &[0.0, 0.0, 0.0, 0.09]];
    let cases: [(Rows, Numbers, Numbers); 10] = [
        (two, &[0.0, 0.0], &[0.6, 0.6]),
        (two, &[0.0, 0.3], &[1.0, 1.0]),
        (two, &[0.5, 0.5], &[0.5, 0.5]),
        (two, &[0.0, 0.0], &[0.9976, 1.0]),
        (four, &[0.0; 4], &[0.4; 4]),
        (four, &[0.0; 4], &[0.25; 4]),
        (four, &[0.1; 4], &[0.4; 4]),
        (four, &[0.0, 0.3, 0.3, 0.3], &[1.0; 4]),
        (four, &[0.0; 4], &[0.1, 0.1, 0.1, 1.0]),
        (four, &[-0.5; 4], &[0.3, 0.3, 0.3, 0.5]),
    ];
    for (rows, lower, upper) in cases {
        for linkage in [HierarchicalLinkage::Distance, HierarchicalLinkage::DistanceOfDistances] {
            let bounds = WeightBounds { lower: lower.to_vec(), upper: upper.to_vec() };
            let p = hierarchical_risk_parity(&dense(rows), &bounds, linkage).unwrap();
            let kept = p.weights.iter().zip(lower).zip(upper).all(|((w, l), u)| l <= w && w <= u);
            assert!(kept && (p.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{lower:?} {upper:?}: {p:?}");
        }
    }
    // Two caps of 40 % leave a fifth unallocated.
    let bounds = WeightBounds { lower: vec![0.0; 2], upper: vec![0.4; 2] };
    let none = hierarchical_risk_parity(&dense(two), &bounds, HierarchicalLinkage::Distance);
    assert!(matches!(none, Err(OptimizerError::Infeasible { .. })), "{none:?}");
}

fn input<'a>(model: &'a RiskModel, bounds: &'a WeightBounds) -> AllocationInput<'a> {
    let (mu, returns) = (None, None);
    AllocationInput { mu, model: Some(model), returns, bounds, risk_free_rate: 0.0, risk_aversion: 1.0, points: 2 }
}

#[test]
fn equal_contributions_outside_the_bounds_are_refused_and_inside_them_answered() {
    let model = dense(&[&[0.0001, 0.0], &[0.0, 0.0121]]);
    // Volatilities of 1 % and 11 %: weights of 11/12 and 1/12.
    let free = WeightBounds::long_only(2);
    let AllocationOutcome::Optimal(AllocationAnswer::Portfolio(p)) =
        allocate(AllocationMethod::RiskParity, &input(&model, &free)).unwrap()
    else {
        panic!("the bounds do not bind")
    };
    assert!((p.weights[0] - 11.0 / 12.0).abs() < 1e-14);
    for (lower, upper) in [
        ([0.0, 0.0], [0.6, 0.6]),
        ([0.0, 0.1], [1.0, 1.0]),
        ([0.0, 0.0], [0.9, 1.0]),
        ([0.92, 0.0], [1.0, 1.0]),
        ([0.0, 0.0], [1.0, 0.08]),
    ] {
        let bounds = WeightBounds { lower: lower.to_vec(), upper: upper.to_vec() };
        let AllocationOutcome::Infeasible { reason } =
            allocate(AllocationMethod::RiskParity, &input(&model, &bounds)).unwrap()
        else {
            panic!("{lower:?} {upper:?} are kept")
        };
        assert!(reason.starts_with("the one portfolio of risk_parity holds "), "{reason}");
    }
    for (lower, upper) in [([0.9, 0.0], [0.92, 0.1]), ([0.0, 0.05], [1.0, 0.09]), ([-1.0, -1.0], [2.0, 2.0])] {
        let bounds = WeightBounds { lower: lower.to_vec(), upper: upper.to_vec() };
        assert_eq!(risk_parity(&model, &bounds).unwrap(), p, "{lower:?} {upper:?}");
    }
}
