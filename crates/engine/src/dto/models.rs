//! The inventory of models on the wire: versions, their cards, and what moves a champion.

use governance::{ChampionPointer, Digest};
use models::{Card, DriftFindings, IntervalCoverage, ModelKind, PromotionEvidence, Purpose, SuperiorityTest, Tier};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, integer, optional_integer, optional_object};
use crate::dto::allocator::AllocatorReport;
use crate::dto::labels::name_fault;
use crate::dto::metadata::Metadata;
use crate::fault::Faults;

/// Characters of a reason.
const MAX_REASON: usize = 1_000;
/// Characters of the name of a person.
const MAX_NAME: usize = 120;
/// Attempts of one purpose.
const MAX_ATTEMPTS: usize = 10_000;

/// The status of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelStatus {
    /// The champion of its purpose: used where a request names none. A tool in use is reported as the champion of its
    /// purpose.
    Champion,
    /// It may be promoted; used where a request names it.
    Challenger,
    /// Kept so that earlier figures can be reproduced; it cannot be promoted.
    Retired,
}

/// A version of the inventory in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ModelSummary {
    /// The model's id.
    #[schema(example = "ensemble_v3")]
    pub id: String,
    /// Its version.
    #[schema(example = "3.0.0")]
    pub version: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it is a model or a tool.
    pub kind: ModelKind,
    /// How closely it is monitored, 1 the most.
    pub tier: Tier,
    /// Its status.
    pub status: ModelStatus,
    /// SHA-256 over its settings, card and golden cases.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub digest: Digest,
    /// What it is, in a sentence.
    #[schema(example = "Posterior of each asset's mean return given all histories.")]
    pub summary: String,
}

/// The inventory.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelList {
    /// Models before tools, those of one purpose together.
    pub models: Vec<ModelSummary>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// A move of the champion of a purpose.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChampionMoveEntry {
    /// Sequence of the audit entry that recorded it.
    #[schema(example = 17, minimum = 1)]
    pub sequence: u64,
    /// Digest of the move, as in its entry.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub digest: Digest,
    /// The signed pointer.
    pub pointer: ChampionPointer,
}

/// A version of the inventory with its card.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelResponse {
    /// The version.
    #[serde(flatten)]
    pub model: ModelSummary,
    /// The whole card.
    pub card: Card,
    /// SHA-256 of the weights; of a built-in model, of its settings in canonical JSON.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub weights_digest: Digest,
    /// Golden cases, each of which is run again whenever the version is loaded; a tool has none.
    #[schema(example = 10, minimum = 0, maximum = 10)]
    pub goldens: usize,
    /// Of a learned allocator: what it was worth on the days held out, how it learned, and what it would trade.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub allocator: Option<AllocatorReport>,
    /// The moves of the champion of its purpose in which it became the champion or ceased to be it, oldest first.
    pub moves: Vec<ChampionMoveEntry>,
}

/// A request to promote a challenger to champion of its purpose.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reason": "lower loss on 72 decisions",
    "approved_by": "Kim Lee",
    "evidence": {
        "decisions": 72,
        "superiority": {"p_values": [0.004, 0.4, 0.72], "challenger": 0, "is_net_of_costs": true},
        "coverage": {"nominal": 0.9, "realised": 0.91},
        "drift": {"population_stability_index": 0.06, "has_loss_alarm": false}
    }
}))]
pub struct PromotionRequest {
    /// Why.
    #[schema(example = "lower loss on 72 decisions", min_length = 1, max_length = 1000)]
    pub reason: String,
    /// The person who approves it; with API keys another one than the actor, the name of the key.
    #[schema(example = "Kim Lee", min_length = 1, max_length = 120)]
    pub approved_by: String,
    /// What is claimed beside the figures that the service measured in shadow, which count: it can add trials and make a figure worse, never
    /// better. Stored byte for byte with what was measured. A model of costs does not run in shadow: its evidence is this alone, and a part
    /// that is missing or insufficient refuses the promotion.
    #[serde(default, deserialize_with = "optional_object")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub evidence: Option<EvidenceRequest>,
}

/// Figures of a trial of the challenger against the champion on the same decisions, beside those of the service.
///
/// The rule, on what the service measured: at least 60 decisions; the challenger among the discoveries of Benjamini and Hochberg at a false discovery rate of 5 % over
/// all attempts, net of costs; coverage within three points of the nominal one; a population stability index below 0.25 and no alarm on the
/// losses.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRequest {
    /// Decisions on which challenger and champion ran on the same inputs.
    #[serde(default, deserialize_with = "optional_integer")]
    #[validate(range(max = 4_294_967_295_u64))]
    #[schema(example = 72, minimum = 0, maximum = 4_294_967_295_u64, nullable = false)]
    pub decisions: Option<u64>,
    /// The test of every challenger that was tried for the purpose.
    #[serde(default, deserialize_with = "optional_object")]
    #[schema(nullable = false)]
    pub superiority: Option<SuperiorityRequest>,
    /// How often outcomes were inside the challenger's intervals.
    #[serde(default, deserialize_with = "optional_object")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub coverage: Option<CoverageRequest>,
    /// Drift indicators.
    #[serde(default, deserialize_with = "optional_object")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub drift: Option<DriftRequest>,
}

/// A test against the champion.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuperiorityRequest {
    /// One p-value for each attempt, including failed ones, of the test that the attempt is no better than the
    /// champion.
    #[schema(example = json!([0.004, 0.4, 0.72]), min_items = 1, max_items = 10_000)]
    pub p_values: Vec<f64>,
    /// Position of this challenger in `p_values`, from 0.
    #[serde(deserialize_with = "integer")]
    #[schema(example = 0, minimum = 0, maximum = 9_999)]
    pub challenger: u64,
    /// Whether the comparison is after trading costs.
    #[schema(example = true)]
    pub is_net_of_costs: bool,
}

/// The coverage of intervals.
#[derive(Debug, Clone, Copy, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageRequest {
    /// Nominal coverage, a share.
    #[schema(example = 0.9, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub nominal: f64,
    /// Realised coverage, a share.
    #[schema(example = 0.91, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub realised: f64,
}

/// Drift indicators.
#[derive(Debug, Clone, Copy, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DriftRequest {
    /// The largest population stability index of the challenger's inputs.
    #[schema(example = 0.06, minimum = 0.0, maximum = 1000.0)]
    #[validate(range(min = 0.0, max = 1000.0))]
    pub population_stability_index: f64,
    /// Whether the alarm on its losses was raised.
    #[schema(example = false)]
    pub has_loss_alarm: bool,
}

/// A request to demote a champion: the version that it replaced becomes the champion again.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "alarm on its losses", "approved_by": "Kim Lee"}))]
pub struct DemotionRequest {
    /// Why.
    #[schema(example = "alarm on its losses", min_length = 1, max_length = 1000)]
    pub reason: String,
    /// The person who approves it.
    #[schema(example = "Kim Lee", min_length = 1, max_length = 120)]
    pub approved_by: String,
}

fn check_words(reason: &str, approved_by: &str, faults: &mut Faults) {
    for (pointer, text, most) in [("/reason", reason, MAX_REASON), ("/approved_by", approved_by, MAX_NAME)] {
        if let Some((code, detail)) = name_fault(text, most) {
            faults.add(pointer, code, detail);
        }
    }
}

impl Document for PromotionRequest {
    fn check_size(&self, faults: &mut Faults) {
        let test = self.evidence.as_ref().and_then(|evidence| evidence.superiority.as_ref());
        if test.is_some_and(|test| test.p_values.len() > MAX_ATTEMPTS) {
            let detail = format!("must have at most {MAX_ATTEMPTS} entries");
            faults.add("/evidence/superiority/p_values", crate::fault_code::FaultCode::Length, detail);
        }
    }

    fn check(&self, faults: &mut Faults) {
        check_words(&self.reason, &self.approved_by, faults);
    }
}

impl Document for DemotionRequest {
    fn check_size(&self, _: &mut Faults) {}

    fn check(&self, faults: &mut Faults) {
        check_words(&self.reason, &self.approved_by, faults);
    }
}

impl From<&EvidenceRequest> for PromotionEvidence {
    fn from(request: &EvidenceRequest) -> Self {
        let test = |test: &SuperiorityRequest| SuperiorityTest {
            p_values: test.p_values.clone(),
            challenger: usize::try_from(test.challenger).unwrap_or(usize::MAX),
            is_net_of_costs: test.is_net_of_costs,
        };
        Self {
            decisions: request.decisions.map(|decisions| u32::try_from(decisions).unwrap_or(u32::MAX)),
            superiority: request.superiority.as_ref().map(test),
            coverage: request.coverage.map(|c| IntervalCoverage { nominal: c.nominal, realised: c.realised }),
            drift: request.drift.map(|drift| DriftFindings {
                population_stability_index: drift.population_stability_index,
                has_loss_alarm: drift.has_loss_alarm,
            }),
        }
    }
}
