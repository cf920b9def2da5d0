// SPDX-License-Identifier: GPL-2.0

//! Registers that user space names, and its memory where their values are.

use std::cell::Cell;

use super::Errno;

/// A register, and the 8 bytes of user space that the value is read from or written to.
#[derive(Debug)]
pub(crate) struct OneReg {
    pub(crate) size: usize,
    pub(crate) subtype: usize,
    pub(crate) number: usize,
    pub(crate) memory: Cell<usize>,
    /// Whether user space has that memory.
    pub(crate) is_mapped: bool,
}

impl OneReg {
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn subtype(&self) -> usize {
        self.subtype
    }

    pub(crate) fn number(&self) -> usize {
        self.number
    }

    pub(crate) fn read(&self) -> Result<usize, Errno> {
        if self.size > 8 {
            return Err(Errno::EINVAL);
        }
        if !self.is_mapped {
            return Err(Errno::EFAULT);
        }
        Ok(self.memory.get() & (usize::MAX >> (64 - 8 * self.size)))
    }

    pub(crate) fn write(&self, value: usize) -> Result<(), Errno> {
        if !self.is_mapped {
            return Err(Errno::EFAULT);
        }
        self.memory.set(value);
        Ok(())
    }
}

/// What a listed register is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListedRegister {
    Extension(usize),
    State(usize),
}

/// A list that has room for so many registers, or one that only counts.
#[derive(Debug, Default)]
pub(crate) struct RegisterList {
    pub(crate) room: Option<usize>,
    pub(crate) registers: Vec<ListedRegister>,
    pub(crate) count: usize,
}

impl RegisterList {
    fn push(&mut self, register: ListedRegister) -> Result<(), Errno> {
        if let Some(room) = self.room {
            if self.registers.len() == room {
                return Err(Errno::EFAULT);
            }
            self.registers.push(register);
        }
        self.count += 1;
        Ok(())
    }

    pub(crate) fn push_extension(&mut self, register: usize) -> Result<(), Errno> {
        self.push(ListedRegister::Extension(register))
    }

    pub(crate) fn push_state(&mut self, register: usize) -> Result<(), Errno> {
        self.push(ListedRegister::State(register))
    }
}
