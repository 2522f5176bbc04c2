//! Mutations of real inputs, the same for the same seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// An input is never longer than this.
const LONGEST: usize = 64 * 1024;

/// Pieces that readers treat specially.
const PIECES: [&[u8]; 40] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"true",
    b"1e999",
    b"-0",
    b"0.1",
    b"1e-400",
    b"NaN",
    b"18446744073709551616",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc3\x28",
    b";",
    b"\t",
    b"|",
    b"'",
    b"=",
    b"~0",
    b"~1",
    b"/",
    b"%",
    b"(",
    b")",
    b"-",
    b"\xe2\x88\x92",
    b"\xc2\xa0",
    b"1.234,56",
    b"PK\x03\x04",
];

/// Mutated inputs, one after the other, for ever.
pub struct Mutations<'a> {
    corpus: &'a [Vec<u8>],
    rng: ChaCha8Rng,
}

impl<'a> Mutations<'a> {
    /// Of `corpus`, which holds something, drawn from `seed`.
    #[must_use]
    pub fn new(corpus: &'a [Vec<u8>], seed: u64) -> Self {
        Self { corpus, rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.rng.random_range(0..bound.max(1))
    }

    fn range(&mut self, length: usize) -> (usize, usize) {
        let (a, b) = (self.below(length + 1), self.below(length + 1));
        // Mostly a few bytes, so that the rest still means something.
        let end = if self.below(4) == 0 { a.max(b) } else { (a.min(b) + self.below(12)).min(length) };
        (a.min(b), end)
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        let (from, to) = self.range(input.len());
        match self.below(7) {
            0 if !input.is_empty() => {
                let (at, bit) = (self.below(input.len()), self.below(8));
                input[at] ^= 1 << bit;
            }
            1 => drop(input.drain(from..to)),
            2 => {
                let piece = PIECES[self.below(PIECES.len())];
                drop(input.splice(from..from, piece.iter().copied()));
            }
            3 => {
                let piece = PIECES[self.below(PIECES.len())];
                drop(input.splice(from..to, piece.iter().copied()));
            }
            4 => {
                let copied = input[from..to].to_vec();
                let at = self.below(input.len() + 1);
                drop(input.splice(at..at, copied));
            }
            5 => {
                let corpus = self.corpus;
                let other = &corpus[self.below(corpus.len())];
                let (start, end) = self.range(other.len());
                drop(input.splice(from..to, other[start..end].iter().copied()));
            }
            _ => input.truncate(to),
        }
        input.truncate(LONGEST);
    }
}

impl Iterator for Mutations<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut input = self.corpus[self.below(self.corpus.len())].clone();
        // One change most of the time: what is wrong in many places is refused for the first of them.
        let changes = 1 + self.below(3) * self.below(4);
        for _ in 0..changes {
            self.mutate(&mut input);
        }
        Some(input)
    }
}
