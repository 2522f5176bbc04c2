//! The brief: every text about one plan.

use serde::Serialize;

use crate::actions::{self, TopAction};
use crate::check::CopilotError;
use crate::facts::Facts;
use crate::flags::{self, RiskFlag};
use crate::{narrative, playbook};

/// A plan in words. Every text is plain text: external names that do not read as names are quoted, and invisible
/// characters in them are spelt out.
///
/// A page shows it as text, never as markup: quoting does not make `<` or `*` harmless to a renderer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Brief {
    /// What to do, why, what it costs, what remains undone, the risk, and what the data could not support. One line.
    pub narrative: String,
    /// The orders with the highest priority; without orders, the largest drifts as holds. One to three.
    pub top_actions: Vec<TopAction>,
    /// The flags as text, one for each of `risk_flag_details`; when there are none, only the all-clear, or the
    /// verdict's sentence if the plan is not approved.
    pub risk_flags: Vec<String>,
    /// The flags as values: measures above their limit and measures that could not be assessed. Empty if there are
    /// none.
    pub risk_flag_details: Vec<RiskFlag>,
    /// Three stages: what to sell, what to buy, what to check and hold.
    pub execution_playbook: Vec<String>,
}

/// Describes the facts of one plan in words. The same facts give the same text.
///
/// Nothing is computed: every number in the text is one of the facts. A fraction is written as a percentage, an amount
/// with the decimals of its currency, and a ratio unchanged. Facts are compared to put them in order.
///
/// # Errors
/// [`CopilotError`] for invalid facts, see [`Facts::check`].
///
/// # Example
/// See the [crate documentation](crate).
pub fn brief(facts: &Facts) -> Result<Brief, CopilotError> {
    facts.check()?;
    let risk_flag_details = flags::raise(facts);
    Ok(Brief {
        narrative: narrative::write(facts, &risk_flag_details),
        top_actions: actions::rank(facts),
        risk_flags: flags::sentences(facts, &risk_flag_details),
        execution_playbook: playbook::write(facts).into(),
        risk_flag_details,
    })
}
