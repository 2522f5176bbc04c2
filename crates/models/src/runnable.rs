//! The open trait for code that can run a version, and the comparison of outputs.

use serde_json::Value;

/// Code that computes a model.
///
/// A version holds the data (weights, card, golden cases); code is passed in. The same code may run several versions,
/// which differ in their weights.
///
/// # Example
/// ```
/// use models::Runnable;
/// use serde_json::{Value, json};
///
/// /// One weight, as a decimal text.
/// struct Slope;
///
/// impl Runnable for Slope {
///     fn run(&self, weights: &[u8], input: &Value) -> Result<Value, String> {
///         let slope: f64 = serde_json::from_slice(weights).map_err(|error| error.to_string())?;
///         let x = input.as_f64().ok_or("the input is no number")?;
///         Ok(json!(slope * x))
///     }
/// }
///
/// assert_eq!(Slope.run(b"2.5", &json!(4)), Ok(json!(10.0)));
/// ```
pub trait Runnable {
    /// The output for an input, with these weights.
    ///
    /// # Errors
    /// A sentence that says why there is no output: weights for other code, or an input it cannot read.
    fn run(&self, weights: &[u8], input: &Value) -> Result<Value, String>;
}

/// Largest difference between a number of a golden output and the stored one, relative to the larger of the two:
/// functions such as the logarithm differ in their last bits between platforms.
pub const GOLDEN_TOLERANCE: f64 = 1e-9;

/// Where two outputs differ, as a JSON pointer with both values; `None` when they agree. Numbers agree within [`GOLDEN_TOLERANCE`],
/// and within `1e-15` where both are near zero.
pub(crate) fn difference(stored: &Value, computed: &Value) -> Option<String> {
    first_difference(stored, computed, "")
}

fn first_difference(stored: &Value, computed: &Value, at: &str) -> Option<String> {
    let differ = || Some(format!("{at}: stored {stored}, computed {computed}"));
    match (stored, computed) {
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) if (a - b).abs() <= (GOLDEN_TOLERANCE * a.abs().max(b.abs())).max(1e-15) => None,
            _ => differ(),
        },
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(i, (a, b))| first_difference(a, b, &format!("{at}/{i}")))
        }
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            a.iter().find_map(|(name, a)| match b.get(name) {
                Some(b) => first_difference(a, b, &format!("{at}/{name}")),
                None => differ(),
            })
        }
        (a, b) if a == b => None,
        _ => differ(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn outputs_agree_within_the_tolerance_and_nowhere_else() {
        let stored = json!({"a": [1.0, null], "b": "x"});
        assert_eq!(difference(&stored, &json!({"b": "x", "a": [1.000_000_000_5, null]})), None);
        for other in [
            json!({"a": [1.000_000_01, null], "b": "x"}),
            json!({"a": [1.0, 0.0], "b": "x"}),
            json!({"a": [1.0], "b": "x"}),
            json!({"a": [1.0, null], "c": "x"}),
            json!({"a": [1.0, null], "b": "y"}),
        ] {
            assert!(difference(&stored, &other).is_some(), "{other}");
        }
        assert_eq!(difference(&json!(1), &json!(2)).as_deref(), Some(": stored 1, computed 2"));
    }
}
