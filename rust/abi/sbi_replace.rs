// SPDX-License-Identifier: GPL-2.0

//! The symbols of `vcpu_sbi_replace.c`: the extensions that replace the legacy ones.

use super::sbi_extension::CExtension;
use crate::sbi::Ipi;
use crate::sbi::Rfence;
use crate::sbi::Srst;
use crate::sbi::Time;

/// The Timer extension.
#[no_mangle]
static vcpu_sbi_ext_time: CExtension = CExtension::new::<Time>();

/// The IPI extension.
#[no_mangle]
static vcpu_sbi_ext_ipi: CExtension = CExtension::new::<Ipi>();

/// The RFENCE extension.
#[no_mangle]
static vcpu_sbi_ext_rfence: CExtension = CExtension::new::<Rfence>();

/// The System Reset extension.
#[no_mangle]
static vcpu_sbi_ext_srst: CExtension = CExtension::new::<Srst>();
