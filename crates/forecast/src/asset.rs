//! The forecast of one asset.

use std::borrow::Cow;

use serde::Serialize;

use crate::annual::AnnualForecast;
use crate::explanation::ForecastExplanation;
use crate::member::MemberForecast;
use crate::note::{ForecastBasis, ForecastNote};
use crate::outcome::{OutcomeInterval, OutcomeIntervalAbsence};

/// The forecast of one asset: its expected return, how far to trust it, and the forecasts of its members.
///
/// The default is the forecast of a model without information: zero, with no confidence. A model fills in what it
/// knows:
/// ```
/// use forecast::{AssetForecast, ForecastBasis};
///
/// let forecast = AssetForecast {
///     expected_return: 0.0004,
///     confidence: 0.2,
///     basis: ForecastBasis::History,
///     observations: 250,
///     ..AssetForecast::default()
/// };
/// assert!(forecast.has_opinion() && forecast.member("momentum").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AssetForecast {
    /// Expected simple return per period, a fraction. Always a finite number.
    pub expected_return: f64,
    /// Standard error of `expected_return`, same unit; `None` when the data do not support one.
    pub standard_error: Option<f64>,
    /// How far to trust `expected_return`: 0 not at all, 1 fully. The model defines how it is computed.
    pub confidence: f64,
    /// 95 % interval of the expected return per period, lower and upper bound; `None` without a standard error. A model
    /// with a prior gives a credible interval, a model without one gives a confidence interval.
    pub interval: Option<[f64; 2]>,
    /// The model's expectation before it sees the asset's history, same unit. It is the return at which the policy
    /// weight is optimal, so only `expected_return − implied_return` is a view. `None` for a model without such a
    /// prior.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implied_return: Option<f64>,
    /// Weight of the history in `expected_return`, 0 to 1, for a model with a prior whose `confidence` has another
    /// meaning; `None` where it equals the confidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shrinkage: Option<f64>,
    /// Interval for the next return, or why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome_interval: Option<OutcomeInterval>,
    /// Why `outcome_interval` is missing; `None` when it is not.
    #[serde(skip)]
    pub outcome_interval_reason: Option<OutcomeIntervalAbsence>,
    /// Sample standard deviation (ddof 1) of the returns per period; `None` for fewer than two returns.
    pub volatility: Option<f64>,
    /// The basis of the forecast.
    pub basis: ForecastBasis,
    /// The forecast of each member, in the order of the model's card; empty for a model without members.
    pub members: Vec<NamedMember>,
    /// What each input adds to the forecast, for a model that can say; `None` for any other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<ForecastExplanation>,
    /// What a reader should know before using the numbers; usually empty.
    pub notes: Vec<ForecastNote>,
    /// Number of returns the forecast was computed from.
    pub observations: usize,
}

/// 97.5 % quantile of the standard normal distribution.
const Z95: f64 = 1.959_963_984_540_054;

/// The 95 % interval of a normal estimate, lower end first: the estimate and 1.96 standard errors on both sides.
///
/// ```
/// let [lower, upper] = forecast::normal_interval(0.01, 0.005);
/// assert!((lower - 0.0002).abs() < 1e-6 && (upper - 0.0198).abs() < 1e-6);
/// ```
#[must_use]
pub fn normal_interval(estimate: f64, standard_error: f64) -> [f64; 2] {
    [estimate - Z95 * standard_error, estimate + Z95 * standard_error]
}

/// The forecast of one asset by the member with this id.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedMember {
    /// The member's id, such as `momentum`.
    pub id: Cow<'static, str>,
    /// Its forecast.
    #[serde(flatten)]
    pub forecast: MemberForecast,
}

impl NamedMember {
    /// Creates the forecast of the member with this id.
    pub fn new(id: impl Into<Cow<'static, str>>, forecast: MemberForecast) -> Self {
        Self { id: id.into(), forecast }
    }
}

impl AssetForecast {
    /// The forecast of the member with this id; `None` when the model has no such member.
    #[must_use]
    pub fn member(&self, id: &str) -> Option<&MemberForecast> {
        self.members.iter().find(|member| member.id == id).map(|member| &member.forecast)
    }

    /// The forecast over a year of this many periods.
    #[must_use]
    pub fn annual(&self, periods_per_year: f64) -> AnnualForecast {
        AnnualForecast::of(self, periods_per_year)
    }

    /// Whether the model has an opinion on the asset: at least one member does, or, in a model without members, the
    /// forecast is based on the asset's history.
    #[must_use]
    pub fn has_opinion(&self) -> bool {
        if self.members.is_empty() {
            self.basis == ForecastBasis::History
        } else {
            self.members.iter().any(|member| member.forecast.abstained.is_none())
        }
    }
}

impl Default for AssetForecast {
    fn default() -> Self {
        Self {
            expected_return: 0.0,
            standard_error: None,
            confidence: 0.0,
            interval: None,
            implied_return: None,
            shrinkage: None,
            outcome_interval: None,
            outcome_interval_reason: Some(OutcomeIntervalAbsence::NotStated),
            volatility: None,
            basis: ForecastBasis::None,
            members: Vec::new(),
            explanation: None,
            notes: Vec::new(),
            observations: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AbstentionCode;

    #[test]
    fn a_member_is_found_by_its_id() {
        let members = ["fast", "slow"].map(|id| NamedMember::new(id, MemberForecast::opinion(0.01, 0.02)));
        let forecast = AssetForecast { members: members.into(), ..AssetForecast::default() };
        assert_eq!(forecast.member("slow"), Some(&MemberForecast::opinion(0.01, 0.02)));
        assert_eq!(forecast.member("medium"), None);
    }

    #[test]
    fn one_member_with_an_opinion_is_enough() {
        let silent = || NamedMember::new("a", MemberForecast::abstain(0.0, AbstentionCode::NoHistory));
        let spoken = NamedMember::new("b", MemberForecast::opinion(0.01, 0.02));
        let of = |members| AssetForecast { members, ..AssetForecast::default() };
        assert!(of(vec![silent(), spoken]).has_opinion());
        assert!(!of(vec![silent(), silent()]).has_opinion());
    }

    #[test]
    fn without_members_the_basis_decides() {
        assert!(!AssetForecast::default().has_opinion());
        assert!(AssetForecast { basis: ForecastBasis::History, ..AssetForecast::default() }.has_opinion());
    }

    #[test]
    fn a_member_is_serialised_flat_under_its_id() {
        let json = serde_json::to_value(NamedMember::new("fast", MemberForecast::opinion(0.25, 0.5))).unwrap();
        let flat = serde_json::json!(
            {"id": "fast", "expected_return": 0.25, "standard_error": 0.5, "weight": 1.0, "abstained": null}
        );
        assert_eq!(json, flat);
    }
}
