// SPDX-License-Identifier: GPL-2.0

//! The policy of kvm-riscv-rs on the build machine.
//!
//! The files of `rust/sbi` are compiled here as they are, with [`kvm`] in the place of the kernel's
//! objects: plain Rust structures that note what was asked of them. Everything is for tests.

#![cfg(test)]

mod kvm;
#[path = "../../rust/sbi/mod.rs"]
#[forbid(unsafe_code)]
mod sbi;
mod tests;
