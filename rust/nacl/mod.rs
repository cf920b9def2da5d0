// SPDX-License-Identifier: GPL-2.0

//! SBI nested acceleration (SBI v3.0, "Nested Acceleration Extension"): how KVM uses it when it runs
//! under a hypervisor itself.

mod feature;
mod fence;
mod fence_queue;
mod lifecycle;
mod shared_memory;

pub(crate) use feature::Feature;
pub(crate) use feature::Features;
pub(crate) use fence::Fence;
pub(crate) use fence::FenceKind;
pub(crate) use fence_queue::make_fence;
pub(crate) use lifecycle::attach;
pub(crate) use lifecycle::detach;
pub(crate) use lifecycle::exit;
pub(crate) use lifecycle::init;
pub(crate) use shared_memory::csr_index;
pub(crate) use shared_memory::csr_offset;
pub(crate) use shared_memory::dirty_bit;
pub(crate) use shared_memory::fence_entry;
pub(crate) use shared_memory::CSRS;
pub(crate) use shared_memory::DIRTY_BITMAP;
pub(crate) use shared_memory::FENCE_ENTRIES;
pub(crate) use shared_memory::FENCE_PENDING;
pub(crate) use shared_memory::SIZE;
