//! The common beginning of the styles of all printable pages.

/// Page, headings and paragraphs, as a literal.
macro_rules! base_style {
    () => {
        "\
:root{color-scheme:light}\
body{font:15px/1.5 system-ui,sans-serif;color:#1a1d21;background:#fff;max-width:44rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.05rem;margin:1.5rem 0 .25rem}\
p,li{margin:.25rem 0}ol,ul{padding-left:1.25rem}\
"
    };
}

pub(crate) use base_style;
