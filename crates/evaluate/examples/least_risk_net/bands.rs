//! Bands around equal weights that widen with the doubt about the state of the market.

use std::error::Error;

use portfolio_core::Seed;
use regimes::{HmmSpec, Observations, fit, widen_band};

use crate::{Held, block, decisions};

/// Half-width of the bands: the default drift threshold of a plan.
const BAND: f64 = 0.02;
/// Latest returns that the states are fitted to, as in a plan.
const MOST: usize = 1_260;
/// Start of the fits, as in a plan.
const SEED: Seed = Seed(19);

/// Goes back to equal weights on the days of decision on which an asset is outside its band, widened by up to `widening`.
pub(crate) fn held(returns: &[Vec<f64>], widening: f64) -> Result<Held, Box<dyn Error>> {
    let equal = vec![1.0 / returns.len() as f64; returns.len()];
    let (mut found, mut weights) = (Held::default(), equal.clone());
    for day in decisions(returns) {
        let mut band = BAND;
        if widening > 1.0 {
            let market = |t: usize| returns.iter().map(|series| series[t]).sum::<f64>() / returns.len() as f64;
            let policy: Vec<f64> = (day.saturating_sub(MOST)..day).map(market).collect();
            let rows = Observations::of_series(&policy)?;
            let next = fit(&rows, &HmmSpec::new(2), SEED)?.model.filter(&rows)?.predict();
            band = widen_band(BAND, &next, widening)?;
        }
        let is_out = weights.iter().zip(&equal).any(|(own, policy)| (own - policy).abs() > band);
        let target = if is_out { equal.clone() } else { weights.clone() };
        weights = found.block(&weights, &target, &block(returns, day));
    }
    Ok(found)
}
