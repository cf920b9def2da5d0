// SPDX-License-Identifier: GPL-2.0

//! SBI nested acceleration (SBI v3.0, "Nested Acceleration Extension"): what KVM needs of it when it
//! runs under a hypervisor itself.

mod shared_memory;

pub(crate) use shared_memory::csr_index;
pub(crate) use shared_memory::csr_offset;
pub(crate) use shared_memory::dirty_bit;
pub(crate) use shared_memory::CSRS;
pub(crate) use shared_memory::DIRTY_BITMAP;
