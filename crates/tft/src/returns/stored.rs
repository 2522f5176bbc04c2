//! A training under way as bytes.

use portfolio_core::Seed;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use governance::Digest;

use super::{Histories, ReturnsError, ReturnsSpec};
use crate::Training;

/// The version of this format.
const VERSION: u32 = 1;

/// What ended, and how far the training under way is.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Trainings that have ended and been scored.
    pub(super) ended: usize,
    /// Losses of each origin: of the network and of each rival.
    pub(super) days: Vec<[f64; 3]>,
    /// The training under way.
    pub(super) run: Option<Training>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<'a> {
    version: u32,
    /// SHA-256 of the histories, the settings and the seed.
    of: String,
    ended: usize,
    days: Vec<[f64; 3]>,
    #[serde(borrow)]
    run: Option<&'a RawValue>,
}

/// What a training is: two that agree in it are the same.
pub(super) fn identity(histories: &Histories<'_>, spec: &ReturnsSpec, seed: Seed) -> Result<Digest, ReturnsError> {
    let settings = serde_json::to_vec(&(spec, seed.0, histories.names, histories.weekdays));
    let mut bytes = settings.map_err(|_| ReturnsError::OtherState)?;
    bytes.extend(histories.returns.iter().flat_map(|own| own.iter()).flat_map(|r| r.to_le_bytes()));
    Ok(Digest::of_bytes(&bytes))
}

impl State {
    pub(super) fn to_bytes(&self, of: Digest) -> Result<Vec<u8>, ReturnsError> {
        let run = self.run.as_ref().map(Training::checkpoint).transpose()?;
        let run = run.as_deref().map(serde_json::from_slice).transpose().map_err(|_| ReturnsError::OtherState)?;
        let stored = Stored { version: VERSION, of: of.to_string(), ended: self.ended, days: self.days.clone(), run };
        serde_json::to_vec(&stored).map_err(|_| ReturnsError::OtherState)
    }

    pub(super) fn from_bytes(bytes: &[u8], of: Digest, spec: &ReturnsSpec) -> Result<Self, ReturnsError> {
        let stored: Stored<'_> = serde_json::from_slice(bytes).map_err(|_| ReturnsError::OtherState)?;
        let is_sound = stored.days.as_flattened().iter().all(|loss| loss.is_finite());
        if stored.version != VERSION || stored.of != of.to_string() || stored.ended >= spec.refits || !is_sound {
            return Err(ReturnsError::OtherState);
        }
        let run = stored.run.map(|run| Training::resume(run.get().as_bytes())).transpose()?;
        Ok(Self { ended: stored.ended, days: stored.days, run })
    }
}
