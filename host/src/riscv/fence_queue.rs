// SPDX-License-Identifier: GPL-2.0

//! The queue of fences of the one hart that there is, and the hypervisor that is to make them.

use std::cell::RefCell;

use crate::nacl::fence_entry;
use crate::nacl::Fence;

/// What the hypervisor does with the queue when it is asked to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Drain {
    /// Makes all fences.
    #[default]
    All,
    /// Makes the first half of those that are pending.
    Half,
    /// Makes none, and says that it did.
    None,
    /// Refuses.
    Refuse,
    /// It does not have the feature.
    NotServed,
}

/// The shared memory and what has come out of it.
#[derive(Default)]
pub(crate) struct QueueModel {
    pub(crate) drain: Drain,
    /// The words of the memory, by their offset.
    memory: std::collections::BTreeMap<usize, usize>,
    /// The words of the entries that the hypervisor has made: config, page number, page count.
    pub(crate) made: Vec<[usize; 3]>,
    /// What the hart has fenced itself.
    pub(crate) direct: Vec<Fence>,
    pub(crate) syncs: usize,
}

thread_local! {
    static QUEUE: RefCell<QueueModel> = RefCell::default();
}

impl QueueModel {
    const PENDING: usize = 1 << 63;

    /// Begins anew.
    pub(crate) fn begin(drain: Drain) {
        QUEUE.with_borrow_mut(|queue| {
            *queue = Self {
                drain,
                ..Self::default()
            };
        });
    }

    /// Changes what the hypervisor does.
    pub(crate) fn set_drain(drain: Drain) {
        QUEUE.with_borrow_mut(|queue| queue.drain = drain);
    }

    /// The guest is entered: whatever it did before, the hypervisor makes all fences now. Gives
    /// what there was.
    pub(crate) fn enter_guest() -> Self {
        QUEUE.with_borrow_mut(|queue| {
            queue.make(usize::MAX);
            std::mem::take(queue)
        })
    }

    fn word(&self, offset: usize) -> usize {
        assert!((0x800..0xF80).contains(&offset) && offset % 8 == 0);
        self.memory.get(&offset).copied().unwrap_or(0)
    }

    fn make(&mut self, mut most: usize) {
        for config in (0x800..0xF80).step_by(32) {
            let entry = self.word(config);
            if entry & Self::PENDING != 0 && most > 0 {
                assert_eq!(self.word(config + 16), 0, "the reserved word");
                self.made
                    .push([entry, self.word(config + 8), self.word(config + 24)]);
                self.memory.insert(config, entry & !Self::PENDING);
                most -= 1;
            }
        }
    }

    fn pending(&self) -> usize {
        (0x800..0xF80)
            .step_by(32)
            .filter(|&config| self.word(config) & Self::PENDING != 0)
            .count()
    }
}

pub(crate) struct FenceQueue;

impl FenceQueue {
    pub(crate) fn of_this_hart() -> Self {
        Self
    }

    pub(crate) fn is_served(&self) -> bool {
        QUEUE.with_borrow(|queue| queue.drain != Drain::NotServed)
    }

    pub(crate) fn is_pending(&self, index: usize) -> bool {
        QUEUE.with_borrow(|queue| queue.word(fence_entry(index).config)) & QueueModel::PENDING != 0
    }

    pub(crate) fn put(&self, index: usize, fence: &Fence) {
        assert!(!self.is_pending(index), "the hypervisor owns this entry");
        let entry = fence_entry(index);
        QUEUE.with_borrow_mut(|queue| {
            for (offset, word) in [
                (entry.page_number, fence.page_number()),
                (entry.page_count, fence.page_count()),
                (entry.config, fence.config()),
            ] {
                queue.memory.insert(offset, word);
            }
        });
    }

    pub(crate) fn sync(&self) -> bool {
        QUEUE.with_borrow_mut(|queue| {
            queue.syncs += 1;
            match queue.drain {
                Drain::All => queue.make(usize::MAX),
                Drain::Half => queue.make(queue.pending().div_ceil(2)),
                Drain::None => {}
                Drain::Refuse | Drain::NotServed => return false,
            }
            true
        })
    }

    pub(crate) fn fence_directly(&self, fence: &Fence) {
        QUEUE.with_borrow_mut(|queue| queue.direct.push(*fence));
    }
}
