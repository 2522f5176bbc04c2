//! Reading members of a JSON answer, with a failure that names the pointer.

use serde_json::Value;

/// A number that must be there.
#[track_caller]
pub(crate) fn number(value: &Value, pointer: &str) -> f64 {
    let found = value.pointer(pointer);
    found.and_then(Value::as_f64).unwrap_or_else(|| panic!("no number at {pointer}: {found:?}"))
}

#[track_caller]
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer);
    found.and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer}: {found:?}"))
}

#[track_caller]
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    let found = value.pointer(pointer);
    found.and_then(Value::as_array).unwrap_or_else(|| panic!("no list at {pointer}: {found:?}"))
}

/// One member of every entry of a list, as numbers.
#[track_caller]
pub(crate) fn column(value: &Value, pointer: &str, member: &str) -> Vec<f64> {
    list(value, pointer).iter().map(|entry| number(entry, &format!("/{member}"))).collect()
}

/// One member of every entry of a list, as texts.
#[track_caller]
pub(crate) fn names<'a>(value: &'a Value, pointer: &str, member: &str) -> Vec<&'a str> {
    list(value, pointer).iter().map(|entry| text(entry, &format!("/{member}"))).collect()
}

/// The codes of a plan's warnings.
#[track_caller]
pub(crate) fn warning_codes(plan: &Value) -> Vec<&str> {
    names(plan, "/warnings", "code")
}

/// Amounts on the wire are whole minor units: `digits` decimals and nothing behind them.
#[track_caller]
pub(crate) fn minor(amount: f64, digits: i32) -> i64 {
    let scaled = amount * 10_f64.powi(digits);
    assert!((scaled - scaled.round()).abs() < 1e-3, "{amount} has more than {digits} decimals");
    scaled.round() as i64
}

#[track_caller]
pub(crate) fn close(what: &str, got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance, "{what}: got {got}, want {want}, off by {:e}", (got - want).abs());
}
