//! The losses of one plan: its two models against the outcome.

use models::Purpose;

use crate::decode::NamedSeries;
use crate::dto::shadow::{ShadowComparison, ShadowLoss};

/// Basis points in one.
const BPS: f64 = 10_000.0;

/// The losses of one plan, champion first, and the hits of the challenger's intervals.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scored {
    /// Each loss with the champion's and the challenger's figure, those that the plan supports.
    pub(super) losses: Vec<(ShadowLoss, [f64; 2])>,
    /// Intervals that held the first return.
    pub(super) hits: usize,
    /// Intervals for a next return that is known.
    pub(super) intervals: usize,
    /// What those intervals promise.
    pub(super) nominal: Option<f64>,
    /// The returns of the assets since, one asset after the other: what the models will read next.
    pub(super) returns: Vec<f64>,
}

/// Coverage of the interval that a forecast of variance implies, and its half-width in standard deviations: the normal quantile of 95 %.
const IMPLIED: (f64, f64) = (0.9, 1.644_853_626_951_472_2);

/// The losses that models of a purpose are compared by.
pub(super) fn losses_of(purpose: Purpose) -> [ShadowLoss; 2] {
    match purpose {
        Purpose::Covariance => [ShadowLoss::Qlike, ShadowLoss::NegativeNetReturn],
        _ => [ShadowLoss::SquaredError, ShadowLoss::NegativeNetReturn],
    }
}

/// Mean squared error of expected returns over assets and days. `came`: the returns of each asset, of one length or not; `None` where there are none.
pub(crate) fn squared_error(came: &[&[f64]], expected: impl Fn(usize) -> f64) -> Option<f64> {
    let sums = came.iter().enumerate().map(|(i, returns)| {
        let error = |r: &f64| (r - expected(i)).powi(2);
        returns.iter().map(error).sum::<f64>()
    });
    let count: usize = came.iter().map(|returns| returns.len()).sum();
    (count > 0).then(|| sums.sum::<f64>() / count as f64)
}

/// Scores one run against the returns of the assets since. `None` where the challenger made no plan, or an asset has no return.
pub(super) fn score(run: &ShadowComparison, returns: &NamedSeries) -> Option<Scored> {
    let figures = run.figures?;
    let of = |name: &str| {
        let found = returns.0.iter().find(|(own, _)| own.trim() == name)?;
        (!found.1.is_empty()).then_some(found.1.as_slice())
    };
    let came: Vec<&[f64]> = run.assets.iter().map(|asset| of(&asset.asset)).collect::<Option<_>>()?;
    let days = came.first()?.len();
    if came.iter().any(|returns| returns.len() != days) {
        return None;
    }
    // Weights that are restored every day, as the plan's own figures assume; what is not invested earns nothing.
    let daily = |weight: &dyn Fn(usize) -> f64| -> Vec<f64> {
        (0..days).map(|t| came.iter().enumerate().map(|(i, returns)| weight(i) * returns[t]).sum()).collect()
    };
    let lost = |weight: &dyn Fn(usize) -> f64, cost: f64| -BPS * (daily(weight).iter().sum::<f64>() - cost);
    let mut losses = Vec::new();
    let (is_hit, nominal): (Vec<bool>, Option<f64>) = match (run.purpose, figures.variance) {
        (Purpose::ExpectedReturn, _) => {
            let champion = squared_error(&came, |i| run.assets[i].forecast.champion)?;
            let challenger = squared_error(&came, |i| run.assets[i].forecast.challenger)?;
            losses.push((ShadowLoss::SquaredError, [champion, challenger]));
            let first = run.assets.iter().zip(&came);
            let held = first.filter_map(|(asset, returns)| Some((asset.outcome_interval?, returns[0])));
            let is_hit = held.map(|(interval, first)| interval.lower <= first && first <= interval.upper).collect();
            let interval = run.assets.iter().find_map(|asset| asset.outcome_interval);
            (is_hit, interval.map(|interval| interval.coverage))
        }
        (Purpose::Covariance, Some(variance)) => {
            let held = daily(&|i| run.assets[i].weight_after.champion);
            let square = held.iter().map(|r| r * r).sum::<f64>() / days as f64;
            let qlike = |variance: f64| variance.ln() + square / variance;
            losses.push((ShadowLoss::Qlike, [qlike(variance.champion), qlike(variance.challenger)]));
            // A covariance forecasts the width of the days to come; their mean is next to nothing beside it.
            let (coverage, deviations) = IMPLIED;
            let half_width = deviations * variance.challenger.sqrt();
            (held.iter().map(|r| r.abs() <= half_width).collect(), Some(coverage))
        }
        _ => (Vec::new(), None),
    };
    losses.push((
        ShadowLoss::NegativeNetReturn,
        [
            lost(&|i| run.assets[i].weight_after.champion, figures.cost_of_nav.champion),
            lost(&|i| run.assets[i].weight_after.challenger, figures.cost_of_nav.challenger),
        ],
    ));
    Some(Scored {
        losses,
        hits: is_hit.iter().filter(|is_hit| **is_hit).count(),
        intervals: is_hit.len(),
        nominal,
        returns: came.concat(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(purpose: &str) -> ShadowComparison {
        let model = json!({"id": "m", "version": "1", "digest": "00".repeat(32)});
        let pair = |champion: f64, challenger: f64| json!({"champion": champion, "challenger": challenger});
        let asset = |name: &str, forecast, after, interval| {
            json!({
                "asset": name, "forecast": forecast, "optimized_target_weight": pair(0.5, 0.5),
                "signed_trade_value": pair(0.0, 1.0), "weight_after": after, "outcome_interval": interval
            })
        };
        serde_json::from_value(json!({
            "purpose": purpose, "champion": model, "challenger": model, "refusal": null, "trades_differ": true,
            "assets": [
                asset("A", pair(0.0, 0.01), pair(0.5, 1.0), json!({"coverage": 0.9, "lower": 0.0, "upper": 0.01})),
                asset("B", pair(0.0, 0.0), pair(0.5, 0.0), json!(null)),
            ],
            "figures": {
                "turnover": pair(0.0, 0.1), "transaction_cost": pair(0.0, 1.0), "cost_of_nav": pair(0.0, 0.001),
                "variance": pair(0.000_1, 0.000_2)
            }
        }))
        .unwrap()
    }

    fn came() -> NamedSeries {
        NamedSeries(vec![("B".to_owned(), vec![0.0, 0.02]), (" A ".to_owned(), vec![0.02, 0.0])])
    }

    fn close(figures: [f64; 2], expected: [f64; 2]) {
        for (figure, expected) in figures.iter().zip(expected) {
            assert!((figure - expected).abs() < 1e-9, "{figures:?}, not {expected}");
        }
    }

    #[test]
    fn forecasts_are_scored_by_squared_errors_and_plans_by_what_they_earned_after_costs() {
        let scored = score(&run("expected_return"), &came()).unwrap();
        // Errors of A 0.02, 0 and of B 0, 0.02 against zero; of the challenger 0.01, −0.01 for A.
        let [(first, squared), (second, lost)] = scored.losses.as_slice() else { panic!("two losses") };
        assert_eq!([*first, *second], losses_of(Purpose::ExpectedReturn));
        close(*squared, [0.000_2, 0.000_15]);
        // Half of both earns 1 % and 1 %; all of A 2 % and 0, less 10 bp.
        close(*lost, [-200.0, -190.0]);
        // 0.02 is above the interval of A, and B has none.
        assert_eq!((scored.hits, scored.intervals, scored.nominal), (0, 1, Some(0.9)));
    }

    #[test]
    fn covariances_are_scored_by_the_variance_of_the_plan_as_it_was_made() {
        let scored = score(&run("covariance"), &came()).unwrap();
        let [(first, qlike), _] = scored.losses.as_slice() else { panic!("two losses") };
        assert_eq!(*first, ShadowLoss::Qlike);
        // Both days 1 %: the mean square is 1e-4.
        close(*qlike, [0.000_1_f64.ln() + 1.0, 0.000_2_f64.ln() + 0.5]);
        // 1 % is within 1.645 times √2 %, on both days; the intervals of assets are those of a forecaster and not of a covariance.
        assert_eq!((scored.hits, scored.intervals, scored.nominal), (2, 2, Some(0.9)));
        let mut narrow = run("covariance");
        narrow.figures.as_mut().unwrap().variance.as_mut().unwrap().challenger = 0.000_036;
        assert_eq!(score(&narrow, &came()).unwrap().hits, 0, "1 % is beyond 1.645 times 0.6 %");
        assert_eq!(scored.returns, [0.02, 0.0, 0.0, 0.02]);
    }

    #[test]
    fn what_cannot_be_scored_is_left_out() {
        assert_eq!(score(&ShadowComparison { figures: None, ..run("covariance") }, &came()), None);
        assert_eq!(score(&run("covariance"), &NamedSeries(vec![("A".to_owned(), vec![0.1])])), None);
        let uneven = NamedSeries(vec![("A".to_owned(), vec![0.1]), ("B".to_owned(), vec![0.1, 0.1])]);
        assert_eq!(score(&run("covariance"), &uneven), None);
    }
}
