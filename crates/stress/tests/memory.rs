//! Ten times the paths take no more memory than what is kept at a time.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a law that cannot be simulated fails the test")]

use std::sync::Arc;

use portfolio_core::{Covariance, Universe};
use stress::{
    AssetLaw, DailyOptions, NormalShocks, PortfolioLaw, ShockDays, SimulationOptions, TILE_BYTES, simulate,
    simulate_daily,
};

/// Most memory that this process has had so far, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<usize>().unwrap() << 10
}

/// One test, because the peak is that of the process.
#[test]
fn memory_is_bounded_by_tiles_and_not_by_paths() {
    let law = PortfolioLaw::new(0.06, 0.2, 252.0).unwrap();
    let run = |paths: usize| simulate(law, &SimulationOptions { paths, ..Default::default() }).unwrap();
    assert!(run(1_000_000).tiles.is_none());
    let before = peak();
    let tiles = run(10_000_000).tiles.unwrap();
    // Six tiles of 16 MB, one at a time; all paths would take 80.
    assert_eq!((tiles.count, tiles.paths), (6, 1_999_872));
    let grown = peak() - before;
    assert!(grown < 24 << 20, "{grown}");

    // Day by day at sixteen horizons, 152 bytes a path: 882,000 paths fill what is kept at a time.
    let annual = Covariance::from_rows(Universe::numbered(1).unwrap(), &[[0.04]], 1.0).unwrap();
    let law = ShockDays::new(AssetLaw::new(&[1.0], &[0.06], &annual, 252.0).unwrap(), Arc::new(NormalShocks));
    let run = |paths: usize| {
        let options = DailyOptions { paths, horizons: (1..=16).collect(), ..Default::default() };
        assert_eq!(options.most_kept(), TILE_BYTES / 152);
        simulate_daily(&law, &[1.0], &[0.06], &options).unwrap()
    };
    assert!(run(300_000).tiles.is_none());
    let before = peak();
    assert_eq!(run(3_000_000).tiles.unwrap().count, 4);
    // What is kept, less what the short run had, and a working copy of one figure; all paths would take 456 MB.
    let grown = peak() - before;
    assert!(grown < TILE_BYTES + (32 << 20), "{grown}");
}
