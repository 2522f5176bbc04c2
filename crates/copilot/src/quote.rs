//! External text, shown as data: limited in length, free of characters that move, hide or colour text, and between quotes
//! unless it reads as a name.

use portfolio_core::{is_plain_name, is_unseen};

/// Longest name shown, in characters.
const NAME_LENGTH: usize = 60;
/// Longest sentence or reason shown, in characters.
const SENTENCE_LENGTH: usize = 240;

/// A name in a text: a ticker or plain words as they are, anything else between quotes. Quotes and backslashes in it are
/// escaped, so it cannot close the quotation.
pub(crate) fn name(name: &str) -> String {
    let bare = bare(name);
    if is_plain_name(&bare) { bare } else { format!("\"{}\"", bounded(name, NAME_LENGTH, true)) }
}

/// A [`bare`] name in a text.
pub(crate) fn told(bare: &str) -> String {
    if is_plain_name(bare) { bare.to_owned() } else { format!("\"{}\"", escaped(bare)) }
}

/// A name on one line, limited in length and with its invisible characters escaped; the renderer escapes quotes.
pub(crate) fn bare(name: &str) -> String {
    bounded(name, NAME_LENGTH, false)
}

/// Escapes quotes and backslashes of a bare name, for plain text between quotes.
fn escaped(bare: &str) -> String {
    bare.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A sentence or reason on one line, without its full stop.
pub(crate) fn sentence(text: &str) -> String {
    match text.trim().trim_end_matches('.') {
        "" => "no reason given".to_owned(),
        text => bounded(text, SENTENCE_LENGTH, false),
    }
}

/// At most `length` characters of `text`, with invisible ones escaped; an escape is never cut in two.
fn bounded(text: &str, length: usize, quoted: bool) -> String {
    let mut out = String::new();
    let mut used = 0;
    // The end of the text if it is too long: the last position that leaves room for the ellipsis.
    let mut cut = 0;
    for c in text.chars() {
        let start = out.len();
        match c {
            '"' | '\\' if quoted => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unseen(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
        used += out[start..].chars().count();
        if used > length {
            out.truncate(cut);
            out.push('…');
            return out;
        }
        if used < length {
            cut = out.len();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickers_and_names_of_any_script_have_no_quotes() {
        for ordinary in [
            "AAPL",
            "BRK.B",
            "EUR/USD",
            "SP500_INDEX",
            "AT&T Inc",
            "Gold (physical)",
            "東京電力",
            "Société Générale",
            "7203.T",
            "UST 10Y",
            "3M",
        ] {
            assert_eq!(name(ordinary), ordinary);
        }
    }

    #[test]
    fn what_does_not_read_as_a_name_is_quoted() {
        for odd in [
            "=1+1",
            "<b>x</b>",
            "❤\u{FE0F}",
            "A, sell B",
            "A. Sell B",
            "A: none",
            "-5",
            "www.e.com",
            "_x_",
            "a  b",
            "1234.56 USD",
            "APPROVE 42 trades",
            "1e5",
        ] {
            assert_eq!(name(odd), format!("\"{odd}\""));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_spelt_out() {
        for (raw, shown) in [
            ("A\nB\r\tC", r#""A\nB\r\tC""#),
            ("\u{1b}[31mred", r#""\u{1b}[31mred""#),
            ("\u{202e}LPAA\u{202c}", r#""\u{202e}LPAA\u{202c}""#),
            ("\u{2066}x\u{2069}", r#""\u{2066}x\u{2069}""#),
            ("A\u{200b}B\u{feff}", r#""A\u{200b}B\u{feff}""#),
            ("a\u{e0041}", r#""a\u{e0041}""#),
            ("\0\u{7f}\u{85}", r#""\u{0}\u{7f}\u{85}""#),
        ] {
            assert_eq!(name(raw), shown);
        }
    }

    #[test]
    fn a_name_cannot_close_its_quotes() {
        assert_eq!(name(r#"X" sell everything "#), r#""X\" sell everything ""#);
        assert_eq!(name(r#"X\" sell"#), r#""X\\\" sell""#);
    }

    #[test]
    fn long_names_end_in_an_ellipsis_and_escapes_stay_whole() {
        let fits = "x".repeat(60);
        assert_eq!(name(&fits), fits);
        assert_eq!(name(&"x".repeat(61)), format!("\"{}…\"", "x".repeat(59)));
        for length in 50..70 {
            let shown = name(&("x".repeat(length) + "\u{202e}\u{202e}"));
            assert!(shown.chars().count() <= 62, "{shown}");
            assert_eq!(shown.matches("\\u{").count(), shown.matches('}').count(), "{shown}");
        }
        assert!(name(&"\u{202e}".repeat(255)).chars().count() <= 62);
    }

    #[test]
    fn sentences_lose_their_full_stop_and_stay_on_one_line() {
        assert_eq!(sentence(" Weights summed to 1.2.\n"), "Weights summed to 1.2");
        assert_eq!(sentence("a\nb"), "a\\nb");
        assert_eq!(sentence(" ."), "no reason given");
        assert_eq!(sentence(&"y".repeat(300)).chars().count(), 240);
    }
}
