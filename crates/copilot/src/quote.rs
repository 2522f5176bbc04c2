//! External text, shown as data: limited in length, free of characters that move, hide or colour text, and between quotes
//! unless it reads as a name.

/// Longest name shown, in characters.
const NAME_LENGTH: usize = 60;
/// Longest sentence or reason shown, in characters.
const SENTENCE_LENGTH: usize = 240;

/// A name in a text: a ticker or plain words as they are, anything else between quotes. Quotes and backslashes in it are
/// escaped, so it cannot close the quotation.
pub(crate) fn name(name: &str) -> String {
    let bare = bare(name);
    if is_plain(&bare) { bare } else { format!("\"{}\"", bounded(name, NAME_LENGTH, true)) }
}

/// A [`bare`] name in a text.
pub(crate) fn told(bare: &str) -> String {
    if is_plain(bare) { bare.to_owned() } else { format!("\"{}\"", escaped(bare)) }
}

/// Whether a name reads as one without quotes: letters and digits of any script, single spaces, and the marks that tickers
/// and names of companies have. It begins with a letter, a digit or the `^` of an index, and ends with one or with a closing
/// parenthesis. None of these characters ends a sentence, in Markdown none of them is markup at the allowed positions,
/// and no part of the name reads as one of the numbers around it.
pub(crate) fn is_plain(name: &str) -> bool {
    let is_mark = |c: char| matches!(c, ' ' | '.' | '-' | '_' | '/' | '&' | '+' | '^' | '=' | '\'' | '(' | ')');
    let ends = (name.chars().next(), name.chars().next_back());
    let (Some(first), Some(last)) = ends else { return false };
    (first.is_alphanumeric() || first == '^')
        && (last.is_alphanumeric() || last == ')')
        && name.chars().all(|c| c.is_alphanumeric() || is_mark(c))
        && !["  ", ". ", "__", "_ ", " _"].iter().any(|odd| name.contains(odd))
        && !name.to_lowercase().contains("www.")
        && (is_numbered_ticker(name) || !name.split(|c: char| !c.is_alphanumeric()).any(is_number))
}

/// A ticker of digits with its exchange, such as `7203.T`.
fn is_numbered_ticker(name: &str) -> bool {
    name.split_once('.').is_some_and(|(digits, exchange)| {
        digits.len() <= 6
            && digits.chars().all(|c| c.is_ascii_digit())
            && (1..=4).contains(&exchange.len())
            && exchange.chars().all(|c| c.is_ascii_uppercase())
    })
}

/// Whether a word reads as a number, such as `500` or `1e5`; `10Y` does not.
fn is_number(word: &str) -> bool {
    let rest = word.trim_start_matches(char::is_numeric);
    let exponent = rest.strip_prefix(['e', 'E']).is_some_and(|rest| rest.starts_with(char::is_numeric));
    let leading = &word[..word.len() - rest.len()];
    !leading.is_empty() && (rest.is_empty() || exponent || !leading.is_ascii())
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
            c if unseen(c) => out.extend(c.escape_unicode()),
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

/// Characters without a glyph of their own: controls, line separators, direction marks, joiners, fillers, tags.
///
/// These are the code points with the Unicode property `Default_Ignorable_Code_Point`, the other format characters, and
/// the blank Braille cell. The two variation selectors that choose between text and emoji style are not included.
fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{8E2}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
                | '\u{2800}' | '\u{110BD}' | '\u{110CD}'
                | '\u{600}'..='\u{605}'
                | '\u{890}'..='\u{891}'
                | '\u{115F}'..='\u{1160}'
                | '\u{17B4}'..='\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FE00}'..='\u{FE0D}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{13430}'..='\u{1343F}'
                | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
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
