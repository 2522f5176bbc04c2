//! Many blocks of ChaCha with 8 rounds side by side: the same words as [`rand_chacha`], faster.
//!
//! One vector holds the same word of several blocks, so that a round needs no exchange between lanes; at the end the
//! words are transposed to the order in which `rand_chacha` writes them. Without AVX2 or AVX-512 `rand_chacha` itself
//! writes them.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use crate::LANES;

/// Bytes of one draw, one word of 64 bits per lane.
pub(crate) const DRAW: usize = 8 * LANES;

/// The words of one stream, draw by draw.
#[derive(Debug, Clone)]
#[cfg_attr(
    target_arch = "x86_64",
    expect(
        clippy::large_enum_variant,
        reason = "a block of paths has one of them, and looks through no pointer for its words"
    )
)]
pub(crate) enum Cipher {
    Portable(ChaCha8Rng),
    #[cfg(target_arch = "x86_64")]
    Wide(wide::Blocks),
}

impl Cipher {
    /// The stream with this number under a key, at its beginning.
    pub(crate) fn new(key: [u8; 32], stream: u64) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(blocks) = wide::Blocks::new(&key, stream) {
            return Self::Wide(blocks);
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream);
        Self::Portable(rng)
    }

    /// Writes the next words.
    pub(crate) fn fill(&mut self, out: &mut [u8; DRAW]) {
        match self {
            Self::Portable(rng) => rng.fill_bytes(out),
            #[cfg(target_arch = "x86_64")]
            Self::Wide(blocks) => blocks.fill(out),
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{__m256i, __m512i};

    use pulp::{
        Simd, WithSimd, cast,
        x86::{V3, V4},
    };

    use super::DRAW;
    use crate::InstructionSet;

    /// "expand 32-byte k", the first row of every block.
    const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
    /// Two rounds, one over columns and one over diagonals.
    const DOUBLE_ROUNDS: usize = 4;
    /// Bytes of one block.
    const BLOCK: usize = 64;

    #[derive(Debug, Clone, Copy)]
    enum Width {
        Avx2(V3),
        Avx512(V4),
    }

    /// The blocks of one stream.
    #[derive(Debug, Clone)]
    pub(crate) struct Blocks {
        width: Width,
        key: [u32; 8],
        stream: u64,
        /// Number of the next block.
        next: u64,
    }

    impl Blocks {
        /// `None` where the instruction set in use has no vectors of integers.
        pub(super) fn new(key: &[u8; 32], stream: u64) -> Option<Self> {
            let width = match InstructionSet::in_use() {
                InstructionSet::Avx512 => Width::Avx512(V4::try_new()?),
                InstructionSet::Avx2 => Width::Avx2(V3::try_new()?),
                InstructionSet::Portable => return None,
            };
            let mut words = [0; 8];
            for (word, bytes) in words.iter_mut().zip(key.as_chunks::<4>().0) {
                *word = u32::from_le_bytes(*bytes);
            }
            Some(Self { width, key: words, stream, next: 0 })
        }

        /// Continues at the block of this number.
        #[cfg(test)]
        pub(super) fn skip_to(&mut self, block: u64) {
            self.next = block;
        }

        pub(super) fn fill(&mut self, out: &mut [u8; DRAW]) {
            match self.width {
                Width::Avx512(set) => Simd::vectorize(set, Fill { set, blocks: self, out }),
                Width::Avx2(set) => Simd::vectorize(set, Fill { set, blocks: self, out }),
            }
        }
    }

    /// The operations of the cipher on the same word of several blocks.
    trait Words: Copy {
        type Word: Copy;
        /// Blocks side by side.
        const BLOCKS: usize;

        fn splat(self, word: u32) -> Self::Word;
        /// The low and high halves of `first`, `first + 1`, ….
        fn counters(self, first: u64) -> [Self::Word; 2];
        fn add(self, a: Self::Word, b: Self::Word) -> Self::Word;
        /// `(a ^ b)` rotated to the left.
        fn xor_rotate<const LEFT: i32, const RIGHT: i32>(self, a: Self::Word, b: Self::Word) -> Self::Word;
        /// Writes the blocks one after the other.
        fn write(self, words: [Self::Word; 16], out: &mut [u8]);
    }

    struct Fill<'a, S> {
        set: S,
        blocks: &'a mut Blocks,
        out: &'a mut [u8; DRAW],
    }

    impl<W: Words> WithSimd for Fill<'_, W> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            for out in self.out.chunks_exact_mut(BLOCK * W::BLOCKS) {
                write_blocks(self.set, self.blocks, out);
            }
        }
    }

    #[inline(always)]
    fn write_blocks<W: Words>(set: W, blocks: &mut Blocks, out: &mut [u8]) {
        let [low, high] = set.counters(blocks.next);
        blocks.next = blocks.next.wrapping_add(W::BLOCKS as u64);
        let mut start = [low; 16];
        for (word, constant) in start.iter_mut().zip(CONSTANTS) {
            *word = set.splat(constant);
        }
        for (word, key) in start[4..].iter_mut().zip(blocks.key) {
            *word = set.splat(key);
        }
        start[13] = high;
        start[14] = set.splat(blocks.stream as u32);
        start[15] = set.splat((blocks.stream >> 32) as u32);
        let mut x = start;
        for _ in 0..DOUBLE_ROUNDS {
            quarter::<W, 0, 4, 8, 12>(set, &mut x);
            quarter::<W, 1, 5, 9, 13>(set, &mut x);
            quarter::<W, 2, 6, 10, 14>(set, &mut x);
            quarter::<W, 3, 7, 11, 15>(set, &mut x);
            quarter::<W, 0, 5, 10, 15>(set, &mut x);
            quarter::<W, 1, 6, 11, 12>(set, &mut x);
            quarter::<W, 2, 7, 8, 13>(set, &mut x);
            quarter::<W, 3, 4, 9, 14>(set, &mut x);
        }
        for (word, start) in x.iter_mut().zip(start) {
            *word = set.add(*word, start);
        }
        set.write(x, out);
    }

    /// The quarter round on four words.
    #[inline(always)]
    fn quarter<W: Words, const A: usize, const B: usize, const C: usize, const D: usize>(
        set: W,
        x: &mut [W::Word; 16],
    ) {
        x[A] = set.add(x[A], x[B]);
        x[D] = set.xor_rotate::<16, 16>(x[D], x[A]);
        x[C] = set.add(x[C], x[D]);
        x[B] = set.xor_rotate::<12, 20>(x[B], x[C]);
        x[A] = set.add(x[A], x[B]);
        x[D] = set.xor_rotate::<8, 24>(x[D], x[A]);
        x[C] = set.add(x[C], x[D]);
        x[B] = set.xor_rotate::<7, 25>(x[B], x[C]);
    }

    impl Words for V4 {
        type Word = __m512i;
        const BLOCKS: usize = 16;

        #[inline(always)]
        fn splat(self, word: u32) -> __m512i {
            cast([word; 16])
        }

        #[inline(always)]
        fn counters(self, first: u64) -> [__m512i; 2] {
            let (mut low, mut high) = ([0_u32; 16], [0_u32; 16]);
            for i in 0..16 {
                let counter = first.wrapping_add(i as u64);
                (low[i], high[i]) = (counter as u32, (counter >> 32) as u32);
            }
            [cast(low), cast(high)]
        }

        #[inline(always)]
        fn add(self, a: __m512i, b: __m512i) -> __m512i {
            self.avx512f._mm512_add_epi32(a, b)
        }

        #[inline(always)]
        fn xor_rotate<const LEFT: i32, const RIGHT: i32>(self, a: __m512i, b: __m512i) -> __m512i {
            self.avx512f._mm512_rol_epi32::<LEFT>(self.avx512f._mm512_xor_si512(a, b))
        }

        #[inline(always)]
        fn write(self, words: [__m512i; 16], out: &mut [u8]) {
            let set = self.avx512f;
            // `quads[g][r]` has in its part `l` the words 4g to 4g + 3 of block 4l + r.
            let mut quads = [[words[0]; 4]; 4];
            for (quads, words) in quads.iter_mut().zip(words.as_chunks::<4>().0) {
                let [a, b, c, d] = *words;
                let (low, high) = (set._mm512_unpacklo_epi32(a, b), set._mm512_unpackhi_epi32(a, b));
                let (low_2, high_2) = (set._mm512_unpacklo_epi32(c, d), set._mm512_unpackhi_epi32(c, d));
                *quads = [
                    set._mm512_unpacklo_epi64(low, low_2),
                    set._mm512_unpackhi_epi64(low, low_2),
                    set._mm512_unpacklo_epi64(high, high_2),
                    set._mm512_unpackhi_epi64(high, high_2),
                ];
            }
            let (out, _) = out.as_chunks_mut::<BLOCK>();
            for r in 0..4 {
                let even = set._mm512_shuffle_i32x4::<0x88>(quads[0][r], quads[1][r]);
                let odd = set._mm512_shuffle_i32x4::<0xDD>(quads[0][r], quads[1][r]);
                let even_2 = set._mm512_shuffle_i32x4::<0x88>(quads[2][r], quads[3][r]);
                let odd_2 = set._mm512_shuffle_i32x4::<0xDD>(quads[2][r], quads[3][r]);
                out[r] = cast(set._mm512_shuffle_i32x4::<0x88>(even, even_2));
                out[4 + r] = cast(set._mm512_shuffle_i32x4::<0x88>(odd, odd_2));
                out[8 + r] = cast(set._mm512_shuffle_i32x4::<0xDD>(even, even_2));
                out[12 + r] = cast(set._mm512_shuffle_i32x4::<0xDD>(odd, odd_2));
            }
        }
    }

    impl Words for V3 {
        type Word = __m256i;
        const BLOCKS: usize = 8;

        #[inline(always)]
        fn splat(self, word: u32) -> __m256i {
            cast([word; 8])
        }

        #[inline(always)]
        fn counters(self, first: u64) -> [__m256i; 2] {
            let (mut low, mut high) = ([0_u32; 8], [0_u32; 8]);
            for i in 0..8 {
                let counter = first.wrapping_add(i as u64);
                (low[i], high[i]) = (counter as u32, (counter >> 32) as u32);
            }
            [cast(low), cast(high)]
        }

        #[inline(always)]
        fn add(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_add_epi32(a, b)
        }

        #[inline(always)]
        fn xor_rotate<const LEFT: i32, const RIGHT: i32>(self, a: __m256i, b: __m256i) -> __m256i {
            let set = self.avx2;
            let x = set._mm256_xor_si256(a, b);
            set._mm256_or_si256(set._mm256_slli_epi32::<LEFT>(x), set._mm256_srli_epi32::<RIGHT>(x))
        }

        #[inline(always)]
        fn write(self, words: [__m256i; 16], out: &mut [u8]) {
            let set = self.avx2;
            let mut quads = [[words[0]; 4]; 4];
            for (quads, words) in quads.iter_mut().zip(words.as_chunks::<4>().0) {
                let [a, b, c, d] = *words;
                let (low, high) = (set._mm256_unpacklo_epi32(a, b), set._mm256_unpackhi_epi32(a, b));
                let (low_2, high_2) = (set._mm256_unpacklo_epi32(c, d), set._mm256_unpackhi_epi32(c, d));
                *quads = [
                    set._mm256_unpacklo_epi64(low, low_2),
                    set._mm256_unpackhi_epi64(low, low_2),
                    set._mm256_unpacklo_epi64(high, high_2),
                    set._mm256_unpackhi_epi64(high, high_2),
                ];
            }
            let (out, _) = out.as_chunks_mut::<{ BLOCK / 2 }>();
            for r in 0..4 {
                for half in 0..2 {
                    let (a, b) = (quads[2 * half][r], quads[2 * half + 1][r]);
                    out[2 * r + half] = cast(set._mm256_permute2x128_si256::<0x20>(a, b));
                    out[2 * (4 + r) + half] = cast(set._mm256_permute2x128_si256::<0x31>(a, b));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InstructionSet;

    #[test]
    fn every_instruction_set_writes_the_words_of_rand_chacha() {
        for (seed, stream) in [(0_u8, 0_u64), (7, 1), (255, u64::MAX), (3, 1 << 40)] {
            let key: [u8; 32] = std::array::from_fn(|i| seed.wrapping_mul(i as u8).wrapping_add(seed));
            let mut reference = ChaCha8Rng::from_seed(key);
            reference.set_stream(stream);
            let expected: Vec<[u8; DRAW]> = (0..5)
                .map(|_| {
                    let mut out = [0; DRAW];
                    reference.fill_bytes(&mut out);
                    out
                })
                .collect();
            for set in InstructionSet::ALL {
                set.use_at_most();
                let mut cipher = Cipher::new(key, stream);
                for want in &expected {
                    let mut out = [0; DRAW];
                    cipher.fill(&mut out);
                    assert!(out == *want, "{set:?} {seed} {stream}");
                }
            }
        }
        InstructionSet::Avx512.use_at_most();
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_counter_carries_into_its_high_word() {
        for set in InstructionSet::ALL {
            set.use_at_most();
            let Cipher::Wide(mut blocks) = Cipher::new([9; 32], 5) else { continue };
            let start = (1_u64 << 32) - 20;
            blocks.skip_to(start);
            let mut out = [0; DRAW];
            Cipher::Wide(blocks).fill(&mut out);
            let mut reference = ChaCha8Rng::from_seed([9; 32]);
            reference.set_stream(5);
            reference.set_word_pos(u128::from(start) * 16);
            let mut want = [0; DRAW];
            reference.fill_bytes(&mut want);
            assert!(out == want, "{set:?}");
        }
        InstructionSet::Avx512.use_at_most();
    }
}
