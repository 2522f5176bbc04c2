//! Collects the metrics of a report.

use super::{MetricValue, MetricValues};
use crate::reason::Figure;
use crate::{Unavailable, UnavailableReason};

/// Collects values in order, with the reason for each missing one.
pub(super) struct Book {
    values: Vec<(&'static str, MetricValue)>,
    unavailable: Vec<Unavailable>,
}

impl Book {
    pub(super) fn new() -> Self {
        Self { values: Vec::with_capacity(80), unavailable: Vec::new() }
    }

    pub(super) fn note(&mut self, name: &'static str, figure: Figure) {
        self.put(name, figure.map(MetricValue::Number));
    }

    pub(super) fn put(&mut self, name: &'static str, value: Result<MetricValue, UnavailableReason>) {
        let value = value.unwrap_or_else(|reason| {
            self.unavailable.push(Unavailable { metric: name, reason });
            MetricValue::Absent
        });
        self.values.push((name, value));
    }
    /// The values with their names, and the reasons for the missing ones.
    pub(super) fn close(self) -> (MetricValues, Vec<Unavailable>) {
        (MetricValues(self.values), self.unavailable)
    }
}
