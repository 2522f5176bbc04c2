//! One plan told in several ways, each of them without computing it again.

pub mod advise;
pub mod committee;
pub mod inventory;
pub mod optimal;
pub mod present;
pub mod report;
pub mod tandem;
