//! Times as records hold them.

use chrono::{DateTime, SecondsFormat, Utc};

/// A time as records hold it: UTC, six decimals, one length, so that the order of texts is the order of times.
#[must_use]
pub fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}
