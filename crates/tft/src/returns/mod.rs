//! Quantiles of the returns of the coming days: what a service trains on the histories that it is sent.
//!
//! The target is the return of each of the coming days, less the mean of the asset's returns and over their spread in
//! training. Inputs are the asset, the latest return, the size of the returns of the latest 5 and 22 days, and the day
//! of the week, which is known ahead. [`train`] walks forward through the last part of the histories, compares every
//! forecast out of sample with plainer ones, and examines the last model on days that it has not seen; a model without
//! a fault can be sealed. [`forecast`] asks a model that was sealed.

mod conformal;
mod forecast;
mod inputs;
mod rivals;
mod run;
mod spec;
mod stored;

pub use forecast::{AssetQuantiles, DayAhead, ReturnsForecast, forecast};
pub use inputs::Histories;
pub use rivals::RIVALS;
pub use run::{Outcome, Step, Trained, train};
pub use spec::{MONTH, ReturnsSpec};

use thiserror::Error;

use crate::TftError;

/// Why histories are not trained on, or not forecast from.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ReturnsError {
    /// The histories have fewer days than are needed.
    #[error("there are {found} days, and at least {needed} are needed")]
    Short {
        /// Days that there are.
        found: usize,
        /// Days that are needed.
        needed: usize,
    },
    /// The parts of the histories do not belong together: a number of names, returns or days differs.
    #[error("the histories do not have as many names, returns and days as belong together")]
    Shape,
    /// The returns of an asset do not move, or one is not finite.
    #[error("the returns of asset {asset} do not move, or one of them is not finite")]
    Still {
        /// Which one, from zero.
        asset: usize,
    },
    /// The model was not trained on an asset of this name.
    #[error("the model was not trained on asset {asset}")]
    Unknown {
        /// Which one of those asked for, from zero.
        asset: usize,
    },
    /// The model is not one of returns.
    #[error("the model was not trained on returns of named assets")]
    OtherModel,
    /// Whoever was told of the progress asked to stop.
    #[error("it was stopped")]
    Stopped,
    /// The stored state is that of another training.
    #[error("the stored state is not that of this training")]
    OtherState,
    /// The network refuses.
    #[error(transparent)]
    Tft(#[from] TftError),
}
