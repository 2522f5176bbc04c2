//! Reference solutions that the optimizer crate is tested with, as they are published.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

/// One golden file of the optimizer crate.
pub(crate) fn golden(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/optimizer/tests/golden").join(name);
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}
