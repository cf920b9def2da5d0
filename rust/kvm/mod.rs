// SPDX-License-Identifier: GPL-2.0

//! A safe view of KVM's C objects.
//!
//! No Rust reference to a bindings struct is ever made: other CPUs write `struct kvm_vcpu`, and the
//! VMM has `struct kvm_run` mapped. Each type here wraps an [`Opaque`](kernel::types::Opaque) and
//! accesses fields through raw pointers; what C reads with `READ_ONCE()` goes through [`once`].

mod errno;
mod fence;
mod firmware_event;
mod once;
mod run;
mod sbi_constants;
mod sbi_return;
mod timer;
mod vcpu;
mod vm;

pub(crate) use errno::Errno;
pub(crate) use run::Run;
pub(crate) use run::SystemEvent;
pub(crate) use sbi_return::SbiReturn;
pub(crate) use vcpu::LoadedVcpu;
pub(crate) use vcpu::Vcpu;
pub(crate) use vcpu::VsInterrupt;
pub(crate) use vm::Vm;
