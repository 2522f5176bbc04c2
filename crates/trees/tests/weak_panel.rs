//! On a panel as weak as returns are, the trees learn what LightGBM does on the same bytes, and no more than there is.

#[path = "support/weak.rs"]
mod weak;

use portfolio_core::Seed;
use serde_json::Value;
use trees::{Ensemble, GbdtSpec};
use weak::{FEATURES, ROWS, r_squared, weak};

/// Seeds of the panel that are tried here; `--example weak_panel` tries all five of the golden file.
const SEEDS: u64 = 3;

#[test]
fn the_weak_panel_is_learned_as_lightgbm_does() {
    // `golden/make_weak.py`: LightGBM 4.7.0, the same settings, the same rows.
    let golden: Value = serde_json::from_str(include_str!("golden/weak.json")).unwrap();
    let names: Vec<String> = (0..FEATURES).map(|i| format!("x{i}")).collect();
    let (mut difference, mut all) = (0.0, 0.0);
    for seed in 0..SEEDS {
        let [train, test] = [weak(2 * seed, ROWS[0]), weak(2 * seed + 1, ROWS[1])];
        let spec = GbdtSpec { learning_rate: 0.05, leaves: 15, rows_in_leaf: 500, ..GbdtSpec::default() };
        let model = Ensemble::fit(&names, &train.rows, &train.targets, &spec, Seed(1), None).unwrap().ensemble;
        let own = r_squared(&model.predict(&test.rows).unwrap(), &test.targets);
        let theirs = golden["r_squared"][seed as usize].as_f64().unwrap();
        assert!((own - theirs).abs() < TOLERANCE, "seed {seed}: {own} beside {theirs}");
        assert!(own < r_squared(&test.signal, &test.targets), "seed {seed}: more than there is");
        difference += own - theirs;
        all += own;
    }
    assert!(difference.abs() / (SEEDS as f64) < TOLERANCE / 2.0, "{difference}");
    assert!(all > 0.0, "something is learned: {all}");
}

/// The R² of two trainings on the same rows that differ in their bins alone differ by a few ten-thousandths.
const TOLERANCE: f64 = 0.001;
