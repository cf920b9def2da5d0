// SPDX-License-Identifier: GPL-2.0

//! SBI nested acceleration.

mod fences;
mod lifecycle;
mod shared_memory;
