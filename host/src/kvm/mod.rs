// SPDX-License-Identifier: GPL-2.0

//! Fakes of the kernel crate's `kvm`: the same types and methods, which note what was asked.

mod csr_access;
mod exit;
mod firmware_features;
mod guest_context;
mod guest_memory;
mod loaded_vcpu;
mod memory_slot;
mod mmio_bus;
mod nacl_memory;
mod one_reg;
mod pmu;
mod run;
mod sbi_context;
mod steal_time;
mod vcpu;
mod vcpu_set;
mod vm;
mod vs_csrs;

pub(crate) use csr_access::CsrCall;
pub(crate) use guest_context::HeldVcpu;
pub(crate) use guest_memory::Code;
pub(crate) use guest_memory::GuestMemory;
pub(crate) use loaded_vcpu::LoadedVcpu;
pub(crate) use loaded_vcpu::Statistic;
pub(crate) use memory_slot::MemorySlot;
pub(crate) use memory_slot::Page;
pub(crate) use mmio_bus::BusAccess;
pub(crate) use nacl_memory::Memories;
pub(crate) use nacl_memory::NaclMemory;
pub(crate) use one_reg::ListedRegister;
pub(crate) use one_reg::OneReg;
pub(crate) use one_reg::RegisterList;
pub(crate) use pmu::Counter;
pub(crate) use pmu::FakePmu;
pub(crate) use pmu::PmuContext;
pub(crate) use pmu::MEMORY;
pub(crate) use pmu::READ_ONLY;
pub(crate) use run::CsrReport;
pub(crate) use run::ExitReason;
pub(crate) use run::MmioReport;
pub(crate) use run::Run;
pub(crate) use run::SbiReport;
pub(crate) use run::SystemEvent;
pub(crate) use sbi_context::ExtensionStatus;
pub(crate) use steal_time::SharedAccess;
pub(crate) use steal_time::StealTime;
pub(crate) use steal_time::HAS_RUN_DELAY;
pub(crate) use vcpu::Vcpu;
pub(crate) use vcpu::VsInterrupt;
pub(crate) use vcpu_set::VcpuSet;
pub(crate) use vm::QueuedFence;
pub(crate) use vm::Request;
pub(crate) use vm::Vm;
pub(crate) use vs_csrs::VsCsrs;

pub(crate) const MAX_VCPUS: usize = 1024;
pub(crate) const HAS_LEGACY: bool = true;
pub(crate) const HAS_PMU: bool = true;
pub(crate) const LINUX_VERSION_CODE: usize = (7 << 16) | (2 << 8) | 1;

/// An error that ends `KVM_RUN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errno(pub(crate) i32);

impl Errno {
    pub(crate) const ENOENT: Self = Self(-2);
    pub(crate) const EINTR: Self = Self(-4);
    pub(crate) const EFAULT: Self = Self(-14);
    pub(crate) const ENOMEM: Self = Self(-12);
    pub(crate) const ENODEV: Self = Self(-19);
    pub(crate) const EBUSY: Self = Self(-16);
    pub(crate) const EINVAL: Self = Self(-22);
    pub(crate) const ENOTSUPP: Self = Self(-524);

    pub(crate) fn to_int(self) -> i32 {
        self.0
    }
}
