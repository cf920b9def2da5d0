// SPDX-License-Identifier: GPL-2.0

//! Linux error codes that end `KVM_RUN`.

use kernel::bindings;
use kernel::ffi::c_int;

/// A negative Linux error code on its way to user space.
///
/// It ends `KVM_RUN`. What a guest is told is an [`SbiError`](crate::sbi::SbiError); the two never
/// mix.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Errno(c_int);

impl Errno {
    /// A signal came.
    // CAST: A small number.
    pub(crate) const EINTR: Self = Self(-(bindings::EINTR as c_int));

    /// KVM cannot make sense of what happened.
    // CAST: A small number.
    pub(crate) const EFAULT: Self = Self(-(bindings::EFAULT as c_int));

    /// Splits what a C function returned: negative is an error, anything else success.
    pub(super) fn check(ret: c_int) -> Result<(), Self> {
        if ret < 0 {
            Err(Self(ret))
        } else {
            Ok(())
        }
    }

    /// The negative number that C returns.
    pub(crate) fn to_int(self) -> c_int {
        self.0
    }
}
