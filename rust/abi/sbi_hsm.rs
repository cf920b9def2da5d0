// SPDX-License-Identifier: GPL-2.0

//! The symbol of `vcpu_sbi_hsm.c`.

use super::sbi_extension::CExtension;
use crate::sbi::Hsm;

/// The Hart State Management extension.
#[no_mangle]
static vcpu_sbi_ext_hsm: CExtension = CExtension::new::<Hsm>();
