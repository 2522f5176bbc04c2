//! The memory of past steps.

use serde::{Deserialize, Serialize};

use crate::error::{RlError, length, within};
use crate::random::Random;

/// A ring of steps; when it is full, the oldest is overwritten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Replay {
    capacity: usize,
    sizes: [usize; 2],
    observations: Vec<f64>,
    actions: Vec<f64>,
    rewards: Vec<f64>,
    next: Vec<f64>,
    /// The weight of the value after the step: 0 when the episode was terminated, otherwise 1.
    goes_on: Vec<f64>,
    /// Where the next step is written once the ring is full.
    oldest: usize,
}

/// A sample of remembered steps, row by row.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) observations: Vec<f64>,
    pub(super) actions: Vec<f64>,
    pub(super) rewards: Vec<f64>,
    pub(super) next: Vec<f64>,
    pub(super) goes_on: Vec<f64>,
}

impl Replay {
    pub(super) fn new(capacity: usize, observation: usize, action: usize) -> Self {
        Self {
            capacity,
            sizes: [observation, action],
            observations: Vec::new(),
            actions: Vec::new(),
            rewards: Vec::new(),
            next: Vec::new(),
            goes_on: Vec::new(),
            oldest: 0,
        }
    }

    /// Refuses a stored ring whose lists are inconsistent.
    pub(super) fn check(&self, sizes: [usize; 2]) -> Result<(), RlError> {
        let steps = self.rewards.len();
        for (name, found, width) in [
            ("the remembered observations", self.observations.len(), sizes[0]),
            ("the remembered observations after a step", self.next.len(), sizes[0]),
            ("the remembered actions", self.actions.len(), sizes[1]),
            ("the remembered ends", self.goes_on.len(), 1),
        ] {
            length(name, found, steps * width)?;
        }
        within("the remembered steps", steps as f64, steps <= self.capacity, "at most the memory")?;
        within("the oldest step", self.oldest as f64, self.oldest < self.capacity, "below the memory")
    }

    pub(super) fn len(&self) -> usize {
        self.rewards.len()
    }

    pub(super) fn remember(&mut self, observation: &[f64], action: &[f64], reward: f64, next: &[f64], goes_on: bool) {
        let goes_on = f64::from(u8::from(goes_on));
        let lists = [
            (&mut self.observations, observation),
            (&mut self.actions, action),
            (&mut self.rewards, &[reward][..]),
            (&mut self.next, next),
            (&mut self.goes_on, &[goes_on][..]),
        ];
        let is_full = lists[2].0.len() >= self.capacity;
        for (list, values) in lists {
            if is_full {
                let at = self.oldest * values.len();
                list[at..at + values.len()].copy_from_slice(values);
            } else {
                list.extend_from_slice(values);
            }
        }
        if is_full {
            self.oldest = (self.oldest + 1) % self.capacity;
        }
    }

    /// Draws steps with replacement.
    pub(super) fn draw(&self, count: usize, random: &mut Random, batch: &mut Batch) {
        let [size, numbers] = self.sizes;
        for list in
            [&mut batch.observations, &mut batch.actions, &mut batch.rewards, &mut batch.next, &mut batch.goes_on]
        {
            list.clear();
        }
        for _ in 0..count {
            let row = random.below(self.len());
            batch.observations.extend_from_slice(&self.observations[row * size..(row + 1) * size]);
            batch.next.extend_from_slice(&self.next[row * size..(row + 1) * size]);
            batch.actions.extend_from_slice(&self.actions[row * numbers..(row + 1) * numbers]);
            batch.rewards.push(self.rewards[row]);
            batch.goes_on.push(self.goes_on[row]);
        }
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::Seed;

    use super::*;

    #[test]
    fn the_oldest_steps_are_overwritten() {
        let mut replay = Replay::new(3, 1, 2);
        for i in 0..5 {
            let x = f64::from(i);
            replay.remember(&[x], &[x, -x], 10.0 * x, &[x + 1.0], i != 4);
        }
        assert_eq!((replay.len(), &replay.rewards[..]), (3, &[30.0, 40.0, 20.0][..]));
        let mut batch = Batch::default();
        replay.draw(64, &mut Random::new(Seed(1), 0), &mut batch);
        for row in 0..64 {
            let x = batch.observations[row];
            assert_eq!((batch.actions[2 * row + 1], batch.rewards[row], batch.next[row]), (-x, 10.0 * x, x + 1.0));
            assert_eq!(batch.goes_on[row], f64::from(u8::from(x < 4.0)));
        }
        assert!([2.0, 3.0, 4.0].iter().all(|x| batch.observations.contains(x)));
    }
}
