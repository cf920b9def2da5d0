// SPDX-License-Identifier: GPL-2.0

//! The SBI as policy: what each call of a guest means and what it is answered.
//!
//! One file an extension. Only `core` and `crate::` are used here, so that the same files compile
//! on the build machine beside fakes of `kvm` (see `host/`). The text is the RISC-V SBI
//! specification v3.0.

mod asid;
mod base;
mod call;
mod error;
mod extension;
mod fence;
mod fence_range;
mod firmware_event;
mod forward;
mod hart_mask;
mod hsm;
mod ipi;
mod rfence;
mod srst;
mod time;

pub(crate) use asid::Asid;
pub(crate) use base::Base;
pub(crate) use call::Call;
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
pub(crate) use hart_mask::HartMask;
pub(crate) use hsm::HartState;
pub(crate) use hsm::Hsm;
pub(crate) use ipi::Ipi;
pub(crate) use rfence::Rfence;
pub(crate) use srst::Srst;
pub(crate) use time::Time;
