// SPDX-License-Identifier: GPL-2.0

//! The symbol of `vcpu_sbi_base.c`.

use super::sbi_extension::CExtension;
use crate::sbi::Base;

/// The Base extension.
#[no_mangle]
static vcpu_sbi_ext_base: CExtension = CExtension::new::<Base>();
