//! `ensemble_v3` in a world drawn from its own prior: intervals have their stated coverage, and none of its parts has a
//! smaller error.

mod noise;

use forecast::{AssetFeatures, AssetForecast, Ensemble, Forecaster, PolicyPosterior, PosteriorOptions};
use noise::Noise;
use portfolio_core::{ReturnPanel, Universe};

const ASSETS: usize = 3;
/// Daily volatilities; every pair has a correlation of 0.4.
const VOLATILITIES: [f64; ASSETS] = [0.012, 0.008, 0.004];
/// Lower Cholesky factor of the correlations.
const FACTOR: [[f64; ASSETS]; ASSETS] =
    [[1.0, 0.0, 0.0], [0.4, 0.916_515_138_991_168, 0.0], [0.4, 0.261_861_468_283_190_8, 0.878_310_065_653_679_5]];
const POLICY: [f64; ASSETS] = [0.5, 0.3, 0.2];
const RISK_AVERSION: f64 = 5.0;
const RATE: f64 = 0.02 / 252.0;

/// `L·z` in the units of the returns, of three independent numbers.
fn correlated(z: [f64; ASSETS]) -> [f64; ASSETS] {
    std::array::from_fn(|i| VOLATILITIES[i] * (0..=i).map(|j| FACTOR[i][j] * z[j]).sum::<f64>())
}

/// `rf + γΣb`.
fn implied() -> [f64; ASSETS] {
    // Lᵀ of the weights in units of volatility, then L again.
    let exposure: [f64; ASSETS] =
        std::array::from_fn(|j| (0..ASSETS).map(|i| FACTOR[i][j] * VOLATILITIES[i] * POLICY[i]).sum());
    correlated(exposure).map(|covariance| RATE + RISK_AVERSION * covariance)
}

fn features() -> AssetFeatures<'static> {
    AssetFeatures::default().with_policy_weights(&POLICY).with_risk_free_rate(RATE).with_risk_aversion(RISK_AVERSION)
}

/// True means drawn from the prior, and histories of these lengths drawn with them.
fn draw(noise: &mut Noise, lengths: [usize; ASSETS]) -> ([f64; ASSETS], ReturnPanel) {
    let longest = lengths.into_iter().max().unwrap_or(0);
    let numbers = noise.returns(ASSETS * (longest + 1), 0.0, 1.0);
    let (drawn, _) = numbers.as_chunks::<ASSETS>();
    let prior_error = PosteriorOptions::default().prior_periods().sqrt().recip();
    let (deviation, implied) = (correlated(drawn[0]), implied());
    let means: [f64; ASSETS] = std::array::from_fn(|i| implied[i] + prior_error * deviation[i]);
    let mut series = vec![Vec::new(); ASSETS];
    for shocks in &drawn[1..] {
        for ((returns, shock), mean) in series.iter_mut().zip(correlated(*shocks)).zip(means) {
            returns.push(mean + shock);
        }
    }
    for (returns, length) in series.iter_mut().zip(lengths) {
        returns.drain(..longest - length);
    }
    (means, ReturnPanel::new(Universe::new(["A", "B", "C"]).expect("valid"), series).expect("finite"))
}

/// Squared errors in units of the prior's variance, summed over assets and draws.
#[derive(Default)]
struct Score {
    error: f64,
    /// Its error minus that of the posterior, and the squares of these differences, per draw.
    excess: f64,
    excess_squares: f64,
}

impl Score {
    /// Standard errors by which the mean squared error exceeds that of the posterior.
    fn excess_t(&self, draws: f64) -> f64 {
        let mean = self.excess / draws;
        mean / ((self.excess_squares / draws - mean * mean) / draws).sqrt()
    }
}

const RIVALS: [&str; 7] = ["zero", "implied", "sample mean", "momentum", "mean_reversion", "ewma", "ensemble_v2"];

fn rivals(panel: &ReturnPanel, v2: &[AssetForecast], asset: usize) -> [f64; 7] {
    let returns = panel.series(asset).expect("a column");
    let member = |id| v2[asset].member(id).expect("a member").expected_return;
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    [
        0.0,
        implied()[asset],
        mean,
        member("momentum"),
        member("mean_reversion"),
        member("ewma"),
        v2[asset].expected_return,
    ]
}

fn check(periods: usize, draws: usize) {
    let mut noise = Noise::seeded(periods as u64);
    let (posterior, ensemble) = (PolicyPosterior::default(), Ensemble::default());
    let (mut covered, mut error) = (0, 0.0);
    let mut scores: [Score; 7] = Default::default();
    for _ in 0..draws {
        let (means, panel) = draw(&mut noise, [periods; ASSETS]);
        let v3 = posterior.forecast(&panel, &features()).expect("finite");
        let v2 = ensemble.forecast(&panel, &AssetFeatures::default()).expect("finite");
        let mut excess = [0.0; 7];
        for (asset, mean) in means.into_iter().enumerate() {
            let [low, high] = v3[asset].interval.expect("a history");
            covered += usize::from((low..=high).contains(&mean));
            let squared = |forecast: f64| ((forecast - mean) / VOLATILITIES[asset]).powi(2) * 1008.0;
            let own = squared(v3[asset].expected_return);
            error += own;
            for (rival, forecast) in rivals(&panel, &v2, asset).into_iter().enumerate() {
                scores[rival].error += squared(forecast);
                excess[rival] += squared(forecast) - own;
            }
        }
        for (score, excess) in scores.iter_mut().zip(excess) {
            score.excess += excess;
            score.excess_squares += excess * excess;
        }
    }
    let cases = (draws * ASSETS) as f64;
    let coverage = covered as f64 / cases;
    assert!((0.94..=0.96).contains(&coverage), "{periods}: {coverage}");
    // The posterior variance over the prior variance.
    let expected = 1008.0 / (1008.0 + periods as f64);
    assert!((error / cases / expected - 1.0).abs() < 0.06, "{periods}: {} against {expected}", error / cases);
    for (name, score) in RIVALS.iter().zip(&scores) {
        assert!(score.error > error, "{periods}: {name} errs by {} against {}", score.error / cases, error / cases);
        let t = score.excess_t(draws as f64);
        assert!(t > 3.0, "{periods}: {name} is worse by {t} standard errors only");
    }
}

#[test]
fn three_months() {
    check(60, 8000);
}

#[test]
fn one_year() {
    check(252, 4000);
}

#[test]
fn five_years() {
    check(1260, 2500);
}

#[test]
fn ten_years() {
    check(2520, 2500);
}

#[test]
fn a_short_history_beside_long_ones_is_covered_and_gains_from_them() {
    let mut noise = Noise::seeded(11);
    let posterior = PolicyPosterior::default();
    let (draws, mut covered, mut together, mut alone) = (4000, 0, 0.0, 0.0);
    for _ in 0..draws {
        let (means, panel) = draw(&mut noise, [1260, 504, 60]);
        let forecasts = posterior.forecast(&panel, &features()).expect("finite");
        for (forecast, mean) in forecasts.iter().zip(means) {
            let [low, high] = forecast.interval.expect("a history");
            covered += usize::from((low..=high).contains(&mean));
        }
        // The same prior, and the short history as if the others did not exist.
        let only = panel.select(&[2]).expect("a column");
        let rate = AssetFeatures::default().with_risk_free_rate(implied()[2]);
        let own = posterior.forecast(&only, &rate).expect("finite")[0].expected_return;
        together += (forecasts[2].expected_return - means[2]).powi(2);
        alone += (own - means[2]).powi(2);
    }
    let coverage = covered as f64 / (3 * draws) as f64;
    assert!((0.94..=0.96).contains(&coverage), "{coverage}");
    assert!(together < 0.97 * alone, "{together} against {alone}");
}
