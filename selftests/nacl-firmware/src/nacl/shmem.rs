// SPDX-License-Identifier: GPL-2.0

//! The supervisor's memory: the shared memory of a hart, words at a time.

use crate::platform;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Acquire;
use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::Ordering::Release;
use nacl::shmem;

static END: AtomicU64 = AtomicU64::new(0);

/// Say where the memory ends; the device tree has told.
pub(crate) fn memory_ends_at(end: u64) {
    END.store(end, Relaxed);
}

/// Whether these bytes are memory that S-mode may use.
pub(crate) fn is_memory(address: u64, size: u64) -> bool {
    let begin = platform::RAM + platform::FIRMWARE_SIZE;
    address >= begin
        && address
            .checked_add(size)
            .is_some_and(|end| end <= END.load(Relaxed))
}

/// The shared memory of a hart.
#[derive(Clone, Copy)]
pub(crate) struct Shmem(u64);

impl Shmem {
    /// At a physical address, if it is memory of the supervisor.
    pub(crate) fn at(low: u64, high: u64) -> Option<Self> {
        (high == 0 && low % 4096 == 0 && is_memory(low, shmem::SIZE as u64)).then_some(Self(low))
    }

    fn word(&self, offset: usize) -> &AtomicU64 {
        assert!(offset % 8 == 0 && offset < shmem::SIZE);
        // SAFETY: `at` has seen that it is memory, and others only write it as atomics do.
        unsafe { AtomicU64::from_ptr((self.0 as usize + offset) as *mut u64) }
    }

    /// Read the word at an offset; what was written before it is seen after.
    pub(crate) fn get(&self, offset: usize) -> u64 {
        self.word(offset).load(Acquire)
    }

    /// Write the word at an offset, after all that was written before.
    pub(crate) fn set(&self, offset: usize, value: u64) {
        self.word(offset).store(value, Release);
    }
}
