// SPDX-License-Identifier: GPL-2.0

//! The policy of kvm-riscv-rs on the build machine.
//!
//! The rooms of `rust/` without `unsafe` are compiled here as they are, with [`kvm`] in the place of
//! the kernel's objects: plain Rust structures that note what was asked of them. Everything is for
//! tests.

#![cfg(test)]

#[path = "../../rust/exit/mod.rs"]
#[forbid(unsafe_code)]
mod exit;
#[path = "../../rust/isa/mod.rs"]
#[forbid(unsafe_code)]
mod isa;
mod kvm;
#[path = "../../rust/nacl/mod.rs"]
#[forbid(unsafe_code)]
mod nacl;
mod riscv;
#[path = "../../rust/sbi/mod.rs"]
#[forbid(unsafe_code)]
mod sbi;
mod tests;
