//! Tests that every estimator must pass.

use portfolio_core::{ReturnPanel, Universe};

use super::columns::Columns;
use super::riskless::Matrix;
use super::*;
use crate::UnavailableReason;
use crate::spread::Spread;
use crate::volatility::EwmaStart;

const IDENTITY: LedoitWolf = LedoitWolf { target: ShrinkageTarget::Identity };
const CONSTANT_CORRELATION: LedoitWolf = LedoitWolf { target: ShrinkageTarget::ConstantCorrelation };
const NORMALISED: Ewma = Ewma { decay: 0.94, start: EwmaStart::Normalised };
const RECURSIVE: Ewma = Ewma { decay: 0.94, start: EwmaStart::Recursive };

const PAIRS: OverlappingReturns = OverlappingReturns { periods: 2 };

const ALL: [&dyn CovarianceEstimator; 7] =
    [&SampleCovariance, &IDENTITY, &CONSTANT_CORRELATION, &Oas, &NORMALISED, &RECURSIVE, &PAIRS];

fn series(n: i32, t: i32) -> Vec<Vec<f64>> {
    (0..n).map(|i| (0..t).map(|s| f64::from((s * (13 + 7 * i) + i * i) % 89) / 1000.0 - 0.04).collect()).collect()
}

fn panel(series: Vec<Vec<f64>>) -> ReturnPanel {
    ReturnPanel::new(Universe::numbered(series.len()).unwrap(), series).unwrap()
}

#[test]
fn a_single_asset_has_its_variance_whatever_the_target() {
    let single = panel(series(1, 50));
    let biased = Spread::of(single.series(0).unwrap()).squares / 50.0;
    for estimator in &ALL[1..4] {
        let estimate = estimator.estimate(&single, 252.0).unwrap();
        assert!((estimate.covariance.as_slice()[0] / biased - 1.0).abs() < 1e-14, "{estimator:?}");
    }
}

type Kernel<'a> = &'a dyn Fn(&Columns<'_>) -> Matrix;

#[test]
fn scaling_returns_scales_every_kernel_and_leaves_the_shrinkage() {
    let kernels: [(&str, Kernel<'_>); 7] = [
        ("sample", &sample::kernel),
        ("identity", &|columns| IDENTITY.kernel(columns)),
        ("constant correlation", &|columns| CONSTANT_CORRELATION.kernel(columns)),
        ("oas", &oas::kernel),
        ("normalised", &|columns| NORMALISED.kernel(columns)),
        ("recursive", &|columns| RECURSIVE.kernel(columns)),
        ("overlapping", &|columns| PAIRS.kernel(columns)),
    ];
    let series = series(5, 40);
    // Returns of 1e-150 are flat up to rounding, but the kernels accept numbers of any size.
    for factor in [1e-150, 1e-3, 3.0, 1e120] {
        let scaled: Vec<Vec<f64>> = series.iter().map(|c| c.iter().map(|x| x * factor).collect()).collect();
        for (name, kernel) in kernels {
            let run = |p: &[Vec<f64>]| {
                let columns: Vec<&[f64]> = p.iter().map(Vec::as_slice).collect();
                kernel(&Columns::of(&columns, 40))
            };
            let (before, after) = (run(&series), run(&scaled));
            for (a, b) in before.values.iter().zip(&after.values) {
                assert!((a - b / factor / factor).abs() < 1e-14, "{name} {factor}: {a} {b}");
            }
            assert_eq!(before.shrinkage.is_some(), after.shrinkage.is_some());
            if let (Some(a), Some(b)) = (before.shrinkage, after.shrinkage) {
                assert!((a - b).abs() < 1e-10, "{name} {factor}: {a} {b}");
            }
        }
    }
}

#[test]
fn every_estimate_is_symmetric_and_not_negative() {
    let short = panel(series(7, 5));
    for estimator in ALL {
        let estimate = estimator.estimate(&short, 252.0).unwrap();
        for i in 0..7 {
            for j in 0..7 {
                assert_eq!(estimate.covariance.get(i, j), estimate.covariance.get(j, i));
            }
        }
        for seed in 0..20 {
            let weights: Vec<f64> = (0..7).map(|i| f64::from((i * 5 + seed * 3) % 11) - 5.0).collect();
            assert!(estimate.covariance.variance(&weights).unwrap() > -1e-15, "{estimator:?}");
        }
        // The property that `Covariance::estimated` assumes without a check.
        let covariance = &estimate.covariance;
        let checked = Covariance::new(covariance.universe().clone(), covariance.as_slice().to_vec(), 252.0);
        assert_eq!(checked.as_ref(), Ok(covariance), "{estimator:?}");
    }
}

#[test]
fn riskless_assets_have_zero_rows_and_change_nothing_for_the_others() {
    let risky = series(4, 60);
    let prices: Vec<f64> = (0..61).map(|i| 100.0 * 1.0001_f64.powi(i)).collect();
    let fund: Vec<f64> = prices.windows(2).map(|p| p[1] / p[0] - 1.0).collect();
    let (still, steady) = (vec![0.0; 60], vec![0.001; 60]);
    // Cash in front, a halted quote in the middle, a money market fund (flat up to rounding) at the end.
    let mut all = risky.clone();
    all.insert(0, still.clone());
    all.insert(3, steady.clone());
    all.push(fund.clone());
    let varying = [1, 2, 4, 5];
    let (all, alone, none) = (panel(all), panel(risky), panel(vec![still, steady, fund]));
    for estimator in ALL {
        let estimate = |panel| estimator.estimate(panel, 252.0).unwrap();
        let (with, without) = (estimate(&all), estimate(&alone));
        assert_eq!(with.shrinkage, without.shrinkage, "{estimator:?}");
        for i in 0..7 {
            for j in 0..7 {
                let place = |asset| varying.iter().position(|&v| v == asset);
                let expected = match (place(i), place(j)) {
                    (Some(i), Some(j)) => without.covariance.get(i, j),
                    _ => Some(0.0),
                };
                assert_eq!(with.covariance.get(i, j), expected, "{estimator:?} {i} {j}");
            }
        }
        let zero = estimate(&none);
        assert_eq!(zero.covariance.as_slice(), [0.0; 9], "{estimator:?}");
        assert_eq!(zero.shrinkage.is_some(), without.shrinkage.is_some());
    }
}

#[test]
fn the_newest_common_periods_count() {
    let all = series(3, 40);
    let mut ragged = all.clone();
    ragged[1].drain(..10);
    let tails: Vec<Vec<f64>> = all.iter().map(|s| s[10..].to_vec()).collect();
    for estimator in ALL {
        let (cut, whole) =
            (estimator.estimate(&panel(ragged.clone()), 52.0), estimator.estimate(&panel(tails.clone()), 52.0));
        assert_eq!(cut, whole);
        let cut = cut.unwrap();
        assert_eq!((cut.observations, cut.covariance.periods_per_year()), (30, 52.0));
    }
}

#[test]
fn too_short_series_and_bad_parameters_are_refused() {
    let one = panel(vec![vec![0.01], vec![0.02]]);
    let short = Err(RiskError::Unavailable(UnavailableReason::TooFewReturns));
    assert_eq!(SampleCovariance.estimate(&one, 252.0), short);
    assert_eq!(CONSTANT_CORRELATION.estimate(&one, 252.0), short);
    assert!(RECURSIVE.estimate(&one, 252.0).is_ok());
    assert_eq!(RECURSIVE.estimate(&panel(vec![vec![]]), 252.0), short);
    let huge = panel(vec![vec![1e300, -1e300]]);
    assert_eq!(SampleCovariance.estimate(&huge, 252.0), Err(RiskError::Unavailable(UnavailableReason::Overflow)));
    for decay in [-0.1, 1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(Ewma { decay, ..RECURSIVE }.estimate(&one, 252.0), Err(RiskError::OutOfRange { .. })));
    }
    let pair = panel(series(2, 9));
    assert!(matches!(SampleCovariance.estimate(&pair, 0.0), Err(RiskError::Covariance(_))));
}

#[test]
fn an_estimate_says_which_estimator_made_it() {
    let pair = panel(series(2, 9));
    let named = |estimator: &dyn CovarianceEstimator| estimator.estimate(&pair, 252.0).unwrap().estimator.to_string();
    assert_eq!(named(&SampleCovariance), "sample 1");
    assert_eq!(named(&CONSTANT_CORRELATION), "ledoit_wolf 1 (target constant_correlation)");
    assert_eq!(named(&Ewma { decay: 0.97, start: EwmaStart::Normalised }), "ewma 1 (decay 0.97, start normalised)");
}
