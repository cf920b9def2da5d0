// SPDX-License-Identifier: GPL-2.0

//! The queue of fences in shared memory, and the fences themselves.

use core::ptr;

use kernel::prelude::kunit_tests;

use super::call;
use super::direct_fence;
use super::keys;
use super::shared_memory;
use crate::nacl::fence_entry;
use crate::nacl::Fence;
use crate::nacl::FENCE_ENTRIES;
use crate::nacl::FENCE_PENDING;
use crate::riscv::smp_wmb;
use crate::riscv::InterruptsOff;

/// This hart's queue. While the value lives interrupts are off: it stays this hart's, and nobody else
/// on it comes between the words of an entry.
pub(crate) struct FenceQueue {
    memory: *mut u8,
    interrupts: InterruptsOff,
}

impl FenceQueue {
    /// The queue of the hart that the task is on, where nested acceleration is used.
    ///
    /// Context: any.
    pub(crate) fn of_this_hart() -> Self {
        let interrupts = InterruptsOff::new();
        Self {
            memory: shared_memory(&interrupts),
            interrupts,
        }
    }

    /// Whether the hypervisor makes the fences that are put here.
    pub(crate) fn is_served(&self) -> bool {
        keys::has_sync_hfence()
    }

    /// A word of the memory.
    fn word(&self, offset: usize) -> *mut usize {
        debug_assert!(offset < crate::nacl::SIZE);
        self.memory.wrapping_add(offset).cast()
    }

    /// Whether the hypervisor has yet to make the fence in this entry; there are [`FENCE_ENTRIES`].
    pub(crate) fn is_pending(&self, index: usize) -> bool {
        debug_assert!(index < FENCE_ENTRIES);
        let config = self.word(fence_entry(index).config);
        // SAFETY: A word of this hart's memory. The hypervisor writes it only while it has the hart.
        usize::from_le(unsafe { ptr::read_volatile(config) }) & FENCE_PENDING != 0
    }

    /// Puts a fence into an entry that is not pending.
    pub(crate) fn put(&self, index: usize, fence: &Fence) {
        let entry = fence_entry(index);
        let number = self.word(entry.page_number);
        // SAFETY: As in `is_pending()`, and so below.
        unsafe { ptr::write_volatile(number, fence.page_number().to_le()) };
        let count = self.word(entry.page_count);
        // SAFETY: As above.
        unsafe { ptr::write_volatile(count, fence.page_count().to_le()) };
        // Who sees the entry pending sees all of it.
        smp_wmb();
        let config = self.word(entry.config);
        // SAFETY: As above.
        unsafe { ptr::write_volatile(config, fence.config().to_le()) };
    }

    /// Makes the hypervisor make the fences that are pending; false if it refuses.
    pub(crate) fn sync(&self) -> bool {
        call::sync_fences().is_ok()
    }

    /// Makes a fence at once, with the instruction.
    pub(crate) fn fence_directly(&self, fence: &Fence) {
        direct_fence::make(fence, &self.interrupts);
    }
}

#[kunit_tests(kvm_riscv_nacl_fence_queue)]
mod tests {
    use kernel::prelude::Result;

    use super::FenceQueue;
    use crate::kvm::blank::Blank;
    use crate::nacl::fence_entry;
    use crate::nacl::Fence;
    use crate::nacl::FenceKind;
    use crate::nacl::FENCE_ENTRIES;
    use crate::nacl::FENCE_PENDING;
    use crate::nacl::SIZE;
    use crate::riscv::InterruptsOff;

    // Interrupts are off while there is a queue, so nothing is asserted before it is dropped.

    #[test]
    fn an_entry_is_pending_once_it_is_there_and_no_other() -> Result {
        let fence = Fence {
            kind: FenceKind::Vvma {
                vmid: 3,
                asid: Some(7),
            },
            range: None,
        };
        for index in [0, 1, FENCE_ENTRIES - 1] {
            let blank = Blank::<[usize; SIZE / size_of::<usize>()]>::new()?;
            let queue = FenceQueue {
                memory: blank.as_ptr().cast(),
                interrupts: InterruptsOff::new(),
            };
            let before = (0..FENCE_ENTRIES).any(|index| queue.is_pending(index));
            queue.put(index, &fence);
            let mut pending = (0..FENCE_ENTRIES).filter(|&index| queue.is_pending(index));
            let pending = (pending.next(), pending.next());
            // SAFETY: A word of the memory.
            let config = unsafe { *queue.word(fence_entry(index).config) };
            drop(queue);
            assert!(!before);
            assert!(pending == (Some(index), None));
            assert_eq!(config, fence.config());
            assert!(config & FENCE_PENDING != 0);
        }
        Ok(())
    }
}
