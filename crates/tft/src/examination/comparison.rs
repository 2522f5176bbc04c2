//! Comparison of a model with unconditional quantiles.

use std::collections::BTreeMap;

use evaluate::{EvaluateError, Judgement, Verdict, diebold_mariano};
use serde::Serialize;

use super::ExaminationSpec;
use crate::tape::pinball;
use crate::{Panel, Tft, TftError, Window};

/// Losses of a model and of unconditional quantiles on the same windows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Mean pinball loss of the model, in the unit of the target.
    pub model: f64,
    /// The same for the quantiles of the training outcomes, by series and step.
    pub unconditional: f64,
    /// Number of origins, which are the observations of the test.
    pub origins: usize,
    /// The statistic; negative where the model is better.
    pub statistic: f64,
    /// The verdict on the model.
    pub judgement: Judgement,
}

impl Comparison {
    /// Whether the model is better than unconditional quantiles.
    #[must_use]
    pub fn learnt(&self) -> bool {
        self.judgement.verdict == Verdict::Better
    }
}

/// The quantiles of sorted numbers, interpolated linearly between order statistics.
pub(crate) fn quantile(sorted: &[f64], level: f64) -> f64 {
    let place = level * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

pub(super) fn compare(
    model: &Tft,
    panel: &Panel,
    train: &[Window],
    test: &[Window],
    spec: &ExaminationSpec,
) -> Result<Comparison, TftError> {
    let levels = &model.spec().quantiles;
    let horizon = model.spec().horizon;
    let mut known: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for window in train {
        for (step, outcome) in panel.outcomes(*window)?.iter().enumerate() {
            known.entry((window.series, step)).or_default().push(*outcome);
        }
    }
    for outcomes in known.values_mut() {
        outcomes.sort_unstable_by(f64::total_cmp);
    }
    let plain = |window: &Window| {
        let mut sum = 0.0;
        for (step, outcome) in panel.outcomes(*window)?.iter().enumerate() {
            let missing = TftError::TooFew { of: "training windows of a series of the test", found: 0, needed: 1 };
            let sorted = known.get(&(window.series, step)).ok_or(missing)?;
            sum += levels.iter().map(|level| pinball(*level, *outcome, quantile(sorted, *level))).sum::<f64>();
        }
        Ok(sum / (horizon * levels.len()) as f64)
    };
    let own = model.losses(panel, test)?;
    // Losses of both by origin: a day counts once, however many series it has.
    let mut days: BTreeMap<usize, (f64, f64, f64)> = BTreeMap::new();
    for (window, loss) in test.iter().zip(&own) {
        let plain = plain(window)?;
        let day = days.entry(window.origin).or_default();
        *day = (day.0 + loss, day.1 + plain, day.2 + 1.0);
    }
    let first: Vec<f64> = days.values().map(|day| day.0 / day.2).collect();
    let second: Vec<f64> = days.values().map(|day| day.1 / day.2).collect();
    let origins: Vec<usize> = days.keys().copied().collect();
    let gap = origins.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(1);
    let refused = |error: EvaluateError| TftError::Comparison(error.to_string());
    let test = diebold_mariano(&first, &second, horizon.div_ceil(gap)).map_err(refused)?;
    let judgement = test.judge(spec.level, spec.trials).map_err(refused)?;
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    Ok(Comparison {
        model: mean(&first),
        unconditional: mean(&second),
        origins: origins.len(),
        statistic: test.test.statistic,
        judgement,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_order_statistics() {
        let sorted = [1.0, 2.0, 4.0];
        assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0].map(|level| quantile(&sorted, level)), [1.0, 1.5, 2.0, 3.0, 4.0]);
    }
}
