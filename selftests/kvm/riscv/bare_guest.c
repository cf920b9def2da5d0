// SPDX-License-Identifier: GPL-2.0
/*
 * The guest of a bare VM, and what user space does for it.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "bare_vm.h"
#include "sbi_case.h"

/* What user space says; the guest looks whether that has come to it. */
#define LOADED		0x12345678
#define SEED		0x4321
#define ANSWER		0x77

/*
 * The guest's whole life: what has KVM allocate, write and read the guest's
 * memory, make a perf event and release it, and ask user space. It goes on
 * whatever an SBI call tells it; of what user space has said nothing may be lost.
 */
asm(".pushsection .text\n"
	".balign 16\n"
	".option push\n"
	".option norvc\n"
	".macro bare_call extension, function, a0=0, a1=0, a2=0, a3=0, a4=0\n"
	"li a7, \\extension\n"
	"li a6, \\function\n"
	"li a0, \\a0\n"
	"li a1, \\a1\n"
	"li a2, \\a2\n"
	"li a3, \\a3\n"
	"li a4, \\a4\n"
	"ecall\n"
	".endm\n"
	".macro bare_check register, value\n"
	"li t6, \\value\n"
	"bne \\register, t6, bare_wrong\n"
	".endm\n"
	".globl bare_guest, bare_guest_end\n"
	"bare_guest:\n"
	/* SUSP: system_suspend, which goes on where and with what it was told. */
	"li a7, 0x53555350\n"
	"li a6, 0\n"
	"li a0, 0\n"
	"lla a1, bare_resumed\n"
	"li a2, 0x5150\n"
	"ecall\n"
	"j bare_begin\n"
	"bare_resumed:\n"
	"bare_check a1, 0x5150\n"
	"bare_begin:\n"
	/* PMU: snapshot_set_shmem; cycles, started; counter_stop that takes a snapshot. */
	"bare_call 0x504d55, 7, 0x80004000\n"
	"bare_call 0x504d55, 2, 0, 5, 4, 1\n"
	"bare_call 0x504d55, 4, 0, 1, 2\n"
	"bare_call 0x504d55, 3, 0, 1, 2\n"
	/* PMU: event_get_info of two events. */
	"bare_call 0x504d55, 8, 0x80005000, 0, 2\n"
	/* STA: set_shmem. */
	"bare_call 0x535441, 0, 0x80006000\n"
	/* RFENCE of all, IPI to all, a timer, FWFT. */
	"bare_call 0x52464e43, 1, 0, -1, 0x1000, 0x1000\n"
	"bare_call 0x735049, 0, 0, -1\n"
	"bare_call 0x54494d45, 0, -1\n"
	"bare_call 0x46574654, 0, 0, 1\n"
	/* HSM: the second hart is started. */
	"bare_call 0x48534d, 0, 1, 0x80000000\n"
	/* Memory that is not mapped yet, to be written and to be read. */
	"li t0, 0x80008000\n"
	"sd t0, (t0)\n"
	"li t0, 0x8000a000\n"
	"ld t1, (t0)\n"
	/* To user space: a store, a load, a CSR, a call. */
	"li t0, 0x10000000\n"
	"sd t0, (t0)\n"
	"lw t1, (t0)\n"
	"bare_check t1, 0x12345678\n"
	"li t0, 0x8000c000\n"
	"ld t0, (t0)\n"
	"beqz t0, 1f\n"
	"csrrw t1, 0x015, zero\n"
	"bare_check t1, 0x4321\n"
	"1:\n"
	"bare_call 0x08000000, 1, 2, 3\n"
	"bare_check a0, 0\n"
	"bare_check a1, 0x77\n"
	/* PMU: the counter again, to be released by the reset or the end. */
	"bare_call 0x504d55, 2, 0, 5, 4, 2\n"
	/* SRST: shutdown; or a reboot. */
	"bare_call 0x53525354, 0\n"
	"bare_wrong:\n"
	"bare_call 0x53525354, 0, 1\n"
	"1: j 1b\n"
	"bare_guest_end:\n"
	".option pop\n"
	".popsection");

/* What the guest wants; false if that is none of it. */
static bool serve(struct kvm_run *run)
{
	u32 loaded = LOADED;

	switch (run->exit_reason) {
	case KVM_EXIT_MMIO:
		if (!run->mmio.is_write)
			memcpy(run->mmio.data, &loaded, sizeof(loaded));
		return true;
	case KVM_EXIT_RISCV_CSR:
		run->riscv_csr.ret_value = SEED;
		return true;
	case KVM_EXIT_RISCV_SBI:
		run->riscv_sbi.ret[0] = 0;
		run->riscv_sbi.ret[1] = ANSWER;
		return true;
	default:
		return false;
	}
}

int bare_run(void)
{
	int ret;

	do {
		ret = ioctl(bare.vcpu, KVM_RUN, NULL);
	} while ((ret < 0 && errno == EINTR) || (!ret && serve(bare.run)));
	if (!ret)
		sbi_expect(bare.run->exit_reason == KVM_EXIT_SYSTEM_EVENT &&
			   bare.run->system_event.type == KVM_SYSTEM_EVENT_SHUTDOWN,
			   "the guest ended with exit reason %u, event %u",
			   bare.run->exit_reason, bare.run->system_event.type);
	return ret;
}
