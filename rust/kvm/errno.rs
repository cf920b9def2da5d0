// SPDX-License-Identifier: GPL-2.0

//! Linux error codes that end `KVM_RUN`.

use kernel::bindings;
use kernel::ffi::c_int;
use kernel::prelude::kunit_tests;

/// A negative Linux error code on its way to user space.
///
/// It ends `KVM_RUN`. What a guest is told is an [`SbiError`](crate::sbi::SbiError); the two never
/// mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errno(c_int);

impl Errno {
    /// A signal came.
    // CAST: A small number.
    pub(crate) const EINTR: Self = Self(-(bindings::EINTR as c_int));

    /// There is no such thing.
    // CAST: A small number.
    pub(crate) const ENOENT: Self = Self(-(bindings::ENOENT as c_int));

    /// There is no memory.
    // CAST: A small number.
    pub(crate) const ENOMEM: Self = Self(-(bindings::ENOMEM as c_int));

    /// There is no such device.
    // CAST: A small number.
    pub(crate) const ENODEV: Self = Self(-(bindings::ENODEV as c_int));

    /// It cannot be done any more.
    // CAST: A small number.
    pub(crate) const EBUSY: Self = Self(-(bindings::EBUSY as c_int));

    /// The value is not valid.
    // CAST: A small number.
    pub(crate) const EINVAL: Self = Self(-(bindings::EINVAL as c_int));

    /// It is not supported.
    // CAST: A small number.
    pub(crate) const ENOTSUPP: Self = Self(-(bindings::ENOTSUPP as c_int));

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

    /// The error of a hypervisor beneath that has refused a call, as `sbi_err_map_linux_errno()`.
    pub(crate) fn of_sbi(error: isize) -> Self {
        // CAST: Small numbers, here and below.
        let errno = match error as i32 {
            bindings::SBI_ERR_DENIED | bindings::SBI_ERR_DENIED_LOCKED => bindings::EPERM,
            bindings::SBI_ERR_INVALID_PARAM | bindings::SBI_ERR_INVALID_STATE => bindings::EINVAL,
            bindings::SBI_ERR_BAD_RANGE => bindings::ERANGE,
            bindings::SBI_ERR_INVALID_ADDRESS => bindings::EFAULT,
            bindings::SBI_ERR_NO_SHMEM => bindings::ENOMEM,
            bindings::SBI_ERR_TIMEOUT => bindings::ETIMEDOUT,
            bindings::SBI_ERR_IO => bindings::EIO,
            _ => bindings::ENOTSUPP,
        };
        Self(-(errno as c_int))
    }

    /// What C returns: a number, which is not negative, or an error, which is.
    pub(crate) fn to_c(result: Result<u32, Self>) -> c_int {
        match result {
            // CAST: A count of registers.
            Ok(value) => value as c_int,
            Err(errno) => errno.to_int(),
        }
    }

    /// The negative number that C returns.
    pub(crate) fn to_int(self) -> c_int {
        self.0
    }
}

#[kunit_tests(kvm_riscv_errno)]
mod tests {
    use super::Errno;

    #[test]
    fn only_what_is_negative_is_an_error() {
        assert!(Errno::check(0).is_ok() && Errno::check(i32::MAX).is_ok());
        assert!(Errno::check(-14) == Err(Errno::EFAULT));
    }

    #[test]
    fn c_gets_a_count_or_a_negative_number() {
        assert_eq!(Errno::to_c(Ok(7)), 7);
        assert_eq!(Errno::to_c(Err(Errno::ENOENT)), -2);
    }

    #[test]
    fn errors_of_the_sbi_are_those_that_linux_makes_of_them() {
        for (sbi, errno) in [
            (-1, -524),
            (-2, -524),
            (-3, -22),
            (-4, -1),
            (-5, -14),
            (-9, -12),
            (-10, -22),
            (-11, -34),
            (-12, -110),
            (-13, -5),
            (-14, -1),
            (-99, -524),
        ] {
            assert_eq!(Errno::of_sbi(sbi).to_int(), errno);
        }
    }
}
