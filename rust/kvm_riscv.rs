// SPDX-License-Identifier: GPL-2.0

//! The guest-facing half of KVM for RISC-V.
//!
//! A guest's call flows one way: the run loop (C) calls a symbol of [`abi`], which turns raw
//! pointers into types and calls the policy in [`exit`], which calls that in [`sbi`]; the policy
//! reaches KVM's objects through [`kvm`] and the instruction level through [`riscv`].
//!
//! | room      | what it holds                                              | `unsafe` |
//! |-----------|------------------------------------------------------------|----------|
//! | [`abi`]   | every symbol that C calls, and nothing else                | yes      |
//! | [`exit`]  | traps as policy: dispatch, redirection, emulation          | no       |
//! | [`isa`]   | the instructions that are emulated, as types               | no       |
//! | [`kvm`]   | a safe view of KVM's C objects                             | yes      |
//! | [`nacl`]  | SBI nested acceleration as policy                          | no       |
//! | [`riscv`] | the instruction level: all inline assembly                 | yes      |
//! | [`sbi`]   | the SBI as policy: only `core` and `crate::`               | no       |
//!
//! The files of the rooms without `unsafe` are compiled a second time on the build machine
//! (`host/`), where `kvm` and `riscv` are replaced by fakes with the same methods.

mod abi;
#[forbid(unsafe_code)]
mod exit;
#[forbid(unsafe_code)]
mod isa;
mod kvm;
#[forbid(unsafe_code)]
mod nacl;
mod riscv;
#[forbid(unsafe_code)]
mod sbi;
