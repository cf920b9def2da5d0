// SPDX-License-Identifier: GPL-2.0

//! Numbers that the policy states by itself are those of the kernel's headers.

/// Asserts that pairs of numbers are equal when the crate is compiled.
macro_rules! same {
    ($($ours:expr => $theirs:ident,)*) => {
        $(const _: () = assert!($ours as i128 == bindings::$theirs as i128);)*
    };
}
