//! Gaussian hidden Markov models, fitted by expectation and maximisation.
//!
//! # References
//! Baum, Petrie, Soules and Weiss (1970), "A maximization technique occurring in the statistical analysis of probabilistic
//! functions of Markov chains", Annals of Mathematical Statistics 41(1), 164–171. Kim (1994), "Dynamic linear models with
//! Markov-switching", Journal of Econometrics 60, 1–22, for the smoother. Viterbi (1967), "Error bounds for convolutional
//! codes and an asymptotically optimum decoding algorithm", IEEE Transactions on Information Theory 13(2), 260–269.

mod em;
mod fit;
mod model;
mod parameters;
mod passes;
mod spec;
mod start;

pub use fit::{Fit, fit, fit_from, fit_until};
pub use model::GaussianHmm;
pub use spec::{HmmSpec, MAX_STATES};
