//! The policies of this crate.

mod band;
mod buy_and_hold;
mod fixed_weights;
mod planned;

pub use band::Band;
pub use buy_and_hold::BuyAndHold;
pub use fixed_weights::FixedWeights;
pub use planned::Planned;
