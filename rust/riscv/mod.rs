// SPDX-License-Identifier: GPL-2.0

//! The instruction level. All inline assembly is here.

mod barrier;
mod csr;
mod hypervisor_csrs;
mod hypervisor_load;
mod interrupts;
mod nacl;
mod nospec;

pub(crate) use barrier::smp_mb;
pub(crate) use barrier::smp_rmb;
pub(crate) use hypervisor_csrs::HypervisorCsrs;
pub(crate) use hypervisor_load::hlv_d;
pub(crate) use hypervisor_load::hlvx_hu;
pub(crate) use interrupts::InterruptsOff;
pub(crate) use nospec::index_nospec;
