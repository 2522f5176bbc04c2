//! Tests for superior predictive ability on histories drawn by `arch`, written by `golden/spa.py`.

use evaluate::{AbilityTest, Block, Resampler, reality_check, superior_predictive_ability};
use flate2::read::GzDecoder;
use serde_json::Value;

/// Histories that were drawn elsewhere.
struct Drawn {
    histories: Vec<Vec<Block>>,
    mean_block: f64,
}

impl Resampler for Drawn {
    fn resamples(&self) -> usize {
        self.histories.len()
    }

    fn mean_block(&self) -> f64 {
        self.mean_block
    }

    fn draw(&self, rows: usize, index: usize, blocks: &mut Vec<Block>) {
        blocks.clone_from(&self.histories[index]);
        assert_eq!(blocks.iter().map(|block| block.length).sum::<usize>(), rows);
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("valid").iter().map(|x| x.as_f64().expect("valid")).collect()
}

fn whole(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("valid")).expect("valid")
}

fn cases() -> Vec<Value> {
    let document: Value =
        serde_json::from_reader(GzDecoder::new(&include_bytes!("golden/spa.json.gz")[..])).expect("valid");
    document["cases"].as_array().expect("valid").clone()
}

fn drawn(case: &Value) -> Drawn {
    let block = |pair: &Value| Block { start: whole(&pair[0]), length: whole(&pair[1]) };
    let history = |blocks: &Value| blocks.as_array().expect("valid").iter().map(block).collect();
    let histories = case["histories"].as_array().expect("valid").iter().map(history).collect();
    Drawn { histories, mean_block: case["mean_block"].as_f64().expect("valid") }
}

fn compare(name: &str, expected: &Value, found: &AbilityTest) {
    let statistic = expected["statistic"].as_f64().expect("valid");
    assert!((found.statistic / statistic - 1.0).abs() < 1e-9, "{name}: {} {statistic}", found.statistic);
    let counts = &expected["exceedances"];
    assert_eq!(
        [found.lower.exceedances, found.consistent.exceedances, found.upper.exceedances],
        ["lower", "consistent", "upper"].map(|key| whole(&counts[key])),
        "{name}"
    );
}

#[test]
fn the_same_histories_give_the_same_counts() {
    let cases = cases();
    assert_eq!(cases.len(), 4);
    for case in &cases {
        let name = case["name"].as_str().expect("valid");
        let benchmark = numbers(&case["benchmark"]);
        let models: Vec<Vec<f64>> = case["models"].as_array().expect("valid").iter().map(numbers).collect();
        let histories = drawn(case);
        let check = reality_check(&benchmark, &models, &histories).expect("valid");
        compare(name, &case["reality_check"], &check);
        let ability = superior_predictive_ability(&benchmark, &models, &histories).expect("valid");
        compare(name, &case["superior_predictive_ability"], &ability);
    }
}

#[test]
fn the_long_run_variance_is_that_of_arch() {
    // Of a single model the two statistics differ by the standard deviation alone.
    for case in &cases() {
        let benchmark = numbers(&case["benchmark"]);
        let histories = drawn(case);
        for (losses, variance) in case["models"].as_array().expect("valid").iter().zip(numbers(&case["variances"])) {
            let mut losses = [numbers(losses)];
            let mean = benchmark.iter().zip(&losses[0]).map(|(b, l)| b - l).sum::<f64>() / benchmark.len() as f64;
            // The variance does not depend on the mean, and only an advantage has a statistic.
            losses[0].iter_mut().for_each(|loss| *loss += mean - 1.0);
            let plain = reality_check(&benchmark, &losses, &histories).expect("valid").statistic;
            let scaled = superior_predictive_ability(&benchmark, &losses, &histories).expect("valid").statistic;
            let found = (plain / scaled).powi(2);
            assert!((found / variance - 1.0).abs() < 1e-9, "{found} {variance}");
        }
    }
}
