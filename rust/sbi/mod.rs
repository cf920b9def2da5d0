// SPDX-License-Identifier: GPL-2.0

//! The SBI as policy: what each call of a guest means and what it is answered.
//!
//! One file an extension. Only `core` and `crate::` are used here, so that the same files compile
//! on the build machine beside fakes of `kvm` (see `host/`). The text is the RISC-V SBI
//! specification v3.0.

mod asid;
mod base;
mod call;
mod dispatch;
mod error;
mod extension;
pub(crate) mod extension_registers;
mod fence;
mod fence_range;
mod firmware_event;
mod forward;
mod fwft;
mod hart_mask;
mod hsm;
mod ipi;
mod legacy;
mod legacy_hart_mask;
pub(crate) mod lifecycle;
pub(crate) mod pmu;
mod registry;
mod rfence;
mod srst;
pub(crate) mod sta;
pub(crate) mod state_registers;
mod susp;
mod time;

pub(crate) use asid::Asid;
pub(crate) use base::Base;
pub(crate) use call::Call;
pub(crate) use dispatch::complete_call;
pub(crate) use dispatch::handle_call;
pub(crate) use error::SbiError;
pub(crate) use extension::Extension;
pub(crate) use extension::ExtensionState;
pub(crate) use extension::Outcome;
pub(crate) use fence::Fence;
pub(crate) use fence_range::FenceRange;
pub(crate) use fence_range::PAGE_SHIFT;
pub(crate) use firmware_event::FirmwareEvent;
pub(crate) use forward::Dbcn;
pub(crate) use forward::Experimental;
pub(crate) use forward::Mpxy;
pub(crate) use forward::Vendor;
pub(crate) use fwft::Feature;
pub(crate) use fwft::FeatureState;
pub(crate) use fwft::Field;
pub(crate) use fwft::Fwft;
pub(crate) use fwft::PointerMask;
pub(crate) use hart_mask::HartMask;
pub(crate) use hsm::HartState;
pub(crate) use hsm::Hsm;
pub(crate) use ipi::Ipi;
pub(crate) use legacy::Legacy;
pub(crate) use pmu::read_counter_csr;
pub(crate) use pmu::FirmwareEventCode;
pub(crate) use pmu::PerfEventConfig;
pub(crate) use pmu::PerfType;
pub(crate) use pmu::Pmu;
pub(crate) use registry::Kind;
pub(crate) use rfence::Rfence;
pub(crate) use srst::Srst;
pub(crate) use sta::Sta;
pub(crate) use sta::StealTimeArea;
pub(crate) use susp::Susp;
pub(crate) use time::Time;
