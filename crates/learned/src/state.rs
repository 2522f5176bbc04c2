//! A training under way as bytes.

use governance::Digest;
use rl::PpoCheckpoint;
use rl::environments::HistoriesState;
use serde::{Deserialize, Serialize};

use crate::allocator::SeedPolicy;
use crate::error::LearnedError;

/// The version of this format.
const VERSION: u32 = 1;

/// What ended, and how far the training under way is.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Policies of the seeds that have ended.
    pub(crate) ended: Vec<SeedPolicy>,
    /// Points of the curve of each seed, the one under way last.
    pub(crate) growth: Vec<Vec<f64>>,
    /// The training under way.
    pub(crate) run: Option<PpoCheckpoint<HistoriesState>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    /// SHA-256 of the histories, the settings and the seed.
    of: String,
    ended: Vec<SeedPolicy>,
    growth: Vec<Vec<f64>>,
    run: Option<PpoCheckpoint<HistoriesState>>,
}

impl State {
    /// JSON after its SHA-256 in 64 hexadecimal digits: a changed byte is found.
    pub(crate) fn to_bytes(&self, of: Digest) -> Result<Vec<u8>, LearnedError> {
        let stored = Stored {
            version: VERSION,
            of: of.to_string(),
            ended: self.ended.clone(),
            growth: self.growth.clone(),
            run: self.run.clone(),
        };
        let body = serde_json::to_vec(&stored).map_err(|_| LearnedError::OtherState)?;
        Ok([Digest::of_bytes(&body).to_string().as_bytes(), &body].concat())
    }

    pub(crate) fn from_bytes(bytes: &[u8], of: Digest) -> Result<Self, LearnedError> {
        let (digest, body) = bytes.split_at_checked(64).ok_or(LearnedError::OtherState)?;
        if digest != Digest::of_bytes(body).to_string().as_bytes() {
            return Err(LearnedError::OtherState);
        }
        let stored: Stored = serde_json::from_slice(body).map_err(|_| LearnedError::OtherState)?;
        if stored.version != VERSION || stored.of != of.to_string() {
            return Err(LearnedError::OtherState);
        }
        Ok(Self { ended: stored.ended, growth: stored.growth, run: stored.run })
    }
}
