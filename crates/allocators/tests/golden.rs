//! Published and independently computed values: two assets with three factors, and one asset at three costs.

use allocators::{
    AllocatorError, DynamicProblem, LinearPolicy, average_reward, closed_form, finite_horizon,
    rate_of_proportional_costs, riccati,
};

const COVARIANCE: [f64; 4] = [0.04, 0.012, 0.012, 0.09];
const LOADINGS: [f64; 6] = [0.5, 0.2, 0.05, 0.1, -0.3, 0.4];
const DECAY: [f64; 9] = [0.2, 0.0, 0.0, 0.0, 0.05, 0.0, 0.0, 0.0, 0.01];

fn two_assets(cost: &[f64]) -> DynamicProblem<'_> {
    DynamicProblem {
        loadings: &LOADINGS,
        decay: &DECAY,
        covariance: &COVARIANCE,
        cost,
        risk_aversion: 5.0,
        discount_rate: 0.02,
    }
}

fn near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (f, e) in found.iter().zip(expected) {
        assert!((f - e).abs() <= tolerance, "{found:?} against {expected:?}");
    }
}

#[test]
fn costs_proportional_to_risk() {
    let cost = COVARIANCE.map(|v| 3.0 * v);
    let aim = [
        2.338_664_209_568_748,
        1.224_339_877_208_975_5,
        -0.017_288_642_884_344_9,
        -0.106_788_320_071_632_1,
        -0.816_226_584_805_984_3,
        0.887_483_668_063_035_7,
    ];
    let rate = rate_of_proportional_costs(5.0, 3.0, 0.02).unwrap();
    assert!((3.0 * rate - 2.095_833_295_041_692_2).abs() < 1e-14);
    assert!((rate - 0.698_611_098_347_230_8).abs() < 1e-15);
    for solution in [closed_form(&two_assets(&cost)), riccati(&two_assets(&cost), 1e-16)] {
        let policy = solution.unwrap().policy;
        near(&policy.rate(), &[rate, 0.0, 0.0, rate], 1e-12);
        near(&policy.aim().unwrap(), &aim, 1e-12);
    }
}

#[test]
fn costs_of_another_shape_than_risk() {
    let cost = [0.2, 0.0, 0.0, 0.05];
    let off = 0.002_243_499_935_007_484;
    let curvature = [0.121_238_728_290_412_1, off, off, 0.045_266_348_305_986_19];
    let slope = [
        0.272_714_240_071_690_26,
        0.144_976_193_253_733_73,
        -7.315_646_225_517_285e-5,
        0.001_493_872_384_160_355_7,
        -0.034_595_859_242_516_666,
        0.040_261_013_640_369_55,
    ];
    let rate = [0.606_193_641_452_060_3, 0.011_217_499_675_037_42, 0.044_869_998_700_149_68, 0.905_326_966_119_723_9];
    for solution in [closed_form(&two_assets(&cost)), riccati(&two_assets(&cost), 1e-16)] {
        let solution = solution.unwrap();
        near(&solution.curvature(), &curvature, 1e-13);
        near(&solution.slope(), &slope, 1e-13);
        near(&solution.policy.rate(), &rate, 1e-12);
    }
}

/// One asset of variance 1e-4 with a fast and a slow factor of unit variance.
fn one_asset(cost: &[f64]) -> DynamicProblem<'_> {
    DynamicProblem {
        loadings: &[5e-4, 5e-4],
        decay: &[0.2, 0.0, 0.0, 0.01],
        covariance: &[1e-4],
        cost,
        risk_aversion: 1.0,
        discount_rate: 0.0,
    }
}

const INNOVATIONS: [f64; 4] = [0.36, 0.0, 0.0, 0.0199];

fn net(problem: &DynamicProblem<'_>, policy: &LinearPolicy) -> f64 {
    average_reward(problem, policy, &INNOVATIONS).expect("a stationary policy").net()
}

/// A row of the table: cost, rate, aim, reward of the optimum, of trading all the way, and in per cent of the optimum: the best partial
/// trade towards Markowitz with its rate, the same with the best scale, and plans over 1, 2, 3, 5, 10 and 20 periods.
struct Row {
    cost: f64,
    rate: f64,
    aim: [f64; 2],
    optimum: f64,
    markowitz: f64,
    partial: (f64, f64),
    scaled: f64,
    horizons: &'static [(usize, f64)],
}

const ROWS: [Row; 3] = [
    Row {
        cost: 2e-4,
        rate: 0.5,
        aim: [4.166_67, 4.950_50],
        optimum: 2.093_426e-3,
        markowitz: 1.45e-3,
        partial: (98.8, 0.434),
        scaled: 99.4,
        horizons: &[(1, 97.5), (2, 99.65), (3, 99.92), (5, 99.997), (10, 100.0)],
    },
    Row {
        cost: 1e-3,
        rate: 0.270_156_2,
        aim: [3.246_094_7, 4.868_475_1],
        optimum: 1.711_959e-3,
        markowitz: -2.75e-3,
        partial: (95.3, 0.182),
        scaled: 97.1,
        horizons: &[(1, 88.1), (2, 96.3), (3, 98.5), (5, 99.68), (10, 99.995)],
    },
    Row {
        cost: 1e-2,
        rate: 0.095_124_9,
        aim: [1.722_653_8, 4.565_689_2],
        optimum: 1.190_653e-3,
        markowitz: -5.0e-2,
        partial: (86.8, 0.042),
        scaled: 90.1,
        horizons: &[(1, 56.7), (2, 76.0), (3, 85.3), (5, 93.5), (10, 98.8), (20, 99.94)],
    },
];

#[test]
fn a_fast_and_a_slow_factor_at_three_costs() {
    for row in &ROWS {
        let cost = [row.cost];
        let problem = one_asset(&cost);
        let optimal = closed_form(&problem).unwrap().policy;
        near(&optimal.rate(), &[row.rate], 1e-7);
        near(&optimal.aim().unwrap(), &row.aim, 1e-5);
        let optimum = net(&problem, &optimal);
        assert!((optimum - row.optimum).abs() < 1e-9, "{optimum}");
        let markowitz = LinearPolicy::markowitz(&problem).unwrap();
        assert!((net(&problem, &markowitz) - row.markowitz).abs() < 1e-9);
        for (periods, per_cent) in row.horizons {
            let share = 100.0 * net(&problem, &finite_horizon(&problem, *periods).unwrap()) / optimum;
            assert!((share - per_cent).abs() < 0.1, "{periods} periods: {share} %");
            assert!(share <= 100.0 + 1e-9);
        }
    }
}

#[test]
fn the_best_partial_trade_towards_markowitz_is_second() {
    for row in &ROWS {
        let cost = [row.cost];
        let problem = one_asset(&cost);
        let optimum = net(&problem, &closed_form(&problem).unwrap().policy);
        let markowitz = LinearPolicy::markowitz(&problem).unwrap();
        let rates = (1..1000).map(|i| f64::from(i) / 1000.0);
        let rewards: Vec<_> = rates
            .map(|rate| (rate, average_reward(&problem, &markowitz.partial(rate), &INNOVATIONS).unwrap()))
            .collect();
        let (rate, best) = rewards.iter().max_by(|a, b| a.1.net().total_cmp(&b.1.net())).unwrap();
        let scaled = rewards.iter().map(|(_, reward)| reward.best_scaled()).fold(0.0, f64::max);
        assert!((100.0 * best.net() / optimum - row.partial.0).abs() < 0.1, "{best:?}");
        assert!((rate - row.partial.1).abs() < 0.001_5, "{rate}");
        assert!((100.0 * scaled / optimum - row.scaled).abs() < 0.1, "{scaled}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let cost = [1e-3];
    let good = one_asset(&cost);
    let with = |change: fn(&mut DynamicProblem<'_>)| {
        let mut problem = good.clone();
        change(&mut problem);
        closed_form(&problem).unwrap_err()
    };
    assert_eq!(with(|p| p.risk_aversion = 0.0), AllocatorError::RiskAversion);
    assert_eq!(with(|p| p.risk_aversion = f64::NAN), AllocatorError::RiskAversion);
    assert_eq!(with(|p| p.discount_rate = 1.0), AllocatorError::DiscountRate);
    assert_eq!(with(|p| p.covariance = &[]), AllocatorError::Empty);
    assert!(matches!(with(|p| p.covariance = &[0.0]), AllocatorError::NotPositiveDefinite { .. }));
    assert!(matches!(with(|p| p.loadings = &[1.0]), AllocatorError::Shape { expected: 2, found: 1, .. }));
    assert!(matches!(with(|p| p.loadings = &[1.0, f64::INFINITY]), AllocatorError::NotFinite { position: 1, .. }));
    // Factors that grow by 90 % a period.
    assert!(matches!(with(|p| p.decay = &[-0.9, 0.0, 0.0, 0.01]), AllocatorError::Diverges(_)));
    assert_eq!(finite_horizon(&good, 0), Err(AllocatorError::Horizon));
    // A policy that never sells has no long run.
    let keeps = LinearPolicy::new(&[1.0], &[1.0, 1.0]).unwrap();
    assert!(matches!(average_reward(&good, &keeps, &INNOVATIONS), Err(AllocatorError::Diverges(_))));
    let skew = DynamicProblem { covariance: &[1.0, 0.5, 0.4, 1.0], ..two_assets(&[0.2, 0.0, 0.0, 0.05]) };
    assert!(matches!(closed_form(&skew), Err(AllocatorError::NotSymmetric { .. })));
}
