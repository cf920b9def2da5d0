// SPDX-License-Identifier: GPL-2.0

//! What a guest is told when a call fails.

/// A standard SBI error (SBI v3.0, "Binary Encoding", Standard SBI Errors), for the guest's a0.
///
/// What user space is told is an [`Errno`](crate::kvm::Errno); the two never mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(isize)]
pub(crate) enum SbiError {
    /// It failed for no reason that has a name.
    Failed = -1,
    /// The extension or function is not there.
    NotSupported = -2,
    /// An argument, or a hart that it names, is not valid.
    InvalidParam = -3,
    /// It is not allowed now, or not to the caller.
    Denied = -4,
    /// An address is not one of memory.
    InvalidAddress = -5,
    /// What is asked for is so already.
    AlreadyAvailable = -6,
    /// What is to be started runs already.
    AlreadyStarted = -7,
    /// What is to be stopped does not run.
    AlreadyStopped = -8,
    /// Memory that is to be shared has not been named.
    NoShmem = -9,
    /// It was locked with its value.
    DeniedLocked = -14,
}

impl SbiError {
    /// The value of a0.
    pub(crate) const fn to_register(self) -> usize {
        // CAST: The bits of a negative number, as a0 has them.
        (self as isize) as usize
    }
}
