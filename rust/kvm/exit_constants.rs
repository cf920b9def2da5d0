// SPDX-License-Identifier: GPL-2.0

//! Ties the ISA's numbers, which `exit` states by itself, to those of the kernel's headers.

use kernel::bindings;

use crate::exit::csr_number;
use crate::exit::status;
use crate::exit::Exception;
use crate::exit::Trap;

same! {
    Exception::InstructionAccessFault => EXC_INST_ACCESS,
    Exception::IllegalInstruction => EXC_INST_ILLEGAL,
    Exception::Breakpoint => EXC_BREAKPOINT,
    Exception::LoadAddressMisaligned => EXC_LOAD_MISALIGNED,
    Exception::LoadAccessFault => EXC_LOAD_ACCESS,
    Exception::StoreAddressMisaligned => EXC_STORE_MISALIGNED,
    Exception::StoreAccessFault => EXC_STORE_ACCESS,
    Exception::EnvironmentCallFromVs => EXC_SUPERVISOR_SYSCALL,
    Exception::InstructionPageFault => EXC_INST_PAGE_FAULT,
    Exception::LoadPageFault => EXC_LOAD_PAGE_FAULT,
    Exception::InstructionGuestPageFault => EXC_INST_GUEST_PAGE_FAULT,
    Exception::LoadGuestPageFault => EXC_LOAD_GUEST_PAGE_FAULT,
    Exception::VirtualInstruction => EXC_VIRTUAL_INST_FAULT,
    Exception::StoreGuestPageFault => EXC_STORE_GUEST_PAGE_FAULT,
    !Trap::INTERRUPT => KVM_RS_CAUSE_CODE,
    !Trap::NOT_ENTERED => KVM_RS_ENTERED,
    status::SIE => SR_SIE,
    status::SPIE => SR_SPIE,
    status::SPP => SR_SPP,
    csr_number::SEED => CSR_SEED,
    csr_number::SIREG => CSR_SIREG,
    csr_number::STOPEI => CSR_STOPEI,
    csr_number::CYCLE => CSR_CYCLE,
    csr_number::INSTRET => CSR_INSTRET,
    csr_number::HPMCOUNTER31 => CSR_HPMCOUNTER31,
}
