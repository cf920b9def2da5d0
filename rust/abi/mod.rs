// SPDX-License-Identifier: GPL-2.0

//! Every symbol that C calls, and nothing else.
//!
//! A function here turns raw pointers into types, calls one thing, and turns the result back.

mod nacl;
mod vcpu;
mod vcpu_exit;
mod vcpu_insn;
#[cfg(CONFIG_RISCV_PMU_SBI)]
mod vcpu_pmu;
mod vcpu_sbi;
mod vcpu_sbi_sta;
