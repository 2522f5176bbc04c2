//! The stable id of an order.

use portfolio_core::TradeSide;
use sha2::{Digest, Sha256};

/// Letters and digits of an id, as in RFC 4648, base 32.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Characters behind the letter of the side: 80 bits.
const CHARACTERS: usize = 16;

/// The id of an order, for its broker: `B` or `S` and 16 capitals and digits.
///
/// It is a function of plan, account, asset and side, so an order that is written or sent twice has one id, and a broker refuses
/// the second. The characters are the first 80 bits of the SHA-256 of the four texts, each behind its length.
pub(crate) fn client_order_id(plan_id: &str, account: Option<&str>, asset: &str, side: TradeSide) -> String {
    let letter = match side {
        TradeSide::Buy => 'B',
        TradeSide::Sell => 'S',
    };
    let mut hash = Sha256::new();
    for text in [plan_id, account.unwrap_or_default(), asset, side_name(side)] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let hash = hash.finalize();
    let bits = hash.iter().take(CHARACTERS * 5 / 8).fold(0_u128, |bits, &byte| bits << 8 | u128::from(byte));
    let character = |i: usize| char::from(ALPHABET[(bits >> (5 * (CHARACTERS - 1 - i)) & 31) as usize]);
    std::iter::once(letter).chain((0..CHARACTERS).map(character)).collect()
}

/// The side as it is hashed.
fn side_name(side: TradeSide) -> &'static str {
    match side {
        TradeSide::Buy => "buy",
        TradeSide::Sell => "sell",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_id_depends_on_each_of_its_parts_and_on_nothing_else() {
        let all = [
            client_order_id("plan", None, "VTI", TradeSide::Buy),
            client_order_id("plan", None, "VTI", TradeSide::Sell),
            client_order_id("plan", None, "VXUS", TradeSide::Buy),
            client_order_id("plan", Some("IRA"), "VTI", TradeSide::Buy),
            client_order_id("planI", Some("RA"), "VTI", TradeSide::Buy),
            client_order_id("pla", Some("n"), "VTI", TradeSide::Buy),
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
        // base64.b32encode(hashlib.sha256(b"".join(map(f, ["plan-7", "", "VTI", "sell"]))).digest()[:10])
        assert_eq!(client_order_id("plan-7", None, "VTI", TradeSide::Sell), "S4ASNJAVI4TBSHELE");
    }
}
