//! The same law, options and seed give the same bits: on any number of threads, for any number of paths, anywhere.

use std::sync::Arc;

use portfolio_core::{Covariance, Seed, TradeScope, Universe};
use serde_json::Value;
use stress::{
    AssetLaw, BandPolicy, BandTrades, CommonShocks, DailyLaw, DailyOptions, DailyPolicy, FilteredHistorical,
    InstructionSet, JumpDiffusion, Jumps, LogHistory, NormalShocks, PortfolioLaw, Rebalancing, ShockDays, ShockLaw,
    SimulationLaw, SimulationOptions, SimulationStatistics, StationaryBootstrap, Stop, StudentShocks, TCopula,
    VarianceReduction, simulate, simulate_daily, simulate_paths, simulate_precisely,
};

/// FNV-1a over bytes.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xCBF2_9CE4_8422_2325, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// The bits of every outcome of every path.
fn hash_paths<'a>(law: impl Into<SimulationLaw<'a>>, options: &SimulationOptions) -> u64 {
    let paths = simulate_paths(law, options).expect("valid options");
    let values = paths.terminal_values.iter().chain(paths.max_drawdowns.iter().flatten());
    fnv(values.chain(paths.minimum_values.iter().flatten()).flat_map(|v| v.to_bits().to_le_bytes()))
}

/// The bytes of the report.
fn hash_report(law: &AssetLaw, options: &SimulationOptions) -> u64 {
    let report = simulate(law, options).expect("valid options");
    fnv(serde_json::to_vec(&report).expect("a report is JSON").into_iter())
}

fn law() -> AssetLaw {
    let sigma = [[0.04, 0.012, -0.002], [0.012, 0.0225, 0.001], [-0.002, 0.001, 0.0025]];
    let sigma = Covariance::from_rows(Universe::numbered(3).expect("assets"), &sigma, 1.0).expect("a valid covariance");
    AssetLaw::new(&[0.5, 0.4, -0.1], &[0.08, 0.05, 0.02], &sigma, 252.0).expect("a valid law")
}

fn all_options() -> Vec<SimulationOptions> {
    let mut all = Vec::new();
    for rebalancing in [Rebalancing::FixedWeights, Rebalancing::BuyAndHold] {
        for path_statistics in [false, true] {
            for (fan, cash_flows) in [(false, vec![]), (true, vec![0.0, 0.01, 0.02])] {
                let base = SimulationOptions { paths: 50_001, rebalancing, ..SimulationOptions::default() };
                all.push(SimulationOptions { path_statistics, fan, cash_flows, ..base });
            }
        }
    }
    all
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    let law = law();
    for options in all_options() {
        let options = SimulationOptions { paths: 1_001, ..options };
        let hashes: Vec<(u64, u64)> = InstructionSet::ALL
            .iter()
            .map(|set| {
                set.use_at_most();
                (hash_paths(&law, &options), hash_report(&law, &options))
            })
            .collect();
        assert!(hashes.iter().all(|h| *h == hashes[0]), "{hashes:x?} for {options:?}");
    }
    InstructionSet::Avx512.use_at_most();
}

/// Laws that go day by day, with every policy.
#[test]
fn simulations_day_by_day_have_the_same_bits_on_every_instruction_set_and_number_of_threads() {
    let law = law();
    let shocks: [Arc<dyn ShockLaw>; 2] = [Arc::new(NormalShocks), Arc::new(StudentShocks::new(4.5).expect("degrees"))];
    let band = BandPolicy {
        half_widths: vec![0.02; 3],
        destination: 0.5,
        trades: BandTrades::StraightLine { cost_rate: 0.001 },
    };
    let planned = |scope: TradeScope| BandPolicy {
        trades: BandTrades::OfPlan { scope, cash_half_width: Some(0.005), cost_rates: vec![0.001, 0.002, 0.0] },
        ..band.clone()
    };
    for shocks in shocks {
        let days = ShockDays::new(law.clone(), shocks);
        let short = law.weights();
        for (policy, weights) in [
            (DailyPolicy::FixedWeights, short),
            (DailyPolicy::BuyAndHold, short),
            (DailyPolicy::Band(band.clone()), short),
            (DailyPolicy::Band(planned(TradeScope::Breached)), &[0.5, 0.3, 0.1]),
            (DailyPolicy::Band(planned(TradeScope::Whole)), &[0.5, 0.3, 0.1]),
        ] {
            let options = DailyOptions {
                paths: 520,
                horizons: vec![5, 40],
                policy,
                cash_flows: vec![0.0, 0.01, -0.02],
                goal: Some(1.05),
                worst_paths: 2,
                ..DailyOptions::default()
            };
            let run = || {
                let report = simulate_daily(&days, weights, law.drifts_annual(), &options).expect("valid options");
                serde_json::to_string(&report).expect("a report is JSON")
            };
            let mut reports = Vec::new();
            for set in InstructionSet::ALL {
                set.use_at_most();
                for threads in [1, 2, 3, 8] {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                    reports.push(pool.install(run));
                }
            }
            assert!(reports.iter().all(|report| *report == reports[0]), "{:?}", options.policy);
        }
    }
    InstructionSet::Avx512.use_at_most();
}

/// The laws that read a history, jumps, and every method of variance reduction.
#[test]
fn every_law_and_every_method_has_the_same_bits_on_every_instruction_set() {
    let law = law();
    let column =
        |k: i32| (0..300).map(|t| 0.0003 + 0.01 * f64::from((t * 7919 + k * 37) % 211 - 105) / 105.0).collect();
    let columns: Vec<Vec<f64>> = [1, 2, 3].map(column).to_vec();
    let history = LogHistory::from_returns(&columns, 252.0).expect("a history");
    let jumps = Jumps { intensity: 5.0, mean: -0.03, deviation: 0.02 };
    let options = DailyOptions { paths: 520, horizons: vec![5, 20], goal: Some(1.05), ..DailyOptions::default() };
    let reports = || {
        let laws: [Box<dyn DailyLaw>; 4] = [
            Box::new(TCopula::new(&history, 4.0).expect("a copula")),
            Box::new(StationaryBootstrap::new(history.clone(), Some(10.0)).expect("a bootstrap")),
            Box::new(FilteredHistorical::new(&history).expect("a volatility")),
            Box::new(JumpDiffusion::new(law.clone(), jumps).expect("jumps")),
        ];
        let daily = laws.iter().map(|days| {
            let report = simulate_daily(&**days, law.weights(), law.drifts_annual(), &options).expect("valid options");
            serde_json::to_string(&report).expect("a report is JSON")
        });
        let methods = VarianceReduction::ALL.into_iter().map(Some).chain([None]).map(|method| {
            let options = SimulationOptions {
                paths: 2_048,
                rebalancing: Rebalancing::BuyAndHold,
                ..SimulationOptions::default()
            };
            let report = simulate_precisely(&law, &options, method, &Stop::never()).expect("valid options");
            serde_json::to_string(&report).expect("a report is JSON")
        });
        daily.chain(methods).collect::<Vec<String>>()
    };
    let by_set = InstructionSet::ALL.map(|set| {
        set.use_at_most();
        reports()
    });
    InstructionSet::Avx512.use_at_most();
    assert!(by_set.iter().all(|reports| *reports == by_set[0]));
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let law = law();
    for options in all_options() {
        let hashes: Vec<(u64, u64)> = [1, 2, 3, 8]
            .iter()
            .map(|&threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| (hash_paths(&law, &options), hash_report(&law, &options)))
            })
            .collect();
        assert!(hashes.iter().all(|h| *h == hashes[0]), "{hashes:x?} for {options:?}");
        let other = SimulationOptions { seed: Seed(43), ..options };
        assert_ne!(hash_paths(&law, &other), hashes[0].0, "another seed is another sample");
    }
}

/// A path does not depend on the number of paths, nor on whether the run was large enough for the thread pool.
#[test]
fn fewer_paths_are_the_first_of_more() {
    let law = law();
    for mut options in all_options() {
        let many = simulate_paths(&law, &options).unwrap();
        for paths in [1, 255, 256, 257, 10_000] {
            options.paths = paths;
            let few = simulate_paths(&law, &options).unwrap();
            assert_eq!(few.terminal_values, many.terminal_values[..paths]);
            if let (Some(few), Some(many)) = (few.max_drawdowns, &many.max_drawdowns) {
                assert_eq!(few, many[..paths]);
            }
            if let (Some(few), Some(many)) = (few.minimum_values, &many.minimum_values) {
                assert_eq!(few, many[..paths]);
            }
        }
    }
}

/// The bits of the paths themselves, recorded on x86-64 Linux. They must not depend on platform or compiler.
#[test]
fn the_bits_are_those_on_record() {
    let law = law();
    let hashes: Vec<u64> = all_options().iter().map(|options| hash_paths(&law, options)).collect();
    assert_eq!(hashes, RECORD, "{hashes:#018x?}");
    let returns: Vec<f64> = (0..100).map(|i| f64::from((i * 37) % 101 - 50) / 1_000.0).collect();
    let own = PortfolioLaw::from_portfolio_returns(&returns, 252.0).unwrap();
    let own = hash_paths(own, &SimulationOptions::default());
    assert_eq!(own, OWN_RECORD, "{own:#018x}");
}

const RECORD: [u64; 8] = [
    0x81eb_849c_51ae_34a0,
    0xa5cf_99c5_edb7_8b88,
    0x0be3_b9ef_9a2c_c485,
    0xa096_6a06_b836_4f90,
    0xc016_b796_e8b8_a18c,
    0x3f7a_a6e8_99b3_9baa,
    0xd623_69ad_9f8e_062c,
    0xcb14_f9b5_c613_dad2,
];
const OWN_RECORD: u64 = 0x5947_3ae0_59ae_5654;

#[test]
fn the_report_repeats_what_was_asked() {
    let options = SimulationOptions { seed: Seed(7), paths: 321, horizon_days: 5, ..SimulationOptions::default() };
    let report = serde_json::to_value(simulate(&law(), &options).unwrap()).unwrap();
    assert_eq!(report["seed"], 7);
    assert_eq!(report["paths_used"], 321);
    assert_eq!(report["horizon_days"], 5);
    assert_eq!(report["periods_per_year"], 252.0);
    assert_eq!(report["rebalancing"], "fixed_weights");
    assert!(report.get("drawdown_threshold").is_none());
    assert!(report.get("fan").is_none());
    let statistics = report["statistics"].as_object().unwrap();
    assert!(!statistics.contains_key("mean_max_drawdown"));
    assert!(statistics.values().all(|e| e["value"].is_f64() && e["standard_error"].is_f64()));
}

/// Common shocks give each portfolio the figures of a simulation alone, in whatever order they are measured.
#[test]
fn common_shocks_change_no_figure() {
    let laws = [(0.05, 0.2), (0.02, 0.0), (-0.1, 0.6)].map(|(mu, sigma)| PortfolioLaw::new(mu, sigma, 252.0).unwrap());
    let mut all = all_options();
    for paths in [1, 2, 19, 20, 21, 10_000] {
        all.push(SimulationOptions { paths, ..SimulationOptions::default() });
    }
    all.push(SimulationOptions { horizon_days: 1, fan: true, ..SimulationOptions::default() });
    all.push(SimulationOptions { horizon_days: 1, cash_flows: vec![-0.5], ..SimulationOptions::default() });
    let figures = |statistics: &SimulationStatistics| -> Vec<f64> {
        let Value::Object(figures) = serde_json::to_value(statistics).unwrap() else { panic!("figures have names") };
        figures
            .values()
            .flat_map(|figure| ["value", "standard_error"].map(|part| figure[part].as_f64()))
            .flatten()
            .collect()
    };
    for options in all {
        let shocks = CommonShocks::new(options.clone()).unwrap();
        for law in laws.iter().chain(laws.iter().rev()) {
            let alone = simulate(law, &options).unwrap().statistics;
            let (common, alone) = (figures(&shocks.measure(*law).unwrap()), figures(&alone));
            assert_eq!(common.len(), alone.len());
            for (a, b) in common.iter().zip(&alone) {
                assert!((a - b).abs() <= 4.0 * f64::EPSILON, "{a} {b}: {options:?}");
            }
        }
    }
    let wild = PortfolioLaw::new(1e5, 0.2, 252.0).unwrap();
    let shocks = CommonShocks::new(SimulationOptions::default()).unwrap();
    assert_eq!(shocks.measure(wild).unwrap_err(), simulate(wild, &SimulationOptions::default()).unwrap_err());
    assert!(CommonShocks::new(SimulationOptions { paths: 0, ..SimulationOptions::default() }).is_err());
}
