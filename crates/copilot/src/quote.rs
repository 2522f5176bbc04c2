//! External text, shown as data: quoted, limited in length, and free of characters that move, hide or colour text.

/// Longest name shown between quotes, in characters.
const NAME_LENGTH: usize = 60;
/// Longest sentence or reason shown, in characters.
const SENTENCE_LENGTH: usize = 240;

/// A name between quotes. Quotes and backslashes in it are escaped, so it cannot close the quotation.
pub(crate) fn name(name: &str) -> String {
    format!("\"{}\"", bounded(name, NAME_LENGTH, true))
}

/// A name on one line, limited in length and with its invisible characters escaped; the renderer escapes quotes.
pub(crate) fn bare(name: &str) -> String {
    bounded(name, NAME_LENGTH, false)
}

/// Escapes quotes and backslashes of a bare name, for plain text between quotes.
pub(crate) fn escaped(bare: &str) -> String {
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
    fn ordinary_names_of_any_script_are_only_quoted() {
        for ordinary in ["AAPL", "BRK.B", "東京電力", "Société Générale", "שקל", "❤\u{FE0F}", "=1+1", "<b>x</b>"]
        {
            assert_eq!(name(ordinary), format!("\"{ordinary}\""));
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
        assert_eq!(name(&fits), format!("\"{fits}\""));
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
