//! How many outcomes were inside their intervals.

/// Shares of outcomes that were inside their intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// Of all of them.
    pub overall: f64,
    /// Of the worst stretch of the given length.
    pub worst_window: f64,
    /// Of the best stretch of this length.
    pub best_window: f64,
}

/// The coverage of hits in chronological order, overall and over every stretch of `window` of them; none if there are
/// fewer.
///
/// # Example
/// ```
/// let found = online::coverage(&[true, true, false, true], 2).unwrap();
/// assert_eq!((found.overall, found.worst_window, found.best_window), (0.75, 0.5, 1.0));
/// assert!(online::coverage(&[true], 2).is_none());
/// ```
#[must_use]
pub fn coverage(hits: &[bool], window: usize) -> Option<Coverage> {
    if window == 0 || hits.len() < window {
        return None;
    }
    let share = |hits: &[bool]| hits.iter().filter(|hit| **hit).count() as f64 / hits.len() as f64;
    let shares = hits.windows(window).map(share);
    let (worst_window, best_window) =
        shares.fold((1.0_f64, 0.0_f64), |(worst, best), share| (worst.min(share), best.max(share)));
    Some(Coverage { overall: share(hits), worst_window, best_window })
}
