//! How the documents of a plan lie in the database: compressed by zstd with a dictionary of what plans have in common.
//!
//! The dictionary is number 1 in `dictionary/`, where `train.py` says how it was made; a compressed document carries the number. A document
//! that would not become smaller is stored as it is, as builds before this one stored all of them: one begins as a zstd frame does
//! (RFC 8878, section 3.1.1), the other does not. Digests are over the documents themselves, so they do not depend on either.

use std::io;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::{get_dict_id_from_frame, get_frame_content_size};

/// The first bytes of a frame.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// On plans, level 3 saves another 3 % and takes half as long again (`dictionary/train.py` prints both).
const LEVEL: i32 = 1;
/// A stored document is no longer than this; a frame that says otherwise was not written by this program.
const LONGEST: u64 = 256 << 20;

const BYTES: &[u8] = include_bytes!("../dictionary/1.zdict");
static ENCODER: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(BYTES, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(BYTES));
const NUMBER: u32 = 1;

/// What documents are compressed with.
pub(crate) fn compressor() -> io::Result<Compressor<'static>> {
    Compressor::with_prepared_dictionary(&ENCODER)
}

/// A document as it is stored.
pub(crate) fn pack(compressor: &mut Compressor<'_>, document: &[u8]) -> io::Result<Vec<u8>> {
    let packed = compressor.compress(document)?;
    let is_plain = packed.len() >= document.len() && !document.starts_with(&MAGIC);
    Ok(if is_plain { document.to_vec() } else { packed })
}

/// The document of stored bytes; `None` when they are none that this program wrote.
pub(crate) fn unpack(stored: Vec<u8>) -> Option<Vec<u8>> {
    if !stored.starts_with(&MAGIC) {
        return Some(stored);
    }
    let bytes = get_frame_content_size(&stored).ok()?.filter(|&bytes| bytes <= LONGEST)?;
    if get_dict_id_from_frame(&stored).map(u32::from) != Some(NUMBER) {
        return None;
    }
    let mut decompressor = Decompressor::with_prepared_dictionary(&DECODER).ok()?;
    decompressor.decompress(&stored, bytes.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed(document: &[u8]) -> Vec<u8> {
        pack(&mut compressor().unwrap(), document).unwrap()
    }

    #[test]
    fn the_dictionary_has_its_number() {
        let id = zstd::zstd_safe::get_dict_id_from_dict(BYTES);
        assert_eq!(id.map(u32::from), Some(NUMBER));
    }

    #[test]
    fn a_plan_takes_a_fraction_of_its_bytes() {
        let answer = include_bytes!("../../../openapi/examples/create_rebalance_plan.answer.json");
        let stored = packed(answer);
        assert!(stored.len() * 4 < answer.len(), "{} of {} bytes", stored.len(), answer.len());
        assert_eq!(unpack(stored).as_deref(), Some(&answer[..]));
    }

    #[test]
    fn documents_of_earlier_builds_are_read() {
        assert_eq!(unpack(b"{\"a\":1}".to_vec()).as_deref(), Some(&b"{\"a\":1}"[..]));
        assert_eq!(unpack(Vec::new()).as_deref(), Some(&b""[..]));
    }

    #[test]
    fn a_document_that_looks_compressed_comes_back_as_it_was() {
        for document in [MAGIC.to_vec(), packed(&[b'a'; 900]), [&MAGIC[..], &[7; 40]].concat()] {
            assert_eq!(unpack(packed(&document)), Some(document));
        }
    }

    #[test]
    fn a_frame_of_another_dictionary_or_length_is_no_document() {
        let other = zstd::bulk::compress(&[b'a'; 900], LEVEL).unwrap();
        assert_eq!(unpack(other), None);
        let mut long = packed(&[b'a'; 900]);
        // The frame header: magic, descriptor (single segment, 1 byte of dictionary id, 2 bytes of content size), id, size - 256.
        assert_eq!((long[4] & 0b1110_0011, long[5]), (0b0110_0001, 1));
        long[6] ^= 1;
        assert_eq!(unpack(long), None);
    }

    proptest! {
        #[test]
        fn what_is_stored_is_what_was_given(document in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let stored = packed(&document);
            prop_assert!(stored.len() <= document.len() + 40);
            prop_assert_eq!(unpack(stored), Some(document));
        }

        #[test]
        fn no_stored_bytes_stop_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..120_usize) {
            let _any = unpack([&MAGIC[..], &bytes].concat());
            let mut stored = packed(&[&bytes[..], &[b'x'; 300]].concat());
            stored.truncate(cut);
            let _cut = unpack(stored);
        }
    }
}
