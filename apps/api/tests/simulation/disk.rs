//! A disk that remembers what was written and what of it was synced, and that fails when it is told to.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use crate::chance::Chance;

/// The unit in which an unsynced write survives a power loss or does not.
const SECTOR: usize = 512;
/// Locks of SQLite's WAL index; the first is the writer's.
const SLOTS: usize = 8;
const WRITER_SLOT: usize = 0;

/// What goes wrong until it is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No room for another byte.
    Full,
    /// Writes fail.
    Write,
    /// Syncs fail; what they should have made durable is durable or not.
    Sync,
    /// Somebody else holds the writer's lock.
    ForeignLock,
}

/// Why the disk did not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The process that asks is dead.
    Dead,
    Missing,
    Full,
    Write,
    Sync,
    /// A lock is held by somebody of this process.
    Busy,
    /// A lock is held by somebody else, who does not let go.
    ForeignLock,
}

/// Locks of the database file, in SQLite's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    None,
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

#[derive(Debug, Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut { length: usize },
}

#[derive(Debug, Clone, Default)]
struct Stored {
    /// As every process sees it.
    bytes: Vec<u8>,
    /// As it is on the platter; none for a file that was never synced.
    durable: Option<Vec<u8>>,
    /// What lies between the two, in order.
    pending: Vec<Change>,
}

#[derive(Debug, Default)]
struct Slot {
    shared: BTreeSet<u64>,
    exclusive: Option<u64>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, Stored>,
    /// Deleted, but a power loss would bring them back.
    deleted: BTreeMap<String, Stored>,
    levels: BTreeMap<u64, Level>,
    slots: [Slot; SLOTS],
    index: Weak<SharedIndex>,
    handles: u64,
    last_handle: u64,
    dead: bool,
    /// Writes, cuts, syncs and deletions that are still done.
    dies_after: Option<u64>,
    fault: Option<Fault>,
    fault_after: u64,
    gate_closed: bool,
    /// Transactions that may pass the closed gate.
    passes: u64,
    at_gate: bool,
}

/// A disk, as long as one process lives.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    state: Mutex<State>,
    moved: Condvar,
}

/// The WAL index that the connections of one process share.
#[derive(Debug, Default)]
pub(crate) struct SharedIndex(Mutex<Vec<Box<[AtomicU64]>>>);

impl SharedIndex {
    /// A region, made when it is missing and wanted.
    pub(crate) fn region(&self, number: usize, bytes: usize, make: bool) -> Option<*const AtomicU64> {
        let mut regions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while make && regions.len() <= number {
            regions.push((0..bytes.div_ceil(8)).map(|_| AtomicU64::new(0)).collect());
        }
        regions.get(number).map(|region| region.as_ptr())
    }
}

impl Disk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // What the simulation does to it.

    /// From now on `fault` holds, once `after` more writes, cuts, syncs and deletions are done.
    pub(crate) fn break_with(&self, fault: Fault, after: u64) {
        let mut state = self.state();
        state.fault = Some(fault);
        state.fault_after = after;
    }

    pub(crate) fn heal(&self) {
        self.state().fault = None;
    }

    /// The process dies when it asks for one more than `operations` writes, cuts, syncs and deletions.
    pub(crate) fn die_after(&self, operations: u64) {
        self.state().dies_after = Some(operations);
    }

    /// The process dies now.
    pub(crate) fn die(&self) {
        self.state().dead = true;
        self.moved.notify_all();
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// Holds up whoever wants to write until [`Disk::open_gate`].
    pub(crate) fn close_gate(&self) {
        let mut state = self.state();
        state.gate_closed = true;
        state.at_gate = false;
        state.passes = 0;
    }

    /// Lets one transaction pass the closed gate.
    pub(crate) fn let_one_through(&self) {
        self.state().passes = 1;
        self.moved.notify_all();
    }

    pub(crate) fn open_gate(&self) {
        self.state().gate_closed = false;
        self.moved.notify_all();
    }

    /// Whether a writer waits at the gate, or never will.
    pub(crate) fn is_writer_held(&self) -> bool {
        let state = self.state();
        state.at_gate || state.dead
    }

    pub(crate) fn open_handles(&self) -> u64 {
        self.state().handles
    }

    /// What the next process finds after this one was killed: all that was written.
    ///
    /// The process is dead by then, so its disk is handed over, not copied.
    pub(crate) fn after_kill(&self) -> Self {
        let (files, deleted) = self.left_behind();
        Self { state: Mutex::new(State { files, deleted, ..State::default() }), moved: Condvar::new() }
    }

    /// What the next process finds after the power failed: what was synced, and any part of the rest.
    pub(crate) fn after_power_loss(&self, chance: &mut Chance) -> Self {
        let (there, deleted) = self.left_behind();
        let mut files = BTreeMap::new();
        let gone: Vec<_> = deleted.into_iter().filter(|(name, _)| !there.contains_key(name)).collect();
        for (name, stored) in there {
            if let Some(bytes) = survive(stored, chance) {
                files.insert(name, bytes);
            }
        }
        for (name, stored) in gone {
            if chance.once_in(2)
                && let Some(bytes) = survive(stored, chance)
            {
                files.insert(name, bytes);
            }
        }
        let on_platter = |bytes: Vec<u8>| Stored { durable: Some(bytes.clone()), bytes, pending: Vec::new() };
        let files = files.into_iter().map(|(name, bytes)| (name, on_platter(bytes))).collect();
        Self { state: Mutex::new(State { files, ..State::default() }), moved: Condvar::new() }
    }

    /// The files of a dead process, and those it deleted.
    fn left_behind(&self) -> (BTreeMap<String, Stored>, BTreeMap<String, Stored>) {
        let mut state = self.state();
        assert!(state.dead, "a living process still needs its disk");
        (take(&mut state.files), take(&mut state.deleted))
    }

    // What SQLite does with it.

    pub(crate) fn open(&self, name: &str, create: bool) -> Result<u64, Refusal> {
        let mut state = self.state();
        state.alive()?;
        if !state.files.contains_key(name) {
            if !create {
                return Err(Refusal::Missing);
            }
            state.files.insert(name.to_owned(), Stored::default());
        }
        state.handles += 1;
        state.last_handle += 1;
        Ok(state.last_handle)
    }

    /// Gives back the handle and every lock it has.
    pub(crate) fn close(&self, handle: u64) {
        let mut state = self.state();
        state.handles -= 1;
        state.levels.remove(&handle);
        for slot in &mut state.slots {
            slot.shared.remove(&handle);
            slot.exclusive = slot.exclusive.filter(|&holder| holder != handle);
        }
    }

    pub(crate) fn exists(&self, name: &str) -> Result<bool, Refusal> {
        let state = self.state();
        state.alive()?;
        Ok(state.files.get(name).is_some_and(|stored| !stored.bytes.is_empty()))
    }

    /// Fills `into` from `at` on; what lies beyond the end is zero. Answers how much there was.
    pub(crate) fn read(&self, name: &str, at: usize, into: &mut [u8]) -> Result<usize, Refusal> {
        let state = self.state();
        state.alive()?;
        let stored = state.files.get(name).ok_or(Refusal::Missing)?;
        let there = stored.bytes.get(at..).unwrap_or_default();
        let count = there.len().min(into.len());
        into[..count].copy_from_slice(&there[..count]);
        into[count..].fill(0);
        Ok(count)
    }

    pub(crate) fn write(&self, name: &str, at: usize, bytes: &[u8]) -> Result<(), Refusal> {
        let mut state = self.state();
        let fault = state.step(&self.moved)?;
        let stored = state.files.get_mut(name).ok_or(Refusal::Missing)?;
        match fault {
            Some(Fault::Full) if at + bytes.len() > stored.bytes.len() => return Err(Refusal::Full),
            Some(Fault::Write) => return Err(Refusal::Write),
            _ => {}
        }
        stored.change(Change::Write { at, bytes: bytes.to_vec() });
        Ok(())
    }

    pub(crate) fn truncate(&self, name: &str, length: usize) -> Result<(), Refusal> {
        let mut state = self.state();
        if state.step(&self.moved)? == Some(Fault::Write) {
            return Err(Refusal::Write);
        }
        state.files.get_mut(name).ok_or(Refusal::Missing)?.change(Change::Cut { length });
        Ok(())
    }

    pub(crate) fn sync(&self, name: &str) -> Result<(), Refusal> {
        let mut state = self.state();
        if state.step(&self.moved)? == Some(Fault::Sync) {
            return Err(Refusal::Sync);
        }
        // Names become durable in their order, so a deletion before this is for good.
        state.deleted.clear();
        state.files.get_mut(name).ok_or(Refusal::Missing)?.sync();
        Ok(())
    }

    pub(crate) fn delete(&self, name: &str) -> Result<(), Refusal> {
        let mut state = self.state();
        if state.step(&self.moved)? == Some(Fault::Write) {
            return Err(Refusal::Write);
        }
        let stored = state.files.remove(name).ok_or(Refusal::Missing)?;
        if stored.durable.is_some() {
            state.deleted.insert(name.to_owned(), stored);
        }
        Ok(())
    }

    pub(crate) fn size(&self, name: &str) -> Result<usize, Refusal> {
        let state = self.state();
        state.alive()?;
        state.files.get(name).map(|stored| stored.bytes.len()).ok_or(Refusal::Missing)
    }

    /// Raises a handle's lock of the database file.
    pub(crate) fn lock(&self, handle: u64, wanted: Level) -> Result<(), Refusal> {
        let mut state = self.state();
        state.alive()?;
        let others = |least: Level| state.levels.iter().any(|(&id, &level)| id != handle && level >= least);
        let mine = state.levels.get(&handle).copied().unwrap_or(Level::None);
        if wanted <= mine {
            return Ok(());
        }
        let reached = match wanted {
            Level::None => Level::None,
            Level::Shared if others(Level::Pending) => return Err(Refusal::Busy),
            Level::Shared => Level::Shared,
            _ if others(Level::Reserved) => return Err(Refusal::Busy),
            Level::Reserved => Level::Reserved,
            // Pending keeps new readers out while those there are finish.
            _ if others(Level::Shared) => Level::Pending,
            _ => Level::Exclusive,
        };
        state.levels.insert(handle, reached);
        if reached < wanted { Err(Refusal::Busy) } else { Ok(()) }
    }

    pub(crate) fn unlock(&self, handle: u64, level: Level) {
        self.state().levels.insert(handle, level);
    }

    pub(crate) fn is_reserved(&self) -> bool {
        self.state().levels.values().any(|&level| level >= Level::Reserved)
    }

    /// The WAL index: a new, empty one when nobody has it in use.
    pub(crate) fn index(&self) -> Result<Arc<SharedIndex>, Refusal> {
        let mut state = self.state();
        state.alive()?;
        if let Some(index) = state.index.upgrade() {
            return Ok(index);
        }
        let index = Arc::<SharedIndex>::default();
        state.index = Arc::downgrade(&index);
        Ok(index)
    }

    pub(crate) fn lock_slots(&self, handle: u64, first: usize, count: usize, exclusive: bool) -> Result<(), Refusal> {
        let mut state = self.state();
        let writes = exclusive && first == WRITER_SLOT;
        while writes && state.gate_closed && state.passes == 0 && !state.dead {
            state.at_gate = true;
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.alive()?;
        if writes && state.fault == Some(Fault::ForeignLock) {
            return Err(Refusal::ForeignLock);
        }
        let wanted = &state.slots[first..first + count];
        let is_taken = wanted.iter().any(|slot| {
            slot.exclusive.is_some_and(|holder| holder != handle)
                || (exclusive && slot.shared.iter().any(|&holder| holder != handle))
        });
        if is_taken {
            return Err(Refusal::Busy);
        }
        if writes {
            state.passes = state.passes.saturating_sub(1);
        }
        for slot in &mut state.slots[first..first + count] {
            if exclusive {
                slot.exclusive = Some(handle);
            } else {
                slot.shared.insert(handle);
            }
        }
        Ok(())
    }

    pub(crate) fn unlock_slots(&self, handle: u64, first: usize, count: usize) {
        for slot in &mut self.state().slots[first..first + count] {
            slot.shared.remove(&handle);
            slot.exclusive = slot.exclusive.filter(|&holder| holder != handle);
        }
    }
}

impl State {
    fn alive(&self) -> Result<(), Refusal> {
        if self.dead { Err(Refusal::Dead) } else { Ok(()) }
    }

    /// One more operation that changes the disk: the process may die of it, or a fault be due.
    fn step(&mut self, moved: &Condvar) -> Result<Option<Fault>, Refusal> {
        self.alive()?;
        if let Some(left) = &mut self.dies_after {
            if *left == 0 {
                self.dead = true;
                moved.notify_all();
                return Err(Refusal::Dead);
            }
            *left -= 1;
        }
        if self.fault.is_some() && self.fault_after > 0 {
            self.fault_after -= 1;
            return Ok(None);
        }
        Ok(self.fault)
    }
}

impl Stored {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.bytes);
        self.pending.push(change);
    }

    fn sync(&mut self) {
        let durable = self.durable.get_or_insert_default();
        for change in self.pending.drain(..) {
            change.apply(durable);
        }
    }
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => put(to, *at, bytes),
            Self::Cut { length } => to.resize(*length, 0),
        }
    }
}

fn put(to: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if to.len() < at + bytes.len() {
        to.resize(at + bytes.len(), 0);
    }
    to[at..at + bytes.len()].copy_from_slice(bytes);
}

/// What is left of a file: its synced bytes, and of each later change all, nothing or some sectors.
fn survive(stored: Stored, chance: &mut Chance) -> Option<Vec<u8>> {
    if stored.durable.is_none() && chance.once_in(2) {
        return None;
    }
    let mut bytes = stored.durable.unwrap_or_default();
    for change in &stored.pending {
        match (chance.below(4), change) {
            (0, _) => {}
            (1, _) | (_, Change::Cut { .. }) => change.apply(&mut bytes),
            (_, Change::Write { at, bytes: written }) => {
                let mut from = 0;
                while from < written.len() {
                    let until = (from + SECTOR - (at + from) % SECTOR).min(written.len());
                    if chance.once_in(2) {
                        put(&mut bytes, at + from, &written[from..until]);
                    }
                    from = until;
                }
            }
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_keeps_what_was_written_and_a_power_loss_what_was_synced() {
        let dead = || {
            let disk = Disk::default();
            disk.open("a", true).unwrap();
            disk.write("a", 0, &[1; 1024]).unwrap();
            disk.sync("a").unwrap();
            disk.write("a", 512, &[2; 1024]).unwrap();
            disk.die();
            disk
        };
        let whole = [vec![1; 512], vec![2; 1024]].concat();
        let mut seen = BTreeSet::new();
        for seed in 0..200 {
            let after = dead().after_power_loss(&mut Chance::new(seed)).state().files["a"].bytes.clone();
            assert_eq!(after[..512], whole[..512], "what no change touched stays");
            seen.insert(after);
        }
        // All, nothing, the first sector, the second one (with or without a hole before it).
        assert!(seen.contains(&whole) && seen.contains(&vec![1; 1024]) && seen.len() == 4, "{}", seen.len());
        assert_eq!(dead().after_kill().state().files["a"].bytes, whole);
    }

    #[test]
    fn the_dead_do_nothing_more() {
        let disk = Disk::default();
        disk.open("a", true).unwrap();
        disk.die_after(1);
        disk.write("a", 0, b"1").unwrap();
        assert_eq!(disk.write("a", 1, b"2"), Err(Refusal::Dead));
        assert_eq!(disk.read("a", 0, &mut [0]), Err(Refusal::Dead));
        assert_eq!(disk.after_kill().state().files["a"].bytes, b"1");
    }
}
