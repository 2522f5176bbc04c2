//! The result of one control for one subject.

use serde::{Deserialize, Serialize, Serializer};

/// The outcome of a check, in order of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ControlOutcome))]
pub enum Outcome {
    /// The value is known and within its limits.
    Pass,
    /// The value is unknown, and the policy does not require it.
    NotAssessed,
    /// A soft limit is breached: it must be accepted with a comment.
    Soft,
    /// A hard limit is breached: no order is exported.
    Hard,
}

/// The subject of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The plan as a whole.
    Plan,
    /// The asset at this position in the book.
    Asset(usize),
    /// The group at this position in the book.
    Group(usize),
    /// The order at this position in the plan.
    Order(usize),
}

/// A value, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// The value.
    Known(f64),
    /// It is unknown.
    Unknown(UnknownReason),
}

impl Reading {
    /// A value that may be missing for this reason. Anything that is not a number is unknown.
    #[must_use]
    pub fn of(value: Option<f64>, reason: UnknownReason) -> Self {
        value.filter(|value| !value.is_nan()).map_or(Self::Unknown(reason), Self::Known)
    }

    /// The value, if it is known.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

/// Why a value is not known. Serialisation gives the sentence without the full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownReason {
    /// NAV is not above zero, so nothing can be a share of it.
    NavNotPositive,
    /// The policy's amounts are in another currency than the book.
    OtherCurrency,
    /// The asset has no reference price above zero.
    ReferencePrice,
    /// The order has no limit price, so it may be executed at any price.
    MarketOrder,
    /// The time of the asset's price is not known.
    PriceTime,
    /// The asset's price is dated after the check.
    PriceFromFuture,
    /// The units held of the asset are not known.
    Quantity,
    /// The asset's daily volume is not known, or not above zero.
    Volume,
    /// The risk figure was not estimated.
    Risk,
    /// Earlier activity is not known.
    Activity,
    /// Another reason, of an external control.
    Other(&'static str),
}

impl UnknownReason {
    /// The reason as a sentence without its full stop.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NavNotPositive => "NAV is not above zero",
            Self::OtherCurrency => "the policy's amounts are in another currency than the book",
            Self::ReferencePrice => "the asset has no reference price above zero",
            Self::MarketOrder => "a market order has no limit price",
            Self::PriceTime => "the time of the asset's price is not known",
            Self::PriceFromFuture => "the asset's price is dated after the check",
            Self::Quantity => "the units held of the asset are not known",
            Self::Volume => "the asset's average daily volume is not known",
            Self::Risk => "the risk figure was not estimated",
            Self::Activity => "earlier plans and orders are not known",
            Self::Other(sentence) => sentence,
        }
    }
}

impl Serialize for UnknownReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.sentence())
    }
}

/// One control applied to one subject.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Check {
    /// Name of the control.
    pub control: &'static str,
    /// Its subject.
    pub subject: Subject,
    /// The value in the control's unit, or why there is none.
    pub reading: Reading,
    /// The limit it was compared with: the one that is breached, else the lowest. The unit is that of the value.
    pub limit: f64,
    /// Its outcome, overrides included.
    pub outcome: Outcome,
    /// Which [override](crate::Override) of the policy, by place, turned a hard breach into a soft one.
    pub overridden_by: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_ordered_by_gravity() {
        assert!(Outcome::Pass < Outcome::NotAssessed);
        assert!(Outcome::NotAssessed < Outcome::Soft);
        assert!(Outcome::Soft < Outcome::Hard);
    }

    #[test]
    fn what_is_not_a_number_is_not_known() {
        let reason = UnknownReason::Volume;
        assert_eq!(Reading::of(Some(f64::NAN), reason), Reading::Unknown(reason));
        assert_eq!(Reading::of(None, reason).value(), None);
        assert_eq!(Reading::of(Some(2.0), reason).value(), Some(2.0));
    }

    #[test]
    fn every_reason_has_a_sentence_of_its_own() {
        use UnknownReason as R;
        let reasons = [
            R::NavNotPositive,
            R::OtherCurrency,
            R::ReferencePrice,
            R::MarketOrder,
            R::PriceTime,
            R::PriceFromFuture,
            R::Volume,
            R::Risk,
            R::Activity,
            R::Other("the desk is closed"),
        ];
        let told: std::collections::BTreeSet<_> =
            reasons.iter().map(|reason| serde_json::to_string(reason).unwrap()).collect();
        assert_eq!(told.len(), reasons.len());
        assert!(told.contains("\"the desk is closed\"") && told.iter().all(|text| text.len() > 10));
    }
}
