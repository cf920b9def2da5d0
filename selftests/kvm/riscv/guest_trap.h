/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Single instructions of a guest, from the host side: all of its state is set,
 * it executes one instruction, and all of its state is looked at. The guest's
 * trap handler and what is behind the instruction are one breakpoint each,
 * which end KVM_RUN.
 */
#ifndef SELFTEST_KVM_GUEST_TRAP_H
#define SELFTEST_KVM_GUEST_TRAP_H

#include "sbi_call.h"

#define GUEST_VS	KVM_RISCV_MODE_S
#define GUEST_VU	KVM_RISCV_MODE_U

/* Registers by their numbers, as operands of the macros below. */
enum { X0, RA, SP, GP, TP, T0, T1, T2, S0, S1, A0, A1, A2, A3, A4, A5, A6, A7, };

#define INSN_I(imm, rs1, funct3, rd, opcode) \
	((u32)(imm) << 20 | (rs1) << 15 | (funct3) << 12 | (rd) << 7 | (opcode))
#define INSN_R(funct7, rs2, rs1, funct3, rd, opcode) \
	INSN_I((funct7) << 5 | (rs2), rs1, funct3, rd, opcode)

#define INSN_CSRRW(rd, csr, rs1)	INSN_I(csr, rs1, 1, rd, 0x73)
#define INSN_CSRRS(rd, csr, rs1)	INSN_I(csr, rs1, 2, rd, 0x73)
#define INSN_CSRRC(rd, csr, rs1)	INSN_I(csr, rs1, 3, rd, 0x73)
#define INSN_CSRRWI(rd, csr, imm)	INSN_I(csr, imm, 5, rd, 0x73)
#define INSN_CSRRSI(rd, csr, imm)	INSN_I(csr, imm, 6, rd, 0x73)
#define INSN_CSRRCI(rd, csr, imm)	INSN_I(csr, imm, 7, rd, 0x73)
#define INSN_CSRR(rd, csr)		INSN_CSRRS(rd, csr, X0)

#define INSN_LB(rd, rs1)		INSN_I(0, rs1, 0, rd, 0x03)
#define INSN_LH(rd, rs1)		INSN_I(0, rs1, 1, rd, 0x03)
#define INSN_LW(rd, rs1)		INSN_I(0, rs1, 2, rd, 0x03)
#define INSN_LD(rd, rs1)		INSN_I(0, rs1, 3, rd, 0x03)
#define INSN_SB(rs2, rs1)		INSN_R(0, rs2, rs1, 0, 0, 0x23)
#define INSN_SH(rs2, rs1)		INSN_R(0, rs2, rs1, 1, 0, 0x23)
#define INSN_SW(rs2, rs1)		INSN_R(0, rs2, rs1, 2, 0, 0x23)
#define INSN_SD(rs2, rs1)		INSN_R(0, rs2, rs1, 3, 0, 0x23)
#define INSN_LR_W(rd, rs1)		INSN_R(0x08, 0, rs1, 2, rd, 0x2f)
#define INSN_LR_D(rd, rs1)		INSN_R(0x08, 0, rs1, 3, rd, 0x2f)
#define INSN_SC_W(rd, rs2, rs1)		INSN_R(0x0c, rs2, rs1, 2, rd, 0x2f)
#define INSN_SC_D(rd, rs2, rs1)		INSN_R(0x0c, rs2, rs1, 3, rd, 0x2f)
#define INSN_AMOADD_W(rd, rs2, rs1)	INSN_R(0x00, rs2, rs1, 2, rd, 0x2f)
#define INSN_AMOSWAP_D(rd, rs2, rs1)	INSN_R(0x04, rs2, rs1, 3, rd, 0x2f)

#define INSN_ECALL			0x00000073
#define INSN_EBREAK			0x00100073
#define INSN_C_EBREAK			0x9002
#define INSN_C_NOP			0x0001
#define INSN_CUSTOM_0			0x0000000b
#define INSN_NOP			0x00000013
#define INSN_SRET			0x10200073
#define INSN_WFI			0x10500073
#define INSN_WRS_NTO			0x00d00073
#define INSN_WRS_STO			0x01d00073

/* All that an instruction could change. The registers are numbered; x[0] is not used. */
struct guest_state {
	unsigned long pc;
	unsigned long x[32];
	unsigned long mode;
	unsigned long sstatus, stvec, sepc, scause, stval;
	unsigned long satp;
};

/* How KVM_RUN ended. */
struct guest_end {
	/* Zero or an errno. */
	int error;
	unsigned int exit_reason;
	struct guest_state state;
};

/* A VM with one vCPU (more can be added to it), able to do what follows. */
struct kvm_vm *guest_create(struct kvm_vcpu **vcpu);

/*
 * A page of the guest's at @gva, which stands for @gpa, whether there is memory
 * or not, and can be reached from @mode only. Returns the PTE.
 */
u64 *guest_map(struct kvm_vm *vm, u64 gva, u64 gpa, unsigned long mode);

/* A page of the guest's memory, mapped for VS at @gva and for VU at @gva + GUEST_VU_OFFSET. */
#define GUEST_VU_OFFSET		(1UL << 32)
void *guest_page(struct kvm_vm *vm, u64 gva);

/* Where the instruction lies: 32 bytes before the middle of a page. */
u64 guest_code(unsigned long mode);

/* The guest's handler: what is in stvec. */
extern char guest_trap_handler[];

/* The state of a guest that is about to execute @insn, of 2 or 4 bytes, in @mode. */
struct guest_state guest_at(struct kvm_vcpu *vcpu, unsigned long mode, u32 insn);

/* The same without an instruction of ours, at any address. */
struct guest_state guest_at_address(struct kvm_vcpu *vcpu, unsigned long mode, u64 pc);

struct guest_state guest_get(struct kvm_vcpu *vcpu);
void guest_set(struct kvm_vcpu *vcpu, const struct guest_state *state);

/*
 * Have KVM complete what the last exit left open, an access to a device say, as
 * the next KVM_RUN would: before another state is set.
 */
void guest_complete(struct kvm_vcpu *vcpu);

/* KVM_RUN until it ends by itself: from @start, or from where the vCPU stands. */
struct guest_end guest_run(struct kvm_vcpu *vcpu, const struct guest_state *start);
struct guest_end guest_resume(struct kvm_vcpu *vcpu);

/* The case fails, naming @what, where two states differ; x[@but] may, if it is not 0. */
bool guest_expect_same(const char *what, const struct guest_state *is,
		       const struct guest_state *wanted, unsigned int but);

/*
 * From @start the guest has to find itself in its handler, as the privileged
 * specification says: sepc is where it was, sstatus.SPP whence it came, SPIE
 * what SIE was, SIE 0, and nothing else has changed. From sstatus.SIE, SPIE and
 * SPP as 0 and as 1.
 */
bool guest_expect_trap(struct kvm_vcpu *vcpu, const struct guest_state *start,
		       unsigned long cause, unsigned long tval);

/* What guest_expect_trap() looks for, in how a run from @start ended. */
bool guest_expect_trapped(const struct guest_end *end, const struct guest_state *start,
			  unsigned long cause, unsigned long tval);

/* The guest has to get past the instruction. Returns register @rd; no other may change. */
unsigned long guest_expect_value(struct kvm_vcpu *vcpu, const struct guest_state *start,
				 unsigned int rd);

/* What that looks for, in how a run from @start ended. */
bool guest_expect_passed(const struct guest_end *end, const struct guest_state *start,
			 unsigned int rd);

/* The run ended with @exit_reason, and the guest is still at the instruction, as it was. */
bool guest_expect_exit(const struct guest_end *end, const struct guest_state *start,
		       unsigned int exit_reason);

/* A length in bytes, from the first two. */
static inline unsigned int guest_insn_length(u32 insn)
{
	return (insn & 3) == 3 ? 4 : 2;
}

/* The statistic @name of the vCPU has gone up by @wanted since it was @before. */
void guest_expect_counted(struct kvm_vcpu *vcpu, const char *name, u64 before, u64 wanted);

#endif /* SELFTEST_KVM_GUEST_TRAP_H */
