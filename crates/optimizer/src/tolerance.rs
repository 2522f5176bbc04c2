//! Fixed tolerances: what counts as equal, as binding, and as proven. Each has one name and one home.
//!
//! Choices of the caller are in [`SolveOptions`](crate::SolveOptions). These belong to the meaning of an answer, and
//! whoever verifies one has to use the same.
//!
//! | name | value | purpose |
//! | --- | --- | --- |
//! | `SAME` | 1e-12 | limits closer than this are one number |
//! | `AT` | 1e-9 | a weight this close to a limit, or to where it stood, counts as being there |
//! | `KEPT` | 1e-8 | the largest violation an answer may have, relative to the numbers the limit adds up or 1 |
//! | `ACCEPTED` | 1e-6 | the largest gap an answer may have, relative to the largest part of the objective or 1 |
//! | `VERIFIED` | 1e-6 | the largest violation and gap `verify` lets pass, in the same units |
//! | `RESTATED` | 1e-9 | by how much a stated figure may differ from the one recomputed, relative to it or 1 |
//! | `PRICED` | 1e-9 | multipliers up to this share of the objective (or of 0.001) are no price |
//! | `STILL` | 1e-9 | a turnover cap below this lets nothing trade |
//! | `SMALLEST_TRACKING` | 1e-7 | a smaller tracking-error cap is taken as this one: zero leaves the interior point no inside |

/// Limits closer than this are one number.
pub(crate) const SAME: f64 = 1e-12;
/// Weights this close to a limit, or to the weight before the trade, count as being there.
pub(crate) const AT: f64 = 1e-9;
/// An answer violates no limit by more than this, relative to the numbers the limit adds up, where those are above 1.
pub(crate) const KEPT: f64 = 1e-8;
/// An answer has no larger gap than this, relative to the largest part of the objective, where that is above 1.
pub(crate) const ACCEPTED: f64 = 1e-6;
/// The violation and the gap up to which a verified answer is valid, in the units of `KEPT` and `ACCEPTED`.
pub(crate) const VERIFIED: f64 = 1e-6;
/// Stated figures may differ from recomputed ones by this much, relative to the figure, where that is above 1.
pub(crate) const RESTATED: f64 = 1e-9;
/// Multipliers up to this share of the objective, or of [`PRICED_FROM`], are rounding and no price.
pub(crate) const PRICED: f64 = 1e-9;
/// The objective below which `PRICED` is measured against this figure.
pub(crate) const PRICED_FROM: f64 = 1e-3;
/// A turnover cap below this lets nothing trade.
pub(crate) const STILL: f64 = 1e-9;
/// A tracking-error cap below this is taken as this: a cap of zero leaves the interior point no inside.
pub(crate) const SMALLEST_TRACKING: f64 = 1e-7;
