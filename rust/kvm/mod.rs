// SPDX-License-Identifier: GPL-2.0

//! A safe view of KVM's C objects.
//!
//! No Rust reference to a bindings struct is ever made: other CPUs write `struct kvm_vcpu`, and the
//! VMM has `struct kvm_run` mapped. The types of C's objects wrap an [`Opaque`](kernel::types::Opaque) and
//! accesses fields through raw pointers; what C reads with `READ_ONCE()` goes through [`once`].

#[macro_use]
mod same;

mod arrival;
#[cfg(CONFIG_KUNIT = "y")]
pub(crate) mod blank;
mod csr_access;
mod errno;
mod exit;
mod exit_constants;
mod fence;
mod firmware_event;
mod firmware_features;
mod guest_context;
mod guest_memory;
mod guest_words;
mod isa_extension;
mod layout;
mod memory_slot;
mod mmio_bus;
mod mp_state;
mod nacl_constants;
mod nacl_memory;
mod once;
mod one_reg;
mod pending;
mod perf_constants;
#[cfg(CONFIG_RISCV_PMU_SBI)]
mod perf_event;
#[cfg(CONFIG_RISCV_PMU_SBI)]
mod pmu;
#[cfg(not(CONFIG_RISCV_PMU_SBI))]
#[path = "pmu_absent.rs"]
mod pmu;
mod requested_fences;
mod reset_state;
mod run;
mod sbi_constants;
mod sbi_context;
mod scheduler;
mod statistic;
mod steal_time;
mod timer;
mod vcpu;
mod vcpu_set;
mod vm;

/// The version of the kernel, as in `<linux/version.h>`.
// CAST: 24 bits.
pub(crate) const LINUX_VERSION_CODE: usize = kernel::bindings::LINUX_VERSION_CODE as usize;

/// The most vCPUs that a VM can have.
// CAST: A small number.
pub(crate) const MAX_VCPUS: usize = kernel::bindings::KVM_MAX_VCPUS as usize;

/// Whether the legacy extensions are built, `CONFIG_RISCV_SBI_V01`.
pub(crate) const HAS_LEGACY: bool = cfg!(CONFIG_RISCV_SBI_V01);

/// Whether the PMU extension is built, `CONFIG_RISCV_PMU_SBI`.
pub(crate) const HAS_PMU: bool = cfg!(CONFIG_RISCV_PMU_SBI);

pub(crate) use errno::Errno;
pub(crate) use guest_memory::GuestMemory;
pub(crate) use memory_slot::MemorySlot;
pub(crate) use nacl_memory::NaclMemory;
pub(crate) use one_reg::OneReg;
pub(crate) use one_reg::RegisterList;
pub(crate) use pmu::Counter;
pub(crate) use pmu::PmuContext;
pub(crate) use run::Run;
pub(crate) use run::SystemEvent;
pub(crate) use sbi_context::ExtensionStatus;
pub(crate) use statistic::Statistic;
pub(crate) use steal_time::StealTime;
pub(crate) use steal_time::HAS_RUN_DELAY;
pub(crate) use vcpu::HeldVcpu;
pub(crate) use vcpu::LoadedVcpu;
pub(crate) use vcpu::Vcpu;
pub(crate) use vcpu::VsInterrupt;
pub(crate) use vcpu_set::VcpuSet;
pub(crate) use vm::Vm;
