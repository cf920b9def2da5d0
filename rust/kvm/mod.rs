// SPDX-License-Identifier: GPL-2.0

//! A safe view of KVM's C objects.
//!
//! No Rust reference to a bindings struct is ever made: other CPUs write `struct kvm_vcpu`, and the
//! VMM has `struct kvm_run` mapped. Each type here wraps an [`Opaque`](kernel::types::Opaque) and
//! accesses fields through raw pointers; what C reads with `READ_ONCE()` goes through [`once`].

#[macro_use]
mod same;

mod csr_access;
mod errno;
mod exit;
mod exit_constants;
mod extension;
mod fence;
mod firmware_event;
mod guest_context;
mod guest_memory;
mod memory_slot;
mod mmio_bus;
mod mp_state;
mod once;
mod pending;
mod run;
mod sbi_constants;
mod sbi_return;
mod statistic;
mod timer;
mod vcpu;
mod vcpu_set;
mod vm;

/// The version of the kernel, as in `<linux/version.h>`.
// CAST: 24 bits.
pub(crate) const LINUX_VERSION_CODE: usize = kernel::bindings::LINUX_VERSION_CODE as usize;

pub(crate) use errno::Errno;
pub(crate) use memory_slot::MemorySlot;
pub(crate) use run::Run;
pub(crate) use run::SystemEvent;
pub(crate) use sbi_return::SbiReturn;
pub(crate) use statistic::Statistic;
pub(crate) use vcpu::HeldVcpu;
pub(crate) use vcpu::LoadedVcpu;
pub(crate) use vcpu::Vcpu;
pub(crate) use vcpu::VsInterrupt;
pub(crate) use vcpu_set::VcpuSet;
pub(crate) use vm::Vm;
