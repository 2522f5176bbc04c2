//! The same case gives the same bits, again and on any number of threads.

use pipeline::{Method, RunConfig};
use portfolio_core::Seed;
use rayon::ThreadPoolBuilder;
use stress::SimulationOptions;

use crate::case::{extended, optimal, planned};
use crate::record::digest;

/// Every number of the plan: `{:?}` prints an `f64` with the digits that restore it.
fn bits(config: &RunConfig) -> String {
    format!("{:?}", planned(config))
}

fn configs() -> [RunConfig; 3] {
    let options = SimulationOptions { paths: 20_000, seed: Seed(7), ..SimulationOptions::default() };
    let many_paths = extended().with_simulation(Some(options)).with_shocks(crate::case::SHOCKS);
    let tilted = many_paths.clone().with_method(Method::Drift { tilt_budget: Some(0.02) });
    let solved = many_paths.clone().with_method(optimal());
    [many_paths, tilted, solved]
}

#[test]
fn two_runs_give_the_same_bits_and_digests() {
    for config in configs() {
        assert_eq!(bits(&config), bits(&config));
        assert_eq!(digest(&config), digest(&config));
    }
}

#[test]
fn one_thread_gives_the_bits_of_two() {
    for config in configs() {
        let on = |threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| (bits(&config), digest(&config)))
        };
        assert_eq!(on(1), on(2));
    }
}
