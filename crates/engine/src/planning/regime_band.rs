//! Bands that are wider while the state of the market is uncertain.

use pipeline::Policy;
use portfolio_core::{SizingOptions, TradingRules};
use regimes::{Observations, RegimeError, fit, widen_band};

use crate::dto::portfolio::RebalanceRequest;
use crate::dto::regimes::RegimeBand;
use crate::fault::{Fault, Faults};
use crate::fault_code::FaultCode;
use crate::inventory::regimes::{SEED, spec};

/// Most returns that the states are fitted to, the latest: five years of days.
const MOST_RETURNS: usize = 1_260;
/// Fewest: with less than half a year two states of a market are two moods of chance.
const FEWEST_RETURNS: usize = 120;

/// Where the request asks for it, widens the bands of the assets by how unsure the prediction of the coming state is, and says by how much.
/// A band is at most the whole portfolio.
pub(super) fn widened(
    request: &RebalanceRequest,
    policy: &Policy,
    sizing: &mut SizingOptions,
    rules: Option<&mut TradingRules>,
) -> Result<Option<RegimeBand>, Vec<Fault>> {
    let Some(widening) = request.regime_band_widening else { return Ok(None) };
    let returns = policy_returns(request, policy)?;
    let rows = Observations::of_series(&returns).map_err(refused)?;
    let fitted = fit(&rows, &spec(), SEED).map_err(refused)?;
    // What was known at each time, and one step of the chain from there.
    let next = fitted.model.filter(&rows).map_err(refused)?.predict();
    let wider = |half_width: f64| widen_band(half_width, &next, widening).map(|wide| wide.min(half_width.max(1.0)));
    sizing.drift_threshold = wider(sizing.drift_threshold).map_err(refused)?;
    if let Some(rules) = rules {
        for half_width in &mut rules.half_widths {
            *half_width = wider(*half_width).map_err(refused)?;
        }
    }
    Ok(Some(RegimeBand {
        factor: widen_band(1.0, &next, widening).map_err(refused)?,
        uncertainty: next.uncertainty(),
        probabilities: next.probabilities().to_vec(),
        observations: returns.len(),
    }))
}

fn refused(error: RegimeError) -> Vec<Fault> {
    let mut faults = Faults::default();
    faults.add("/regime_band_widening", FaultCode::Value, format!("the portfolio's targets have no regimes: {error}"));
    faults.into_vec()
}

/// The latest returns of the target weights over the periods that every asset with a target has.
fn policy_returns(request: &RebalanceRequest, policy: &Policy) -> Result<Vec<f64>, Vec<Fault>> {
    let mut faults = Faults::default();
    let mut held = Vec::new();
    for (i, (asset, weight)) in request.assets.iter().zip(&policy.weights).enumerate() {
        match asset.historical_returns.as_deref() {
            _ if *weight <= 0.0 => {}
            Some(returns) if !returns.is_empty() => held.push((*weight, returns)),
            _ => {
                let detail = "is missing: the regimes are those of the returns of the target weights";
                faults.add(format!("/assets/{i}/historical_returns"), FaultCode::Required, detail);
            }
        }
    }
    let common = held.iter().map(|(_, returns)| returns.len()).min().unwrap_or(0);
    if faults.is_empty() && common < FEWEST_RETURNS {
        let detail = format!(
            "needs at least {FEWEST_RETURNS} common returns of the assets with a target, and there are {common}"
        );
        faults.add("/regime_band_widening", FaultCode::Value, detail);
    }
    if !faults.is_empty() {
        return Err(faults.into_vec());
    }
    let periods = common.min(MOST_RETURNS);
    let of = |t: usize| held.iter().map(|(weight, returns)| weight * returns[returns.len() - periods + t]).sum();
    Ok((0..periods).map(of).collect())
}

#[cfg(test)]
mod tests {
    use crate::planning::case::Case;
    use crate::planning::plan::make_plan;

    use super::*;

    /// Calm and rough stretches of 60 days by turns; `last` days of the last one.
    fn request(members: &str, periods: i32) -> String {
        let size = |t: i32| if (t / 60) % 2 == 0 { 0.4 } else { 1.6 };
        let series = |step: i32| {
            let returns = (0..periods).map(|t| (size(t) * f64::from((t * step) % 101 - 50) / 5_000.0).to_string());
            returns.collect::<Vec<_>>().join(",")
        };
        let asset = |name: &str, current: f64, step: i32| {
            format!(
                r#"{{"asset": "{name}", "target_weight": 0.5, "current_weight": {current}, "price": 10, "historical_returns": [{}]}}"#,
                series(step)
            )
        };
        let (a, b) = (asset("A", 0.53, 37), asset("B", 0.47, 53));
        format!(r#"{{"portfolio_value": 100000{members}, "assets": [{a}, {b}]}}"#)
    }

    fn case(members: &str, periods: i32) -> Result<Case, Vec<Fault>> {
        Case::read(request(members, periods).as_bytes())
    }

    #[test]
    fn bands_widen_with_doubt_and_not_with_the_state() {
        let plain = case("", 480).unwrap();
        assert_eq!((plain.config.sizing.drift_threshold, &plain.echo.regime_band), (0.02, &None));
        for periods in [420, 425, 480] {
            let case = case(r#", "regime_band_widening": 3"#, periods).unwrap();
            let told = case.echo.regime_band.clone().unwrap();
            let factor = 1.0 + 2.0 * told.uncertainty;
            assert!((told.factor - factor).abs() < 1e-15 && (1.0..=3.0).contains(&told.factor), "{told:?}");
            assert!((case.config.sizing.drift_threshold - 0.02 * factor).abs() < 1e-15);
            assert!((told.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert_eq!(told.observations, periods as usize);
        }
        // At a widening of one nothing changes but that it is said.
        let same = case(r#", "regime_band_widening": 1"#, 480).unwrap();
        assert_eq!(same.config.sizing, plain.config.sizing);
        assert_eq!(make_plan(same).unwrap().plan.trades, make_plan(plain).unwrap().plan.trades);
    }

    #[test]
    fn a_band_of_its_own_widens_once() {
        let told = |case: &Case| case.echo.regime_band.clone().unwrap().factor;
        let own = case(r#", "regime_band_widening": 2, "band": {"relative": 0, "floor": 0.04, "cap": 0.04}"#, 480);
        let own = own.unwrap_or_else(|faults| panic!("{faults:?}"));
        let widths = &own.config.rules.as_ref().unwrap().half_widths;
        assert!(widths.iter().all(|width| (width - 0.04 * told(&own)).abs() < 1e-15), "{widths:?}");
        let default = case(r#", "regime_band_widening": 2, "destination": 1"#, 480).unwrap();
        let widths = &default.config.rules.as_ref().unwrap().half_widths;
        assert!(widths.iter().all(|width| (width - 0.02 * told(&default)).abs() < 1e-15), "{widths:?}");
    }

    #[test]
    fn what_has_no_regimes_is_refused_with_a_pointer() {
        let pointers = |members: &str, periods| -> Vec<String> {
            case(members, periods).unwrap_err().into_iter().filter_map(|fault| fault.pointer).collect()
        };
        assert_eq!(pointers(r#", "regime_band_widening": 2"#, 119), ["/regime_band_widening"]);
        assert_eq!(pointers(r#", "regime_band_widening": 0.5"#, 480), ["/regime_band_widening"]);
        assert_eq!(pointers(r#", "regime_band_widening": 2, "method": "optimal""#, 480), ["/regime_band_widening"]);
        assert_eq!(
            pointers(r#", "regime_band_widening": 2"#, 0),
            ["/assets/0/historical_returns", "/assets/1/historical_returns"]
        );
    }
}
