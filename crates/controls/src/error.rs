//! Errors of a case or a policy, and reasons why orders are not released.

use portfolio_core::Currency;

use crate::Outcome;

/// Errors in the book or the orders to be checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// An order trades an asset that the book does not list.
    #[error("order {} trades the asset at place {asset}, which the book does not have", order + 1)]
    NoAsset {
        /// The order, by place, from 0.
        order: usize,
        /// The place it names.
        asset: usize,
    },
    /// A position belongs to a group that the book does not list.
    #[error("position {} belongs to the group at place {group}, which the book does not have", position + 1)]
    NoGroup {
        /// The position, by place, from 0.
        position: usize,
        /// The place it names.
        group: usize,
    },
    /// An amount is in another currency than NAV.
    #[error("an amount is in {} and NAV in {}", got.code(), expected.code())]
    Currency {
        /// The currency of NAV.
        expected: Currency,
        /// The other one.
        got: Currency,
    },
    /// The notional of an order is negative.
    #[error("the notional of order {} is negative", order + 1)]
    NegativeNotional {
        /// The order, by place, from 0.
        order: usize,
    },
    /// Two orders have the same id.
    #[error("two orders have the id `{id}`")]
    RepeatedId {
        /// The id.
        id: String,
    },
}

/// Why an assessment releases no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotReleased {
    /// A hard limit is breached.
    #[error("the plan breaches a hard limit")]
    HardBreach,
    /// A soft limit is breached and was not accepted.
    #[error("the plan breaches a soft limit, which somebody has to accept with a comment")]
    NotAccepted,
    /// It was accepted without a name or a comment.
    #[error("an acceptance needs a name and a comment")]
    EmptyAcceptance,
}

impl NotReleased {
    /// The most severe outcome.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::HardBreach => Outcome::Hard,
            Self::NotAccepted | Self::EmptyAcceptance => Outcome::Soft,
        }
    }
}

/// A step from a part of a policy to one of its own parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyStep {
    /// To the member of this name.
    Member(&'static str),
    /// To the entry at this position of a list, from 0.
    Entry(usize),
}

/// A fault of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFault {
    /// The way from the policy to the part at fault; empty for the policy itself.
    pub at: Vec<PolicyStep>,
    /// The fault.
    pub kind: PolicyFaultKind,
}

impl PolicyFault {
    /// The fault of a member of the part that faults are sought in.
    pub(crate) fn of(member: &'static str, kind: PolicyFaultKind) -> Self {
        Self { at: vec![PolicyStep::Member(member)], kind }
    }

    /// The same fault, seen from the part that is one or more steps further out.
    pub(crate) fn under(mut self, steps: &[PolicyStep]) -> Self {
        self.at.splice(0..0, steps.iter().copied());
        self
    }
}

/// Faults of a member of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyFaultKind {
    /// This version does not read the format.
    #[error("must be 1")]
    Format,
    /// A control has neither a soft nor a hard limit.
    #[error("must have a soft or a hard limit")]
    NoLimit,
    /// A limit is negative or not finite.
    #[error("must be a number of at least 0")]
    NotALimit,
    /// The hard limit is below the soft one.
    #[error("must not be below the soft limit")]
    BelowSoft,
    /// A window is shorter than a second or longer than 31 days.
    #[error("must be 1 to 2678400 seconds")]
    Window,
    /// A limit in money needs the policy's currency.
    #[error("must be given, because a control limits an amount of money")]
    NoCurrency,
    /// A currency is not three capitals.
    #[error("must be a currency code of three capitals")]
    Currency,
    /// A text is empty or too long.
    #[error("must be 1 to 200 characters")]
    Text,
    /// An override names no control.
    #[error("must be the name of a control")]
    UnknownControl,
    /// An override ends no later than it begins.
    #[error("must be after the beginning of the override")]
    EndsBeforeStart,
    /// An override lasts longer than allowed.
    #[error("must be at most 31 days after the beginning of the override")]
    TooLong,
    /// A list has too many entries.
    #[error("must have at most 10000 entries")]
    TooMany,
    /// A price age is zero or longer than 31 days.
    #[error("must be 1 to 2678400 seconds")]
    PriceAge,
}
