//! Alarms of losses that rose.

use super::{Adwin, AdwinOptions};

/// Alarms of ADWIN at which the losses had risen. A loss that fell is a change too, and no reason to keep a model back.
///
/// `losses`: oldest first, of any unit. Result: how often the mean of the kept window was higher after an alarm than before it.
///
/// # Example
/// ```
/// let rising = (0..80).map(|i| if i < 40 { 0.0 } else { 1.0 });
/// assert!(models::drift::rising_alarms(rising.clone()) > 0);
/// assert_eq!(models::drift::rising_alarms(rising.map(|loss| 1.0 - loss)), 0);
/// ```
pub fn rising_alarms(losses: impl IntoIterator<Item = f64>) -> usize {
    let mut window = Adwin::new(AdwinOptions { clock: 1, ..AdwinOptions::default() });
    let mut alarms = 0;
    for loss in losses {
        let before = window.mean();
        alarms += usize::from(window.add(loss) && window.mean() > before);
    }
    alarms
}
