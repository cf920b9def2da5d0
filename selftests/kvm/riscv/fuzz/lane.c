// SPDX-License-Identifier: GPL-2.0
/*
 * What runs in the guest: it executes one instruction after another with given
 * registers, and notes what became of them, without leaving the guest itself.
 *
 * Behind each instruction is a breakpoint, so that an instruction that is done
 * and one that traps come to the same handler, from VS-mode and from VU-mode.
 */
#include <linux/init.h>

#include "fuzz.h"

/* Of the handler: the registers x1 to x31 at their numbers, and what it found. */
struct frame {
	u64 x[32];
	u64 sp, pc, cause, tval;
};

/* All of it on one page, see struct lane. */
#define __lane		__section(".text.lane")

asm(".pushsection .text.lane, \"ax\"\n"
	".balign 4096\n"
	".option push\n"
	".option norvc\n"
	".altmacro\n"
	".macro save_own n\n"
	"	sd x\\n, (\\n * 8)(sp)\n"
	".endm\n"
	".macro load_own n\n"
	"	ld x\\n, (\\n * 8)(sp)\n"
	".endm\n"
	".balign 4\n"
	"lane_step:\n"
	"	addi sp, sp, -256\n"
	"	.irp n, 1,3,4,8,9,18,19,20,21,22,23,24,25,26,27\n"
	"	save_own \\n\n"
	"	.endr\n"
	"	sd sp, 256(a0)\n"
	"	csrw sscratch, a0\n"
	"	ld t0, 264(a0)\n"
	"	csrw sepc, t0\n"
	"	.irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,10\n"
	"	ld x\\n, (\\n * 8)(a0)\n"
	"	.endr\n"
	"	sret\n"
	".balign 4\n"
	".globl lane_ecall\n"
	"lane_ecall:\n"
	"	ecall\n"
	"	.2byte 0x9002\n"
	".balign 4\n"
	".globl lane_trap\n"
	"lane_trap:\n"
	"	csrrw t6, sscratch, t6\n"
	"	.irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
	"	sd x\\n, (\\n * 8)(t6)\n"
	"	.endr\n"
	"	csrr t5, sscratch\n"
	"	sd t5, 248(t6)\n"
	"	csrr t5, sepc\n"
	"	sd t5, 264(t6)\n"
	"	csrr t5, scause\n"
	"	sd t5, 272(t6)\n"
	"	csrr t5, stval\n"
	"	sd t5, 280(t6)\n"
	"	ld sp, 256(t6)\n"
	"	.irp n, 1,3,4,8,9,18,19,20,21,22,23,24,25,26,27\n"
	"	load_own \\n\n"
	"	.endr\n"
	"	addi sp, sp, 256\n"
	"	ret\n"
	/* A hart that begins anew, without page tables: a0 and a1 stay as they are. */
	".globl lane_landing, lane_landing_end\n"
	"lane_landing:\n"
	"	li t0, 0x100050008\n"
	"	sd zero, 0(t0)\n"
	"	j .\n"
	"lane_landing_end:\n"
	".option pop\n"
	".popsection\n");

_Static_assert(DOORBELL_LANDED == 0x100050008, "the landing rings another bell");
_Static_assert(offsetof(struct frame, sp) == 256, "the assembly has other places");

unsigned long lane_stvec(void)
{
	return (unsigned long)lane_trap;
}

static __lane void execute(const struct guest_step *step, struct guest_result *result)
{
	struct frame frame;
	unsigned int i;
	u64 others = 0;

	for (i = 1; i < 32; i++)
		frame.x[i] = register_pattern(i);
	frame.x[2] = step->x[STEP_SP];
	for (i = 0; i < NR_ARGS; i++)
		frame.x[10 + i] = step->x[i];
	frame.pc = step->pc;

	if (step->flags & STEP_INTERRUPT) {
		csr_set(CSR_SIE, 1 << 1);
		csr_set(CSR_SIP, 1 << 1);
	}
	if (step->flags & STEP_NO_SNAPSHOT_BEFORE)
		sbi_ecall(SBI_EXT_PMU, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM, -1, -1, 0, 0, 0, 0);
	/* SPP; SPIE is clear, so that no interrupt comes. */
	if (step->flags & STEP_USER)
		csr_clear(CSR_SSTATUS, 1 << 8);
	else
		csr_set(CSR_SSTATUS, 1 << 8);
	lane_step(&frame);

	result->pending = csr_read(CSR_SIP) & (step->flags & STEP_TIMER ? 0x22 : 2);
	if (result->pending & 2)
		csr_clear(CSR_SIP, 1 << 1);
	if (step->flags & STEP_INTERRUPT)
		csr_clear(CSR_SIE, 1 << 1);
	for (i = 1; i < 32; i++) {
		u64 was = i == 2 ? step->x[STEP_SP] :
			  i >= 10 && i <= 17 ? step->x[i - 10] : register_pattern(i);

		if (i != 10 && i != 11 && frame.x[i] != was)
			others += changed_register(i, frame.x[i]);
	}
	result->a0 = frame.x[10];
	result->a1 = frame.x[11];
	result->cause = frame.cause;
	result->tval = frame.tval;
	result->pc = frame.pc;
	result->others = others;
	result->peek = step->peek ? *(u64 *)step->peek : 0;
}

/* Tell the host, with nothing left in registers of what the steps were. */
static __lane void ring(void)
{
	register u64 bell asm("a0") = DOORBELL_DONE;

	asm volatile(
		"li ra, 0\n"
		".irp x, a1,a2,a3,a4,a5,a6,a7,t0,t1,t2,t3,t4,t5,t6\n"
		"li \\x, 0\n"
		".endr\n"
		"sd zero, 0(a0)\n"
		: : "r" (bell)
		: "ra", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5",
		  "t6", "memory");
}

__lane void lane_main(struct lane *lane)
{
	csr_clear(CSR_SSTATUS, 1 << 5);
	csr_clear(CSR_SIP, 1 << 1);
	csr_clear(CSR_SIE, 1 << 1);
	for (;;) {
		asm volatile("fence.i" ::: "memory");
		while (READ_ONCE(lane->at) < lane->count) {
			u64 at = lane->at;

			execute(&lane->slots[at].step, &lane->slots[at].result);
			WRITE_ONCE(lane->at, at + 1);
		}
		ring();
	}
}
