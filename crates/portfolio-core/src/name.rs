//! Names of assets as people read them: which are plain, and which two look like one.

use std::borrow::Cow;
use std::collections::HashMap;

/// Whether a name reads as one without quotes: letters and digits of any script, single spaces, and the marks that tickers
/// and names of companies have. It begins with a letter, a digit or the `^` of an index, and ends with one or with a closing
/// parenthesis. None of these characters ends a sentence, in Markdown none of them is markup where it may stand, and no part of
/// the name reads as one of the numbers around it.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
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

/// Characters without a glyph of their own: controls, line separators, direction marks, joiners, fillers, tags.
///
/// These are the code points with the Unicode property `Default_Ignorable_Code_Point`, the other format characters, and
/// the blank Braille cell. The two variation selectors that choose between text and emoji style are not included.
#[must_use]
pub fn is_unseen(c: char) -> bool {
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

/// Names that differ only in the case of letters and in characters that cannot be seen: the position of each, after that of the first name that
/// it looks like.
///
/// # Example
/// ```
/// use portfolio_core::lookalikes;
///
/// assert_eq!(lookalikes(["VTI", "BND", "vti", "BND\u{200b}"]), [(0, 2), (1, 3)]);
/// assert!(lookalikes(["BRK.A", "BRK.B", "BRKA"]).is_empty());
/// ```
pub fn lookalikes<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<(usize, usize)> {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut found = Vec::new();
    for (i, name) in names.into_iter().enumerate() {
        let looks: String = name.trim().chars().filter(|c| !is_unseen(*c)).flat_map(char::to_lowercase).collect();
        if looks.is_empty() {
            continue;
        }
        match first.get(&looks) {
            Some(earlier) => found.push((*earlier, i)),
            None => drop(first.insert(looks, i)),
        }
    }
    found
}

/// A name without the characters that cannot be seen: at its ends, and anywhere in a name of ASCII letters. Inside other scripts they join
/// letters and belong to the name. Line breaks and other white space inside stay.
///
/// # Example
/// ```
/// use portfolio_core::without_unseen;
///
/// assert_eq!(without_unseen("\u{feff}V\u{200b}TI"), "VTI");
/// assert_eq!(without_unseen("\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{200b}"), "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}");
/// ```
#[must_use]
pub fn without_unseen(name: &str) -> Cow<'_, str> {
    let ends = name.trim_matches(|c: char| c.is_whitespace() || is_unseen(c));
    let is_gone = |c: char| is_unseen(c) && !c.is_whitespace();
    if ends.chars().any(is_gone) {
        let seen: String = ends.chars().filter(|c| !is_gone(*c)).collect();
        if seen.is_ascii() {
            return Cow::Owned(seen);
        }
    }
    Cow::Borrowed(ends)
}
