//! Fixed tolerances: when numbers count as equal, limits as binding, and answers as proven.
//!
//! [`SolveOptions`](crate::SolveOptions) holds the choices of the caller. The tolerances here are part of the
//! definition of an answer, and verifying an answer requires the same ones.
//!
//! | name | value | purpose |
//! | --- | --- | --- |
//! | `SAME` | 1e-12 | limits closer than this are one number |
//! | `AT` | 1e-9 | a weight this close to a limit, or to its weight before the trade, counts as being there |
//! | `KEPT` | 1e-8 | the largest violation an answer may have, relative to the numbers the limit adds up or 1 |
//! | `ACCEPTED` | 1e-6 | the largest gap an answer may have, relative to the largest part of the objective or 1 |
//! | `VERIFIED` | 1e-6 | the largest violation and gap that `verify` accepts, in the same units |
//! | `RESTATED` | 1e-9 | by how much a stated figure may differ from the one recomputed, relative to it or 1 |
//! | `PRICED` | 1e-9 | multipliers up to this share of the objective (or of 0.001) have no price |
//! | `BINDS` | 1e-6 | a limit with more room than this does not bind and has no price |
//! | `STILL` | 1e-9 | a turnover cap below this allows no trade |
//! | `SMALLEST_TRACKING` | 1e-7 | a smaller tracking-error cap is raised to this: the solver needs an interior |

/// Limits closer than this are one number.
pub(crate) const SAME: f64 = 1e-12;
/// Weights this close to a limit, or to the weight before the trade, count as being there.
pub(crate) const AT: f64 = 1e-9;
/// The largest violation an answer may have, relative to the numbers that the limit sums, where those are above 1.
pub(crate) const KEPT: f64 = 1e-8;
/// The largest gap an answer may have, relative to the largest part of the objective, where that is above 1.
pub(crate) const ACCEPTED: f64 = 1e-6;
/// The largest violation and gap of a valid answer in `verify`, in the units of `KEPT` and `ACCEPTED`.
pub(crate) const VERIFIED: f64 = 1e-6;
/// The largest difference between a stated and a recomputed figure, relative to the figure, where that is above 1.
pub(crate) const RESTATED: f64 = 1e-9;
/// Multipliers up to this share of the objective, or of [`PRICED_FROM`], are rounding and have no price.
pub(crate) const PRICED: f64 = 1e-9;
/// The least objective by which `PRICED` is scaled.
pub(crate) const PRICED_FROM: f64 = 1e-3;
/// The most room under a limit that binds, in the unit of the limit. A point that was not polished keeps a multiplier of about its
/// gap divided by the room for every limit, which is a price of nothing.
pub(crate) const BINDS: f64 = 1e-6;
/// Below this turnover cap nothing trades.
pub(crate) const STILL: f64 = 1e-9;
/// The least tracking-error cap: a smaller one is raised to this, because the interior point needs an interior.
pub(crate) const SMALLEST_TRACKING: f64 = 1e-7;
