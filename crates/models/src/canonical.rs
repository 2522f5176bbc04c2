//! Canonical JSON: exactly one text for each value.

use serde::Serialize;
use serde_json::Value;

/// The canonical JSON of a value: members of objects by ascending name (by their UTF-8 bytes), no white space, numbers
/// with the fewest digits that restore them.
///
/// Equal values have equal bytes, regardless of the order of their members, so that a digest of the bytes identifies
/// the value.
///
/// # Errors
/// When the value cannot be written as JSON, such as a map whose keys are not texts.
///
/// # Example
/// ```
/// let value: serde_json::Value = serde_json::from_str(r#"{ "b": [1.50, null], "a": {"d": 1, "c": 2} }"#)?;
/// assert_eq!(models::canonical_json(&value)?, br#"{"a":{"c":2,"d":1},"b":[1.5,null]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    write(&serde_json::to_value(value)?, &mut bytes)?;
    Ok(bytes)
}

fn write(value: &Value, bytes: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    match value {
        Value::Array(items) => {
            bytes.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    bytes.push(b',');
                }
                write(item, bytes)?;
            }
            bytes.push(b']');
        }
        Value::Object(members) => {
            // Sorted here: whether a map of `serde_json` is sorted depends on the features that another crate asks for.
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_unstable_by_key(|&(name, _)| name);
            bytes.push(b'{');
            for (i, (name, member)) in members.into_iter().enumerate() {
                if i > 0 {
                    bytes.push(b',');
                }
                serde_json::to_writer(&mut *bytes, name)?;
                bytes.push(b':');
                write(member, bytes)?;
            }
            bytes.push(b'}');
        }
        plain => serde_json::to_writer(bytes, plain)?,
    }
    Ok(())
}
