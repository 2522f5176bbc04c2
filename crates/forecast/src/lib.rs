//! Expected returns from price history with honest confidence: momentum, reversal, EWMA and their ensemble.

mod asset;
mod demo;
mod ensemble;
mod error;
mod ewma;
mod mean_reversion;
mod member;
mod model;
mod momentum;
mod reliability;
mod sample;
mod tilt;

pub use asset::{AssetForecast, AssetHistory, ForecastBasis, ForecastNote, ForecastNoteCode};
pub use ensemble::EnsembleOptions;
pub use error::ForecastError;
pub use ewma::Ewma;
pub use mean_reversion::MeanReversion;
pub use member::{Abstention, AbstentionCode, Forecaster, MemberForecast};
pub use model::{ForecastModel, ForecastModelCard, ForecastModelStatus, forecast_assets};
pub use momentum::Momentum;
pub use reliability::{PooledForecast, pool, reliability};
pub use tilt::{MIN_COMMON_PERIODS, Tilt, TiltAsset, TiltLimit, TiltOptions, tilt_targets};
