// SPDX-License-Identifier: GPL-2.0

//! Fakes of the kernel crate's `riscv`.

mod fence_queue;
mod nested;

pub(crate) use fence_queue::Drain;
pub(crate) use fence_queue::FenceQueue;
pub(crate) use fence_queue::QueueModel;
pub(crate) use nested::Call;
pub(crate) use nested::Hypervisor;
pub(crate) use nested::Nested;

pub(crate) fn index_nospec(index: usize, size: usize) -> usize {
    assert!(index < size, "a bound under speculation is no check");
    index
}
