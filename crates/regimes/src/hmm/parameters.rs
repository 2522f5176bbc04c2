//! The parameters of a hidden Markov model in the form that the passes read: arrays whose length is known to the
//! compiler.

/// Parameters of `K` states with diagonal Gaussians.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameters<const K: usize> {
    /// Probability of each state in the first period.
    pub(super) start: [f64; K],
    /// Probability of moving from the row's state to the column's.
    pub(super) transition: [[f64; K]; K],
    /// Per feature, the mean of each state.
    pub(super) means: Vec<[f64; K]>,
    /// Per feature, the variance of each state.
    pub(super) variances: Vec<[f64; K]>,
}

/// Calls a function that is generic over the number of states, for 1 to 6 states; the caller has checked the number.
macro_rules! with_states {
    ($states:expr, $function:ident($($argument:expr),*)) => {
        match $states {
            1 => $function::<1>($($argument),*),
            2 => $function::<2>($($argument),*),
            3 => $function::<3>($($argument),*),
            4 => $function::<4>($($argument),*),
            5 => $function::<5>($($argument),*),
            _ => $function::<6>($($argument),*),
        }
    };
}
pub(super) use with_states;
