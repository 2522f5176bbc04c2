use crate::asset::{AssetForecast, ForecastBasis, ForecastNoteCode};
use crate::member::MemberForecast;
use crate::sample::Sample;

/// Shares of momentum, mean reversion and EWMA in the demo's ensemble.
const SHARES: [f64; 3] = [0.5, 0.25, 0.25];

/// `demo-ensemble-v1`; formulas and faults are in the documentation of [`ForecastModel::DemoEnsembleV1`].
///
/// [`ForecastModel::DemoEnsembleV1`]: crate::ForecastModel::DemoEnsembleV1
pub(crate) fn forecast(history: &Sample<'_>, market_return: Option<f64>) -> AssetForecast {
    let returns = history.returns;
    let fallback = market_return.unwrap_or(0.0);
    let (values, ensemble, confidence, basis) = if returns.is_empty() {
        let basis = if market_return.is_some() { ForecastBasis::MarketReturn } else { ForecastBasis::None };
        ([fallback; 3], fallback, 0.35, basis)
    } else {
        let (short, long) = (mean_of_last(returns, 5), mean_of_last(returns, 20));
        let ewma = returns.iter().fold(0.0, |e, r| 0.35 * r + 0.65 * e);
        let values = [short, long - 0.5 * (short - long), ewma];
        let ensemble = SHARES[0] * values[0] + SHARES[1] * values[1] + SHARES[2] * values[2];
        let spread = match returns {
            [_] => ensemble.abs(),
            _ => (history.squares / (returns.len() - 1) as f64).sqrt(),
        };
        (values, ensemble, (1.0 - 8.0 * spread).clamp(0.1, 0.95), ForecastBasis::History)
    };
    let member = |i: usize| MemberForecast {
        expected_return: values[i],
        standard_error: None,
        weight: SHARES[i],
        abstained: None,
    };
    let mut notes = vec![ForecastNoteCode::ConfidenceNotCalibrated.into()];
    match basis {
        ForecastBasis::History => {}
        ForecastBasis::MarketReturn => notes.push(ForecastNoteCode::MarketReturnFallback.into()),
        ForecastBasis::None => notes.push(ForecastNoteCode::NoInformation.into()),
    }
    AssetForecast {
        momentum: member(0),
        mean_reversion: member(1),
        ewma: member(2),
        ensemble,
        standard_error: None,
        confidence,
        interval: None,
        volatility: history.standard_deviation(),
        basis,
        notes,
        observations: returns.len(),
    }
}

fn mean_of_last(returns: &[f64], window: usize) -> f64 {
    let last = &returns[returns.len().saturating_sub(window)..];
    last.iter().sum::<f64>() / last.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_returns_by_hand() {
        let f = forecast(&Sample::of(&[0.02, 0.04]), Some(9.0));
        assert!((f.momentum.expected_return - 0.03).abs() < 1e-15);
        assert!((f.mean_reversion.expected_return - 0.03).abs() < 1e-15);
        // 0.35 · 0.04 + 0.65 · 0.35 · 0.02
        assert!((f.ewma.expected_return - 0.01855).abs() < 1e-15);
        assert!((f.ensemble - (0.75 * 0.03 + 0.25 * 0.01855)).abs() < 1e-15);
        // stdev = 0.01 · √2
        assert!((f.confidence - (1.0 - 0.08 * 2.0_f64.sqrt())).abs() < 1e-14);
        assert_eq!(f.standard_error, None);
    }

    #[test]
    fn the_long_mean_uses_twenty_returns() {
        let mut returns = vec![7.0; 3];
        returns.extend([0.00; 15]);
        returns.extend([0.04; 5]);
        let f = forecast(&Sample::of(&returns), None);
        assert!((f.momentum.expected_return - 0.04).abs() < 1e-15);
        // long = 0.01, so 0.01 − 0.5 · 0.03
        assert!((f.mean_reversion.expected_return + 0.005).abs() < 1e-15);
        // The sevens make the spread large: the floor.
        assert_eq!(f.confidence, 0.1);
    }

    #[test]
    fn without_history_the_market_return_at_its_fixed_confidence() {
        let f = forecast(&Sample::of(&[]), Some(0.01));
        assert_eq!((f.ensemble, f.ewma.expected_return, f.confidence), (0.01, 0.01, 0.35));
        assert_eq!(f.basis, ForecastBasis::MarketReturn);
        assert_eq!(forecast(&Sample::of(&[]), None).basis, ForecastBasis::None);
    }

    #[test]
    fn one_return_is_its_own_spread() {
        let f = forecast(&Sample::of(&[0.01]), None);
        // 0.75 · 0.01 + 0.25 · 0.0035 = 0.008375
        assert!((f.ensemble - 0.008375).abs() < 1e-15);
        assert!((f.confidence - 0.933).abs() < 1e-14);
    }
}
