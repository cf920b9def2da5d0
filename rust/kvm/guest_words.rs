// SPDX-License-Identifier: GPL-2.0

//! The guest's memory by its physical addresses, in 64-bit words.

use kernel::bindings;

use super::Errno;
use super::LoadedVcpu;
use crate::exit::Backing;

impl LoadedVcpu {
    /// Reads the words at `address`, any number of a guest, as `kvm_vcpu_read_guest()`.
    ///
    /// Context: sleeps.
    pub(crate) fn read_guest(&self, address: u64, words: &mut [u64]) -> Result<(), Errno> {
        let size = size_of_val(words);
        // SAFETY: `LoadedVcpu`: the SRCU read lock is held; `words` is ours and has `size` bytes, of
        // which any are valid.
        let ret = unsafe {
            bindings::kvm_vcpu_read_guest(self.as_ptr(), address, words.as_mut_ptr().cast(), size)
        };
        Errno::check(ret)
    }

    /// Writes the words to `address`, any number of a guest, as `kvm_vcpu_write_guest()`.
    ///
    /// Context: sleeps.
    pub(crate) fn write_guest(&self, address: u64, words: &[u64]) -> Result<(), Errno> {
        let size = size_of_val(words);
        // SAFETY: `LoadedVcpu`: the SRCU read lock is held; `words` has `size` bytes, which C reads.
        let ret = unsafe {
            bindings::kvm_vcpu_write_guest(self.as_ptr(), address, words.as_ptr().cast(), size)
        };
        Errno::check(ret)
    }

    /// Whether the guest may write where these words are, at most a page of them.
    pub(crate) fn may_write_guest(&self, address: u64, words: &[u64]) -> bool {
        let size = size_of_val(words);
        // CAST: No bits are lost.
        let first = address as usize;
        let last = first.saturating_add(size.saturating_sub(1));
        [first, last]
            .into_iter()
            .all(|address| match self.vm().backing(address) {
                Backing::Memory(slot) => slot.is_writable(),
                _ => false,
            })
    }

    /// Fills `size` bytes at `address`, any number of a guest, with zeroes, as `kvm_clear_guest()`.
    ///
    /// Context: sleeps.
    pub(crate) fn clear_guest(&self, address: u64, size: usize) -> Result<(), Errno> {
        // SAFETY: `LoadedVcpu`: the SRCU read lock is held.
        let ret = unsafe { bindings::kvm_clear_guest(self.vm().as_ptr(), address, size) };
        Errno::check(ret)
    }
}
