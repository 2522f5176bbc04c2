//! A measure compared with its limit, the severity of exceeding it, and the reason.

use std::cmp::Ordering;
use std::fmt;

use portfolio_core::NaiveDate;
use risk::UnavailableReason;
use serde::{Deserialize, Serialize, Serializer};

use crate::limits::{LimitLevels, Severity};

/// A measure compared with its limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitCheck {
    /// What is measured.
    pub measure: Measure,
    /// Whether it is measured on the book before the plan or after it.
    pub point: LimitPoint,
    /// Its value, a fraction, or a number of `implausible_inputs`; null when it could not be assessed.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.0412))]
    pub value: Option<f64>,
    /// Above this it is a warning; of `net_cost` it is the least worth of the request with the sign turned, and negative where one above 0 is asked.
    #[cfg_attr(feature = "openapi", schema(example = 0.03))]
    pub warning_above: f64,
    /// Above this it is critical.
    #[cfg_attr(feature = "openapi", schema(example = 0.06))]
    pub critical_above: f64,
    /// Above this the plan is rejected; null when that limit has no such level.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.25))]
    pub blocking_above: Option<f64>,
    /// How severe it is.
    pub severity: Severity,
    /// Why it could not be assessed, why its severity differs from that of its value alone, where the inputs it counts
    /// are named, or in which window of market history a stress loss occurred; null otherwise.
    #[cfg_attr(
        feature = "openapi",
        schema(required = true, value_type = Option<String>, example = "fewer than two returns")
    )]
    pub reason: Option<CheckReason>,
}

/// Why a limit could not be assessed, or why its severity differs from the one that its value alone gives. `Display`
/// and serialisation give a sentence without the full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckReason {
    /// The figure does not exist for these histories.
    Missing(UnavailableReason),
    /// The figure does not exist, for an unknown reason.
    Unavailable,
    /// No asset with a weight has a history.
    NoHistory,
    /// There is no asset.
    NoAssets,
    /// The policy requires the weight.
    PolicyTarget,
    /// The trades move weights to the policy's.
    TowardsPolicy,
    /// The plan ends on the policy.
    OnPolicy,
    /// The plan trades nothing.
    NothingTraded,
    /// The trades are orders, such as a cash flow, and are made whatever they are worth.
    Ordered,
    /// A limit asks for the trades, and outranks what they are worth.
    LimitsAsk,
    /// The plan increases the tracking error to the policy.
    FurtherFromPolicy {
        /// By how much a year, basis points, at least 1.
        by_bps: u32,
    },
    /// The plan increases the share of the book that differs from the policy; there is no tracking error to compare.
    LargerActiveShare {
        /// By how much, basis points of NAV, at least 1.
        by_bps: u32,
    },
    /// The book exceeds the level, and the plan brings it back within it.
    Mended,
    /// An asset with a weight has fewer returns than an estimate of risk needs.
    ShortHistory,
    /// A history was completed, and the error of the completion leaves open whether the figure exceeds its critical
    /// level.
    CompletedHistory,
    /// A history was completed, and the error of the completion leaves open whether the figure exceeds its warning
    /// level.
    CompletedHistoryWarns,
    /// Histories that were completed or are short chose which trades are made, and whole ones might have chosen others, or none.
    HistoriesChoseTrades,
    /// According to these histories the policy itself would lose more on a bad day than any portfolio does.
    ImplausibleHistory,
    /// The input contains a number that no portfolio or market has shown.
    ImplausibleInput,
    /// Where the stress loss comes from.
    WorstWindow {
        /// Identifier of the window.
        window: &'static str,
        /// The date at which the book was worth least.
        date: NaiveDate,
        /// Windows that have a series for every asset of the book and the policy.
        covering: usize,
        /// All windows.
        windows: usize,
    },
    /// No window has a series for every asset of the book and the policy.
    NoWindow {
        /// Number of assets without any series; 0 when each has one, but no window has all.
        without: usize,
        /// Assets of the book and the policy.
        assets: usize,
        /// Whether the caller set the limit, so that a person must decide.
        is_required: bool,
    },
}

impl fmt::Display for CheckReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing(reason) => reason.sentence(),
            Self::Unavailable => "it is unavailable",
            Self::NoHistory => "no asset with a weight has a history",
            Self::NoAssets => "no assets",
            Self::PolicyTarget => "the policy's own target asks for it",
            Self::TowardsPolicy => "the trades take weights to the policy's",
            Self::OnPolicy => "the plan ends on the policy",
            Self::NothingTraded => "the plan trades nothing",
            Self::Ordered => "the trades are orders and are not weighed by their worth",
            Self::LimitsAsk => "a limit asks for the trades whatever they are worth",
            Self::FurtherFromPolicy { by_bps } => {
                let by = f64::from(*by_bps) / 100.0;
                return write!(
                    f,
                    "the plan takes the book further from its policy, by {by} % of tracking error a year"
                );
            }
            Self::LargerActiveShare { by_bps } => {
                let by = f64::from(*by_bps) / 100.0;
                return write!(f, "the plan takes the book further from its policy, by {by} % of its value");
            }
            Self::Mended => "the plan brings it back",
            Self::ShortHistory => "an asset has too short a history to judge the risk by",
            Self::ImplausibleHistory => "by these histories the policy loses more on a bad day than portfolios do",
            Self::ImplausibleInput => "the warnings of implausible input name each number and the likely mistake",
            Self::WorstWindow { window, date, covering, windows } => {
                return write!(
                    f,
                    "lost by {date} in the window {window}, the worst of {covering} of {windows} with every asset"
                );
            }
            Self::NoWindow { without, assets, is_required } => {
                let end = if *is_required { ", and the request sets this limit" } else { "" };
                return match without {
                    0 => write!(f, "no window of market history has a series for every asset{end}"),
                    _ => write!(f, "no series of market history stands for {without} of {assets} assets{end}"),
                };
            }
            Self::HistoriesChoseTrades => "whole histories might have chosen other trades, with more of it",
            Self::CompletedHistory => "a completed history leaves open whether it is above its critical level",
            Self::CompletedHistoryWarns => "a completed history leaves open whether it is above its warning level",
        })
    }
}

impl Serialize for CheckReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl LimitCheck {
    /// Checks a value against its levels; `reason` states why there is no value.
    pub(crate) fn of(
        measure: Measure,
        point: LimitPoint,
        levels: LimitLevels,
        value: Option<f64>,
        reason: impl FnOnce() -> CheckReason,
    ) -> Self {
        let severity = match value {
            None => Severity::NotAssessed,
            Some(value) if levels.rejected.is_some_and(|level| value > level) => Severity::Blocking,
            Some(value) if value > levels.critical => Severity::Critical,
            Some(value) if value > levels.warning => Severity::Warning,
            Some(_) => Severity::Clear,
        };
        Self {
            measure,
            point,
            value,
            warning_above: levels.warning,
            critical_above: levels.critical,
            blocking_above: levels.rejected,
            severity,
            reason: value.is_none().then(reason),
        }
    }

    /// Whether it is a stress loss that no window of market history covers, under a limit that the caller did not set:
    /// it is reported, and on its own it is no reason for a review.
    pub(crate) fn is_without_window(&self) -> bool {
        matches!(self.reason, Some(CheckReason::NoWindow { is_required: false, .. }))
    }

    /// Whether it is a stress loss that no window of market history covers, whoever set the limit.
    pub(crate) fn is_stress_unassessed(&self) -> bool {
        matches!(self.reason, Some(CheckReason::NoWindow { .. }))
    }

    /// Whether it is critical only because the plan ends further from its policy, and not by its value.
    pub(crate) fn is_of_distance_alone(&self) -> bool {
        let is_further =
            matches!(self.reason, Some(CheckReason::FurtherFromPolicy { .. } | CheckReason::LargerActiveShare { .. }));
        is_further && self.value.is_none_or(|value| value <= self.critical_above)
    }

    /// Whether it is critical because the histories leave open whether it is, and not by its value.
    pub(crate) fn is_open(&self) -> bool {
        let is_of_histories =
            matches!(self.reason, Some(CheckReason::CompletedHistory | CheckReason::HistoriesChoseTrades));
        self.severity == Severity::Critical && is_of_histories && self.value.is_some_and(|v| v <= self.critical_above)
    }

    /// The same check, with a reason unless it is clear or has one.
    pub(crate) fn because(self, reason: CheckReason) -> Self {
        let is_clear = self.severity == Severity::Clear;
        Self { reason: self.reason.or((!is_clear).then_some(reason)), ..self }
    }

    /// The same check, with at most this severity.
    pub(crate) fn at_most(self, severity: Severity, reason: CheckReason) -> Self {
        if self.severity <= severity { self } else { Self { severity, reason: Some(reason), ..self } }
    }

    /// The same check, with at least this severity. The new reason applies if the severity is raised, or if the check
    /// already has this severity without a reason.
    pub(crate) fn at_least(self, severity: Severity, reason: CheckReason) -> Self {
        match self.severity.cmp(&severity) {
            Ordering::Less => Self { severity, reason: Some(reason), ..self },
            Ordering::Equal => self.because(reason),
            Ordering::Greater => self,
        }
    }
}

/// A measure that has a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Measure {
    /// Annual volatility.
    #[serde(rename = "volatility")]
    Volatility,
    /// One-day value at risk at 95 %.
    #[serde(rename = "var_95")]
    Var95,
    /// One-day expected shortfall at 95 %.
    #[serde(rename = "cvar_95")]
    Cvar95,
    /// Annual tracking error against the policy.
    #[serde(rename = "tracking_error")]
    TrackingError,
    /// Loss to the worst date of the worst window of market history that covers the book and the policy.
    #[serde(rename = "stress_loss")]
    StressLoss,
    /// Largest weight of an asset.
    #[serde(rename = "concentration")]
    Concentration,
    /// Two-way turnover.
    #[serde(rename = "turnover")]
    Turnover,
    /// Cost less benefit of the trades, a fraction of NAV over the horizon: negative for a plan that is worth more than it costs.
    #[serde(rename = "net_cost")]
    NetCost,
    /// Share of the cash to raise that the plan does not raise; above 1 where cash is also short of its target. Checked
    /// under that intent only.
    #[serde(rename = "unraised_cash")]
    UnraisedCash,
    /// Number of inputs that no portfolio or market has shown.
    #[serde(rename = "implausible_inputs")]
    ImplausibleInputs,
    /// 1 less the data-quality score.
    #[serde(rename = "data_shortfall")]
    DataShortfall,
}

impl Measure {
    /// Whether it measures a book, before or after the plan, and not the plan or its input.
    #[must_use]
    pub fn is_of_a_book(self) -> bool {
        !matches!(
            self,
            Self::Turnover | Self::NetCost | Self::UnraisedCash | Self::ImplausibleInputs | Self::DataShortfall
        )
    }

    /// The name of the measure in a sentence.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Volatility => "annual volatility",
            Self::Var95 => "one-day VaR95",
            Self::Cvar95 => "one-day CVaR95",
            Self::TrackingError => "annual tracking error",
            Self::StressLoss => "stress loss",
            Self::Concentration => "largest weight",
            Self::Turnover => "two-way turnover",
            Self::NetCost => "net cost of the trades",
            Self::UnraisedCash => "cash not raised",
            Self::ImplausibleInputs => "implausible inputs",
            Self::DataShortfall => "data-quality shortfall",
        }
    }
}

/// The book on which a measure is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LimitPoint {
    /// The book before the plan.
    Before,
    /// The book after the plan, or the plan itself.
    After,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strictly_above_a_level_is_its_severity() {
        let levels = LimitLevels { warning: 0.03, critical: 0.06, rejected: Some(0.25) };
        let severity = |value| {
            LimitCheck::of(Measure::Var95, LimitPoint::Before, levels, value, || CheckReason::NoHistory).severity
        };
        let got = [Some(0.03), Some(0.0301), Some(0.061), Some(0.26), None].map(severity);
        use Severity::{Blocking, Clear, Critical, NotAssessed, Warning};
        assert_eq!(got, [Clear, Warning, Critical, Blocking, NotAssessed]);
    }
}
