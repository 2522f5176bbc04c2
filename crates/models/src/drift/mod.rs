//! Alarms of drift: inputs that are no longer those of the training, losses that are no longer those of before.

mod adwin;
mod stability;

pub use adwin::{Adwin, AdwinOptions};
pub use stability::{PSI_ALARM, PSI_WARNING, StabilityBins, StabilityLevel};
