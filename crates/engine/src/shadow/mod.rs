//! Challengers in shadow: what other models compute from the inputs of stored plans, and whether they would have been
//! better.
//!
//! A challenger runs after its plan is stored and returned, on the bytes of the stored request and with the versions
//! that the plan names: it can change neither the answer nor the digest, and running it again gives the same document.
//! Nothing that was acknowledged is left out, whenever the process ends: the store records up to which plan challengers
//! have run.

mod drift;
mod measured;
mod quiet;
mod ran;
mod record;
mod report;
mod run;
mod score;
mod select;
mod worker;

pub(crate) use drift::{NoIndex, apart, stability_index};
pub(crate) use measured::measured;
pub(crate) use ran::{Ran, ran};
pub use report::{MAX_PLANS, of_model, of_plan};
pub use run::{ShadowError, run_challengers_of};
pub(crate) use score::squared_error;
pub use select::{DEFAULT_CHALLENGERS, MAX_CHALLENGERS};
pub use worker::{PATIENCE, run_challengers};
