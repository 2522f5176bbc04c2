//! A named window of market history.

use serde::Serialize;

use super::windows::WINDOWS;

/// A named window of market history, with the returns of every series that covers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its identifier, such as `2020_march`.
    pub id: &'static str,
    /// Its name in a heading.
    pub name: &'static str,
    /// What happened, in one sentence.
    pub what_happened: &'static str,
    /// Days from 1970-01-01 to the close from which returns are measured.
    pub(super) start: i32,
    /// The interval between the dates on which it is valued.
    pub step: WindowStep,
    /// Dates after the start.
    pub observations: usize,
    /// Position of its first number.
    pub(super) offset: usize,
    /// The series that cover it, by ascending name.
    pub series: &'static [&'static str],
}

/// The interval between the dates on which a window is valued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WindowStep {
    /// Every trading day.
    Day,
    /// The last trading day of each week, and the end of the window.
    Week,
}

impl Window {
    /// The position of a series among those of the window; `None` when it does not cover the window. Case and surrounding blanks are ignored.
    pub(super) fn position(&self, series: &str) -> Option<usize> {
        let asked = series.trim();
        // The names ascend, and most callers write them as they are.
        let exact = self.series.binary_search(&asked).ok();
        exact.or_else(|| self.series.iter().position(|name| name.eq_ignore_ascii_case(asked)))
    }
}

/// Every window, oldest first.
#[must_use]
pub fn windows() -> &'static [Window] {
    WINDOWS
}

/// The window with an identifier.
#[must_use]
pub fn window(id: &str) -> Option<&'static Window> {
    WINDOWS.iter().find(|window| window.id == id)
}
