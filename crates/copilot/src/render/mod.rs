//! Renders the committee brief in several formats. Names are data in all of them.

mod chart;
mod csv;
mod html;
mod markdown;
mod order_table;
mod style;
mod text;

pub use csv::actions_csv;
pub use html::{REPORT_STYLE, report_html};
pub use markdown::brief_markdown;
pub use text::brief_text;

pub(crate) use csv::cell;
pub(crate) use style::base_style;
