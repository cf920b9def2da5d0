// SPDX-License-Identifier: GPL-2.0

//! The firmware: an SBI implementation in M-mode for QEMU virt that offers nested acceleration.
//!
//! One file is one idea. A hart enters at `entry`, is set up by `start`, and from then on each trap
//! into M-mode comes through `entry` to `trap`, which knows `sbi` calls, interrupts, and the return
//! from a guest, which is `nacl`'s.

#![no_std]
#![no_main]

mod console;
mod counters;
mod csr;
mod devicetree;
mod entry;
mod fwcfg;
mod hart;
mod heap;
mod interrupts;
mod mailbox;
mod nacl;
mod platform;
mod redirect;
mod sbi;
mod start;
mod trap;
