// SPDX-License-Identifier: GPL-2.0

//! What of the NACL firmware needs no machine: layouts, encodings, models and options.
//!
//! It compiles on the build machine, where `cargo test` reaches all of it.

#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod counting;
pub mod coverage;
pub mod direct;
pub mod hfence;
pub mod knobs;
pub mod record;
pub mod shmem;
