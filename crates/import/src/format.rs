//! Kinds of files that are not tables, recognised by their first bytes.

use crate::error::ImportError;

/// The kind of a file according to its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileFormat {
    Text,
    Workbook,
}

const OTHERS: [(&[u8], &str, &str); 9] = [
    (
        b"\xD0\xCF\x11\xE0",
        "an old Excel workbook (.xls) or one with a password",
        "save it as .xlsx without a password, or as CSV",
    ),
    (b"%PDF", "a PDF document", "export the positions as CSV or .xlsx"),
    (b"\x1F\x8B", "a compressed file (gzip)", "unpack it first"),
    (b"7z\xBC\xAF", "a compressed file (7z)", "unpack it first"),
    (b"Rar!", "a compressed file (RAR)", "unpack it first"),
    (b"\x89PNG", "a picture (PNG)", "export the positions as CSV or .xlsx"),
    (b"\xFF\xD8\xFF", "a picture (JPEG)", "export the positions as CSV or .xlsx"),
    (b"{\\rtf", "a text document (RTF)", "save the table as CSV"),
    (b"PK\x05\x06", "an empty archive (ZIP)", "export the positions again"),
];

/// Text or a workbook, or an error that names the format.
pub(crate) fn recognise(bytes: &[u8]) -> Result<FileFormat, ImportError> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(FileFormat::Workbook);
    }
    if let Some((_, format, advice)) = OTHERS.iter().find(|(start, ..)| bytes.starts_with(start)) {
        return Err(ImportError::OtherFormat { format, advice });
    }
    Ok(FileFormat::Text)
}

/// Refuses texts that are documents of another kind.
pub(crate) fn recognise_text(text: &str) -> Result<(), ImportError> {
    let start = text.trim_start();
    let lower: String = start.chars().take(200).collect::<String>().to_lowercase();
    let other = if start.is_empty() {
        return Err(ImportError::Empty);
    } else if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        ("a web page (HTML)", "the download probably asked for a login; export the positions as CSV or .xlsx")
    } else if lower.starts_with("<?xml") || lower.starts_with("<ofx") || lower.starts_with("ofxheader") {
        ("an XML or OFX document", "export the positions as CSV or .xlsx")
    } else if start.starts_with('{') || start.starts_with("[{") || start.starts_with("[\n") {
        ("a JSON document", "a request for a plan is read as it is; import reads tables")
    } else {
        return Ok(());
    };
    Err(ImportError::OtherFormat { format: other.0, advice: other.1 })
}
