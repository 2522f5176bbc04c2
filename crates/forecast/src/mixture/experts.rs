//! The experts of a mixture, and how their weights are told.

use crate::abstention::AbstentionCode;
use crate::asset::NamedMember;
use crate::ensemble::EnsembleOptions;
use crate::ewma::Ewma;
use crate::mean_reversion::MeanReversion;
use crate::member::{MemberForecast, spread};
use crate::momentum::Momentum;
use crate::sample::Sample;

/// The experts in their order, the plain alternative first.
pub(super) const IDS: [&str; 4] = ["mean", Momentum::ID, MeanReversion::ID, Ewma::ID];
/// Natural logarithm of their number.
pub(super) const LOG_COUNT: f64 = 2.0 * std::f64::consts::LN_2;

/// What each expert says of the mean return of the coming periods.
pub(super) fn opinions(options: &EnsembleOptions, history: &Sample<'_>) -> [MemberForecast; 4] {
    let mean = match spread(history, 2) {
        Ok(deviation) => MemberForecast::opinion(history.mean, deviation / (history.len() as f64).sqrt()),
        Err(reason) => MemberForecast::abstain(history.mean, reason),
    };
    [
        mean,
        options.momentum.forecast_sample(history),
        options.mean_reversion.forecast_sample(history),
        options.ewma.forecast_sample(history),
    ]
}

/// The numbers of the experts: one that abstains says what the mean does.
pub(super) fn numbers(opinions: &[MemberForecast; 4]) -> [f64; 4] {
    let mean = opinions[0].expected_return;
    std::array::from_fn(|k| if opinions[k].abstained.is_some() { mean } else { opinions[k].expected_return })
}

/// Gives the experts their weights; that of one that abstains goes to the mean, as its forecast does.
pub(super) fn weigh(opinions: &mut [MemberForecast; 4], weights: &[f64]) {
    let [mean, others @ ..] = opinions;
    let silent = |f: &MemberForecast| f.abstained.is_some();
    let moved: f64 = others.iter().zip(&weights[1..]).filter(|(f, _)| silent(f)).map(|(_, weight)| weight).sum();
    mean.weight = if silent(mean) { 0.0 } else { weights[0] + moved };
    for (other, weight) in others.iter_mut().zip(&weights[1..]) {
        other.weight = if silent(other) { 0.0 } else { *weight };
    }
}

/// Experts without a history.
pub(super) fn silent(expected_return: f64) -> Vec<NamedMember> {
    let abstains = || MemberForecast::abstain(expected_return, AbstentionCode::NoHistory);
    IDS.into_iter().map(|id| NamedMember::new(id, abstains())).collect()
}
