//! Every case of `golden/overlapping.json`: covariances from overlapping sums against their definition in numpy.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "shared by several tests, each of which uses a part")]
mod support;

use portfolio_core::{ReturnPanel, Universe};
use risk::{CovarianceEstimator, OverlappingReturns};
use support::{assert_all_close, cases, markets, numbers};

const TOLERANCE: f64 = 1e-10;

#[test]
fn every_case_of_overlapping_returns() {
    let markets = markets();
    let mut compared = 0;
    for case in cases("overlapping.json") {
        let (id, inputs) = (case["id"].as_str().unwrap(), &case["inputs"]);
        let columns = markets[inputs["data"].as_str().unwrap()].columns(&inputs["assets"]).unwrap();
        let first = inputs["first_n_returns"].as_u64().map_or(columns[0].len(), |first| first as usize);
        let names = inputs["assets"].as_array().unwrap().iter().map(|asset| asset.as_str().unwrap());
        let series = columns.iter().map(|column| column[..first].to_vec()).collect();
        let panel = ReturnPanel::new(Universe::new(names).unwrap(), series).unwrap();
        let estimator = OverlappingReturns { periods: inputs["periods"].as_u64().unwrap() as usize };
        let estimate = estimator.estimate(&panel, 252.0).unwrap();
        let expected: Vec<f64> = case["expected"]["covariance"].as_array().unwrap().iter().flat_map(numbers).collect();
        assert_all_close(id, estimate.covariance.as_slice(), &expected, TOLERANCE);
        assert_eq!((estimate.observations, estimate.shrinkage), (first, None), "{id}");
        compared += 1;
    }
    assert_eq!(compared, 14);
}
