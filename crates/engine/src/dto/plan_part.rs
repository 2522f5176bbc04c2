//! The parts of a plan that are returned on request.

use serde::Serialize;
use utoipa::openapi::schema::{Object, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::dto::plan::PlanResponse;
use pipeline::Verdict;

/// A part of a plan that is returned on request, by the name of its member.
///
/// - `active_risk`, `data_quality`, `house_view`, `monte_carlo`, `outlook`, `risk_intervals`, `tilt`: these members.
/// - `checks`: `verdict.checks`.
/// - `demo`: `asset_drilldown` and `multi_agent_blueprint`.
/// - `request`: the body that the plan was made for, where a stored plan is read.
/// - `all`: all of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanPart {
    /// Distance from the policy before and after.
    ActiveRisk,
    /// Every limit that the verdict checked the plan against.
    Checks,
    /// The quality of the data, and the dates of its returns.
    DataQuality,
    /// What only clients of the first demo read.
    Demo,
    /// Forecasts and the conclusions from them.
    HouseView,
    /// The simulation.
    MonteCarlo,
    /// The expected effect of waiting a week.
    Outlook,
    /// The request.
    Request,
    /// How certain the risk figures are.
    RiskIntervals,
    /// What the forecast tilt did.
    Tilt,
    /// All of these.
    All,
}

impl PlanPart {
    /// Every part, by name.
    pub const ALL: [Self; 11] = [
        Self::ActiveRisk,
        Self::Checks,
        Self::DataQuality,
        Self::Demo,
        Self::HouseView,
        Self::MonteCarlo,
        Self::Outlook,
        Self::Request,
        Self::RiskIntervals,
        Self::Tilt,
        Self::All,
    ];

    /// The name of the part.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ActiveRisk => "active_risk",
            Self::Checks => "checks",
            Self::DataQuality => "data_quality",
            Self::Demo => "demo",
            Self::HouseView => "house_view",
            Self::MonteCarlo => "monte_carlo",
            Self::Outlook => "outlook",
            Self::Request => "request",
            Self::RiskIntervals => "risk_intervals",
            Self::Tilt => "tilt",
            Self::All => "all",
        }
    }

    /// The members of a plan that belong to it.
    pub(crate) const fn members(self) -> &'static [&'static str] {
        match self {
            Self::ActiveRisk => &["active_risk"],
            Self::DataQuality => &["data_quality", "dates"],
            Self::Demo => &["asset_drilldown", "multi_agent_blueprint"],
            Self::HouseView => &["house_view"],
            Self::MonteCarlo => &["monte_carlo"],
            Self::Outlook => &["outlook"],
            Self::RiskIntervals => &["risk_intervals"],
            Self::Tilt => &["tilt"],
            Self::Checks | Self::Request | Self::All => &[],
        }
    }
}

/// The member of a verdict that is a part of its own.
pub(crate) const CHECKS: &str = "checks";

/// A plan as it is read: what a desk reads, and the requested parts. With all of them it is a [`PlanResponse`].
pub struct PlanView;

/// The verdict of such a plan.
struct VerdictView;

impl PartialSchema for PlanView {
    fn schema() -> RefOr<Schema> {
        let optional: Vec<&str> = PlanPart::ALL.iter().flat_map(|part| part.members()).copied().collect();
        with_optional(PlanResponse::schema(), &optional, |object| {
            object.description =
                Some("A plan: what a desk reads, and the parts that `include` names. Weights are fractions of NAV, amounts major units of `currency`, both positive when held or bought.".to_owned());
            let verdict = Ref::builder()
                .ref_location_from_schema_name(VerdictView::name())
                .description(Some("Whether the plan may be executed; with `checks`, each limit that was checked."));
            object.properties.insert("verdict".to_owned(), RefOr::Ref(verdict.build()));
        })
    }
}

impl ToSchema for PlanView {
    fn name() -> std::borrow::Cow<'static, str> {
        "Plan".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        PlanResponse::schemas(schemas);
        schemas.push((VerdictView::name().into_owned(), VerdictView::schema()));
    }
}

impl PartialSchema for VerdictView {
    fn schema() -> RefOr<Schema> {
        with_optional(Verdict::schema(), &[CHECKS], |_| {})
    }
}

impl ToSchema for VerdictView {
    fn name() -> std::borrow::Cow<'static, str> {
        "PlanVerdict".into()
    }
}

/// The schema of an object some of whose members may be absent.
fn with_optional(mut schema: RefOr<Schema>, optional: &[&str], change: impl FnOnce(&mut Object)) -> RefOr<Schema> {
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.required.retain(|member| !optional.contains(&member.as_str()));
        change(object);
    }
    schema
}
