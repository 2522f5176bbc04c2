//! Replays a panel month by month: what each model forecast, and what followed.

use std::error::Error;

use forecast::{
    AssetFeatures, AssetForecast, Ensemble, Forecaster, PolicyPosterior, TiltAsset, TiltOptions, tilt_targets,
};
use portfolio_core::ReturnPanel;

/// Trading days of a month, the time from one forecast to the next.
const MONTH: usize = 21;
/// Trading days of history before the first forecast.
const FIRST: usize = 252;
/// Cost of a trade, a fraction of its amount.
const COST: f64 = 0.0010;
/// Largest active weight of the tilt.
const MAX_ACTIVE_WEIGHT: f64 = 0.05;
/// Annual rate of cash and risk aversion: the defaults of a plan.
const RATE: f64 = 0.02;
const RISK_AVERSION: f64 = 5.0;

/// The forecasts that are compared, in the order of [`Month::losses`].
#[derive(Clone, Copy)]
pub(crate) enum Voice {
    Zero,
    ExpandingMean,
    V2,
    V3,
    Implied,
}

pub(crate) const VOICES: usize = 5;

/// One month of the replay.
pub(crate) struct Month {
    /// Squared error of each forecast of the mean daily return, in units of the volatility known then, averaged over
    /// assets.
    pub(crate) losses: [f64; VOICES],
    /// Return of the tilts of v2 and v3 against the policy, after costs.
    pub(crate) gains: [f64; 2],
}

/// Replays a panel under an equally weighted policy.
pub(crate) fn replay(panel: &ReturnPanel) -> Result<Vec<Month>, Box<dyn Error>> {
    let weights = vec![1.0 / panel.assets() as f64; panel.assets()];
    let features = AssetFeatures::default()
        .with_policy_weights(&weights)
        .with_risk_free_rate((1.0 + RATE).powf(1.0 / 252.0) - 1.0)
        .with_risk_aversion(RISK_AVERSION);
    let (v2, v3) = (Ensemble::default(), PolicyPosterior::default());
    let mut held = [vec![0.0; panel.assets()], vec![0.0; panel.assets()]];
    let mut months = Vec::new();
    for now in (FIRST..=panel.periods() - MONTH).step_by(MONTH) {
        let (past, next) = (panel.window(0..now)?, panel.window(now..now + MONTH)?);
        let forecasts = [v2.forecast(&past, &features)?, v3.forecast(&past, &features)?];
        let mut losses = [0.0; VOICES];
        for (asset, (seen, came)) in past.columns().zip(next.columns()).enumerate() {
            let mean = |returns: &[f64]| returns.iter().sum::<f64>() / returns.len() as f64;
            let (volatility, came) = (forecasts[0][asset].volatility.ok_or("no volatility")?, mean(came));
            let of = |model: usize| forecasts[model][asset].expected_return;
            let implied = forecasts[1][asset].implied_return.ok_or("no implied return")?;
            let said = [0.0, mean(seen), of(0), of(1), implied];
            for (loss, said) in losses.iter_mut().zip(said) {
                *loss += ((came - said) / volatility).powi(2) / panel.assets() as f64;
            }
        }
        let mut gains = [0.0; 2];
        for ((gain, held), forecasts) in gains.iter_mut().zip(&mut held).zip(&forecasts) {
            let active = tilt(&weights, forecasts, &past)?;
            let traded: f64 = active.iter().zip(&*held).map(|(to, from)| (to - from).abs()).sum();
            let growth = |returns: &[f64]| returns.iter().map(|r| 1.0 + r).product::<f64>() - 1.0;
            let earned: f64 = active.iter().zip(next.columns()).map(|(weight, came)| weight * growth(came)).sum();
            *gain = earned - COST * traded;
            *held = active;
        }
        months.push(Month { losses, gains });
    }
    Ok(months)
}

fn tilt(weights: &[f64], forecasts: &[AssetForecast], past: &ReturnPanel) -> Result<Vec<f64>, Box<dyn Error>> {
    let options = TiltOptions { max_active_weight: MAX_ACTIVE_WEIGHT, ..TiltOptions::default() };
    let each = weights.iter().zip(forecasts).zip(past.columns());
    let assets: Vec<TiltAsset<'_>> =
        each.map(|((weight, forecast), returns)| TiltAsset::new(*weight, forecast, returns)).collect();
    Ok(tilt_targets(&assets, &options)?.active_weights)
}
