//! The door through which SQLite reaches a [`Disk`]: its table of file functions (VFS), registered as the default one.

#![expect(unsafe_code, reason = "SQLite asks its disk through a table of C functions")]

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;
use std::{cell::Cell, thread};

use libsqlite3_sys as ffi;

use crate::disk::{Disk, Level, Refusal, SharedIndex};

static DISKS: Mutex<BTreeMap<String, Arc<Disk>>> = Mutex::new(BTreeMap::new());

thread_local! {
    /// Whether the last lock was refused for good: then there is nothing to wait for.
    static WAITS_IN_VAIN: Cell<bool> = const { Cell::new(false) };
}

/// Lets SQLite find `disk` under the database name `path` as long as the answer lives.
pub(crate) fn mount(path: String, disk: Arc<Disk>) -> Mount {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(register);
    DISKS.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), disk);
    Mount(path)
}

/// A name under which SQLite finds a disk.
#[derive(Debug)]
pub(crate) struct Mount(pub(crate) String);

impl Drop for Mount {
    fn drop(&mut self) {
        DISKS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

fn register() {
    let vfs = Box::leak(Box::new(ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: size_of::<File>() as c_int,
        mxPathname: 512,
        pNext: ptr::null_mut(),
        zName: c"simulated".as_ptr(),
        pAppData: ptr::null_mut(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: None,
        xCurrentTimeInt64: Some(current_time_int64),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }));
    // SAFETY: the table lives as long as the process.
    let code = unsafe { ffi::sqlite3_vfs_register(vfs, 1) };
    assert_eq!(code, ffi::SQLITE_OK, "SQLite refuses the disk");
}

/// An open file; SQLite provides the room for it.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    open: *mut Open,
}

struct Open {
    disk: Arc<Disk>,
    name: String,
    handle: u64,
    index: Option<Arc<SharedIndex>>,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// SQLite's code for an outcome; `otherwise` for a disk whose process is dead.
fn code(outcome: Result<(), Refusal>, otherwise: c_int) -> c_int {
    WAITS_IN_VAIN.set(outcome == Err(Refusal::ForeignLock));
    match outcome {
        Ok(()) => ffi::SQLITE_OK,
        Err(Refusal::Dead) => otherwise,
        Err(Refusal::Missing) => ffi::SQLITE_CANTOPEN,
        Err(Refusal::Full) => ffi::SQLITE_FULL,
        Err(Refusal::Write) => ffi::SQLITE_IOERR_WRITE,
        Err(Refusal::Sync) => ffi::SQLITE_IOERR_FSYNC,
        Err(Refusal::Busy | Refusal::ForeignLock) => ffi::SQLITE_BUSY,
    }
}

/// The disk of a path, and the file's name on it: nothing for the database, else its suffix.
fn locate(path: &str) -> Option<(Arc<Disk>, String)> {
    let disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    ["", "-wal", "-journal"].into_iter().find_map(|suffix| {
        let disk = disks.get(path.strip_suffix(suffix)?)?;
        Some((disk.clone(), format!("db{suffix}")))
    })
}

/// # Safety
/// `path` is a C string.
unsafe fn text<'a>(path: *const c_char) -> &'a str {
    // SAFETY: as above.
    unsafe { CStr::from_ptr(path) }.to_str().unwrap_or_default()
}

/// # Safety
/// `file` was opened by [`open`] and is not closed yet; SQLite uses a file from one thread at a time.
unsafe fn opened<'a>(file: *mut ffi::sqlite3_file) -> &'a mut Open {
    // SAFETY: as above.
    unsafe { &mut *(*file.cast::<File>()).open }
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    path: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let file = file.cast::<File>();
    // SAFETY: SQLite gives room for a `File`, and a C string or nothing as the path.
    unsafe { (*file).base.pMethods = ptr::null() };
    let located = if path.is_null() {
        // A temporary file: a disk of its own, gone with it.
        Some((Arc::default(), "temporary".to_owned()))
    } else {
        locate(unsafe { text(path) })
    };
    let Some((disk, name)) = located else { return ffi::SQLITE_CANTOPEN };
    let handle = match disk.open(&name, path.is_null() || flags & ffi::SQLITE_OPEN_CREATE != 0) {
        Ok(handle) => handle,
        Err(refusal) => return code(Err(refusal), ffi::SQLITE_CANTOPEN),
    };
    let open = Box::into_raw(Box::new(Open { disk, name, handle, index: None }));
    // SAFETY: as above; `out_flags` may be null.
    unsafe {
        (*file).open = open;
        (*file).base.pMethods = &raw const METHODS;
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once; the box was made by `open`.
    let open = unsafe { Box::from_raw((*file.cast::<File>()).open) };
    open.disk.close(open.handle);
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, path: *const c_char, _: c_int) -> c_int {
    // SAFETY: a C string.
    let Some((disk, name)) = locate(unsafe { text(path) }) else { return ffi::SQLITE_IOERR_DELETE_NOENT };
    match disk.delete(&name) {
        Err(Refusal::Missing) => ffi::SQLITE_IOERR_DELETE_NOENT,
        outcome => code(outcome, ffi::SQLITE_IOERR_DELETE),
    }
}

unsafe extern "C" fn access(_: *mut ffi::sqlite3_vfs, path: *const c_char, _: c_int, out: *mut c_int) -> c_int {
    // SAFETY: a C string, and room for the answer.
    let found = locate(unsafe { text(path) }).map_or(Ok(false), |(disk, name)| disk.exists(&name));
    unsafe { *out = c_int::from(found == Ok(true)) };
    code(found.map(|_| ()), ffi::SQLITE_IOERR_ACCESS)
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: a C string, and `room` bytes for it.
    let bytes = unsafe { CStr::from_ptr(path) }.to_bytes_with_nul();
    if bytes.len() > room as usize {
        return ffi::SQLITE_CANTOPEN;
    }
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len()) };
    ffi::SQLITE_OK
}

/// Salts of logs and names of temporary files: different each time is all they have to be.
unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, count: c_int, out: *mut c_char) -> c_int {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let mut chance = crate::chance::Chance::new(CALLS.fetch_add(1, Ordering::Relaxed));
    // SAFETY: room for `count` bytes.
    let out = unsafe { slice::from_raw_parts_mut(out.cast::<u8>(), count as usize) };
    out.fill_with(|| chance.next() as u8);
    count
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    if !WAITS_IN_VAIN.get() {
        thread::sleep(Duration::from_micros(microseconds.unsigned_abs().into()));
    }
    microseconds
}

/// 2026-01-01 as a Julian day: nothing stored may depend on it.
const JULIAN_DAY: f64 = 2_461_041.5;

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: room for the answer.
    unsafe { *out = JULIAN_DAY };
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time_int64(_: *mut ffi::sqlite3_vfs, out: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: room for the answer.
    unsafe { *out = (JULIAN_DAY * 86_400_000.0) as ffi::sqlite3_int64 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: an open file, and room for `count` bytes that may be uninitialised: zeros first.
    let (open, into) = unsafe {
        ptr::write_bytes(into.cast::<u8>(), 0, count as usize);
        (opened(file), slice::from_raw_parts_mut(into.cast::<u8>(), count as usize))
    };
    match open.disk.read(&open.name, at as usize, into) {
        Ok(there) if there < into.len() => ffi::SQLITE_IOERR_SHORT_READ,
        outcome => code(outcome.map(|_| ()), ffi::SQLITE_IOERR_READ),
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: an open file and `count` bytes.
    let (open, from) = unsafe { (opened(file), slice::from_raw_parts(from.cast::<u8>(), count as usize)) };
    code(open.disk.write(&open.name, at as usize, from), ffi::SQLITE_IOERR_WRITE)
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, length: ffi::sqlite3_int64) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    code(open.disk.truncate(&open.name, length as usize), ffi::SQLITE_IOERR_TRUNCATE)
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    code(open.disk.sync(&open.name), ffi::SQLITE_IOERR_FSYNC)
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, out: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: an open file and room for the answer.
    let open = unsafe { opened(file) };
    let size = open.disk.size(&open.name);
    unsafe { *out = size.unwrap_or(0) as ffi::sqlite3_int64 };
    code(size.map(|_| ()), ffi::SQLITE_IOERR_FSTAT)
}

fn level(number: c_int) -> Level {
    match number {
        ffi::SQLITE_LOCK_NONE => Level::None,
        ffi::SQLITE_LOCK_SHARED => Level::Shared,
        ffi::SQLITE_LOCK_RESERVED => Level::Reserved,
        ffi::SQLITE_LOCK_PENDING => Level::Pending,
        _ => Level::Exclusive,
    }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, wanted: c_int) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    code(open.disk.lock(open.handle, level(wanted)), ffi::SQLITE_IOERR_LOCK)
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, wanted: c_int) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    open.disk.unlock(open.handle, level(wanted));
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: an open file and room for the answer.
    unsafe { *out = c_int::from(opened(file).disk.is_reserved()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

/// As SQLite takes every Unix disk: a write changes no byte around it.
unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: an open file and room for the answer; the region lives until `shm_unmap`.
    let open = unsafe { opened(file) };
    if open.index.is_none() {
        match open.disk.index() {
            Ok(index) => open.index = Some(index),
            Err(refusal) => return code(Err(refusal), ffi::SQLITE_IOERR_SHMMAP),
        }
    }
    let found = open.index.as_ref().and_then(|index| index.region(region as usize, bytes as usize, extend != 0));
    unsafe { *out = found.map_or(ptr::null_mut(), |region| region.cast_mut().cast()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock(file: *mut ffi::sqlite3_file, first: c_int, count: c_int, flags: c_int) -> c_int {
    // SAFETY: an open file.
    let open = unsafe { opened(file) };
    let (first, count) = (first as usize, count as usize);
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        open.disk.unlock_slots(open.handle, first, count);
        return ffi::SQLITE_OK;
    }
    let exclusive = flags & ffi::SQLITE_SHM_EXCLUSIVE != 0;
    code(open.disk.lock_slots(open.handle, first, count, exclusive), ffi::SQLITE_IOERR_SHMLOCK)
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: an open file.
    unsafe { opened(file) }.index = None;
    ffi::SQLITE_OK
}
