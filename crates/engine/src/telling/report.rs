//! The report for an investment committee, in the requested form.

use copilot::{
    CommitteeBrief, CommitteeFacts, PlanSource, Proposer, actions_csv, brief_markdown, brief_text, report_html,
};
use governance::Actor;
use store::StoredPlan;

use crate::context::RequestContext;
use crate::dto::metadata::ENGINE_VERSION;
use crate::planning::plan::PlannedCase;
use crate::refusal::Refusal;
use crate::telling::committee::{Provenance, committee};
use crate::telling::present::present;

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportForm {
    /// One printable page with charts.
    Html,
    /// The brief in Markdown.
    Markdown,
    /// The brief as plain text.
    Text,
    /// The orders by worth, as a table.
    Csv,
}

impl ReportForm {
    fn write(self, facts: &CommitteeFacts, brief: &CommitteeBrief) -> String {
        match self {
            Self::Html => report_html(facts, brief),
            Self::Markdown => brief_markdown(brief),
            Self::Text => brief_text(brief),
            Self::Csv => actions_csv(brief),
        }
    }
}

/// The brief of a plan that was just made: the same as that of its stored answer.
///
/// # Errors
/// [`Refusal::Internal`] when the answer cannot be read back.
pub fn brief_of(
    planned: &PlannedCase,
    actor: &Actor,
    context: &RequestContext,
) -> Result<(CommitteeFacts, CommitteeBrief), Refusal> {
    let answer = serde_json::to_value(present(planned, context)).map_err(|e| Refusal::internal(&e))?;
    let proposed_by = Proposer::of(ENGINE_VERSION, Some(actor.as_str()));
    committee(answer, Provenance { plan: None, proposed_by }).map_err(|e| Refusal::internal(&e))
}

/// The report of a plan that was just made.
///
/// # Errors
/// As [`brief_of`].
pub fn report_of(
    planned: &PlannedCase,
    actor: &Actor,
    context: &RequestContext,
    form: ReportForm,
) -> Result<String, Refusal> {
    let (facts, brief) = brief_of(planned, actor, context)?;
    Ok(form.write(&facts, &brief))
}

/// The report of a stored plan, from its answer alone; `actor` is the one its entry in the audit trail names.
///
/// # Errors
/// [`Refusal::RecordChanged`] when the answer is not that of a plan.
pub fn report_of_stored(plan: StoredPlan, actor: Option<&str>, form: ReportForm) -> Result<String, Refusal> {
    let proposed_by = Proposer::of(&plan.record.engine_version, actor);
    let source = PlanSource {
        plan_id: plan.record.plan_id,
        created_at: plan.record.created_at,
        engine_version: plan.record.engine_version,
        digest: plan.digest.to_string(),
    };
    let mut answer = serde_json::Deserializer::from_slice(plan.record.response.bytes());
    let (facts, brief) =
        committee(&mut answer, Provenance { plan: Some(source), proposed_by }).map_err(|e| Refusal::unreadable(&e))?;
    answer.end().map_err(|e| Refusal::unreadable(&e))?;
    Ok(form.write(&facts, &brief))
}

#[cfg(test)]
mod tests {
    use super::*;
    use governance::{ClientLabels, Content, PlanRecord};

    #[test]
    fn a_stored_answer_that_is_not_that_of_a_plan_is_a_changed_record() {
        for answer in ["{}", "", "no JSON"] {
            let record = PlanRecord {
                plan_id: "p".to_owned(),
                created_at: "2026-01-02T03:04:05.000000Z".to_owned(),
                request_id: "r".to_owned(),
                engine_version: "0.1.0".to_owned(),
                models: "[]".to_owned(),
                seed: 42,
                labels: ClientLabels::default(),
                headline: None,
                request: Content::new(b"{}".to_vec()),
                response: Content::new(answer.as_bytes().to_vec()),
                run: Content::new(b"{}".to_vec()),
            };
            let stored = StoredPlan { digest: record.digest(), record, sequence: 1 };
            assert_eq!(
                report_of_stored(stored, None, ReportForm::Text).unwrap_err(),
                Refusal::RecordChanged,
                "{answer}"
            );
        }
    }
}
