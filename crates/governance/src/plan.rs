//! A stored plan, and the digest of all its fields.

use crate::{ClientLabels, Content, Digest, PlanHeadline};

/// A stored plan: the exact bytes of request and answer, and what produced the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRecord {
    /// The plan's id.
    pub plan_id: String,
    /// When its request was received, RFC 3339, UTC.
    pub created_at: String,
    /// Id of the request that created it.
    pub request_id: String,
    /// Version of the engine that made it.
    pub engine_version: String,
    /// Models that computed figures of the plan, with their versions: a JSON list.
    pub models: String,
    /// Seed of its simulation.
    pub seed: u64,
    /// The client's own names for it.
    pub labels: ClientLabels,
    /// Its summary in lists; plans of earlier builds have none.
    pub headline: Option<PlanHeadline>,
    /// The body of the request, byte for byte.
    pub request: Content,
    /// The body of the answer, byte for byte.
    pub response: Content,
    /// The record of the run, which describes what each agent did: a JSON document.
    pub run: Content,
}

const DOMAIN: &str = "smart-portfolio-rebalancer/plan/2";
/// The domain of a plan with labels. A plan without labels keeps the digest it had before labels existed.
const LABELLED_DOMAIN: &str = "smart-portfolio-rebalancer/plan/3";
/// The domain of a plan with a headline, labelled or not.
const HEADED_DOMAIN: &str = "smart-portfolio-rebalancer/plan/4";

impl PlanRecord {
    /// SHA-256 over every field, framed and in the order of the struct. The seed is 8 big-endian bytes. Request,
    /// response and run enter by the SHA-256 of their bytes, so that a reader who may see only one of them can still
    /// check it.
    ///
    /// With labels the domain differs, and reference and metadata follow, each after a byte that says whether it is
    /// present. With a headline the domain differs again, and its two texts follow the labels.
    ///
    /// # Example
    /// ```
    /// use governance::{ClientLabels, Content, PlanHeadline, PlanRecord};
    ///
    /// let plan = PlanRecord {
    ///     plan_id: "p".to_owned(),
    ///     created_at: "2026-01-02T03:04:05.000000Z".to_owned(),
    ///     request_id: "r".to_owned(),
    ///     engine_version: "0.1.0".to_owned(),
    ///     models: "[]".to_owned(),
    ///     seed: 42,
    ///     labels: ClientLabels::default(),
    ///     headline: None,
    ///     request: Content::new(b"{}".to_vec()),
    ///     response: Content::new(b"{}".to_vec()),
    ///     run: Content::new(b"{}".to_vec()),
    /// };
    /// let other = PlanRecord { response: Content::new(b"{ }".to_vec()), ..plan.clone() };
    /// assert_ne!(plan.digest(), other.digest());
    /// let labels = ClientLabels { reference: Some("order-7".to_owned()), metadata: None };
    /// assert_ne!(plan.digest(), PlanRecord { labels, ..plan.clone() }.digest());
    /// let headline = Some(PlanHeadline { shown: "{}".to_owned(), words: String::new() });
    /// assert_ne!(plan.digest(), PlanRecord { headline, ..plan.clone() }.digest());
    /// ```
    #[must_use]
    pub fn digest(&self) -> Digest {
        let documents = [&self.request, &self.response, &self.run].map(Content::digest);
        let [request, response, run] = documents.each_ref().map(Digest::as_bytes);
        let fields: [&[u8]; 9] = [
            self.plan_id.as_bytes(),
            self.created_at.as_bytes(),
            self.request_id.as_bytes(),
            self.engine_version.as_bytes(),
            self.models.as_bytes(),
            &self.seed.to_be_bytes(),
            request,
            response,
            run,
        ];
        if self.labels.is_empty() && self.headline.is_none() {
            return Digest::of_fields(DOMAIN, &fields);
        }
        let labels = [&self.labels.reference, &self.labels.metadata];
        let stated = labels.map(|label| [u8::from(label.is_some())]);
        let labels = labels.map(|label| label.as_deref().unwrap_or_default().as_bytes());
        let labels: [&[u8]; 4] = [&stated[0], labels[0], &stated[1], labels[1]];
        match &self.headline {
            None => Digest::of_fields(LABELLED_DOMAIN, &[&fields[..], &labels].concat()),
            Some(PlanHeadline { shown, words }) => {
                let headline: [&[u8]; 2] = [shown.as_bytes(), words.as_bytes()];
                Digest::of_fields(HEADED_DOMAIN, &[&fields[..], &labels, &headline].concat())
            }
        }
    }
}
