// SPDX-License-Identifier: GPL-2.0

//! The instructions of the hypervisor extension, as far as counting them needs.

use crate::shmem;

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// It reads or writes a CSR of the extension.
    Csr(Access),
    /// HFENCE or HINVAL, of GVMA or of VVMA.
    Fence {
        /// Of GVMA.
        gvma: bool,
    },
    /// HLV, HLVX or HSV.
    LoadOrStore,
}

/// An access of a CSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The CSR.
    pub number: u16,
    /// The register that gets what was read.
    pub destination: usize,
    /// The register with the operand, or the operand.
    pub source: usize,
    /// Whether the source is the operand.
    pub immediate: bool,
    /// What is done with the operand.
    pub operation: Operation,
}

/// What is done with the operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// CSRRW.
    Write,
    /// CSRRS.
    Set,
    /// CSRRC.
    Clear,
}

impl Instruction {
    /// Decode, unless it is none of these.
    pub fn decode(word: u64) -> Option<Self> {
        let word = u32::try_from(word).ok()?;
        if word & 0x7f != 0x73 {
            return None;
        }
        let field = |low: u32, bits: u32| (word >> low & ((1 << bits) - 1)) as usize;
        let operation = match field(12, 3) {
            0 => {
                return match field(25, 7) {
                    0x11 | 0x13 => Some(Self::Fence { gvma: false }),
                    0x31 | 0x33 => Some(Self::Fence { gvma: true }),
                    _ => None,
                }
            }
            4 => return (field(25, 7) >> 4 == 3).then_some(Self::LoadOrStore),
            1 | 5 => Operation::Write,
            2 | 6 => Operation::Set,
            _ => Operation::Clear,
        };
        let number = field(20, 12) as u64;
        shmem::is_hypervisor_csr(number).then_some(Self::Csr(Access {
            number: number as u16,
            destination: field(7, 5),
            source: field(15, 5),
            immediate: field(14, 1) == 1,
            operation,
        }))
    }
}

impl Access {
    /// What is written, by the operand; nothing where there are no bits to set or clear.
    pub fn written(&self, operand: u64) -> Option<(Operation, u64)> {
        (self.operation == Operation::Write || self.source != 0)
            .then_some((self.operation, operand))
    }
}

#[cfg(test)]
mod tests {
    use super::Access;
    use super::Instruction;
    use super::Operation;

    #[test]
    fn instructions() {
        let csr = |number, destination, source, immediate, operation| {
            Some(Instruction::Csr(Access {
                number,
                destination,
                source,
                immediate,
                operation,
            }))
        };
        for (word, what) in [
            // csrr a0, hstatus; csrw hgatp, a1; csrrw a0, hstatus, a1
            (0x6000_2573, csr(0x600, 10, 0, false, Operation::Set)),
            (0x6805_9073, csr(0x680, 0, 11, false, Operation::Write)),
            (0x6005_9573, csr(0x600, 10, 11, false, Operation::Write)),
            // csrsi hvip, 4; csrc hie, t0
            (0x6452_6073, csr(0x645, 0, 4, true, Operation::Set)),
            (0x6042_b073, csr(0x604, 0, 5, false, Operation::Clear)),
            // hfence.gvma, hfence.vvma, hlv.d a0, (a1), hlvx.hu a0, (a1)
            (0x6200_0073, Some(Instruction::Fence { gvma: true })),
            (0x2200_0073, Some(Instruction::Fence { gvma: false })),
            (0x6c05_c573, Some(Instruction::LoadOrStore)),
            (0x6435_c573, Some(Instruction::LoadOrStore)),
            // csrr a0, sstatus; ecall; wfi; sret; sfence.vma; addi; compressed
            (0x1000_2573, None),
            (0x0000_0073, None),
            (0x1050_0073, None),
            (0x1020_0073, None),
            (0x1200_0073, None),
            (0x0000_0013, None),
            (0x9002, None),
        ] {
            assert_eq!(Instruction::decode(word), what, "{word:#x}");
        }
    }

    #[test]
    fn nothing_is_written_without_bits() {
        let mut access = Access {
            number: 0x600,
            destination: 1,
            source: 0,
            immediate: false,
            operation: Operation::Set,
        };
        assert_eq!(access.written(0), None);
        access.operation = Operation::Write;
        assert_eq!(access.written(0), Some((Operation::Write, 0)));
        access.operation = Operation::Clear;
        access.source = 3;
        assert_eq!(access.written(7), Some((Operation::Clear, 7)));
    }
}
