//! An immutable version of a model: weights, card and golden cases under one digest.

mod document;

use governance::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::canonical_json;
use crate::card::{Card, ModelKind};
use crate::error::ModelError;
use crate::runnable::{Runnable, difference};

/// Golden cases of a model.
pub const GOLDENS: usize = 10;

/// An input with its expected output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldenCase {
    /// The input, as the runnable reads it.
    pub input: Value,
    /// Its output.
    pub output: Value,
}

/// An immutable version of a model or a tool, identified by the digest of all its parts.
///
/// A version cannot be changed: other weights, another word on the card or another golden case make another version.
///
/// # Example
/// ```
/// # use models::{Card, Exposure, GoldenCase, Influence, ModelKind, ModelVersion, MonitoringTrigger, Purpose, Runnable, Tier};
/// # use serde_json::{Value, json};
/// # struct Slope;
/// # impl Runnable for Slope {
/// #     fn run(&self, weights: &[u8], input: &Value) -> Result<Value, String> {
/// #         let slope: f64 = serde_json::from_slice(weights).map_err(|error| error.to_string())?;
/// #         Ok(json!(slope * input.as_f64().ok_or("the input is no number")?))
/// #     }
/// # }
/// # let text = |text: &str| text.to_owned();
/// # let card = Card {
/// #     id: text("slope"), version: text("1"), purpose: Purpose::ExpectedReturn, kind: ModelKind::Model,
/// #     exposure: Exposure::WhenNamed, influence: Influence::Informs, tier: Tier::of(Exposure::WhenNamed, Influence::Informs),
/// #     owner: text("us"), summary: text("a line"), intended_use: text("an example"), not_for: vec![text("money")],
/// #     features: vec![text("x")], target: text("y"), data_digest: None, training_span: None, seed: None,
/// #     crate_versions: [].into(), metrics: vec![], trials: 1, known_limits: vec![text("straight")],
/// #     monitoring_triggers: vec![MonitoringTrigger::in_words("m", "t", "a")],
/// #     dependencies: vec![], outcomes_analysis: text("none"),
/// # };
/// let inputs = (0..10).map(|x| json!(x)).collect();
/// let version = ModelVersion::seal(card, b"2.5".to_vec(), inputs, &Slope)?;
/// let document = version.document()?;
/// assert_eq!(ModelVersion::load(&document, Some(version.digest()), &Slope)?, version);
///
/// let tampered = String::from_utf8_lossy(&document).replace("money", "honey");
/// assert!(ModelVersion::load(tampered.as_bytes(), None, &Slope).is_err());
/// # Ok::<(), models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ModelVersion {
    card: Card,
    weights: Vec<u8>,
    goldens: Vec<GoldenCase>,
    digest: Digest,
}

const DOMAIN: &str = "smart-portfolio-rebalancer/model-version/1";

impl ModelVersion {
    /// Seals a version: runs the inputs and stores their outputs as its golden cases.
    ///
    /// # Errors
    /// [`ModelError::Card`], [`ModelError::Goldens`], or [`ModelError::Golden`] when an input gives no output.
    pub fn seal(card: Card, weights: Vec<u8>, inputs: Vec<Value>, runnable: &dyn Runnable) -> Result<Self, ModelError> {
        let case = |(index, input): (usize, Value)| match runnable.run(&weights, &input) {
            Ok(output) => Ok(GoldenCase { input, output }),
            Err(detail) => Err(ModelError::Golden { index, detail }),
        };
        let goldens = inputs.into_iter().enumerate().map(case).collect::<Result<_, _>>()?;
        Self::of_parts(card, weights, goldens)
    }

    /// A version from stored golden cases, which are run again.
    ///
    /// # Errors
    /// As [`ModelVersion::seal`]; [`ModelError::Golden`] also when an output differs from the stored one.
    pub fn with_goldens(
        card: Card,
        weights: Vec<u8>,
        goldens: Vec<GoldenCase>,
        runnable: &dyn Runnable,
    ) -> Result<Self, ModelError> {
        let version = Self::of_parts(card, weights, goldens)?;
        version.rerun(runnable)?;
        Ok(version)
    }

    /// Reads a version: the document must be canonical, its digest must be that of its parts and, if `wanted` is given,
    /// the wanted one, and every golden input must reproduce its output. A single flipped bit is refused.
    ///
    /// # Errors
    /// The first [`ModelError`] found.
    pub fn load(document: &[u8], wanted: Option<Digest>, runnable: &dyn Runnable) -> Result<Self, ModelError> {
        let version = document::read(document)?;
        if let Some(wanted) = wanted.filter(|wanted| *wanted != version.digest) {
            return Err(ModelError::OtherVersion { found: version.digest.to_string(), wanted: wanted.to_string() });
        }
        version.rerun(runnable)?;
        Ok(version)
    }

    /// The document of the version in canonical JSON: what [`ModelVersion::load`] reads.
    ///
    /// # Errors
    /// [`ModelError::Unreadable`]; a version that was sealed or loaded can be written.
    pub fn document(&self) -> Result<Vec<u8>, ModelError> {
        document::write(self)
    }

    fn of_parts(card: Card, weights: Vec<u8>, goldens: Vec<GoldenCase>) -> Result<Self, ModelError> {
        card.check()?;
        let is_wrong = match card.kind {
            ModelKind::Model => goldens.len() != GOLDENS,
            ModelKind::Tool => goldens.len() > GOLDENS,
        };
        if is_wrong {
            return Err(ModelError::Goldens { found: goldens.len() });
        }
        let digest = digest_of(&card, &weights, &goldens)?;
        Ok(Self { card, weights, goldens, digest })
    }

    fn rerun(&self, runnable: &dyn Runnable) -> Result<(), ModelError> {
        for (index, golden) in self.goldens.iter().enumerate() {
            let found = match runnable.run(&self.weights, &golden.input) {
                Ok(output) => difference(&golden.output, &output),
                Err(detail) => Some(detail),
            };
            if let Some(detail) = found {
                return Err(ModelError::Golden { index, detail });
            }
        }
        Ok(())
    }

    /// The card.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// The weights: the bytes that the runnable reads.
    #[must_use]
    pub fn weights(&self) -> &[u8] {
        &self.weights
    }

    /// The golden cases.
    #[must_use]
    pub fn goldens(&self) -> &[GoldenCase] {
        &self.goldens
    }

    /// SHA-256 over card, weights and golden cases, framed; card and cases in canonical JSON.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

fn digest_of(card: &Card, weights: &[u8], goldens: &[GoldenCase]) -> Result<Digest, ModelError> {
    let unreadable = |error: serde_json::Error| ModelError::Unreadable { detail: error.to_string() };
    let card = canonical_json(card).map_err(unreadable)?;
    let goldens = canonical_json(&goldens).map_err(unreadable)?;
    Ok(Digest::of_fields(DOMAIN, &[&card, weights, &goldens]))
}
