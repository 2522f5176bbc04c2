//! Names under which the published contract lists types of other crates; the values are those of the types.

use std::borrow::Cow;

use portfolio_core::{Action, TradeReason};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::ActionReason;

/// [`Action`] in the contract's words.
pub struct AdvisedAction;

/// [`VerdictDecision`](pipeline::VerdictDecision) in the contract's words.
pub struct Decision;

impl PartialSchema for AdvisedAction {
    fn schema() -> RefOr<Schema> {
        described(Action::schema(), "What a plan does with an asset.")
    }
}

impl ToSchema for AdvisedAction {
    fn name() -> Cow<'static, str> {
        "AdvisedAction".into()
    }
}

impl PartialSchema for Decision {
    fn schema() -> RefOr<Schema> {
        let schema = pipeline::VerdictDecision::schema();
        described(schema, "Whether a plan may go on without a person looking at it first.")
    }
}

impl ToSchema for Decision {
    fn name() -> Cow<'static, str> {
        "Decision".into()
    }
}

impl PartialSchema for ActionReason {
    fn schema() -> RefOr<Schema> {
        let codes = [
            TradeReason::DriftBreach,
            TradeReason::Funding,
            TradeReason::Absorption,
            TradeReason::WithinBand,
            TradeReason::BelowMinimum,
            TradeReason::Unfunded,
            TradeReason::TurnoverLimit,
            TradeReason::Optimal,
            TradeReason::WorthTooLittle,
            TradeReason::LimitsConflict,
        ];
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Why an asset trades or does not."))
            .enum_values(Some(codes.map(|reason| Self(reason).code())))
            .into()
    }
}

impl ToSchema for ActionReason {
    fn name() -> Cow<'static, str> {
        "ActionReason".into()
    }
}

/// The same values with the contract's own description.
fn described(schema: RefOr<Schema>, description: &str) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(description.to_owned());
            object.into()
        }
        other => other,
    }
}
