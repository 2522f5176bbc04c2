//! Champions: the signed statement of which version of a model is used for a purpose, and its promotions and demotions.

use serde::{Deserialize, Serialize};

use crate::signature::check_signature;
use crate::{Content, Digest, GovernanceError, HeadKey};

/// A version of a model, by name and by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelIdentity {
    /// The model's id.
    #[cfg_attr(feature = "openapi", schema(example = "ensemble_v3"))]
    pub id: String,
    /// Its version.
    #[cfg_attr(feature = "openapi", schema(example = "3.0.0"))]
    pub version: String,
    /// Digest of the version: of its weights, card and golden cases.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub digest: Digest,
}

/// What changed the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ChampionMoveKind {
    /// A challenger became the champion.
    Promoted,
    /// The champion was demoted, and the version before it is the champion again.
    Demoted,
}

impl ChampionMoveKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::Demoted => "demoted",
        }
    }
}

/// What a pointer states, before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointerDraft {
    /// The purpose.
    pub purpose: String,
    /// Number of the promotion or demotion for this purpose, from 1.
    pub number: u64,
    /// What changed it.
    pub kind: ChampionMoveKind,
    /// The champion after this move.
    pub champion: ModelIdentity,
    /// The champion before this move.
    pub replaced: ModelIdentity,
    /// Digest of the move before; zeros for the first.
    pub previous: Digest,
    /// The actor who requested it.
    pub actor: String,
    /// The person who approved it.
    pub approved_by: String,
    /// Why.
    pub reason: String,
    /// SHA-256 of the evidence's bytes.
    pub evidence_digest: Digest,
    /// When, RFC 3339, UTC.
    pub moved_at: String,
}

/// The champion of a purpose from one moment on, signed with the key that signs heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChampionPointer {
    /// The purpose.
    #[cfg_attr(feature = "openapi", schema(example = "expected_return"))]
    pub purpose: String,
    /// Number of the move of this purpose, from 1 without gaps.
    #[cfg_attr(feature = "openapi", schema(example = 1, minimum = 1))]
    pub number: u64,
    /// What changed it.
    pub kind: ChampionMoveKind,
    /// The champion after this move.
    pub champion: ModelIdentity,
    /// The champion before this move.
    pub replaced: ModelIdentity,
    /// Digest of the move before; zeros for the first.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "0000000000000000000000000000000000000000000000000000000000000000"))]
    pub previous: Digest,
    /// The actor who requested it.
    #[cfg_attr(feature = "openapi", schema(example = "api"))]
    pub actor: String,
    /// The person who approved it.
    #[cfg_attr(feature = "openapi", schema(example = "Kim Lee"))]
    pub approved_by: String,
    /// Why.
    #[cfg_attr(feature = "openapi", schema(example = "lower loss on 72 decisions"))]
    pub reason: String,
    /// SHA-256 of the bytes of the evidence.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))]
    pub evidence_digest: Digest,
    /// When, UTC.
    #[cfg_attr(feature = "openapi", schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time"))]
    pub moved_at: String,
    /// Ed25519 key that signed it, 32 bytes in hexadecimal.
    #[cfg_attr(
        feature = "openapi",
        schema(
            pattern = "^[0-9a-f]{64}$",
            example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    )]
    pub public_key: String,
    /// Signature over the members above, 64 bytes in hexadecimal.
    #[cfg_attr(
        feature = "openapi",
        schema(
            pattern = "^[0-9a-f]{128}$",
            example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    )]
    pub signature: String,
}

const POINTER_DOMAIN: &str = "smart-portfolio-rebalancer/champion-pointer/1";
const MOVE_DOMAIN: &str = "smart-portfolio-rebalancer/champion-move/1";

impl HeadKey {
    /// Signs a pointer.
    ///
    /// # Example
    /// ```
    /// use governance::{ChampionMoveKind, Digest, HeadKey, ModelIdentity, PointerDraft};
    ///
    /// let key = HeadKey::from_secret(&[7; 32]);
    /// let model = |id: &str| ModelIdentity {
    ///     id: id.to_owned(),
    ///     version: "1".to_owned(),
    ///     digest: Digest::of_bytes(id.as_bytes()),
    /// };
    /// let pointer = key.point(PointerDraft {
    ///     purpose: "covariance".to_owned(),
    ///     number: 1,
    ///     kind: ChampionMoveKind::Promoted,
    ///     champion: model("oas"),
    ///     replaced: model("sample"),
    ///     previous: Digest::ZERO,
    ///     actor: "api".to_owned(),
    ///     approved_by: "Kim Lee".to_owned(),
    ///     reason: "a smaller loss".to_owned(),
    ///     evidence_digest: Digest::of_bytes(b"{}"),
    ///     moved_at: "2026-01-02T03:04:05Z".to_owned(),
    /// });
    /// pointer.verify(Some(&key.public_key()))?;
    /// # Ok::<(), governance::GovernanceError>(())
    /// ```
    #[must_use]
    pub fn point(&self, draft: PointerDraft) -> ChampionPointer {
        let mut pointer = ChampionPointer {
            purpose: draft.purpose,
            number: draft.number,
            kind: draft.kind,
            champion: draft.champion,
            replaced: draft.replaced,
            previous: draft.previous,
            actor: draft.actor,
            approved_by: draft.approved_by,
            reason: draft.reason,
            evidence_digest: draft.evidence_digest,
            moved_at: draft.moved_at,
            public_key: self.public_key(),
            signature: String::new(),
        };
        pointer.signature = self.sign_digest(&pointer.message());
        pointer
    }
}

impl ChampionPointer {
    fn message(&self) -> Digest {
        let number = self.number.to_be_bytes();
        let fields: [&[u8]; 16] = [
            self.purpose.as_bytes(),
            &number,
            self.kind.as_str().as_bytes(),
            self.champion.id.as_bytes(),
            self.champion.version.as_bytes(),
            self.champion.digest.as_bytes(),
            self.replaced.id.as_bytes(),
            self.replaced.version.as_bytes(),
            self.replaced.digest.as_bytes(),
            self.previous.as_bytes(),
            self.actor.as_bytes(),
            self.approved_by.as_bytes(),
            self.reason.as_bytes(),
            self.evidence_digest.as_bytes(),
            self.moved_at.as_bytes(),
            self.public_key.as_bytes(),
        ];
        Digest::of_fields(POINTER_DOMAIN, &fields)
    }

    /// Checks the signature and, if `expected` is given, that this key made it.
    ///
    /// # Errors
    /// As [`SignedHead::verify`](crate::SignedHead::verify).
    pub fn verify(&self, expected: Option<&str>) -> Result<(), GovernanceError> {
        check_signature(&self.message(), &self.public_key, &self.signature, expected)
    }
}

/// A promotion or demotion of a champion as it is stored: the signed pointer and the evidence, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChampionMove {
    /// The purpose.
    pub purpose: String,
    /// Number of the move of this purpose, from 1 without gaps.
    pub number: u64,
    /// When the request was received, RFC 3339, UTC.
    pub moved_at: String,
    /// Id of that request.
    pub request_id: String,
    /// Version of the engine that checked it.
    pub engine_version: String,
    /// The signed [`ChampionPointer`] in JSON.
    pub pointer: Content,
    /// The evidence as it was sent.
    pub evidence: Content,
}

impl ChampionMove {
    /// SHA-256 over every field, framed and in the order of the struct. The number enters as 8 big-endian bytes, documents by the
    /// SHA-256 of their bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let number = self.number.to_be_bytes();
        let (pointer, evidence) = (self.pointer.digest(), self.evidence.digest());
        let fields: [&[u8]; 7] = [
            self.purpose.as_bytes(),
            &number,
            self.moved_at.as_bytes(),
            self.request_id.as_bytes(),
            self.engine_version.as_bytes(),
            pointer.as_bytes(),
            evidence.as_bytes(),
        ];
        Digest::of_fields(MOVE_DOMAIN, &fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed() -> (HeadKey, ChampionPointer) {
        let key = HeadKey::from_secret(&[7; 32]);
        let text = str::to_owned;
        let model =
            |id: &str| ModelIdentity { id: text(id), version: text("1"), digest: Digest::of_bytes(id.as_bytes()) };
        let pointer = key.point(PointerDraft {
            purpose: text("covariance"),
            number: 2,
            kind: ChampionMoveKind::Demoted,
            champion: model("sample"),
            replaced: model("oas"),
            previous: Digest::of_bytes(b"first"),
            actor: text("api"),
            approved_by: text("Kim Lee"),
            reason: text("drift"),
            evidence_digest: Digest::of_bytes(b"{}"),
            moved_at: text("2026-01-02T03:04:05Z"),
        });
        (key, pointer)
    }

    #[test]
    fn a_changed_pointer_does_not_verify() {
        let (key, pointer) = signed();
        assert_eq!(pointer.verify(Some(&key.public_key())), Ok(()));
        let other = HeadKey::from_secret(&[8; 32]);
        assert_eq!(pointer.verify(Some(&other.public_key())), Err(GovernanceError::OtherKey));
        let changes: [fn(&mut ChampionPointer); 11] = [
            |p| p.purpose.push('s'),
            |p| p.number += 1,
            |p| p.kind = ChampionMoveKind::Promoted,
            |p| p.champion.digest = Digest::ZERO,
            |p| p.champion.version.push('1'),
            |p| p.replaced.id.push('2'),
            |p| p.previous = Digest::ZERO,
            |p| p.approved_by = "mallory".to_owned(),
            |p| p.reason.clear(),
            |p| p.evidence_digest = Digest::ZERO,
            |p| p.moved_at.push('0'),
        ];
        for (i, change) in changes.into_iter().enumerate() {
            let mut changed = pointer.clone();
            change(&mut changed);
            assert_eq!(changed.verify(None), Err(GovernanceError::Signature), "change {i}");
        }
    }

    #[test]
    fn the_digest_of_a_move_covers_every_field() {
        let (_, pointer) = signed();
        let first = ChampionMove {
            purpose: pointer.purpose.clone(),
            number: 2,
            moved_at: pointer.moved_at.clone(),
            request_id: "r".to_owned(),
            engine_version: "0.1.0".to_owned(),
            pointer: Content::new(b"{}".to_vec()),
            evidence: Content::new(b"{}".to_vec()),
        };
        let others = [
            ChampionMove { purpose: "costs".to_owned(), ..first.clone() },
            ChampionMove { number: 3, ..first.clone() },
            ChampionMove { moved_at: String::new(), ..first.clone() },
            ChampionMove { request_id: String::new(), ..first.clone() },
            ChampionMove { engine_version: String::new(), ..first.clone() },
            ChampionMove { pointer: Content::new(b"[]".to_vec()), ..first.clone() },
            ChampionMove { evidence: Content::new(b"[]".to_vec()), ..first.clone() },
        ];
        for other in others {
            assert_ne!(other.digest(), first.digest(), "{other:?}");
        }
    }
}
