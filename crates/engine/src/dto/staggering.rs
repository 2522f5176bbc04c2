//! How far the dates and sizes of trades are randomised.

use portfolio_core::Seed;
use portfolio_core::bands::footprint::Staggering;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::optional_integer;
use crate::dto::absent;

/// How far the dates and sizes of trades are randomised. Anyone who knows the seed knows the trades.
#[derive(Debug, Clone, Copy, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"window_days": 20, "destination_jitter": 0.25, "seed": 42}))]
pub struct StaggeringRequest {
    /// Sessions over which the day of a trade is spread: the delay is uniform from 0 to this number.
    #[schema(default = json!(absent::STAGGERING.window_sessions), example = 20, minimum = 0, maximum = 250)]
    #[validate(range(max = 250))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub window_days: Option<u64>,
    /// Largest shift of `destination`, uniform to both sides and reflected at 0 and 1.
    #[schema(default = json!(absent::STAGGERING.kappa_jitter), example = 0.25, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub destination_jitter: Option<f64>,
    /// Seed of the draws; the same seed gives the same trades.
    #[schema(default = json!(absent::STAGGERING.seed.0), example = 42, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    #[validate(range(max = 9_007_199_254_740_991_u64))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub seed: Option<u64>,
}

impl StaggeringRequest {
    /// The staggering with its defaults.
    pub(crate) fn staggering(self) -> Staggering {
        let absent = absent::STAGGERING;
        Staggering {
            window_sessions: self
                .window_days
                .map_or(absent.window_sessions, |days| u32::try_from(days).unwrap_or(u32::MAX)),
            kappa_jitter: self.destination_jitter.unwrap_or(absent.kappa_jitter),
            seed: self.seed.map_or(absent.seed, Seed),
        }
    }
}
