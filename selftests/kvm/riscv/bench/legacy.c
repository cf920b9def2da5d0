// SPDX-License-Identifier: GPL-2.0
/*
 * The legacy extension, on a kernel that has it (RISCV_SBI_V01).
 */
#include "call.h"
#include "sbi_call.h"
#include "sbi_legacy.h"

#define VALUE			0x5a
#define FAR_AWAY		(1UL << 62)
#define PAGE			4096UL
#define ASID			5

/* No memory is there. */
#define HOLE			(1UL << 32)
#define HOLE_GVA		0x40000000UL

/* An IPI of the guest's own is pending each time. */
BENCH_BODIES(clear_pending, "csrsi sip, 2\necall", "csrsi sip, 2");

/* Masks of the harts from 1 up to the number; 64 harts more make it two words. */
static unsigned long mask_of_1[2], mask_of_8[2], mask_of_63[2], mask_of_64[2];

static void write_masks(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	mask_of_1[0] = GENMASK(1, 1);
	mask_of_8[0] = GENMASK(8, 1);
	mask_of_63[0] = GENMASK(63, 1);
	mask_of_64[0] = GENMASK(63, 1);
	mask_of_64[1] = BIT(0);
	sync_global_to_guest(vm, mask_of_1);
	sync_global_to_guest(vm, mask_of_8);
	sync_global_to_guest(vm, mask_of_63);
	sync_global_to_guest(vm, mask_of_64);
}

/* C does not map a page that it reads a mask from, and gives the guest the fault (L5). */
static void touch_masks(void)
{
	READ_ONCE(mask_of_1[0]);
	READ_ONCE(mask_of_8[0]);
	READ_ONCE(mask_of_63[0]);
	READ_ONCE(mask_of_64[0]);
}

static void map_hole(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	virt_pg_map(vm, HOLE_GVA, HOLE);
}

static struct kvm_vcpu *stopped;

/* The guest is found where it has made the call. */
static void prepare_shutdown(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	stopped = vcpus[0];
	vcpu_arch_set_entry_point(stopped, sbi_guest_call);
	vcpu_set_reg(stopped, RISCV_CORE_REG(regs.a7), SHUTDOWN);
}

static unsigned long run_and_make_runnable(const unsigned long registers[8])
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };

	vcpu_run(stopped);
	vcpu_mp_state_set(stopped, &state);
	return stopped->run->exit_reason;
}

static unsigned long nothing(const unsigned long registers[8])
{
	return 0;
}

static const struct bench_body shut_down = { run_and_make_runnable, nothing };

#define LEGACY(text, c, rust, beside, id, ...)					\
	ANSWERS_FIELDS("LEGACY " text, c, rust, beside, id, 0, __VA_ARGS__),	\
	.prepare = write_masks, .guest_prepare = touch_masks

#define IPI(text, count, mask)							\
	{ LEGACY("send_ipi to " text, 0, 0, count, SEND_IPI, (unsigned long)(mask)),	\
	  .between_laps = bench_clear_ipis, .calls_a_lap = 1, .ticks = 2 }
#define FENCE(text, count, id, mask, ...)					\
	{ LEGACY("remote_" text, 0, 0, count, id, (unsigned long)(mask), __VA_ARGS__),	\
	  .between_laps = bench_enter_others, .calls_a_lap = 32 }

static const struct bench_path paths[] = {
	{ LEGACY("set_timer", 0, 0, 0, SET_TIMER, FAR_AWAY) },
	FORWARDED("LEGACY console_putchar to user space", VALUE, NULL, CONSOLE_PUTCHAR, 0, 'a'),
	FORWARDED("LEGACY console_getchar to user space", VALUE, NULL, CONSOLE_GETCHAR, 0, 0),
	{ LEGACY("no call of it", SBI_ERR_NOT_SUPPORTED, SBI_ERR_NOT_SUPPORTED, 0, SHUTDOWN + 1, 0) },
	{ LEGACY("clear_ipi, none pending", 0, 0, 0, CLEAR_IPI, 0) },
	/* C says that there was none: L2. */
	{ .name = "LEGACY clear_ipi, one pending", .body = &clear_pending,
	  .registers = { [7] = CLEAR_IPI }, .a0 = { [BENCH_C] = 0, [BENCH_RUST] = 1 } },

	IPI("1", 1, mask_of_1),
	IPI("8", 8, mask_of_8),
	IPI("63", 63, mask_of_63),
	/* C reads one word, and names 63 of them: L3. */
	IPI("64", 64, mask_of_64),
	IPI("all of 2, NULL", 1, NULL),
	/* C names hart 0 alone: L4. */
	IPI("all of 65, NULL", 64, NULL),
	/* The guest gets a fault of the G-stage in C: L5. */
	{ ANSWER_FIELDS("LEGACY send_ipi with a mask in no memory", HOLE_GVA, 0, SEND_IPI, 0, HOLE_GVA),
	  .prepare = map_hole, .guest_prepare = guest_skip_faults },

	FENCE("fence_i of 1", 1, REMOTE_FENCE_I, mask_of_1, 0),
	FENCE("fence_i of 8", 8, REMOTE_FENCE_I, mask_of_8, 0),
	FENCE("fence_i of 63", 63, REMOTE_FENCE_I, mask_of_63, 0),
	FENCE("fence_i of all of 2, NULL", 1, REMOTE_FENCE_I, NULL, 0),
	FENCE("sfence_vma of all pages of 1", 1, REMOTE_SFENCE_VMA, mask_of_1, 0, 0),
	FENCE("sfence_vma of all pages of 8", 8, REMOTE_SFENCE_VMA, mask_of_8, 0, 0),
	FENCE("sfence_vma of all pages of 63", 63, REMOTE_SFENCE_VMA, mask_of_63, 0, 0),
	FENCE("sfence_vma of all pages of all of 2, NULL", 1, REMOTE_SFENCE_VMA, NULL, 0, 0),
	FENCE("sfence_vma of a page of 1", 1, REMOTE_SFENCE_VMA, mask_of_1, PAGE, PAGE),
	FENCE("sfence_vma of a page of 8", 8, REMOTE_SFENCE_VMA, mask_of_8, PAGE, PAGE),
	FENCE("sfence_vma of a page of 63", 63, REMOTE_SFENCE_VMA, mask_of_63, PAGE, PAGE),
	FENCE("sfence_vma of a page of all of 2, NULL", 1, REMOTE_SFENCE_VMA, NULL, PAGE, PAGE),
	FENCE("sfence_vma_asid of all pages of 1", 1,
	      REMOTE_SFENCE_VMA_ASID, mask_of_1, 0, 0, ASID),
	FENCE("sfence_vma_asid of all pages of 8", 8,
	      REMOTE_SFENCE_VMA_ASID, mask_of_8, 0, 0, ASID),
	FENCE("sfence_vma_asid of all pages of 63", 63,
	      REMOTE_SFENCE_VMA_ASID, mask_of_63, 0, 0, ASID),
	FENCE("sfence_vma_asid of all pages of all of 2, NULL", 1,
	      REMOTE_SFENCE_VMA_ASID, NULL, 0, 0, ASID),
	FENCE("sfence_vma_asid of a page of 1", 1,
	      REMOTE_SFENCE_VMA_ASID, mask_of_1, PAGE, PAGE, ASID),
	FENCE("sfence_vma_asid of a page of 8", 8,
	      REMOTE_SFENCE_VMA_ASID, mask_of_8, PAGE, PAGE, ASID),
	FENCE("sfence_vma_asid of a page of 63", 63,
	      REMOTE_SFENCE_VMA_ASID, mask_of_63, PAGE, PAGE, ASID),
	FENCE("sfence_vma_asid of a page of all of 2, NULL", 1,
	      REMOTE_SFENCE_VMA_ASID, NULL, PAGE, PAGE, ASID),

	{ .name = "LEGACY shutdown to user space, which makes the hart runnable",
	  .body = &shut_down, .in_user_space = true, .prepare = prepare_shutdown,
	  .a0 = { KVM_EXIT_SYSTEM_EVENT, KVM_EXIT_SYSTEM_EVENT } },
};

const struct bench_group bench_legacy = { paths, ARRAY_SIZE(paths) };
