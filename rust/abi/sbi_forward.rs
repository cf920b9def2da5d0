// SPDX-License-Identifier: GPL-2.0

//! The symbols of `vcpu_sbi_forward.c`: the extensions that user space answers.

use super::sbi_extension::CExtension;
use crate::sbi::Dbcn;
use crate::sbi::Experimental;
use crate::sbi::Mpxy;
use crate::sbi::Vendor;

/// Experimental extensions.
#[no_mangle]
static vcpu_sbi_ext_experimental: CExtension = CExtension::new::<Experimental>();

/// Vendor extensions.
#[no_mangle]
static vcpu_sbi_ext_vendor: CExtension = CExtension::new::<Vendor>();

/// The debug console.
#[no_mangle]
static vcpu_sbi_ext_dbcn: CExtension = CExtension::new::<Dbcn>();

/// Messages to other processors.
#[no_mangle]
static vcpu_sbi_ext_mpxy: CExtension = CExtension::new::<Mpxy>();
