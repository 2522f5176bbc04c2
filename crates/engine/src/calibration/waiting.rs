//! What waiting cost: the do-nothing baseline of a plan compared with the outcome.

use risk::calibration::assess_coverage;
use risk::{Confidence, RiskError, standard_deviation};

use super::prediction::{Predicted, PredictedOutlook, PredictedWeight};
use super::score::{Outcome, terminal_wealth};
use crate::dto::outcome::ScoreReason;
use crate::dto::outcome_waiting::{WaitingCalibration, WaitingLossScore, WaitingScore};

const BPS: f64 = 10_000.0;

/// Scores doing nothing. `current` are the daily returns of the weights before the plan, restored daily.
pub(super) fn waiting(predicted: &Predicted, outcome: &Outcome<'_>, current: &[f64]) -> WaitingScore {
    let costs = outcome.realised_cost.unwrap_or(predicted.estimated_total_transaction_cost);
    let kept = 1.0 - costs / predicted.portfolio_value;
    let returns = held(predicted, outcome, |weight| weight.current_weight)
        .zip(held(predicted, outcome, |weight| weight.weight_after))
        .map(|(waiting, planned)| (waiting - 1.0, kept * planned - 1.0))
        .filter(|(waiting, planned)| (BPS * (planned - waiting)).is_finite());
    WaitingScore {
        return_waiting: returns.map(|(waiting, _)| waiting),
        return_planned: returns.map(|(_, planned)| planned),
        cost_bps: returns.map(|(waiting, planned)| BPS * (planned - waiting)),
        is_cost_reported: outcome.realised_cost.is_some(),
        reason: returns.is_none().then_some(ScoreReason::Overflow),
        loss_95: loss_95(&predicted.outlook, current),
    }
}

/// Value at the end of positions of these weights that are held, for 1 at the start; `None` when it is no finite number.
fn held(predicted: &Predicted, outcome: &Outcome<'_>, weight: fn(&PredictedWeight) -> f64) -> Option<f64> {
    let positions = predicted.weights.iter().map(weight).zip(&outcome.returns);
    let gains = positions.map(|(weight, returns)| weight * (returns.iter().map(|r| 1.0 + r).product::<f64>() - 1.0));
    Some(1.0 + gains.sum::<f64>()).filter(|value| value.is_finite())
}

fn loss_95(outlook: &PredictedOutlook, current: &[f64]) -> WaitingLossScore {
    let predicted = outlook.figures.as_ref().map(|figures| figures.loss_95_waiting);
    let scored = predicted.ok_or(ScoreReason::NotPredicted).and_then(|stated| {
        let week = current.get(..outlook.days).filter(|days| !days.is_empty()).ok_or(ScoreReason::TooFewDays)?;
        let loss = 1.0 - terminal_wealth(week);
        if loss.is_finite() { Ok((loss, loss > stated)) } else { Err(ScoreReason::Overflow) }
    });
    WaitingLossScore {
        predicted,
        realised_loss: scored.ok().map(|(loss, _)| loss),
        is_violated: scored.ok().map(|(_, is_violated)| is_violated),
        reason: scored.err(),
    }
}

/// What waiting cost over many outcomes.
///
/// # Errors
/// As [`assess_coverage`]; counts of outcomes are in its range.
pub(super) fn assess_waiting(scores: &[&WaitingScore]) -> Result<WaitingCalibration, RiskError> {
    let costs: Vec<f64> = scores.iter().filter_map(|score| score.cost_bps).collect();
    let count = costs.len() as f64;
    let share = |part: f64| (!costs.is_empty()).then(|| part / count);
    let violated: Vec<bool> = scores.iter().filter_map(|score| score.loss_95.is_violated).collect();
    Ok(WaitingCalibration {
        outcomes: costs.len(),
        mean_cost_bps: share(costs.iter().sum()),
        standard_error_bps: standard_deviation(&costs).ok().map(|deviation| deviation / count.sqrt()),
        share_with_cost: share(costs.iter().filter(|cost| **cost > 0.0).count() as f64),
        loss_95: assess_coverage(
            violated.iter().filter(|is_violated| **is_violated).count(),
            violated.len(),
            Confidence::P95,
        )?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn predicted(days: usize) -> Predicted {
        serde_json::from_value(json!({
            "portfolio_value": 20_000.0,
            "estimated_total_transaction_cost": 4.0,
            "weights": [
                {"asset": "A", "current_weight": 0.8, "target_weight": 0.5, "weight_after": 0.6},
                {"asset": "B", "current_weight": 0.1, "target_weight": 0.5, "weight_after": 0.4},
            ],
            "outlook": {"days": days, "figures": {"loss_95_waiting": 0.03}, "reason": null},
        }))
        .unwrap()
    }

    fn scored(predicted: &Predicted, realised_cost: Option<f64>) -> WaitingScore {
        let (a, b) = ([0.01, -0.05], [0.0, 0.1]);
        let outcome = Outcome { returns: vec![&a, &b], days: 2, realised_cost };
        let current: Vec<f64> = (0..2).map(|t| 0.8 * a[t] + 0.1 * b[t]).collect();
        waiting(predicted, &outcome, &current)
    }

    #[test]
    fn the_baseline_and_the_plan_are_held_over_the_same_days() {
        // A goes to 1.01 · 0.95 = 0.9595 of its value, B to 1.1; a tenth of the book was cash and is invested by the plan.
        let (waited, planned) = (-0.8 * 0.0405 + 0.1 * 0.1, -0.6 * 0.0405 + 0.4 * 0.1);
        let by_estimate = scored(&predicted(2), None);
        let net = (1.0 + planned) * (1.0 - 4.0 / 20_000.0) - 1.0;
        assert!((by_estimate.return_waiting.unwrap() - waited).abs() < 1e-15);
        assert!((by_estimate.return_planned.unwrap() - net).abs() < 1e-15);
        assert!((by_estimate.cost_bps.unwrap() - 1e4 * (net - waited)).abs() < 1e-10);
        assert!(!by_estimate.is_cost_reported);
        // Trades that cost 500 more than the positions gained: waiting was better.
        let dear = scored(&predicted(2), Some(900.0));
        assert!(dear.is_cost_reported && dear.cost_bps.unwrap() < 0.0, "{dear:?}");
    }

    #[test]
    fn the_loss_of_the_outlook_is_held_against_its_own_days() {
        // Restored daily: 0.8 % and then −3 %.
        let two = scored(&predicted(2), None).loss_95;
        assert!((two.realised_loss.unwrap() - (1.0 - 1.008 * 0.97)).abs() < 1e-15);
        assert_eq!((two.is_violated, two.reason), (Some(false), None));
        assert_eq!(scored(&predicted(3), None).loss_95.reason, Some(ScoreReason::TooFewDays));
        let bare: Predicted = serde_json::from_value(json!({
            "portfolio_value": 1.0, "estimated_total_transaction_cost": 0.0, "weights": [],
        }))
        .unwrap();
        assert_eq!(scored(&bare, None).loss_95.reason, Some(ScoreReason::NotPredicted));
    }

    #[test]
    fn many_outcomes_have_a_mean_with_its_error() {
        let of = |cost_bps| WaitingScore { cost_bps, ..scored(&predicted(2), None) };
        let scores = [of(Some(10.0)), of(Some(-2.0)), of(Some(4.0)), of(None)];
        let all = assess_waiting(&scores.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!((all.outcomes, all.mean_cost_bps), (3, Some(4.0)));
        // Deviations 6, −6, 0: a standard deviation of 6.
        assert!((all.standard_error_bps.unwrap() - 6.0 / 3.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(all.share_with_cost, Some(2.0 / 3.0));
        let none = assess_waiting(&[]).unwrap();
        assert_eq!((none.mean_cost_bps, none.standard_error_bps, none.share_with_cost), (None, None, None));
    }
}
