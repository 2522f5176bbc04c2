//! Drift alarms: inputs that differ from those of the training, and losses that differ from earlier ones.

mod adwin;
mod rising;
mod stability;

pub use adwin::{Adwin, AdwinOptions};
pub use rising::rising_alarms;
pub use stability::{PSI_ALARM, PSI_WARNING, StabilityBins, StabilityLevel};
