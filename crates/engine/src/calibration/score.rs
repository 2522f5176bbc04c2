//! The scores of one outcome: a plan's predictions compared with the realised returns.

use risk::RiskOptions;
use risk::calibration::SpreadSample;

use super::prediction::Predicted;
use super::waiting::waiting;
use crate::dto::outcome::{
    CostScore, DailyVarScore, HorizonVarScore, LossScore, OutcomeScores, ScoreReason, TrackingErrorScore,
};

/// Basis points in one.
const BPS: f64 = 10_000.0;
/// An annual tracking error below this, a tenth of a basis point, is the rounding to cents of weights that are on their targets.
const SMALLEST_TRACKING_ERROR: f64 = 1e-5;

/// The returns of the plan's assets since it was made, in the order of its weights, and what its trades cost.
pub(super) struct Outcome<'a> {
    pub(super) returns: Vec<&'a [f64]>,
    pub(super) days: usize,
    pub(super) realised_cost: Option<f64>,
}

impl Outcome<'_> {
    /// Daily returns of weights that are restored every day, as the plan's figures assume; what is not invested earns nothing.
    fn returns_of(&self, weights: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.days];
        for (weight, returns) in weights.zip(&self.returns) {
            for (sum, r) in sums.iter_mut().zip(*returns) {
                *sum += weight * r;
            }
        }
        sums
    }
}

/// Scores what a plan predicted.
pub(super) fn score(predicted: &Predicted, outcome: &Outcome<'_>) -> OutcomeScores {
    let weights = &predicted.weights;
    let active = outcome.returns_of(weights.iter().map(|w| w.weight_after - w.target_weight));
    let after = outcome.returns_of(weights.iter().map(|w| w.weight_after));
    let current = outcome.returns_of(weights.iter().map(|w| w.current_weight));
    let horizon = current.get(..predicted.monte_carlo.horizon_days).filter(|days| !days.is_empty());
    let wealth = horizon.map(terminal_wealth).ok_or(ScoreReason::TooFewDays);
    OutcomeScores {
        tracking_error: tracking_error(predicted.active_risk.after.tracking_error, &active),
        daily_var_95: daily_var(predicted.after_risk_metrics.var_95, &after),
        horizon_var_95: horizon_var(predicted.monte_carlo.var_95, wealth),
        probability_of_loss: loss(predicted.monte_carlo.probability_of_loss, wealth),
        cost: cost(predicted, outcome.realised_cost),
        waiting: Some(waiting(predicted, outcome, &current)),
    }
}

/// Value at the end of these returns for 1 at their start; 0 from the day on that loses everything.
pub(super) fn terminal_wealth(returns: &[f64]) -> f64 {
    returns.iter().fold(1.0, |wealth: f64, r| (wealth * (1.0 + r)).max(0.0))
}

fn tracking_error(predicted: Option<f64>, active: &[f64]) -> TrackingErrorScore {
    let to_year = RiskOptions::default().periods_per_year.sqrt();
    let sample = match predicted {
        None => Err(ScoreReason::NotPredicted),
        Some(predicted) if predicted < SMALLEST_TRACKING_ERROR => Err(ScoreReason::ZeroPrediction),
        Some(_) if active.len() < 2 => Err(ScoreReason::TooFewDays),
        Some(predicted) => SpreadSample::of(predicted / to_year, active).map_err(|_| ScoreReason::Overflow),
    };
    TrackingErrorScore {
        predicted,
        realised: sample.as_ref().ok().map(|sample| sample.realised * to_year),
        kurtosis: sample.as_ref().ok().and_then(|sample| sample.kurtosis),
        reason: sample.err(),
    }
}

fn daily_var(predicted: Option<f64>, returns: &[f64]) -> DailyVarScore {
    let violations = predicted.map(|var| returns.iter().filter(|r| -**r > var).count());
    DailyVarScore { predicted, violations, reason: violations.is_none().then_some(ScoreReason::NotPredicted) }
}

fn horizon_var(predicted: Option<f64>, wealth: Result<f64, ScoreReason>) -> HorizonVarScore {
    let scored = predicted.ok_or(ScoreReason::NotPredicted).and_then(|var| {
        let loss = 1.0 - wealth?;
        if loss.is_finite() { Ok((loss, loss > var)) } else { Err(ScoreReason::Overflow) }
    });
    HorizonVarScore {
        predicted,
        realised_loss: scored.ok().map(|(loss, _)| loss),
        is_violated: scored.ok().map(|(_, is_violated)| is_violated),
        reason: scored.err(),
    }
}

fn loss(predicted: Option<f64>, wealth: Result<f64, ScoreReason>) -> LossScore {
    let scored = predicted.ok_or(ScoreReason::NotPredicted).and_then(|_| Ok(wealth? < 1.0));
    LossScore { predicted, is_loss: scored.ok(), reason: scored.err() }
}

fn cost(predicted: &Predicted, realised_cost: Option<f64>) -> CostScore {
    let to_bps = |cost: f64| Some(BPS * cost / predicted.portfolio_value).filter(|bps| bps.is_finite());
    let predicted_bps = to_bps(predicted.estimated_total_transaction_cost);
    let realised_bps = realised_cost.zip(predicted_bps).and_then(|(cost, _)| to_bps(cost));
    let reason = match (realised_cost, predicted_bps, realised_bps) {
        (None, ..) => Some(ScoreReason::NotReported),
        (_, None, _) => Some(ScoreReason::NotPredicted),
        (.., None) => Some(ScoreReason::Overflow),
        (.., Some(_)) => None,
    };
    CostScore { predicted_bps, realised_bps, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn predicted(horizon_days: usize, tracking_error: Option<f64>) -> Predicted {
        serde_json::from_value(json!({
            "portfolio_value": 20_000.0,
            "estimated_total_transaction_cost": 4.0,
            "weights": [
                {"asset": "A", "current_weight": 0.8, "target_weight": 0.5, "weight_after": 0.6},
                {"asset": "B", "current_weight": 0.2, "target_weight": 0.5, "weight_after": 0.4},
            ],
            "after_risk_metrics": {"var_95": 0.01},
            "active_risk": {"after": {"tracking_error": tracking_error}},
            "monte_carlo": {"probability_of_loss": 0.4, "var_95": 0.02, "horizon_days": horizon_days},
        }))
        .unwrap()
    }

    fn scored(predicted: &Predicted, realised_cost: Option<f64>) -> OutcomeScores {
        let (a, b) = ([0.01, -0.05, 0.02], [0.0, 0.01, -0.01]);
        score(predicted, &Outcome { returns: vec![&a, &b], days: 3, realised_cost })
    }

    #[test]
    fn each_prediction_is_held_against_its_own_weights() {
        let scores = scored(&predicted(2, Some(0.05)), Some(6.0));
        // After the plan: 0.006, -0.026, 0.008: one day loses more than 1 %.
        assert_eq!(scores.daily_var_95.violations, Some(1));
        // Current weights over two days: 1.008 · 0.962 = 0.969696.
        assert!((scores.horizon_var_95.realised_loss.unwrap() - 0.030_304).abs() < 1e-15);
        assert_eq!((scores.horizon_var_95.is_violated, scores.probability_of_loss.is_loss), (Some(true), Some(true)));
        // Differences 0.001, -0.006, 0.003: mean -0.0006…, squares about it sum to 0.0000446….
        let te = (0.000_044_666_666_666_666_67_f64 / 2.0).sqrt() * 252.0_f64.sqrt();
        assert!((scores.tracking_error.realised.unwrap() - te).abs() < 1e-12);
        assert_eq!((scores.cost.predicted_bps, scores.cost.realised_bps), (Some(2.0), Some(3.0)));
    }

    #[test]
    fn a_short_outcome_scores_what_it_supports() {
        let scores = scored(&predicted(4, Some(0.05)), None);
        assert_eq!(scores.horizon_var_95.reason, Some(ScoreReason::TooFewDays));
        assert_eq!(scores.probability_of_loss.reason, Some(ScoreReason::TooFewDays));
        assert_eq!(scores.probability_of_loss.predicted, Some(0.4));
        assert_eq!((scores.daily_var_95.reason, scores.tracking_error.reason), (None, None));
        assert_eq!(scores.cost.reason, Some(ScoreReason::NotReported));
    }

    #[test]
    fn what_was_not_predicted_is_not_scored() {
        assert_eq!(scored(&predicted(2, None), None).tracking_error.reason, Some(ScoreReason::NotPredicted));
        assert_eq!(scored(&predicted(2, Some(1e-17)), None).tracking_error.reason, Some(ScoreReason::ZeroPrediction));
        let bare: Predicted = serde_json::from_value(json!({
            "portfolio_value": 1.0, "estimated_total_transaction_cost": 0.0, "weights": [],
        }))
        .unwrap();
        let scores = scored(&bare, None);
        assert_eq!(scores.daily_var_95.reason, Some(ScoreReason::NotPredicted));
        assert_eq!(scores.horizon_var_95.reason, Some(ScoreReason::NotPredicted));
    }

    #[test]
    fn everything_lost_stays_lost() {
        assert_eq!(terminal_wealth(&[-2.0, -2.0, 0.5]), 0.0);
        let endless = horizon_var(Some(0.1), Ok(f64::INFINITY));
        assert_eq!((endless.realised_loss, endless.reason), (None, Some(ScoreReason::Overflow)));
    }
}
