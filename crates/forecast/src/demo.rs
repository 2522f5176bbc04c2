//! `demo_ensemble_v1`: the formulas of the first product version, kept for comparison.

use portfolio_core::ReturnPanel;

use crate::asset::{AssetForecast, NamedMember};
use crate::card::ForecastCard;
use crate::error::ForecastError;
use crate::ewma::Ewma;
use crate::features::AssetFeatures;
use crate::forecaster::{Forecaster, forecast_each};
use crate::history::AssetHistory;
use crate::mean_reversion::MeanReversion;
use crate::member::MemberForecast;
use crate::momentum::Momentum;
use crate::note::{ForecastBasis, ForecastNoteCode};
use crate::sample::Sample;

/// Weights of momentum, mean reversion and EWMA.
const WEIGHTS: [f64; 3] = [0.5, 0.25, 0.25];
/// Look-back of the short mean, periods.
const SHORT_WINDOW: usize = 5;
/// Look-back of the long mean, periods.
const LONG_WINDOW: usize = 20;
/// Share of the gap between the two means that is expected to close.
const REVERSAL: f64 = 0.5;
/// Weight of the newest return in the recursion.
const NEWEST: f64 = 0.35;
/// Weight of the previous value in the recursion.
const CARRIED: f64 = 0.65;
/// Confidence of an asset without history.
const CONFIDENCE_WITHOUT_HISTORY: f64 = 0.35;
/// Confidence lost per unit of standard deviation.
const CONFIDENCE_SLOPE: f64 = 8.0;
/// Lowest and highest confidence of an asset with history.
const CONFIDENCE_RANGE: (f64, f64) = (0.1, 0.95);

/// `demo_ensemble_v1`: the product's first formulas, for comparison.
///
/// Over returns `r_1 … r_T`, with `short` and `long` the means of the last `min(5, T)` and `min(20, T)` returns:
///
/// ```text
/// momentum        = short
/// mean_reversion  = long − 0.5 · (short − long)
/// ewma            : e = 0, then e ← 0.35 · r_t + 0.65 · e over all returns
/// expected_return = 0.5 · momentum + 0.25 · mean_reversion + 0.25 · ewma
/// confidence      = min(0.95, max(0.1, 1 − 8 · stdev))
/// ```
///
/// `stdev` is the standard deviation of all returns (ddof 1), or `|expected_return|` for a single return. Without
/// returns, every figure is the market return and the confidence is 0.35. The card lists the faults of these formulas.
#[derive(Debug, Clone)]
pub struct DemoEnsemble {
    card: ForecastCard,
}

impl Default for DemoEnsemble {
    fn default() -> Self {
        Self { card: card() }
    }
}

impl DemoEnsemble {
    /// Forecasts one asset from its own history.
    ///
    /// # Errors
    /// [`ForecastError::Return`] and [`ForecastError::MarketReturn`] with asset 0, as for [`Forecaster::forecast`].
    pub fn forecast_asset<'a>(&self, history: impl Into<AssetHistory<'a>>) -> Result<AssetForecast, ForecastError> {
        let history = history.into();
        Ok(forecast(&history.sample(0)?, history.market_return))
    }
}

impl Forecaster for DemoEnsemble {
    fn card(&self) -> &ForecastCard {
        &self.card
    }

    fn forecast(&self, panel: &ReturnPanel, features: &AssetFeatures<'_>) -> Result<Vec<AssetForecast>, ForecastError> {
        forecast_each(panel, features, forecast)
    }
}

fn card() -> ForecastCard {
    ForecastCard {
        id: "demo_ensemble_v1".to_owned(),
        version: "1.0.1".to_owned(),
        purpose: "The formulas of the first product version, so that its figures can be reproduced.".to_owned(),
        members: vec![
            format!("momentum: mean of the last {SHORT_WINDOW} returns"),
            format!(
                "mean_reversion: mean of the last {LONG_WINDOW} returns less half its distance to the last {SHORT_WINDOW}"
            ),
            format!("ewma: recursion with weight {NEWEST} on the newest return"),
        ],
        limits: [
            "The confidence depends on the unit of the returns, not on their number.",
            "An asset without history is trusted more than a volatile one with history.",
            "The EWMA starts at zero and is too small on short histories.",
            "On at most five returns momentum and mean reversion are the same number.",
            "It gives no standard error, so it never tilts a portfolio.",
        ]
        .map(str::to_owned)
        .into(),
        parameters: Vec::new(),
    }
}

fn forecast(history: &Sample<'_>, market_return: Option<f64>) -> AssetForecast {
    let returns = history.returns;
    let fallback = market_return.unwrap_or(0.0);
    let (values, expected_return, confidence, basis) = if returns.is_empty() {
        let basis = if market_return.is_some() { ForecastBasis::MarketReturn } else { ForecastBasis::None };
        ([fallback; 3], fallback, CONFIDENCE_WITHOUT_HISTORY, basis)
    } else {
        let (short, long) = (mean_of_last(returns, SHORT_WINDOW), mean_of_last(returns, LONG_WINDOW));
        let ewma = returns.iter().fold(0.0, |e, r| NEWEST * r + CARRIED * e);
        let values = [short, long - REVERSAL * (short - long), ewma];
        let pooled = WEIGHTS[0] * values[0] + WEIGHTS[1] * values[1] + WEIGHTS[2] * values[2];
        let spread = match returns {
            [_] => pooled.abs(),
            _ => (history.squares / (returns.len() - 1) as f64).sqrt(),
        };
        let confidence = (1.0 - CONFIDENCE_SLOPE * spread).clamp(CONFIDENCE_RANGE.0, CONFIDENCE_RANGE.1);
        (values, pooled, confidence, ForecastBasis::History)
    };
    let mut notes = vec![ForecastNoteCode::ConfidenceNotCalibrated.into()];
    match basis {
        ForecastBasis::History => {}
        ForecastBasis::MarketReturn => notes.push(ForecastNoteCode::MarketReturnFallback.into()),
        ForecastBasis::None => notes.push(ForecastNoteCode::NoInformation.into()),
    }
    AssetForecast {
        expected_return,
        standard_error: None,
        confidence,
        interval: None,
        volatility: history.standard_deviation(),
        basis,
        members: vec![
            member(Momentum::ID, values[0], WEIGHTS[0]),
            member(MeanReversion::ID, values[1], WEIGHTS[1]),
            member(Ewma::ID, values[2], WEIGHTS[2]),
        ],
        notes,
        observations: returns.len(),
        ..AssetForecast::default()
    }
}

fn member(id: &'static str, expected_return: f64, weight: f64) -> NamedMember {
    NamedMember::new(id, MemberForecast { expected_return, standard_error: None, weight, abstained: None })
}

fn mean_of_last(returns: &[f64], window: usize) -> f64 {
    let last = &returns[returns.len().saturating_sub(window)..];
    last.iter().sum::<f64>() / last.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast_of(returns: &[f64], market_return: Option<f64>) -> AssetForecast {
        DemoEnsemble::default().forecast_asset(AssetHistory { returns, market_return }).unwrap()
    }

    fn expected(forecast: &AssetForecast, id: &str) -> f64 {
        forecast.member(id).unwrap().expected_return
    }

    #[test]
    fn two_returns_by_hand() {
        let f = forecast_of(&[0.02, 0.04], Some(9.0));
        assert!((expected(&f, "momentum") - 0.03).abs() < 1e-15);
        assert!((expected(&f, "mean_reversion") - 0.03).abs() < 1e-15);
        // 0.35 · 0.04 + 0.65 · 0.35 · 0.02
        assert!((expected(&f, "ewma") - 0.01855).abs() < 1e-15);
        assert!((f.expected_return - (0.75 * 0.03 + 0.25 * 0.01855)).abs() < 1e-15);
        // stdev = 0.01 · √2
        assert!((f.confidence - (1.0 - 0.08 * 2.0_f64.sqrt())).abs() < 1e-14);
        assert_eq!(f.standard_error, None);
    }

    #[test]
    fn the_long_mean_uses_twenty_returns() {
        let mut returns = vec![7.0; 3];
        returns.extend([0.00; 15]);
        returns.extend([0.04; 5]);
        let f = forecast_of(&returns, None);
        assert!((expected(&f, "momentum") - 0.04).abs() < 1e-15);
        // long = 0.01, so 0.01 − 0.5 · 0.03
        assert!((expected(&f, "mean_reversion") + 0.005).abs() < 1e-15);
        // The sevens make the spread large, so the confidence is at its floor.
        assert_eq!(f.confidence, 0.1);
    }

    #[test]
    fn without_history_the_market_return_at_its_fixed_confidence() {
        let f = forecast_of(&[], Some(0.01));
        assert_eq!((f.expected_return, expected(&f, "ewma"), f.confidence), (0.01, 0.01, 0.35));
        assert_eq!(f.basis, ForecastBasis::MarketReturn);
        assert_eq!(forecast_of(&[], None).basis, ForecastBasis::None);
    }

    #[test]
    fn one_return_is_its_own_spread() {
        let f = forecast_of(&[0.01], None);
        // 0.75 · 0.01 + 0.25 · 0.0035 = 0.008375
        assert!((f.expected_return - 0.008375).abs() < 1e-15);
        assert!((f.confidence - 0.933).abs() < 1e-14);
    }
}
