// SPDX-License-Identifier: GPL-2.0

//! What follows an exit.

use crate::kvm::Errno;

/// What the run loop does next, unless an [`Errno`] ends `KVM_RUN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The guest goes on.
    EnterGuest,
    /// `KVM_RUN` ends; the run structure says why.
    ExitToUserSpace,
}

/// The same as the one number that the run loop, C, takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Verdict(i32);

impl Verdict {
    /// [`Next::EnterGuest`].
    pub(crate) const ENTER_GUEST: Self = Self(1);

    /// [`Next::ExitToUserSpace`].
    pub(crate) const EXIT_TO_USER_SPACE: Self = Self(0);

    /// Above 0 to go on, 0 to leave, below 0 an error.
    #[inline(always)]
    pub(crate) fn to_c(self) -> i32 {
        self.0
    }
}

impl From<Result<Next, Errno>> for Verdict {
    #[inline(always)]
    fn from(result: Result<Next, Errno>) -> Self {
        match result {
            Ok(Next::EnterGuest) => Self::ENTER_GUEST,
            Ok(Next::ExitToUserSpace) => Self::EXIT_TO_USER_SPACE,
            Err(errno) => Self(errno.to_int()),
        }
    }
}
