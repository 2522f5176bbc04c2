//! Properties that hold for any return series.

#![expect(clippy::unwrap_used, reason = "a property that cannot be computed fails")]

use proptest::prelude::*;
use risk::{
    Confidence, FilteredOptions, RiskOptions, conditional_value_at_risk, entropic_value_at_risk, filtered_tail,
    max_drawdown, summarise, value_at_risk, volatility_annual,
};

fn returns() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-0.9..1.5_f64, 2..400)
}

fn levels() -> impl Strategy<Value = Confidence> {
    (0.01..0.999_f64).prop_map(|level| Confidence::new(level).unwrap())
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-12 * scale.max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tail_measures_are_ordered(returns in returns(), level in levels()) {
        let var = value_at_risk(&returns, level).unwrap();
        let cvar = conditional_value_at_risk(&returns, level).unwrap();
        let evar = entropic_value_at_risk(&returns, level).unwrap();
        let worst = -returns.iter().copied().fold(f64::INFINITY, f64::min);
        // Exactly, not up to rounding: both read the same order statistics.
        prop_assert!(cvar >= var);
        prop_assert!(evar >= cvar - 1e-9 && evar <= worst + 1e-12);
    }

    #[test]
    fn order_does_not_matter_to_the_tail(returns in returns(), level in levels(), turn in 0usize..400) {
        let mut other = returns.clone();
        other.rotate_left(turn % returns.len());
        other.reverse();
        prop_assert_eq!(value_at_risk(&returns, level), value_at_risk(&other, level));
        prop_assert_eq!(conditional_value_at_risk(&returns, level), conditional_value_at_risk(&other, level));
    }

    #[test]
    fn scaling_returns_scales_risk(returns in returns(), level in levels(), factor in 0.01..50.0_f64) {
        let scaled: Vec<f64> = returns.iter().map(|r| factor * r).collect();
        let options = RiskOptions::default();
        let measures = |r: &[f64]| [
            volatility_annual(r, &options).unwrap(),
            value_at_risk(r, level).unwrap(),
            conditional_value_at_risk(r, level).unwrap(),
        ];
        for (before, after) in measures(&returns).into_iter().zip(measures(&scaled)) {
            prop_assert!(close(factor * before, after, 100.0 * factor), "{} {}", factor * before, after);
        }
    }

    #[test]
    fn filtered_tails_scale_with_the_returns_and_are_ordered(
        returns in prop::collection::vec(-0.9..1.5_f64, 20..400), level in 0.5..0.95_f64,
        decay in 0.7..0.999_f64, warm_up in 1..15_usize, factor in 0.01..50.0_f64,
    ) {
        let (level, options) = (Confidence::new(level).unwrap(), FilteredOptions { decay, warm_up });
        let (Ok(tail), Ok(scaled)) = (
            filtered_tail(&returns, level, &options),
            filtered_tail(&returns.iter().map(|r| factor * r).collect::<Vec<f64>>(), level, &options),
        ) else {
            // Too few returns for the level.
            prop_assert!((1.0 - level.get()) * ((returns.len() - warm_up) as f64) < 1.0);
            return Ok(());
        };
        prop_assert!(tail.conditional_value_at_risk >= tail.value_at_risk);
        for (before, after) in [
            (tail.value_at_risk, scaled.value_at_risk),
            (tail.conditional_value_at_risk, scaled.conditional_value_at_risk),
            (tail.volatility, scaled.volatility),
        ] {
            prop_assert!(close(factor * before, after, 100.0 * factor * before.abs()), "{} {}", factor * before, after);
        }
    }

    #[test]
    fn filtering_a_constant_volatility_changes_nothing(
        returns in prop::collection::vec(-0.9..1.5_f64, 60..400), level in 0.5..0.95_f64, warm_up in 1..15_usize,
    ) {
        let level = Confidence::new(level).unwrap();
        // A decay this close to one never leaves the volatility of the warm-up.
        let still = FilteredOptions { decay: 1.0 - 1e-15, warm_up };
        prop_assume!(returns[..warm_up].iter().any(|r| r.abs() > 0.01));
        let tail = filtered_tail(&returns, level, &still).unwrap();
        let after = &returns[warm_up..];
        prop_assert!((tail.value_at_risk - value_at_risk(after, level).unwrap()).abs() < 1e-6);
        let plain = conditional_value_at_risk(after, level).unwrap();
        prop_assert!((tail.conditional_value_at_risk - plain).abs() < 1e-6);
        // Returns of equal size have that volatility at any decay.
        let signs: Vec<f64> = returns.iter().map(|r| 0.01_f64.copysign(*r)).collect();
        let tail = filtered_tail(&signs, level, &FilteredOptions { warm_up, ..FilteredOptions::default() }).unwrap();
        prop_assert!(close(tail.value_at_risk, value_at_risk(&signs[warm_up..], level).unwrap(), 1.0));
    }

    #[test]
    fn a_sure_gain_lowers_risk_by_itself(returns in returns(), level in levels(), gain in -0.5..0.5_f64) {
        let moved: Vec<f64> = returns.iter().map(|r| r + gain).collect();
        let var = value_at_risk(&returns, level).unwrap() - gain;
        prop_assert!(close(var, value_at_risk(&moved, level).unwrap(), 1.0));
        let cvar = conditional_value_at_risk(&returns, level).unwrap() - gain;
        prop_assert!(close(cvar, conditional_value_at_risk(&moved, level).unwrap(), 1.0));
        let options = RiskOptions::default();
        let volatility = volatility_annual(&returns, &options).unwrap();
        prop_assert!(close(volatility, volatility_annual(&moved, &options).unwrap(), 100.0));
    }

    #[test]
    fn drawdown_is_a_share_of_the_peak(returns in returns()) {
        let drawdown = max_drawdown(&returns).unwrap();
        prop_assert!((0.0..=1.0).contains(&drawdown.depth));
        // Computed from the definition, from the wealth itself.
        let mut wealth = vec![1.0_f64];
        for r in &returns {
            wealth.push(wealth.last().unwrap() * (1.0 + r));
        }
        if let (Some(peak), Some(trough)) = (drawdown.peak, drawdown.trough) {
            prop_assert!(peak < trough);
            prop_assert!(close(1.0 - wealth[trough] / wealth[peak], drawdown.depth, 1.0));
            prop_assert!(wealth[..=trough].iter().all(|w| *w <= wealth[peak] * (1.0 + 1e-12)));
        }
        let summary = summarise(&returns, None, &RiskOptions::default()).unwrap();
        prop_assert_eq!(summary.max_drawdown, Some(drawdown.depth));
    }

    #[test]
    fn wild_series_give_finite_figures(returns in prop::collection::vec(-1.0..100.0_f64, 2..2000)) {
        let summary = summarise(&returns, Some(&returns), &RiskOptions::default()).unwrap();
        prop_assert_eq!(&summary.unavailable, &[]);
        prop_assert!(summary.cvar_95 >= summary.var_95);
        prop_assert_eq!(summary.tracking_error, Some(0.0));
    }
}
