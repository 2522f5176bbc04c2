//! What one plan and its outcome say of a model.

use serde::Deserialize;

use crate::decode::NamedSeries;
use crate::dto::outcome::KeptOutcome;
use crate::shadow::squared_error;

/// Confidence of the interval of a mean.
const CONFIDENCE: f64 = 0.95;

/// A plan with an outcome that came after it.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// Date of the plan, ISO 8601.
    pub(super) from: String,
    /// Date of the last return.
    pub(super) until: String,
    /// The outcome with the scores of the plan's own predictions; none where the model ran in its shadow.
    pub(super) kept: Option<KeptOutcome>,
    /// Mean squared error of the forecasts; none of a model that forecasts no returns.
    pub(super) loss: Option<f64>,
    /// The intervals for a next return.
    pub(super) next: Held,
    /// The forecasts, of which those are hits that are within the interval of the mean that came.
    pub(super) means: Held,
    /// Returns of the assets, one asset after the other.
    pub(super) returns: Vec<f64>,
}

/// How often something held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Held {
    pub(super) hits: usize,
    pub(super) count: usize,
}

impl Held {
    fn add(&mut self, is_hit: bool) {
        self.hits += usize::from(is_hit);
        self.count += 1;
    }
}

/// The answer of a plan, as far as its forecasts are held against returns. Each field has the name of its member.
#[derive(Debug, Deserialize)]
pub(super) struct ToldForecasts {
    weights: Vec<ToldWeight>,
    house_view: ToldView,
    /// The fitted model of its costs.
    #[serde(default)]
    pub(super) cost_model: Option<ToldCosts>,
}

#[derive(Debug, Deserialize)]
struct ToldWeight {
    asset: String,
    forecast_return: f64,
}

#[derive(Debug, Deserialize)]
struct ToldView {
    asset_forecasts: Vec<ToldForecast>,
}

#[derive(Debug, Deserialize)]
struct ToldForecast {
    #[serde(default)]
    standard_error: Option<f64>,
    #[serde(default)]
    outcome_interval: Option<ToldInterval>,
}

#[derive(Debug, Deserialize)]
struct ToldInterval {
    lower: f64,
    upper: f64,
}

/// The cost model that a plan names.
#[derive(Debug, Deserialize)]
pub(super) struct ToldCosts {
    pub(super) id: String,
    pub(super) version: String,
}

impl ToldForecasts {
    /// Holds the forecasts against what came, and adds it to what was seen. Nothing is added where an asset has no returns.
    pub(super) fn hold(&self, returns: &NamedSeries, forecasts: bool, seen: &mut Seen) {
        let of = |name: &str| returns.0.iter().find(|(own, _)| own.trim() == name).map(|(_, series)| series.as_slice());
        let came: Option<Vec<&[f64]>> = self.weights.iter().map(|weight| of(&weight.asset)).collect();
        let Some(came) = came.filter(|came| came.iter().all(|series| !series.is_empty())) else { return };
        seen.returns = came.concat();
        if !forecasts {
            return;
        }
        let expected: Vec<f64> = self.weights.iter().map(|weight| weight.forecast_return).collect();
        seen.loss = squared_error(&came, |i| expected[i]);
        for ((view, own), series) in self.house_view.asset_forecasts.iter().zip(&expected).zip(&came) {
            if let Some(interval) = &view.outcome_interval {
                seen.next.add(interval.lower <= series[0] && series[0] <= interval.upper);
            }
            if let Some(is_hit) = view.standard_error.and_then(|error| is_within(*own, error, series)) {
                seen.means.add(is_hit);
            }
        }
    }
}

/// Whether a forecast of the mean is within `t·√(s²/T + e²)` of the mean of `T` returns with deviation `s`, where `e` is its own standard error and
/// `t` the quantile of Student's law with `T − 1` degrees of freedom. `None` for fewer than two returns, or returns that do not vary.
fn is_within(forecast: f64, error: f64, came: &[f64]) -> Option<bool> {
    let lags = evaluate::LongRunVariance::Bartlett { lags: 0 };
    let test = evaluate::test_mean(came, lags).ok()?;
    // The test divides by T and not by T − 1.
    let count = came.len() as f64;
    let sampled = test.standard_error * (count / (count - 1.0)).sqrt();
    let [_, upper] = test.interval(CONFIDENCE).ok()?;
    let quantile = (upper - test.mean) / test.standard_error;
    Some((forecast - test.mean).abs() <= quantile * sampled.hypot(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told() -> ToldForecasts {
        serde_json::from_value(json!({
            "weights": [{"asset": "A", "forecast_return": 0.0}, {"asset": "B", "forecast_return": 0.01}],
            "house_view": {"asset_forecasts": [
                {"standard_error": 0.001, "outcome_interval": {"coverage": 0.9, "lower": -0.01, "upper": 0.01}},
                {"standard_error": null},
            ]},
        }))
        .unwrap()
    }

    fn series(a: &[f64], b: &[f64]) -> NamedSeries {
        NamedSeries(vec![("B".to_owned(), b.to_vec()), (" A ".to_owned(), a.to_vec())])
    }

    #[test]
    fn forecasts_are_held_against_what_came() {
        let mut seen = Seen::default();
        told().hold(&series(&[0.02, 0.0], &[0.01, 0.03]), true, &mut seen);
        // Errors 0.02, 0 of A and 0, 0.02 of B.
        assert!((seen.loss.unwrap() - 0.000_2).abs() < 1e-15);
        assert_eq!((seen.next, seen.means), (Held { hits: 0, count: 1 }, Held { hits: 1, count: 1 }));
        assert_eq!(seen.returns, [0.02, 0.0, 0.01, 0.03]);
        let mut plain = Seen::default();
        told().hold(&series(&[0.02, 0.0], &[0.01, 0.03]), false, &mut plain);
        assert_eq!((plain.loss, plain.next.count, plain.returns.len()), (None, 0, 4));
        let mut none = Seen::default();
        told().hold(&NamedSeries(vec![("A".to_owned(), vec![0.1])]), true, &mut none);
        assert!(none.loss.is_none() && none.returns.is_empty());
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_student() {
        // Mean 0.02, deviation 0.01, three returns: the half-width is 4.3027·0.01/√3 = 0.024842.
        let came = [0.01, 0.02, 0.03];
        assert_eq!(is_within(0.02 + 0.024_84, 0.0, &came), Some(true));
        assert_eq!(is_within(0.02 + 0.024_85, 0.0, &came), Some(false));
        // With an error of its own it is wider: 4.3027·√(0.01²/3 + 0.01²) = 0.049683.
        assert_eq!(is_within(0.02 - 0.049_68, 0.01, &came), Some(true));
        assert_eq!(is_within(0.02 - 0.049_69, 0.01, &came), Some(false));
        assert_eq!((is_within(0.0, 0.0, &[0.01]), is_within(0.0, 0.0, &[0.01, 0.01])), (None, None));
    }
}
