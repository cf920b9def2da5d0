// SPDX-License-Identifier: GPL-2.0

//! The guest-facing half of KVM for RISC-V.
//!
//! A guest's call flows one way: the run loop (C) calls a symbol of [`abi`], which turns raw
//! pointers into types and calls the policy in [`sbi`]; the policy reaches KVM's objects through
//! [`kvm`] and the instruction level through [`riscv`].
//!
//! | room      | what it holds                                              | `unsafe` |
//! |-----------|------------------------------------------------------------|----------|
//! | [`abi`]   | every symbol that C calls, and nothing else                | yes      |
//! | [`kvm`]   | a safe view of KVM's C objects                             | yes      |
//! | [`riscv`] | the instruction level: all inline assembly                 | yes      |
//! | [`sbi`]   | the SBI as policy: only `core` and `crate::`               | no       |
//!
//! The files of [`sbi`] are compiled a second time on the build machine (`host/`), where `kvm` and
//! `riscv` are replaced by fakes with the same methods.

mod abi;
mod kvm;
mod riscv;
#[forbid(unsafe_code)]
mod sbi;
