//! The forecast of one asset, from the posterior of its mean.

use std::cell::Cell;

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::abstention::AbstentionCode;
use crate::asset::{AssetForecast, NamedMember};
use crate::member::MemberForecast;
use crate::note::{ForecastBasis, ForecastNoteCode};
use crate::posterior::evidence::Belief;
use crate::sample::Sample;

/// Id of the member that states the prior.
pub(super) const IMPLIED: &str = "implied";
/// Id of the member that states the evidence of the histories.
pub(super) const HISTORY: &str = "history";

/// Upper probability of a two-sided 95 % interval.
const UPPER: f64 = 0.975;

/// Half the width of a 95 % interval in standard errors, when the volatility is estimated from this many returns, at
/// least two.
pub(super) fn interval_quantile(observations: usize) -> f64 {
    thread_local! {
        /// The last one of this thread: forecasts are made from as many returns again and again.
        static LAST: Cell<(usize, f64)> = const { Cell::new((0, 0.0)) };
    }
    let (last, quantile) = LAST.get();
    if last == observations {
        return quantile;
    }
    let degrees = (observations - 1) as f64;
    let quantile = StudentsT::new(0.0, 1.0, degrees).map_or(f64::MAX, |law| law.inverse_cdf(UPPER));
    LAST.set((observations, quantile));
    quantile
}

/// An asset whose returns vary, and the posterior of its mean.
pub(super) struct InformedAsset {
    pub(super) observations: usize,
    pub(super) volatility: f64,
    /// Mean of the prior.
    pub(super) implied: f64,
    pub(super) belief: Belief,
    /// Number of returns that the prior is worth.
    pub(super) prior_periods: f64,
    /// Half the width of the interval in standard errors.
    pub(super) quantile: f64,
}

impl InformedAsset {
    /// Posterior mean, error and interval. The forecast is the weighted mean of its members.
    pub(super) fn forecast(self) -> AssetForecast {
        let Self { observations, volatility, implied, belief, prior_periods, quantile } = self;
        let Belief { shift, variance, reliability } = belief;
        let expected_return = implied + volatility * shift;
        let standard_error = volatility * variance.sqrt();
        let prior = MemberForecast::opinion(implied, volatility / prior_periods.sqrt());
        let seen =
            MemberForecast::opinion(implied + volatility * shift / reliability, standard_error / reliability.sqrt());
        AssetForecast {
            expected_return,
            standard_error: Some(standard_error),
            confidence: reliability,
            interval: Some([expected_return - quantile * standard_error, expected_return + quantile * standard_error]),
            implied_return: Some(implied),
            volatility: Some(volatility),
            basis: ForecastBasis::History,
            members: members(
                MemberForecast { weight: 1.0 - reliability, ..prior },
                MemberForecast { weight: reliability, ..seen },
            ),
            notes: Vec::new(),
            observations,
            ..AssetForecast::default()
        }
    }
}

/// The forecast of an asset whose history gives no variance. `prior`: the risk-free rate.
pub(super) fn without_variance(
    history: &Sample<'_>,
    market_return: Option<f64>,
    prior: f64,
    prior_periods: f64,
) -> AssetForecast {
    // One return of unknown scale is shrunk like every return.
    let of_one = 1.0 / (1.0 + prior_periods);
    let (value, confidence, basis, note, code) = match (history.len(), market_return) {
        (0, None) => (prior, 0.0, ForecastBasis::None, ForecastNoteCode::PriorReturn, AbstentionCode::NoHistory),
        (0, Some(value)) => {
            (value, of_one, ForecastBasis::MarketReturn, ForecastNoteCode::PriorReturn, AbstentionCode::NoHistory)
        }
        (1, _) => (
            history.mean,
            of_one,
            ForecastBasis::History,
            ForecastNoteCode::SingleObservation,
            AbstentionCode::TooFewObservations,
        ),
        _ => {
            (history.mean, 0.0, ForecastBasis::History, ForecastNoteCode::ConstantHistory, AbstentionCode::ZeroVariance)
        }
    };
    let riskless = history.len() > 1;
    // A number that the caller states instead of a history is returned unchanged, as in every model, because no return
    // was observed to weigh it against.
    let is_stated = basis == ForecastBasis::MarketReturn;
    AssetForecast {
        expected_return: if riskless || is_stated { value } else { prior + confidence * (value - prior) },
        confidence,
        implied_return: Some(if riskless { value } else { prior }),
        volatility: riskless.then_some(0.0),
        basis,
        members: members(MemberForecast::abstain(prior, code), MemberForecast::abstain(value, code)),
        notes: vec![note.into()],
        observations: history.len(),
        ..AssetForecast::default()
    }
}

fn members(implied: MemberForecast, history: MemberForecast) -> Vec<NamedMember> {
    vec![NamedMember::new(IMPLIED, implied), NamedMember::new(HISTORY, history)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_the_interval() {
        for (observations, expected) in [
            (2, 12.706_204_736),
            (3, 4.302_652_730),
            (60, 2.000_995_378),
            (2520, 1.960_906_4),
            (100_001, 1.959_987_707),
        ] {
            let quantile = interval_quantile(observations);
            assert!((quantile / expected - 1.0).abs() < 1e-5, "{observations}: {quantile}");
        }
    }

    #[test]
    fn the_members_weigh_what_they_say() {
        // 63 returns against a prior worth 252: a fifth.
        let belief = Belief { shift: 0.02, variance: 1.0 / 315.0, reliability: 0.2 };
        let asset = InformedAsset {
            observations: 63,
            volatility: 0.01,
            implied: 0.0003,
            belief,
            prior_periods: 252.0,
            quantile: 2.0,
        };
        let forecast = asset.forecast();
        assert!((forecast.expected_return - 0.0005).abs() < 1e-18);
        let [prior, seen] = [IMPLIED, HISTORY].map(|id| *forecast.member(id).unwrap());
        assert!((seen.expected_return - (0.0003 + 0.0010)).abs() < 1e-17);
        assert!((seen.standard_error.unwrap() - 0.01 / 63.0_f64.sqrt()).abs() < 1e-17);
        assert!((prior.standard_error.unwrap() - 0.01 / 252.0_f64.sqrt()).abs() < 1e-17);
        let mean = prior.weight * prior.expected_return + seen.weight * seen.expected_return;
        assert!((mean - forecast.expected_return).abs() < 1e-18);
    }
}
