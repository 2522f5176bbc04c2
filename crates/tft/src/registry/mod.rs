//! Admitted models as versions of the registry: immutable, under one digest, with a card and ten golden cases.
//!
//! A version is a [`ModelVersion`] of the crate `models`, and its document is the one that every registry of such
//! versions reads.

mod card;
mod golden;
mod page;
mod trial;

use governance::Digest;
use models::{ModelError, ModelVersion, Purpose, TrainingSpan};
use portfolio_core::Seed;
use thiserror::Error;

pub use page::Fan;
pub use trial::{Rival, Trial};

use self::golden::TftCode;
use crate::{Admitted, Panel, Tft, TftError, Window};

/// What a card says besides what the model, its examination and its trial say.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The id, the same for every version.
    pub id: String,
    /// The version.
    pub version: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Who is responsible for it.
    pub owner: String,
    /// What it is, in a sentence.
    pub summary: String,
    /// What it forecasts, with its unit and scale.
    pub target: String,
    /// SHA-256 of the training data.
    pub data: Digest,
    /// Their days.
    pub span: TrainingSpan,
    /// Seed of the training.
    pub seed: Seed,
    /// Number of configurations tried, this one included.
    pub trials: u32,
}

/// Why a version is not sealed or not loaded.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The registry refuses the version.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The model cannot be written, read or run.
    #[error(transparent)]
    Tft(#[from] TftError),
    /// The card does not say that these weights were examined.
    #[error("the card does not tell an examination of the weights {weights}")]
    NotExamined {
        /// Their SHA-256.
        weights: Digest,
    },
}

/// A model that was examined, admitted and sealed.
///
/// [`TftVersion::seal`] takes an [`Admitted`] model:
///
/// ```
/// # use tft::registry::{Facts, RegistryError, TftVersion, Trial};
/// # use tft::{Admitted, Panel, Window};
/// # type Sealed = Result<TftVersion, RegistryError>;
/// fn seal(model: &Admitted, facts: Facts, trial: &Trial, panel: &Panel, on: &[Window]) -> Sealed {
///     TftVersion::seal(model, facts, trial, panel, on)
/// }
/// ```
///
/// and no other, so a model that was not examined does not compile:
///
/// ```compile_fail,E0308
/// # use tft::registry::{Facts, RegistryError, TftVersion, Trial};
/// # use tft::{Panel, Tft, Window};
/// # type Sealed = Result<TftVersion, RegistryError>;
/// fn seal(model: &Tft, facts: Facts, trial: &Trial, panel: &Panel, on: &[Window]) -> Sealed {
///     TftVersion::seal(model, facts, trial, panel, on)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct TftVersion {
    version: ModelVersion,
    model: Tft,
}

impl TftVersion {
    /// Seals an admitted model. The selection weights and the attention of the card are means over `windows`, and ten
    /// of them are its golden cases.
    ///
    /// # Errors
    /// [`RegistryError::Tft`] for fewer than ten windows, or windows that the panel does not have;
    /// [`RegistryError::Model`] for facts that make no card.
    pub fn seal(
        admitted: &Admitted,
        facts: Facts,
        trial: &Trial,
        panel: &Panel,
        windows: &[Window],
    ) -> Result<Self, RegistryError> {
        let model = admitted.model();
        let inputs = golden::inputs(panel, windows)?;
        let card = card::card(admitted, facts, trial, &model.explain(panel, windows)?);
        let version = ModelVersion::seal(card, model.to_bytes()?, inputs, &TftCode)?;
        Ok(Self { version, model: model.clone() })
    }

    /// Reads a document: every digest is computed again, every golden input run again, and the card has to tell the
    /// examination of these weights. `wanted`: the digest of the version that was asked for.
    ///
    /// # Errors
    /// The first [`RegistryError`] found.
    pub fn load(document: &[u8], wanted: Option<Digest>) -> Result<Self, RegistryError> {
        let version = ModelVersion::load(document, wanted, &TftCode)?;
        let model = Tft::from_bytes(version.weights())?;
        let told = card::examined(model.digest());
        if version.card().metrics.iter().any(|metric| metric.verdict == told) {
            Ok(Self { version, model })
        } else {
            Err(RegistryError::NotExamined { weights: model.digest() })
        }
    }

    /// The version: its card, its golden cases, its digest and its document.
    #[must_use]
    pub fn version(&self) -> &ModelVersion {
        &self.version
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Tft {
        &self.model
    }
}
