// SPDX-License-Identifier: GPL-2.0

//! What happens when a guest leaves: trap dispatch, redirection of traps into the guest, G-stage
//! page faults, and the emulation of the instructions that trap.
//!
//! Policy, like [`crate::sbi`]. The text is the RISC-V privileged specification, chapter "Hypervisor
//! Extension".

mod csr;
pub(crate) mod csr_number;
mod dispatch;
mod exception;
mod g_stage_fault;
mod mmio;
mod redirect;
pub(crate) mod status;
mod trap;
mod trapped_instruction;
mod unprivileged_read;
mod verdict;
mod virtual_instruction;

pub(crate) use csr::complete_csr_access;
pub(crate) use csr::CsrEmulation;
pub(crate) use csr::PendingCsrAccess;
pub(crate) use dispatch::handle_exit;
pub(crate) use exception::Exception;
pub(crate) use g_stage_fault::resolve_load_fault;
pub(crate) use g_stage_fault::Backing;
pub(crate) use mmio::complete_mmio;
pub(crate) use mmio::Destination;
pub(crate) use mmio::PendingMmio;
pub(crate) use redirect::redirect;
pub(crate) use trap::Trap;
pub(crate) use unprivileged_read::current_guest_memory;
pub(crate) use verdict::Next;
pub(crate) use verdict::Verdict;
pub(crate) use virtual_instruction::wait_for_interrupt;
