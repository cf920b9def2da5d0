// SPDX-License-Identifier: GPL-2.0

//! Every symbol that C calls, and nothing else.
//!
//! A function here turns raw pointers into types, calls one thing, and turns the result back.

mod sbi_base;
mod sbi_extension;
mod sbi_forward;
mod sbi_hsm;
mod sbi_replace;
mod vcpu_exit;
mod vcpu_insn;
