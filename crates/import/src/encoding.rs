//! Bytes to text: UTF-8, UTF-16 and Windows-1252, which contains the printable part of Latin-1.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::ImportError;

/// The text of a file and how it was encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) encoding: &'static str,
    /// Number of bytes that are not part of any character of the encoding, each replaced by the replacement character.
    pub(crate) damaged: usize,
}

/// Reads the bytes in the encoding proven by their byte-order mark, their zero bytes or their validity as UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, ImportError> {
    let (encoding, start) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, mark),
        None => (without_mark(bytes), 0),
    };
    let (text, _) = encoding.decode_without_bom_handling(&bytes[start..]);
    let damaged = if encoding == WINDOWS_1252 { 0 } else { text.matches('\u{FFFD}').count() };
    let unprintable = text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')).count();
    if unprintable > 2 && unprintable * 50 > text.chars().count() {
        return Err(ImportError::Binary);
    }
    Ok(Decoded { text: text.into_owned(), encoding: encoding.name(), damaged })
}

fn without_mark(bytes: &[u8]) -> &'static Encoding {
    let zeros_at = |offset: usize| bytes.iter().skip(offset).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (zeros_at(0), zeros_at(1));
    if 3 * odd > bytes.len() && 8 * even < odd {
        return UTF_16LE;
    }
    if 3 * even > bytes.len() && 8 * odd < even {
        return UTF_16BE;
    }
    let (letters, damaged) = beyond_ascii(bytes);
    // One damaged byte in a UTF-8 file must not change the letters of all its other rows.
    if damaged == 0 || letters >= damaged { UTF_8 } else { WINDOWS_1252 }
}

/// Valid characters beyond ASCII, and sequences that are not UTF-8.
fn beyond_ascii(bytes: &[u8]) -> (usize, usize) {
    bytes.utf8_chunks().fold((0, 0), |(letters, damaged), chunk| {
        let beyond = chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        (letters + beyond, damaged + usize::from(!chunk.invalid().is_empty()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        decode(bytes).unwrap().text
    }

    #[test]
    fn every_encoding_gives_the_same_letters() {
        let letters = "Name;Zürich\nNestlé;1\n";
        let utf16 = |big: bool| -> Vec<u8> {
            letters.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        assert_eq!(text(letters.as_bytes()), letters);
        assert_eq!(text(&[b"\xEF\xBB\xBF", letters.as_bytes()].concat()), letters);
        assert_eq!(text(&utf16(false)), letters);
        assert_eq!(text(&utf16(true)), letters);
        assert_eq!(text(&[vec![0xFF, 0xFE], utf16(false)].concat()), letters);
        assert_eq!(text(&[vec![0xFE, 0xFF], utf16(true)].concat()), letters);
        let latin: Vec<u8> = letters.chars().map(|c| c as u8).collect();
        assert_eq!(text(&latin), letters);
    }

    #[test]
    fn one_damaged_byte_leaves_the_other_letters_of_utf_8() {
        let mut bytes = "é;ü;ö".as_bytes().to_vec();
        bytes[0] = 0xFF;
        let decoded = decode(&bytes).unwrap();
        assert!(decoded.text.ends_with(";ü;ö"));
        assert!(decoded.damaged > 0);
    }

    #[test]
    fn noise_is_not_text() {
        let noise: Vec<u8> = (0..=255).cycle().take(2000).collect();
        assert_eq!(decode(&noise), Err(ImportError::Binary));
    }
}
