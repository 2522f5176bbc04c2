//! Series that are flat in exact arithmetic, made in many ways: rounding error is no spread, but a small real spread is
//! one.

#![expect(clippy::unwrap_used, reason = "a series that cannot be measured fails the test")]

use risk::inference::{SharpeError, aggregate_sharpe, sharpe_interval};
use risk::volatility::{GarchOptions, fit_garch};
use risk::{
    Confidence, CovarianceEstimator, Ewma, LedoitWolf, MetricsReport, Oas, ReturnPanel, RiskError, RiskOptions,
    SampleCovariance, ShrinkageTarget, UnavailableReason, Universe, beta, fit_student, information_ratio, measure,
    regress_on_factors, rolling, sharpe_ratio,
};

const DAYS: i32 = 750;

fn returns(prices: &[f64]) -> Vec<f64> {
    prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}

fn prices(price: impl Fn(i32) -> f64) -> Vec<f64> {
    (0..=DAYS).map(price).collect()
}

/// A series with ordinary risk.
fn index() -> Vec<f64> {
    (0..DAYS).map(|i| f64::from((i * 7919) % 1009) / 25_000.0 - 0.02).collect()
}

/// Histories without risk, most of them with returns that differ in their last bits.
fn flat() -> Vec<(&'static str, Vec<f64>)> {
    let fund = returns(&prices(|i| 100.0 * 1.001_f64.powi(i)));
    let slow = returns(&prices(|i| 1000.0 * (0.000_13 * f64::from(i)).exp()));
    let mut price = 37.11;
    let compounded = prices(|_| 0.0);
    let compounded: Vec<f64> = compounded
        .iter()
        .map(|_| {
            price *= 1.0004;
            price
        })
        .collect();
    vec![
        ("cash", vec![0.0; DAYS as usize]),
        ("a constant return", vec![0.0003; DAYS as usize]),
        ("a constant loss", vec![-0.01; DAYS as usize]),
        ("a price that doubles", vec![1.0; DAYS as usize]),
        ("powers", fund.clone()),
        ("powers of a price in another unit", returns(&prices(|i| 1e-4 * 1.001_f64.powi(i)))),
        ("powers below one", returns(&prices(|i| 1e6 * 0.9995_f64.powi(i)))),
        ("exponentials", slow.clone()),
        ("a price compounded step by step", returns(&compounded)),
        ("prices printed to sixteen digits", {
            let printed = prices(|i| format!("{:.15e}", 100.0 * 1.001_f64.powi(i)).parse().unwrap());
            returns(&printed)
        }),
        ("a logarithm taken and undone", fund.iter().map(|r| r.ln_1p().exp_m1()).collect()),
        ("two funds in equal parts", fund.iter().zip(&slow).map(|(a, b)| 0.5 * a + 0.5 * b).collect()),
        ("five times the fund on credit", fund.iter().map(|r| 5.0 * r - 4.0 * 0.0001).collect()),
        ("an index hedged with itself", {
            let index = index();
            index.iter().map(|r| 0.3 * r + 0.7 * r - r).collect()
        }),
    ]
}

/// Histories whose spread is small but real.
fn calm() -> Vec<(&'static str, Vec<f64>)> {
    let swing = |size: f64| (0..DAYS).map(|i| 0.0001 + if i % 2 == 0 { size } else { -size }).collect();
    vec![
        ("a rate that changes once, by a basis point a year", {
            (0..DAYS).map(|i| if i < 300 { 1.1e-4 } else { 1.1e-4 + 1e-4 / 252.0 }).collect()
        }),
        ("a price of 100 that once moves by a thousandth of a cent", {
            returns(&prices(|i| if i < 400 { 100.0 } else { 100.000_01 }))
        }),
        ("a swing of 1e-12", swing(1e-12)),
        ("a swing of 1e-9", swing(1e-9)),
    ]
}

fn absent(report: &MetricsReport, names: &[&str], label: &str) {
    for name in names {
        assert_eq!(report.metrics.get(name).unwrap().number(), None, "{name} of {label}");
        assert!(report.reason(name).is_some(), "{name} of {label}");
    }
}

#[test]
fn no_ratio_shape_fit_or_interval_of_a_flat_series() {
    let (index, options) = (index(), RiskOptions::default());
    let none = RiskError::Unavailable(UnavailableReason::ZeroVolatility);
    for (label, flat) in flat() {
        assert_eq!(sharpe_ratio(&flat, &options), Err(none.clone()), "{label}");
        for error in [SharpeError::Normal, SharpeError::NonNormal, SharpeError::Autocorrelated { lags: 5 }] {
            assert_eq!(sharpe_interval(&flat, error, Confidence::P95, &options), Err(none.clone()), "{label}");
        }
        assert_eq!(aggregate_sharpe(&flat, 5, &options), Err(none.clone()), "{label}");
        assert_eq!(fit_student(&flat), Err(none.clone()), "{label}");
        assert_eq!(fit_garch(&flat, &GarchOptions::default()), Err(none.clone()), "{label}");
        assert_eq!(regress_on_factors(&flat, &[&index], None, &options), Err(none.clone()), "{label}");
        let report = measure(&flat, Some(&index), None, &options).unwrap();
        absent(&report, &["sharpe", "sharpe_simple", "correlation", "skew_biased", "exkurt_unbiased"], label);
        absent(&report, &["t_mom_df", "t_mle_df", "var95_cornish_fisher"], label);
        // A riskless series has a beta of zero, which is a number.
        assert!(report.metrics.get("beta").and_then(|metric| metric.number()).unwrap().abs() < 1e-11, "{label}");
        let sharpe = rolling(&flat, None, 60, risk::RollingMeasure::Sharpe, &options).unwrap();
        assert!(sharpe.iter().all(Option::is_none), "{label}");
    }
}

#[test]
fn nothing_is_measured_against_a_flat_benchmark_or_factor() {
    let (index, options) = (index(), RiskOptions::default());
    for (label, flat) in flat() {
        let none = RiskError::Unavailable(UnavailableReason::ZeroBenchmarkVolatility);
        assert_eq!(beta(&index, &flat), Err(none), "{label}");
        let report = measure(&index, Some(&flat), None, &options).unwrap();
        absent(&report, &["beta", "correlation", "alpha_arith"], label);
        let factors: [&[f64]; 2] = [&index, &flat];
        let refused = regress_on_factors(&index, &factors, None, &options);
        assert_eq!(refused, Err(RiskError::DependentFactors), "{label}");
    }
}

#[test]
fn a_series_that_differs_from_its_benchmark_by_a_flat_one_has_no_information_ratio() {
    let (index, options) = (index(), RiskOptions::default());
    let none = RiskError::Unavailable(UnavailableReason::ZeroTrackingError);
    for (label, flat) in flat() {
        let fund: Vec<f64> = index.iter().zip(&flat).map(|(r, fee)| r + fee).collect();
        assert_eq!(information_ratio(&fund, &index, &options), Err(none.clone()), "{label}");
        let report = measure(&fund, Some(&index), None, &options).unwrap();
        absent(&report, &["information_ratio"], label);
    }
}

#[test]
fn a_flat_history_is_a_zero_row_of_every_covariance() {
    let estimators: [&dyn CovarianceEstimator; 5] = [
        &SampleCovariance,
        &LedoitWolf { target: ShrinkageTarget::Identity },
        &LedoitWolf { target: ShrinkageTarget::ConstantCorrelation },
        &Oas,
        &Ewma::default(),
    ];
    let other = |step: i32| -> Vec<f64> { (0..DAYS).map(|i| f64::from((i * step) % 997) / 25_000.0 - 0.02).collect() };
    let risky = vec![index(), other(31), other(53)];
    let universe = |assets| Universe::numbered(assets).unwrap();
    for estimator in estimators {
        let alone = estimator.estimate(&ReturnPanel::new(universe(3), risky.clone()).unwrap(), 252.0).unwrap();
        let with = |history: Vec<f64>| {
            let mut series = risky.clone();
            series.insert(1, history);
            estimator.estimate(&ReturnPanel::new(universe(4), series).unwrap(), 252.0).unwrap()
        };
        for (label, flat) in flat() {
            let with = with(flat);
            assert_eq!(with.covariance.row(1), Some(&[0.0; 4][..]), "{label}: {estimator:?}");
            assert_eq!(with.covariance.select(&[0, 2, 3]).unwrap().as_slice(), alone.covariance.as_slice(), "{label}");
            assert_eq!(with.shrinkage, alone.shrinkage, "{label}");
        }
        for (label, calm) in calm() {
            assert!(with(calm).covariance.get(1, 1) > Some(0.0), "{label}: {estimator:?}");
        }
    }
}

#[test]
fn a_small_spread_is_a_spread() {
    let (index, options) = (index(), RiskOptions::default());
    for (label, calm) in calm() {
        assert!(sharpe_ratio(&calm, &options).is_ok(), "{label}");
        assert!(beta(&index, &calm).is_ok(), "{label}");
        let fund: Vec<f64> = index.iter().zip(&calm).map(|(r, fee)| r + fee).collect();
        assert!(information_ratio(&fund, &index, &options).is_ok(), "{label}");
    }
}
