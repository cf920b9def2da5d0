// SPDX-License-Identifier: GPL-2.0

//! The flags of calls. What is reserved is refused.

use crate::sbi::SbiError;

/// `config_flags` of `counter_config_matching`.
///
/// The hints for VU-, VS- and M-mode are accepted and mean nothing: a guest's counters never count
/// outside of it, and it has no guests.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConfigFlags {
    /// The first counter of the set is meant.
    pub(super) skip_match: bool,
    /// The counter begins at 0.
    pub(super) clear_value: bool,
    /// The counter is started.
    pub(super) auto_start: bool,
    /// Nothing is counted in the guest's user mode.
    pub(super) inhibit_user: bool,
    /// Nothing is counted in the guest's supervisor mode.
    pub(super) inhibit_supervisor: bool,
}

impl ConfigFlags {
    /// The flags of a call.
    pub(super) fn new(register: usize) -> Result<Self, SbiError> {
        check(register, 0xFF)?;
        Ok(Self {
            skip_match: has(register, 0),
            clear_value: has(register, 1),
            auto_start: has(register, 2),
            inhibit_user: has(register, 5),
            inhibit_supervisor: has(register, 6),
        })
    }
}

/// `start_flags` of `counter_start`: where the values come from with which counters start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StartValue {
    /// They are what the counters have.
    Current,
    /// It is in the call.
    Initial,
    /// They are in the snapshot.
    Snapshot,
}

impl StartValue {
    /// The flags of a call.
    pub(super) fn new(register: usize) -> Result<Self, SbiError> {
        match register {
            0 => Ok(Self::Current),
            1 => Ok(Self::Initial),
            2 => Ok(Self::Snapshot),
            // Both at once are "mutually exclusive".
            _ => Err(SbiError::InvalidParam),
        }
    }
}

/// `stop_flags` of `counter_stop`.
#[derive(Clone, Copy, Debug)]
pub(super) struct StopFlags {
    /// The counters lose their events.
    pub(super) reset: bool,
    /// The values go into the snapshot.
    pub(super) take_snapshot: bool,
}

impl StopFlags {
    /// The flags of a call.
    pub(super) fn new(register: usize) -> Result<Self, SbiError> {
        check(register, 3)?;
        Ok(Self {
            reset: has(register, 0),
            take_snapshot: has(register, 1),
        })
    }
}

fn has(register: usize, bit: u32) -> bool {
    (register >> bit) & 1 != 0
}

fn check(register: usize, defined: usize) -> Result<(), SbiError> {
    if register & !defined != 0 {
        return Err(SbiError::InvalidParam);
    }
    Ok(())
}
