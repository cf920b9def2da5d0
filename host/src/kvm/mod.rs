// SPDX-License-Identifier: GPL-2.0

//! Fakes of the kernel crate's `kvm`: the same types and methods, which note what was asked.

mod csr_access;
mod exit;
mod guest_context;
mod guest_memory;
mod loaded_vcpu;
mod memory_slot;
mod mmio_bus;
mod run;
mod vcpu;
mod vcpu_set;
mod vm;
mod vs_csrs;

pub(crate) use csr_access::CsrCall;
pub(crate) use guest_context::HeldVcpu;
pub(crate) use guest_memory::Code;
pub(crate) use loaded_vcpu::LoadedVcpu;
pub(crate) use loaded_vcpu::Statistic;
pub(crate) use memory_slot::MemorySlot;
pub(crate) use memory_slot::Page;
pub(crate) use mmio_bus::BusAccess;
pub(crate) use run::CsrReport;
pub(crate) use run::ExitReason;
pub(crate) use run::MmioReport;
pub(crate) use run::Run;
pub(crate) use run::SystemEvent;
pub(crate) use vcpu::Vcpu;
pub(crate) use vcpu::VsInterrupt;
pub(crate) use vcpu_set::VcpuSet;
pub(crate) use vm::QueuedFence;
pub(crate) use vm::Request;
pub(crate) use vm::Vm;
pub(crate) use vs_csrs::VsCsrs;

pub(crate) const LINUX_VERSION_CODE: usize = (7 << 16) | (2 << 8) | 1;

/// An error that ends `KVM_RUN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errno(pub(crate) i32);

impl Errno {
    pub(crate) const EINTR: Self = Self(-4);
    pub(crate) const EFAULT: Self = Self(-14);

    pub(crate) fn to_int(self) -> i32 {
        self.0
    }
}
