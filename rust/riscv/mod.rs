// SPDX-License-Identifier: GPL-2.0

//! The instruction level. All inline assembly is here.

mod arrival;
#[cfg(CONFIG_RISCV_PMU_SBI)]
mod atomic;
mod barrier;
mod csr;
mod hypervisor_csrs;
mod hypervisor_load;
mod interrupts;
mod nacl;
mod nospec;
mod world_switch;

pub(crate) use arrival::forget_instructions;
pub(crate) use arrival::forget_translations;
#[cfg(CONFIG_RISCV_PMU_SBI)]
pub(crate) use atomic::amoadd_d;
#[cfg(CONFIG_RISCV_PMU_SBI)]
pub(crate) use atomic::amoand_d;
#[cfg(CONFIG_RISCV_PMU_SBI)]
pub(crate) use atomic::amoor_d;
pub(crate) use barrier::smp_mb;
pub(crate) use barrier::smp_rmb;
pub(crate) use barrier::smp_wmb;
pub(crate) use hypervisor_csrs::HypervisorCsrs;
pub(crate) use hypervisor_load::hlv_d;
pub(crate) use hypervisor_load::hlvx_hu;
use interrupts::InterruptsOff;
pub(crate) use nacl::FenceQueue;
pub(crate) use nacl::Nested;
pub(crate) use nospec::index_nospec;
