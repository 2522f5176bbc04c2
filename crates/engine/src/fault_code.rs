//! What kinds of fault there are.

use serde::Serialize;
use utoipa::ToSchema;

/// The kind of fault. The list is closed: a new kind is a change of the contract.
///
/// - `syntax`: the text is not JSON, or not a query, from this place on.
/// - `duplicate_member`: a member is sent twice in the same object.
/// - `unknown_member`: a member is unknown.
/// - `required`: a member that is required, or that another member needs, is missing.
/// - `type`: a value has another JSON type.
/// - `range`: a number is below the minimum or above the maximum that is accepted.
/// - `length`: a text or a list is too short, too long, or does not fit the others.
/// - `value`: a value has the right type but is not one of those accepted, or contradicts another member.
/// - `duplicate_name`: a name is used for two things.
/// - `duplicate_identifier`: an identifier is used for two assets.
/// - `weights`: weights do not sum to what the weight policy requires.
/// - `limit`: the request exceeds what one request may ask for.
/// - `unknown_parameter`: a query parameter is unknown.
/// - `duplicate_parameter`: a query parameter is sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// The text is not JSON, or not a query, from this place on.
    Syntax,
    /// A member is sent twice in the same object.
    DuplicateMember,
    /// A member is unknown.
    UnknownMember,
    /// A member that is required, or that another member needs, is missing.
    Required,
    /// A value has another JSON type.
    Type,
    /// A number is below the minimum or above the maximum that is accepted.
    Range,
    /// A text or a list is too short, too long, or does not fit the others.
    Length,
    /// A value has the right type but is not one of those accepted, or contradicts another member.
    Value,
    /// A name is used for two things.
    DuplicateName,
    /// An identifier is used for two assets.
    DuplicateIdentifier,
    /// Weights do not sum to what the weight policy requires.
    Weights,
    /// The request exceeds what one request may ask for.
    Limit,
    /// A query parameter is unknown.
    UnknownParameter,
    /// A query parameter is sent twice.
    DuplicateParameter,
}
