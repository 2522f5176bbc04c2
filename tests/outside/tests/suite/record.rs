//! The record of a run names every model, and its digests commit to them.

use std::ops::ControlFlow;
use std::time::Duration;

use governance::Digest;
use outside::{CappedSellFee, FlooredDiagonal, ShrunkMean, StudentShocks};
use pipeline::{MarketData, ModelRole, RunConfig, run};

use crate::case::{ESTIMATOR, FEE, FORECASTER, SHOCKS, book, extended, panel, plain};

/// The last digest of a run; each digest commits to those before it.
pub(crate) fn digest(config: &RunConfig) -> Digest {
    let source = Digest::of_bytes(b"the same request");
    let mut watch = |_: &_, _: &_| ControlFlow::Continue(());
    let plan = run(&book(), MarketData::new(&panel()), config, source, &|| Duration::ZERO, &mut watch).unwrap();
    plan.record.trace.last().unwrap().output_digest
}

#[test]
fn each_model_is_named_with_version_and_parameters() {
    let models = extended().models();
    let of = |role| {
        let model = models.iter().find(|model| model.role == role).unwrap();
        model.to_string()
    };
    assert_eq!(of(ModelRole::Forecast), "shrunk-mean 1.0.0 (shrinkage = 0.5, confidence = 0.2)");
    assert_eq!(of(ModelRole::Covariance), "floored-diagonal 2 (floor_annual = 0.05)");
    assert_eq!(of(ModelRole::Shocks), "student 3 (degrees_of_freedom = 5)");
    assert_eq!(of(ModelRole::Cost), "capped_sell_fee 4 (rate_bps = 20, cap = 25)");
    assert_eq!(models.len(), 4);
}

/// The request is the same each time, and in some cases so is the plan: the covariance is not used by the drift method.
#[test]
fn another_model_or_parameter_is_another_digest() {
    let without_fee = plain()
        .with_forecaster(ShrunkMean::new(FORECASTER.0, FORECASTER.1))
        .with_covariance(ESTIMATOR)
        .with_shocks(SHOCKS);
    let configs = [
        plain(),
        extended(),
        without_fee.clone(),
        without_fee.clone().with_cost_term(CappedSellFee { cap: 26.0, ..FEE }).unwrap(),
        without_fee.with_cost_term(Renewed(FEE)).unwrap(),
        extended().with_forecaster(ShrunkMean::new(0.25, FORECASTER.1)),
        extended().with_forecaster(Renewed(ShrunkMean::new(FORECASTER.0, FORECASTER.1))),
        extended().with_covariance(FlooredDiagonal { floor_annual: 0.04 }),
        extended().with_covariance(Renewed(ESTIMATOR)),
        extended().with_shocks(StudentShocks { degrees: 6 }),
        extended().with_shocks(Renewed(SHOCKS)),
    ];
    let digests: Vec<Digest> = configs.iter().map(digest).collect();
    for (i, one) in digests.iter().enumerate() {
        assert!(!digests[..i].contains(one), "configuration {i} has the digest of an earlier one");
    }
}

/// A model that is the same but for its version.
#[derive(Debug)]
struct Renewed<M>(M);

mod renewed {
    use std::sync::LazyLock;

    use forecast::{AssetFeatures, AssetForecast, ForecastCard, ForecastError, Forecaster};
    use portfolio_core::{ConvexCost, CostKind, CostTerm, ModelParameter, ReturnPanel, Ticket};
    use risk::{CovarianceEstimate, CovarianceEstimator, RiskError};
    use stress::{LaneStream, Lanes, ShockLaw};

    use super::*;

    static CARD: LazyLock<ForecastCard> = LazyLock::new(|| ForecastCard {
        version: "1.0.1".to_owned(),
        ..ShrunkMean::new(FORECASTER.0, FORECASTER.1).card().clone()
    });

    impl Forecaster for Renewed<ShrunkMean> {
        fn card(&self) -> &ForecastCard {
            &CARD
        }

        fn forecast(
            &self,
            panel: &ReturnPanel,
            features: &AssetFeatures<'_>,
        ) -> Result<Vec<AssetForecast>, ForecastError> {
            self.0.forecast(panel, features)
        }
    }

    impl CovarianceEstimator for Renewed<FlooredDiagonal> {
        fn id(&self) -> &str {
            self.0.id()
        }

        fn version(&self) -> &str {
            "2.1"
        }

        fn parameters(&self) -> Vec<ModelParameter> {
            self.0.parameters()
        }

        fn estimate(&self, panel: &ReturnPanel, periods_per_year: f64) -> Result<CovarianceEstimate, RiskError> {
            let estimate = self.0.estimate(panel, periods_per_year)?;
            Ok(CovarianceEstimate { estimator: self.identity(), ..estimate })
        }
    }

    impl ShockLaw for Renewed<StudentShocks> {
        fn id(&self) -> &str {
            self.0.id()
        }

        fn version(&self) -> &str {
            "3.1"
        }

        fn parameters(&self) -> Vec<ModelParameter> {
            self.0.parameters()
        }

        fn fill(&self, stream: &mut LaneStream, rows: &mut [Lanes]) {
            self.0.fill(stream, rows);
        }
    }

    impl CostTerm for Renewed<CappedSellFee> {
        fn id(&self) -> &str {
            self.0.id()
        }

        fn version(&self) -> &str {
            "4.1"
        }

        fn assets(&self) -> usize {
            self.0.assets()
        }

        fn kind(&self) -> CostKind {
            self.0.kind()
        }

        fn parameters(&self) -> Vec<ModelParameter> {
            self.0.parameters()
        }

        fn cost(&self, ticket: &Ticket) -> f64 {
            self.0.cost(ticket)
        }

        fn slope(&self, ticket: &Ticket) -> f64 {
            self.0.slope(ticket)
        }

        fn convex(&self, asset: usize, price: f64) -> ConvexCost {
            self.0.convex(asset, price)
        }
    }
}
