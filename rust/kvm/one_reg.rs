// SPDX-License-Identifier: GPL-2.0

//! `struct kvm_one_reg` and lists of registers: what user space reads and writes of a vCPU.

use kernel::bindings;
use kernel::prelude::kunit_tests;
use kernel::uaccess::UserPtr;
use kernel::uaccess::UserSlice;

use super::Errno;

/// The bits of an id that say of which architecture, size and type the register is.
const TYPE: u64 = bindings::KVM_REG_ARCH_MASK as u64
    | bindings::KVM_REG_SIZE_MASK
    | bindings::KVM_REG_RISCV_TYPE_MASK as u64;

/// The bits of an id that say of which kind, among its type, the register is.
const SUBTYPE: u64 = bindings::KVM_REG_RISCV_SUBTYPE_MASK as u64;

/// A register that user space names, and where in its memory the value is.
pub(crate) struct OneReg {
    id: u64,
    address: usize,
}

impl OneReg {
    /// Reads the structure, which the ioctl has copied from user space.
    ///
    /// # Safety
    ///
    /// `ptr` points to a valid structure.
    pub(crate) unsafe fn from_raw(ptr: *const bindings::kvm_one_reg) -> Self {
        // SAFETY: By the caller.
        let register = unsafe { *ptr };
        Self {
            id: register.id,
            // CAST: No bits are lost.
            address: register.addr as usize,
        }
    }

    /// The size in bytes, a power of 2.
    pub(crate) fn size(&self) -> usize {
        1 << ((self.id & bindings::KVM_REG_SIZE_MASK) >> bindings::KVM_REG_SIZE_SHIFT)
    }

    /// The kind of register, as a `KVM_REG_RISCV_*` subtype.
    pub(crate) fn subtype(&self) -> usize {
        // CAST: No bits are lost.
        (self.id & SUBTYPE) as usize
    }

    /// Which one of its kind it is.
    pub(crate) fn number(&self) -> usize {
        // CAST: No bits are lost.
        (self.id & !(TYPE | SUBTYPE)) as usize
    }

    fn user_memory(&self, size: usize) -> UserSlice {
        UserSlice::new(UserPtr::from_addr(self.address), size)
    }

    /// Reads the value: at most 8 bytes, EINVAL for more.
    ///
    /// Context: sleeps.
    pub(crate) fn read(&self) -> Result<usize, Errno> {
        let mut reader = self.user_memory(self.size()).reader();
        // Most are of this size.
        if self.size() == size_of::<usize>() {
            return reader.read().map_err(|_| Errno::EFAULT);
        }
        let mut bytes = [0u8; size_of::<usize>()];
        let value = bytes.get_mut(..self.size()).ok_or(Errno::EINVAL)?;
        reader.read_slice(value).map_err(|_| Errno::EFAULT)?;
        Ok(usize::from_ne_bytes(bytes))
    }

    /// Writes the value of a register of 8 bytes.
    ///
    /// Context: sleeps.
    pub(crate) fn write(&self, value: usize) -> Result<(), Errno> {
        self.user_memory(size_of::<usize>())
            .writer()
            .write(&value)
            .map_err(|_| Errno::EFAULT)
    }
}

/// A list of ids of registers, in user space; or only their number.
pub(crate) struct RegisterList {
    next: Option<UserPtr>,
    count: u32,
}

impl RegisterList {
    /// A list at this address of user space. With NULL the registers are only counted.
    pub(crate) fn new(address: *mut u64) -> Self {
        Self {
            next: (!address.is_null()).then(|| UserPtr::from_ptr(address.cast())),
            count: 0,
        }
    }

    /// How many registers there are.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Adds a register of 8 bytes that says whether an extension is enabled.
    ///
    /// Context: sleeps.
    pub(crate) fn push_extension(&mut self, register: usize) -> Result<(), Errno> {
        self.push(bindings::KVM_REG_RISCV_SBI_EXT, register)
    }

    /// Adds a register of 8 bytes of an extension's state.
    ///
    /// Context: sleeps.
    pub(crate) fn push_state(&mut self, register: usize) -> Result<(), Errno> {
        self.push(bindings::KVM_REG_RISCV_SBI_STATE, register)
    }

    fn push(&mut self, kind: u32, register: usize) -> Result<(), Errno> {
        // CAST: Only bits: the constant is 1 << 63.
        let architecture = bindings::KVM_REG_RISCV as u64;
        let id = architecture | bindings::KVM_REG_SIZE_U64 | u64::from(kind) | register as u64;
        if let Some(next) = self.next {
            UserSlice::new(next, size_of::<u64>())
                .writer()
                .write(&id)
                .map_err(|_| Errno::EFAULT)?;
            self.next = Some(next.wrapping_byte_add(size_of::<u64>()));
        }
        self.count = self.count.wrapping_add(1);
        Ok(())
    }
}

#[kunit_tests(kvm_riscv_one_reg)]
mod tests {
    use kernel::bindings;
    use kernel::prelude::Result;

    use super::OneReg;
    use super::RegisterList;
    use crate::kvm::blank::Blank;

    #[test]
    fn an_id_is_size_kind_and_number() -> Result {
        let blank = Blank::<bindings::kvm_one_reg>::new()?;
        let id = bindings::KVM_REG_RISCV as u64
            | bindings::KVM_REG_SIZE_U64
            | u64::from(bindings::KVM_REG_RISCV_SBI_EXT)
            | u64::from(bindings::KVM_REG_RISCV_SBI_MULTI_EN)
            | 3;
        // SAFETY: The structure is this function's.
        unsafe { (*blank.as_ptr()).id = id };
        // SAFETY: It is valid.
        let register = unsafe { OneReg::from_raw(blank.as_ptr()) };
        assert_eq!(register.size(), 8);
        assert_eq!(
            register.subtype(),
            bindings::KVM_REG_RISCV_SBI_MULTI_EN as usize
        );
        assert_eq!(register.number(), 3);
        Ok(())
    }

    #[test]
    fn without_a_list_registers_are_counted() {
        let mut list = RegisterList::new(core::ptr::null_mut());
        for number in 0..3 {
            assert!(list.push_extension(number).is_ok());
            assert!(list.push_state(number).is_ok());
        }
        assert_eq!(list.count(), 6);
    }
}
