//! Rules that several request bodies share.

use std::collections::HashMap;

use crate::decode::NamedSeries;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// Assets in one request.
pub const MAX_ASSETS: usize = 2_000;
/// Returns in one request, all series together.
pub const MAX_RETURNS: usize = 100_000;
/// Characters of a name after trimming.
pub const MAX_NAME: usize = 255;
/// The largest simple return of one period that is accepted: a hundredfold gain.
pub const MAX_RETURN: f64 = 100.0;

/// A name: not blank, and of bounded length after trimming.
pub fn check_name(name: &str, pointer: impl Fn() -> String, faults: &mut Faults) {
    let trimmed = name.trim();
    if trimmed.is_empty() {
        faults.add(pointer(), FaultCode::Length, "must not be blank");
    } else if trimmed.chars().count() > MAX_NAME {
        faults.add(pointer(), FaultCode::Length, format!("must have at most {MAX_NAME} characters"));
    }
}

/// Each name must be used for one thing only.
pub fn check_distinct<'a>(
    names: impl Iterator<Item = &'a str>,
    pointer: impl Fn(usize) -> String,
    faults: &mut Faults,
) {
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (i, name) in names.enumerate() {
        if faults.is_full() {
            return;
        }
        match first.get(name.trim()) {
            Some(earlier) => {
                faults.add(pointer(i), FaultCode::DuplicateName, format!("repeats the name of entry {}", earlier + 1));
            }
            None => {
                first.insert(name.trim(), i);
            }
        }
    }
}

/// The number of assets of a request.
pub fn check_assets(count: usize, faults: &mut Faults) {
    if count == 0 {
        faults.add("/assets", FaultCode::Length, "must have at least 1 entry");
    } else if count > MAX_ASSETS {
        faults.add("/assets", FaultCode::Limit, format!("must have at most {MAX_ASSETS} entries"));
    }
}

/// Simple returns: from a total loss to a hundredfold gain.
pub fn check_returns(returns: &[f64], pointer: impl Fn(usize) -> String, faults: &mut Faults) {
    for (i, r) in returns.iter().enumerate() {
        if !(-1.0..=MAX_RETURN).contains(r) {
            faults.add(
                pointer(i),
                FaultCode::Range,
                "must be at least -1 (a total loss) and at most 100: prices and percentages are no returns",
            );
            if faults.is_full() {
                return;
            }
        }
    }
}

/// Series by asset name.
pub fn check_named(named: &NamedSeries, faults: &mut Faults) {
    for (name, series) in &named.0 {
        if faults.is_full() {
            return;
        }
        let at = format!("/returns/{}", segment(name));
        check_name(name, || at.clone(), faults);
        check_returns(series, |t| format!("{at}/{t}"), faults);
    }
}

/// All returns of a request together.
pub fn check_total_returns(total: usize, pointer: &str, faults: &mut Faults) {
    if total > MAX_RETURNS {
        faults.add(
            pointer,
            FaultCode::Limit,
            format!("holds {total} returns in all; at most {MAX_RETURNS} are accepted"),
        );
    }
}
