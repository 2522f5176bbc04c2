//! The stable id of an order.

use portfolio_core::TradeSide;
use sha2::{Digest, Sha256};

/// Letters and digits of an id, as in RFC 4648, base 32.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Characters after the letter of the side: 80 bits.
const CHARACTERS: usize = 16;

/// The id of an order, for its broker: `B` or `S` and 16 capitals and digits.
///
/// It is a function of plan, asset, side and account, so an order that is written or sent twice has the same id, and a
/// broker refuses the second. The characters are the first 80 bits of the SHA-256 of these texts, each preceded by its
/// length.
pub(crate) fn client_order_id(plan_id: &str, asset: &str, side: TradeSide, account: Option<&str>) -> String {
    let (letter, side) = match side {
        TradeSide::Buy => ('B', "buy"),
        TradeSide::Sell => ('S', "sell"),
    };
    let mut hash = Sha256::new();
    for text in [plan_id, asset, side].into_iter().chain(account) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let hash = hash.finalize();
    let bits = hash.iter().take(CHARACTERS * 5 / 8).fold(0_u128, |bits, &byte| bits << 8 | u128::from(byte));
    let character = |i: usize| char::from(ALPHABET[(bits >> (5 * (CHARACTERS - 1 - i)) & 31) as usize]);
    std::iter::once(letter).chain((0..CHARACTERS).map(character)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_id_depends_on_each_of_its_parts_and_on_nothing_else() {
        let all = [
            client_order_id("plan", "VTI", TradeSide::Buy, None),
            client_order_id("plan", "VTI", TradeSide::Sell, None),
            client_order_id("plan", "VXUS", TradeSide::Buy, None),
            client_order_id("plan", "VTI", TradeSide::Buy, Some("")),
            client_order_id("plan", "VTI", TradeSide::Buy, Some("IRA")),
            client_order_id("planV", "TI", TradeSide::Buy, None),
        ];
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        for id in &all {
            assert_eq!(id.len(), 17);
            assert!(id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "{id}");
        }
    }

    #[test]
    fn ids_are_those_of_an_independent_computation() {
        // Python: f = lambda s: len(s).to_bytes(8, "big") + s.encode()
        // base64.b32encode(hashlib.sha256(b"".join(map(f, ["plan-7", "VTI", "sell"]))).digest()[:10])
        assert_eq!(client_order_id("plan-7", "VTI", TradeSide::Sell, None), "SRQGCXBIYMWB5S6KM");
    }
}
