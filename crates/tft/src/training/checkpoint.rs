//! A run as bytes.

use portfolio_core::Seed;
use serde::{Deserialize, Serialize};

use super::{Adam, Best, TrainSpec, Training};
use crate::{Parameters, Tft, TftError, TftSpec};

/// The version of this format.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    /// SHA-256 of the latest weights.
    digest: String,
    model: TftSpec,
    spec: TrainSpec,
    seed: u64,
    step: u64,
    stale: usize,
    recent: (f64, u64),
    windows: Option<usize>,
    parameters: Parameters,
    adam: Adam,
    best: Option<Best>,
}

impl Training {
    /// The run as JSON, to be resumed by [`Training::resume`]: a resumed run later has the same bytes as one that was
    /// not stopped.
    ///
    /// # Errors
    /// [`TftError::Checkpoint`] for values that JSON cannot contain.
    pub fn checkpoint(&self) -> Result<Vec<u8>, TftError> {
        let stored = Stored {
            version: VERSION,
            digest: self.model.digest().to_string(),
            model: self.model.spec().clone(),
            spec: self.spec.clone(),
            seed: self.seed.0,
            step: self.step,
            stale: self.stale,
            recent: self.recent,
            windows: self.windows,
            parameters: self.model.parameters().clone(),
            adam: self.adam.clone(),
            best: self.best.clone(),
        };
        serde_json::to_vec(&stored).map_err(|error| TftError::Checkpoint(format!("cannot be written: {error}")))
    }

    /// A run from its checkpoint.
    ///
    /// # Errors
    /// [`TftError::Checkpoint`] for bytes that are not a checkpoint, have another version, or whose weights do not
    /// match their digest; what [`TftSpec::check`], [`TrainSpec::check`] and [`Tft::with_parameters`] refuse.
    pub fn resume(bytes: &[u8]) -> Result<Self, TftError> {
        let refused = |what: &str| TftError::Checkpoint(what.to_owned());
        let stored: Stored =
            serde_json::from_slice(bytes).map_err(|error| TftError::Checkpoint(format!("cannot be read: {error}")))?;
        if stored.version != VERSION {
            return Err(refused("is of another version"));
        }
        stored.spec.check()?;
        let model = Tft::with_parameters(stored.model, stored.parameters)?;
        if model.digest().to_string() != stored.digest {
            return Err(refused("has weights of another digest"));
        }
        let best_fits = stored.best.as_ref().is_none_or(|best| model.parameters().fits(&best.parameters));
        if !stored.adam.fits(model.parameters()) || !best_fits || stored.step > stored.spec.steps {
            return Err(refused("contradicts itself"));
        }
        Ok(Self {
            model,
            spec: stored.spec,
            seed: Seed(stored.seed),
            step: stored.step,
            adam: stored.adam,
            best: stored.best,
            stale: stored.stale,
            recent: stored.recent,
            windows: stored.windows,
        })
    }
}
