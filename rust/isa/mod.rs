// SPDX-License-Identifier: GPL-2.0

//! The instructions that a hypervisor emulates, as types.
//!
//! Nothing here knows KVM: bits go in, an [`Instruction`] comes out. Only `core` and `crate::` are
//! used, so that the same files compile on the build machine (see `host/`), where every encoding is
//! compared with other decoders. The text is the RISC-V Instruction Set Manual, volumes I and II.

mod base;
mod compressed;
mod csr;
mod field;
mod instruction;
mod memory;
mod memory_access;
mod register;
mod trap_instruction;

pub(crate) use csr::CsrAccess;
pub(crate) use csr::CsrNumber;
pub(crate) use csr::CsrOperation;
pub(crate) use csr::CsrSource;
pub(crate) use instruction::instruction_length;
pub(crate) use instruction::Instruction;
pub(crate) use memory::Extend;
pub(crate) use memory::Load;
pub(crate) use memory::Store;
pub(crate) use memory::Width;
pub(crate) use memory_access::may_access_memory;
pub(crate) use register::Register;
pub(crate) use trap_instruction::TrapInstruction;
