//! The plain policies that an allocator is compared with.

use backtest::{Band, BuyAndHold, Cadence, Decision, Desk, FixedWeights, Past, Policy, PolicyError, Terms, Trial};
use optimizer::{RiskModel, WeightBounds, min_variance};
use portfolio_core::{BandRule, ModelParameter};

use crate::error::LearnedError;
use crate::histories::costs;
use crate::spec::{AllocatorSpec, YEAR};

/// Rows between two decisions of those that decide by the calendar.
const MONTH: usize = 21;

/// Names of the policies that an allocator is compared with, in the order of its table. The closed-form band is the default of the product.
pub const RIVALS: [&str; 5] = [
    "equal weights, every 21 days",
    "buy and hold",
    "least variance, every 21 days",
    "5/25 bands, to target",
    "closed-form band, to edge",
];

/// The rivals over equal weights, in the order of [`RIVALS`].
pub(crate) fn rivals(assets: usize, spec: &AllocatorSpec) -> Result<Vec<Trial>, LearnedError> {
    let terms = || Ok::<Terms, LearnedError>(Terms::of(costs(assets, spec)?));
    let equal = || vec![1.0 / assets as f64; assets];
    let computed =
        Band::computed(equal(), vec![spec.cost_bps / 1e4; assets], spec.risk_aversion)?.with_destination(1.0)?;
    let [monthly, held, least, five, closed] = RIVALS;
    Ok(vec![
        Trial::new(monthly, FixedWeights::new(equal(), Cadence::EveryRows(MONTH)), terms()?),
        Trial::new(held, BuyAndHold::new(equal()), terms()?),
        Trial::new(least, LeastVariance { equal: equal() }, terms()?),
        Trial::new(five, Band::new(equal(), BandRule::FIVE_TWENTY_FIVE)?, terms()?),
        Trial::new(closed, computed, terms()?),
    ])
}

/// The long-only weights of least variance by the sample covariance of the latest year, every 21 rows.
#[derive(Debug)]
struct LeastVariance {
    equal: Vec<f64>,
}

impl Policy for LeastVariance {
    fn id(&self) -> &str {
        "least_variance"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("lookback", YEAR as f64), Cadence::EveryRows(MONTH).parameter()]
    }

    fn target(&self) -> &[f64] {
        &self.equal
    }

    fn decide(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError> {
        if !Cadence::EveryRows(MONTH).is_due(past, desk) {
            return Ok(Decision::Hold);
        }
        let centred: Vec<Vec<f64>> = (0..past.assets())
            .map(|asset| {
                let returns = past.returns(asset);
                let latest = &returns[returns.len().saturating_sub(YEAR)..];
                let mean = latest.iter().sum::<f64>() / latest.len() as f64;
                latest.iter().map(|r| r - mean).collect()
            })
            .collect();
        let product = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() * YEAR as f64 / (a.len() as f64 - 1.0)
        };
        let sigma: Vec<Vec<f64>> = centred.iter().map(|a| centred.iter().map(|b| product(a, b)).collect()).collect();
        let model = RiskModel::dense(&sigma).map_err(PolicyError::new)?;
        let found = min_variance(&model, &WeightBounds::long_only(past.assets())).map_err(PolicyError::new)?;
        // What the last bits leave is no cash.
        let sum: f64 = found.weights.iter().sum();
        let target: Vec<f64> = found.weights.iter().map(|weight| weight / sum).collect();
        Ok(desk.trade_to(&target)?)
    }
}
