// SPDX-License-Identifier: GPL-2.0

//! The instruction level. All inline assembly is here.

mod barrier;
mod nospec;

pub(crate) use barrier::smp_rmb;
pub(crate) use nospec::index_nospec;
