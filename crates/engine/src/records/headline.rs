//! What a list shows of a plan, and the words by which it is found.

use governance::PlanHeadline;
use pipeline::VerdictDecision;
use serde::{Deserialize, Serialize};

use crate::dto::plan::PlanResponse;

/// What a list tells of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    /// The client's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Value of the book, major units.
    pub portfolio_value: f64,
    /// ISO 4217 code of the value.
    pub currency: String,
    /// Number of orders.
    pub orders: usize,
    /// The supervisor's decision.
    pub decision: VerdictDecision,
}

impl Headline {
    /// The headline of an answer.
    #[must_use]
    pub fn of(answer: &PlanResponse) -> Self {
        Self {
            title: answer.title.clone(),
            portfolio_value: answer.portfolio_value,
            currency: answer.currency.to_owned(),
            orders: answer.orders.len(),
            decision: answer.verdict.decision,
        }
    }

    /// The headline as it is kept, with the words by which the plan is found: what its list shows, its reference and its id.
    ///
    /// # Errors
    /// Never: numbers of a plan are finite.
    pub fn kept(&self, reference: Option<&str>, plan_id: &str) -> Result<PlanHeadline, serde_json::Error> {
        let value = format!("{:.2}", self.portfolio_value);
        let words = [
            self.title.as_deref().unwrap_or_default(),
            reference.unwrap_or_default(),
            &self.decision.to_string(),
            on_the_page(self.decision),
            &value,
            &grouped(&value),
            &self.currency,
            &format!("{} orders", self.orders),
            plan_id,
        ];
        Ok(PlanHeadline { shown: serde_json::to_string(self)?, words: words.join("\n").to_lowercase() })
    }

    /// A headline that was kept; `None` for a text that is none.
    #[must_use]
    pub fn read(shown: &str) -> Option<Self> {
        serde_json::from_str(shown).ok()
    }
}

/// What the page calls a decision, where it has another word for it: people approve, and the page says what the limits say.
fn on_the_page(decision: VerdictDecision) -> &'static str {
    match decision {
        VerdictDecision::Approved => "within limits",
        VerdictDecision::ReviewRequired | VerdictDecision::Rejected => "",
    }
}

/// The words that a query asks for, as headlines hold them.
#[must_use]
pub fn words_of(query: &str) -> Vec<String> {
    query.split_whitespace().map(str::to_lowercase).collect()
}

/// `1234567.89` as `1,234,567.89`, as lists show it.
fn grouped(value: &str) -> String {
    let (whole, rest) = value.split_at(value.find('.').unwrap_or(value.len()));
    let mut out = String::with_capacity(value.len() + whole.len() / 3);
    for (i, digit) in whole.char_indices() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_found_by_what_its_list_shows() {
        let headline = Headline {
            title: Some("Frühjahr \"Q2\"".to_owned()),
            portfolio_value: 1_147_679.94,
            currency: "EUR".to_owned(),
            orders: 4,
            decision: VerdictDecision::ReviewRequired,
        };
        let kept = headline.kept(Some("Order-7"), "plan-1").unwrap();
        for query in ["FRÜHJAHR", "q2 review", "1147679", "1,147,679.94 eur", "4 orders", "order-7", "plan-1"] {
            assert!(words_of(query).iter().all(|word| kept.words.contains(word.as_str())), "{query}: {}", kept.words);
        }
        assert!(!kept.words.contains("approved") && !kept.words.contains("within"));
        let passed = Headline { decision: VerdictDecision::Approved, ..headline.clone() };
        let words = passed.kept(None, "plan-1").unwrap().words;
        assert!(words_of("Within limits").iter().all(|word| words.contains(word.as_str())), "{words}");
        assert_eq!(Headline::read(&kept.shown), Some(headline));
        assert_eq!(Headline::read("{}"), None);
        assert_eq!((grouped("0.50").as_str(), grouped("999.00").as_str()), ("0.50", "999.00"));
    }
}
