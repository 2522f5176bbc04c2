//! What is monitored: a sentence for a reader, and the limit as numbers, from which the sentence is made.

use serde::{Deserialize, Serialize};

/// A figure that stored plans and their outcomes give of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum MonitoredFigure {
    /// Share of the intervals for the next return that contained it. Observations: intervals.
    NextReturnCoverage,
    /// Share of the forecasts that are within the 95 % interval of the mean return that came, widened by their own error. Observations: forecasts.
    MeanReturnCoverage,
    /// Alarms of ADWIN at which the losses had risen. Observations: outcomes that share no day.
    LossAlarms,
    /// Population stability index of the returns, the later half of the outcomes against the earlier one. Observations: returns, of
    /// outcomes that share no day.
    StabilityIndex,
    /// Realised tracking error over the predicted one. Observations: outcomes that share no day.
    TrackingErrorRatio,
    /// p-value of the test of Kupiec that a horizon loses more than the predicted VaR one time in twenty. Observations: horizons that share no day.
    HorizonVarPValue,
    /// p-value of the test of Kupiec that a day loses more than the predicted VaR one time in twenty. Observations: days, each counted once.
    DailyVarPValue,
    /// p-value that the squared error is no larger than that of the champion, one-sided. Observations: outcomes.
    WorsePValue,
    /// p-value that realised costs are the estimated ones in the mean. Observations: outcomes.
    CostPValue,
    /// Days since the last day of the training data. Observations: one, the date.
    DataAgeDays,
}

impl MonitoredFigure {
    /// Whether it is a share, which is told in percent.
    fn is_share(self) -> bool {
        matches!(self, Self::NextReturnCoverage | Self::MeanReturnCoverage)
    }

    /// What its observations are, in the plural.
    fn observations(self) -> &'static str {
        match self {
            Self::NextReturnCoverage => "intervals",
            Self::MeanReturnCoverage => "forecasts",
            Self::StabilityIndex => "returns",
            Self::HorizonVarPValue => "horizons",
            Self::DailyVarPValue => "days",
            Self::DataAgeDays => "dates",
            Self::LossAlarms | Self::TrackingErrorRatio | Self::WorsePValue | Self::CostPValue => "outcomes",
        }
    }
}

/// When a figure calls for action: below `lower` or above `upper`, from a number of observations on.
///
/// # Example
/// ```
/// use models::{MonitoredFigure, TriggerLimit};
///
/// let limit = TriggerLimit { figure: MonitoredFigure::NextReturnCoverage, lower: Some(0.87), upper: Some(0.93), observations: 660 };
/// assert_eq!(limit.in_words(), "outside 87 % to 93 %, from 660 intervals");
/// assert!(limit.is_crossed_by(0.86) && !limit.is_crossed_by(0.93));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TriggerLimit {
    /// What is measured.
    pub figure: MonitoredFigure,
    /// It calls for action below this; null where it has no lower end.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.87))]
    pub lower: Option<f64>,
    /// It calls for action above this; null where it has no upper end.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.93))]
    pub upper: Option<f64>,
    /// Fewest observations: with fewer it is not told.
    #[cfg_attr(feature = "openapi", schema(example = 660, minimum = 1))]
    pub observations: u32,
}

impl TriggerLimit {
    /// Whether a figure calls for action. One that is not finite does not.
    #[must_use]
    pub fn is_crossed_by(&self, figure: f64) -> bool {
        self.lower.is_some_and(|lower| figure < lower) || self.upper.is_some_and(|upper| figure > upper)
    }

    /// The limit as a phrase.
    #[must_use]
    pub fn in_words(&self) -> String {
        let told = |bound: f64| {
            if self.figure.is_share() { format!("{} %", (bound * 1e4).round() / 1e2) } else { bound.to_string() }
        };
        let range = match (self.lower, self.upper) {
            (Some(lower), Some(upper)) => format!("outside {} to {}", told(lower), told(upper)),
            (Some(lower), None) => format!("below {}", told(lower)),
            (None, Some(upper)) => format!("above {}", told(upper)),
            (None, None) => "never".to_owned(),
        };
        match self.observations {
            0 | 1 => range,
            fewest => format!("{range}, from {fewest} {}", self.figure.observations()),
        }
    }

    /// Whether it can be crossed: it has an end, its ends are numbers and in order, and it needs an observation.
    pub(super) fn is_sound(&self) -> bool {
        let are_finite = [self.lower, self.upper].iter().flatten().all(|bound| bound.is_finite());
        let are_in_order = self.lower.zip(self.upper).is_none_or(|(lower, upper)| lower < upper);
        (self.lower.is_some() || self.upper.is_some()) && are_finite && are_in_order && self.observations > 0
    }
}

/// What is monitored instead of an annual review date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MonitoringTrigger {
    /// What is measured.
    #[cfg_attr(feature = "openapi", schema(example = "coverage of the 90 % intervals for the next return"))]
    pub measure: String,
    /// When it calls for action: `limit` in words where there is one.
    #[cfg_attr(feature = "openapi", schema(example = "outside 87 % to 93 %, from 660 intervals"))]
    pub threshold: String,
    /// The action to take.
    #[cfg_attr(feature = "openapi", schema(example = "demote, and review the interval"))]
    pub action: String,
    /// The threshold as numbers; absent where no record gives the figure, and in versions that were kept before limits were numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub limit: Option<TriggerLimit>,
}

impl MonitoringTrigger {
    /// A trigger whose figure is measured: its threshold in words is its limit.
    #[must_use]
    pub fn measured(measure: impl Into<String>, limit: TriggerLimit, action: impl Into<String>) -> Self {
        Self { measure: measure.into(), threshold: limit.in_words(), action: action.into(), limit: Some(limit) }
    }

    /// A trigger that a person has to look after.
    #[must_use]
    pub fn in_words(measure: impl Into<String>, threshold: impl Into<String>, action: impl Into<String>) -> Self {
        Self { measure: measure.into(), threshold: threshold.into(), action: action.into(), limit: None }
    }

    /// Whether its threshold in words is its limit, and the limit can be crossed.
    pub(super) fn is_sound(&self) -> bool {
        self.limit.is_none_or(|limit| limit.is_sound() && limit.in_words() == self.threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(figure: MonitoredFigure, lower: Option<f64>, upper: Option<f64>, observations: u32) -> TriggerLimit {
        TriggerLimit { figure, lower, upper, observations }
    }

    #[test]
    fn the_words_are_made_of_the_numbers() {
        let told = |figure, lower, upper, fewest| limit(figure, lower, upper, fewest).in_words();
        assert_eq!(
            told(MonitoredFigure::MeanReturnCoverage, Some(0.92), Some(0.98), 350),
            "outside 92 % to 98 %, from 350 forecasts"
        );
        assert_eq!(told(MonitoredFigure::StabilityIndex, None, Some(0.25), 80), "above 0.25, from 80 returns");
        assert_eq!(told(MonitoredFigure::DailyVarPValue, Some(0.01), None, 100), "below 0.01, from 100 days");
        assert_eq!(told(MonitoredFigure::DataAgeDays, None, Some(365.0), 1), "above 365");
    }

    #[test]
    fn an_end_belongs_to_the_range_and_what_is_no_number_crosses_nothing() {
        let range = limit(MonitoredFigure::TrackingErrorRatio, Some(0.5), Some(2.0), 60);
        assert!(range.is_crossed_by(0.49) && range.is_crossed_by(2.01));
        assert!(!range.is_crossed_by(0.5) && !range.is_crossed_by(2.0) && !range.is_crossed_by(f64::NAN));
    }

    #[test]
    fn a_sentence_beside_another_limit_is_unsound() {
        let sound = MonitoringTrigger::measured("m", limit(MonitoredFigure::LossAlarms, None, Some(0.0), 20), "a");
        assert!(sound.is_sound());
        assert!(!MonitoringTrigger { threshold: "above 3".to_owned(), ..sound.clone() }.is_sound());
        for (lower, upper, fewest) in
            [(None, None, 5), (Some(2.0), Some(1.0), 5), (Some(f64::NAN), None, 5), (Some(1.0), None, 0)]
        {
            let limit = limit(MonitoredFigure::LossAlarms, lower, upper, fewest);
            assert!(!MonitoringTrigger::measured("m", limit, "a").is_sound(), "{limit:?}");
        }
        assert!(MonitoringTrigger::in_words("m", "t", "a").is_sound());
    }

    #[test]
    fn a_trigger_that_was_kept_before_limits_has_the_bytes_that_it_had() {
        let kept = r#"{"measure":"m","threshold":"t","action":"a"}"#;
        let read: MonitoringTrigger = serde_json::from_str(kept).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), kept);
    }
}
