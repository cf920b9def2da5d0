// SPDX-License-Identifier: GPL-2.0
/*
 * Episodes from a seed: the VM, and calls of all extensions but the PMU.
 *
 * Calls on which the modules differ are a small part of each extension's; what
 * the C does not survive is made on the Rust only.
 */
#include "fuzz.h"

const char *const group_names[NR_GROUPS] = {
	[GROUP_BASE] = "BASE", [GROUP_TIME] = "TIME", [GROUP_IPI] = "IPI",
	[GROUP_RFENCE] = "RFENCE", [GROUP_HSM] = "HSM", [GROUP_SRST] = "SRST",
	[GROUP_PMU] = "PMU", [GROUP_STA] = "STA", [GROUP_FWFT] = "FWFT",
	[GROUP_SUSP] = "SUSP", [GROUP_FORWARDED] = "user space's",
	[GROUP_UNKNOWN] = "unknown ids", [GROUP_MMIO] = "loads, stores",
	[GROUP_CSR] = "CSRs", [GROUP_TRAP] = "other traps",
};

/* Of 100 steps. */
static const unsigned int shares[NR_GROUPS] = {
	[GROUP_BASE] = 10, [GROUP_TIME] = 7, [GROUP_IPI] = 10, [GROUP_RFENCE] = 10,
	[GROUP_HSM] = 9, [GROUP_SRST] = 2, [GROUP_PMU] = 17, [GROUP_STA] = 5,
	[GROUP_FWFT] = 8, [GROUP_SUSP] = 2, [GROUP_FORWARDED] = 2, [GROUP_UNKNOWN] = 3,
	[GROUP_MMIO] = 5, [GROUP_CSR] = 5, [GROUP_TRAP] = 5,
};

static const u64 extensions[] = {
	SBI_EXT_BASE, SBI_EXT_TIME, SBI_EXT_IPI, SBI_EXT_RFENCE, SBI_EXT_HSM, SBI_EXT_SRST,
	SBI_EXT_PMU, SBI_EXT_STA, SBI_EXT_FWFT, SBI_EXT_SUSP, SBI_EXT_DBCN, SBI_EXT_MPXY,
	/* What KVM does not know: CPPC, NACL, SSE, DBTR. */
	0x43505043, 0x4e41434c, 0x535345, 0x44425452,
};

/* The episode that is being made. */
static __thread const struct episode *current;

u64 any_value(struct random *random)
{
	static const u64 edges[] = {
		0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 0xff, 0x100, 0xfff, 0x1000, 0xffff,
		0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x100000001,
		0x7fffffffffffffff, 0x8000000000000000, -4096UL, -64UL, -16UL, -3UL, -2UL, -1UL,
		MEMORY, MEMORY_END, READ_ONLY, HOLE, PLAIN_PAGE + 0xff8, PLAIN_PAGE + 0xfff,
	};

	switch (below(random, 8)) {
	case 0:
		return draw(random);
	case 1:
		return draw(random) >> below(random, 64);
	case 2:
		return 1UL << below(random, 64);
	default:
		return pick(random, edges);
	}
}

/* Mostly one of the @known first ones. */
u64 any_function(struct random *random, unsigned int known)
{
	static const u64 cut[] = { 0x80, 0x100, 0x10000, 0x80000000, 0x100000000, -1UL };

	if (!once_in(random, 12))
		return below(random, known);
	switch (below(random, 4)) {
	case 0:
		return known + below(random, 2);
	case 1:
		return draw(random);
	default:
		/* What a cut register would take for a known one. */
		return pick(random, cut) + below(random, known);
	}
}

/* Where memory is, or is not. The guest's own program is at the lowest addresses. */
u64 any_address(struct random *random)
{
	static const u64 places[] = {
		PLAIN_PAGE, PLAIN_PAGE + 0x1000, MEMORY_END - 0x2000, MEMORY_END, MEMORY - 0x1000,
		READ_ONLY, READ_ONLY + 0x1000, READ_ONLY + READ_ONLY_PAGES * 0x1000, HOLE,
		0xfffff000, -4096UL, 1UL << 55, 1UL << 63,
	};

	return pick(random, places);
}

bool has_memory(u64 gpa, u64 size, bool to_write)
{
	u64 last = gpa + size - 1;

	if (last < gpa)
		return false;
	if (gpa >= MEMORY && last < MEMORY_END)
		return true;
	return !to_write && gpa >= READ_ONLY && last < READ_ONLY + READ_ONLY_PAGES * 0x1000;
}

static u64 any_id(struct random *random)
{
	return current->ids[below(random, current->vcpus)];
}

static u64 absent_id(struct random *random)
{
	static const u64 absent[] = { 5, 6, 62, 66, 1000, 0x7fffffff, 0x80000000, 0xffffffff };

	return pick(random, absent);
}

/* A mask of harts and its base: harts that there are, now and then others. */
static void any_harts(struct random *random, u64 *mask, u64 *base, unsigned int absent)
{
	unsigned int i;

	if (once_in(random, 8)) {
		*mask = any_value(random);
		*base = -1;
		return;
	}
	*mask = 0;
	*base = once_in(random, 3) ? any_id(random) : 0;
	for (i = 0; i < current->vcpus; i++) {
		u64 bit = current->ids[i] - *base;

		if (current->ids[i] >= *base && bit < 64 && !once_in(random, 3))
			*mask |= 1UL << bit;
	}
	if (once_in(random, absent)) {
		*mask |= any_value(random);
		if (once_in(random, 2))
			*base = any_value(random);
	}
}

/* Whether the loop of the C over the pages of a fence does not end. */
static bool fence_is_endless(u64 start, u64 size)
{
	return (size >> 12) <= 512 && start + size >= start && start + size > -8192UL;
}

static void generate_fence(struct random *random, struct step *step)
{
	static const u64 starts[] = {
		0, 1, 0x1000, 0x12345000, 0x12345678, 0x7ffffffff000, -4096UL, -0x200000UL,
	};
	static const u64 sizes[] = {
		0, 0x1000, 0x1000, 0x2000, 0x4000, 1, 0xfff, 0x1001, 0x201000, -1UL, -2UL, 1UL << 63,
	};

	any_harts(random, &step->x[0], &step->x[1], 30);
	step->x[2] = once_in(random, 16) ? any_value(random) : pick(random, starts);
	step->x[3] = once_in(random, 16) ? any_value(random) : pick(random, sizes);
	/* Up to 512 pages are fenced one by one. */
	if (step->x[3] > 0x20000 && step->x[3] <= 0x200000)
		step->x[3] = 0x20000;
	if (!fence_is_endless(step->x[2], step->x[3]))
		return;
	/* What firmware counters have counted then is not the same any more. */
	if (once_in(random, 4))
		step->rust_only = "R6";
	else
		step->x[2] = 0x1000;
}

static void generate_hsm(struct random *random, struct step *step)
{
	bool others = current->lanes == 1;

	switch (step->x[6]) {
	case 0:
		step->x[0] = once_in(random, 3) ? absent_id(random) : any_id(random);
		step->x[1] = once_in(random, 60) ? any_address(random) :
			     once_in(random, 4) ? PLAIN_PAGE + below(random, 4096) :
			     LANDING_PAGE + 2 * below(random, LANDING_SLED / 2);
		break;
	case 1:
		if (!others || !once_in(random, 40))
			step->x[6] = 2;
		else
			step->flags |= STEP_STOPS;
		fallthrough;
	case 2:
		step->x[0] = once_in(random, 4) ? absent_id(random) : any_id(random);
		break;
	case 3:
		if (once_in(random, 2))
			step->x[0] = pick(random, ((const u64[]) { 0, 0x80000000, 1UL << 32, 1 }));
		if (!(u32)step->x[0])
			step->flags |= STEP_INTERRUPT;
		return;
	}
	/* What C cuts off. */
	if (once_in(random, 100))
		step->x[0] |= 1UL << (32 + below(random, 32));
	/* With others running, only what depends on none of them. */
	if (!others && step->x[6] < 2)
		step->x[0] = absent_id(random);
	if (!others && step->x[6] == 2)
		step->x[0] = absent_id(random);
}

static void generate_reset(struct random *random, struct step *step)
{
	static const u64 types[] = { 0, 1, 2, 0x100000000, 0x100000001 };
	static const u64 odd_types[] = { 3, 0xefffffff, 0xf0000000, 0xffffffff, -2UL };
	static const u64 reasons[] = { 0, 1, 0xe0000000, 0xf0000000, 0xffffffff, 1UL << 32 };
	static const u64 odd_reasons[] = { 2, 0x7fffffff, 0xdfffffff, 1UL << 32 | 2 };

	step->x[0] = once_in(random, 60) ? pick(random, odd_types) : pick(random, types);
	step->x[1] = once_in(random, 60) ? pick(random, odd_reasons) : pick(random, reasons);
	/* A reset is an exit, and all harts have to be set up again. */
	if (current->lanes > 1 || !once_in(random, 8))
		step->x[6] = 1 + below(random, 100);
}

static void generate_steal_time(struct random *random, struct step *step)
{
	static const u64 flags[] = { 1, 2, 0x80000000, 0xffffffff, 0x8000000000000001 };

	if (step->x[6])
		return;
	step->x[1] = step->x[2] = 0;
	step->x[0] = STEAL_TIME_PAGE + 64 * below(random, 64);
	switch (below(random, 8)) {
	case 0:
		step->x[0] = step->x[1] = -1;
		break;
	case 1:
		step->x[0] += 1 + below(random, 63);
		break;
	case 2:
		step->x[1] = any_value(random);
		break;
	case 3:
		step->x[2] = pick(random, flags);
		break;
	case 4:
		step->x[0] = any_address(random);
		/* Nothing that is compared may change with time. */
		if (has_memory(step->x[0], 64, true))
			step->x[0] = HOLE;
		break;
	}
	/* C: no flag. */
	if (once_in(random, 80))
		step->x[2] = 1UL << (32 + below(random, 32));
	if (step->x[0] >= STEAL_TIME_PAGE && step->x[0] < SNAPSHOT_PAGE && !(step->x[0] & 63))
		step->peek = step->x[0] + 32;
}

static void generate_feature(struct random *random, struct step *step)
{
	static const u64 features[] = {
		0, 1, 2, 3, 4, 5, 6, 0x3fffffff, 0x40000000, 0x80000000, 0xc0000000, 0xffffffff,
		1UL << 32 | 5, 1UL << 32,
	};
	static const u64 values[] = { 0, 1, 2, 7, 16, 8, 1UL << 32, -1UL };

	if (!once_in(random, 16))
		step->x[0] = once_in(random, 3) ? 5 : pick(random, features);
	if (!once_in(random, 16))
		step->x[1] = pick(random, values);
	/* Locked is locked for the rest of the episode. */
	step->x[2] = once_in(random, 40) ? 1 : once_in(random, 6) ? any_value(random) & ~1UL : 0;
}

/* The guest resumes at the landing page and nowhere else. */
static void generate_suspend(struct random *random, struct step *step)
{
	static const u64 nowhere[] = { MEMORY_END, HOLE, 0xfffff000, -4096UL, 1UL << 55 };

	if (step->x[6])
		return;
	if (!once_in(random, 4))
		step->x[0] = once_in(random, 2) ? 0 : 1UL << 32;
	step->x[1] = once_in(random, 3) ? pick(random, nowhere) : LANDING_PAGE;
	if (!(u32)step->x[0] && has_memory(step->x[1], 1, false))
		step->x[1] = LANDING_PAGE;
	step->answer = once_in(random, 50) ? 0 : 1;
}

static void generate_base(struct random *random, struct step *step)
{
	if (step->x[6] != 3)
		return;
	if (once_in(random, 200)) {
		step->x[0] = -1;
	} else if (once_in(random, 40)) {
		step->x[0] = pick(random, ((const u64[]) {
			0x08000000, 0x08fffffe, 0x09000000, 0x09ffffff, 0x09abcdef,
		}));
		/* Where user space has nothing to say the modules differ. */
		step->answer = once_in(random, 3) ? 0 : 1 + below(random, 2);
	} else if (once_in(random, 8)) {
		step->x[0] = 0x08000000 - 1 - below(random, 2);
		if (once_in(random, 2))
			step->x[0] = 0x0a000000 + below(random, 2);
	} else {
		step->x[0] = pick(random, extensions) + below(random, 16) / 14 * (below(random, 3) - 1);
	}
}

static const struct {
	u64 extension;
	unsigned int functions;
} kinds[NR_GROUPS] = {
	[GROUP_BASE] = { SBI_EXT_BASE, 7 }, [GROUP_TIME] = { SBI_EXT_TIME, 1 },
	[GROUP_IPI] = { SBI_EXT_IPI, 1 }, [GROUP_RFENCE] = { SBI_EXT_RFENCE, 7 },
	[GROUP_HSM] = { SBI_EXT_HSM, 4 }, [GROUP_SRST] = { SBI_EXT_SRST, 1 },
	[GROUP_PMU] = { SBI_EXT_PMU, 9 }, [GROUP_STA] = { SBI_EXT_STA, 1 },
	[GROUP_FWFT] = { SBI_EXT_FWFT, 2 }, [GROUP_SUSP] = { SBI_EXT_SUSP, 1 },
};

void generate_call(struct random *random, struct step *step, u64 extension, u64 function)
{
	unsigned int i;

	step->insn = ECALL;
	for (i = 0; i < 6; i++)
		step->x[i] = any_value(random);
	step->x[6] = function;
	step->x[7] = extension;
}

static void generate_forwarded(struct random *random, struct step *step)
{
	static const u64 ids[] = {
		0x08000000, 0x08fffffe, 0x09000000, 0x09ffffff, SBI_EXT_DBCN, SBI_EXT_MPXY,
		SBI_EXT_DBCN, SBI_EXT_MPXY,
	};

	generate_call(random, step, pick(random, ids), any_function(random, 4));
	step->answer = once_in(random, 3) ? 0 : any_value(random) | 1;
}

/* Neighbours, legacy extensions (which the kernel under test does not have), cut ids. */
static void generate_unknown(struct random *random, struct step *step)
{
	u64 id = pick(random, extensions);

	switch (below(random, 6)) {
	case 0:
		id = below(random, 16);
		break;
	case 1:
		id = pick(random, ((const u64[]) { 0x07ffffff, 0x0a000000, 0x0affffff }));
		break;
	case 2:
		id |= 1UL << (32 + below(random, 32));
		break;
	case 3:
		/* The last four of the list. */
		id = extensions[ARRAY_SIZE(extensions) - 1 - below(random, 4)];
		break;
	case 4:
		id = draw(random) | 1UL << 40;
		break;
	default:
		id += once_in(random, 2) ? 1 : -1;
	}
	generate_call(random, step, id, any_function(random, 8));
}

static void generate_step(struct random *random, struct step *step, enum group group,
			  unsigned int lane)
{
	static const u64 deadlines[] = {
		0, 1, 2, 1UL << 50, 1UL << 62, 1UL << 63, 0x7fffffffffffffff, -2UL, -1UL,
	};

	memset(step, 0, sizeof(*step));
	step->group = group;
	step->x[STEP_SP] = PLAIN_PAGE + 0x800;

	switch (group) {
	case GROUP_FORWARDED:
		generate_forwarded(random, step);
		return;
	case GROUP_UNKNOWN:
		generate_unknown(random, step);
		return;
	case GROUP_MMIO:
	case GROUP_CSR:
	case GROUP_TRAP:
		generate_instruction(random, step, PLAIN_PAGE + lane * 0x4000);
		return;
	default:
		break;
	}

	generate_call(random, step, kinds[group].extension,
		      any_function(random, kinds[group].functions));
	switch (group) {
	case GROUP_BASE:
		generate_base(random, step);
		break;
	case GROUP_TIME:
		step->x[0] = pick(random, deadlines);
		if (!step->x[6])
			step->flags |= STEP_TIMER;
		break;
	case GROUP_IPI:
		any_harts(random, &step->x[0], &step->x[1], 5);
		break;
	case GROUP_RFENCE:
		generate_fence(random, step);
		break;
	case GROUP_HSM:
		generate_hsm(random, step);
		break;
	case GROUP_SRST:
		generate_reset(random, step);
		break;
	case GROUP_STA:
		generate_steal_time(random, step);
		break;
	case GROUP_FWFT:
		generate_feature(random, step);
		break;
	case GROUP_SUSP:
		generate_suspend(random, step);
		break;
	case GROUP_PMU:
		generate_pmu(random, step);
		break;
	default:
		break;
	}
}

static enum group any_group(struct random *random)
{
	unsigned int at = below(random, 100), i;

	for (i = 0; i < NR_GROUPS - 1 && at >= shares[i]; i++)
		at -= shares[i];
	/* Where a hart resumes, its features are not compared any more (P2). */
	if (i == GROUP_FWFT && current->enabled & 1UL << KVM_RISCV_SBI_EXT_SUSP &&
	    !(current->disabled & 1UL << KVM_RISCV_SBI_EXT_FWFT) && !once_in(random, 32))
		return GROUP_TIME;
	return i;
}

/* A VM: its vCPUs in some order, its extensions. */
static void generate_vm(struct random *random, struct episode *episode)
{
	static const u32 sparse[][4] = {
		{ 0, 3, 1, 2 }, { 2, 0, 1, 3 }, { 0, 70, 1, 64 }, { 1, 0, 63, 65 }, { 0, 2, 65, 3 },
	};
	unsigned int i;
	const u32 *ids = once_in(random, 12) ? pick(random, sparse) : NULL;

	episode->vcpus = 1 + below(random, 4);
	episode->lanes = once_in(random, 8) ? 2 : 1;
	if (episode->vcpus < episode->lanes)
		episode->vcpus = episode->lanes;
	for (i = 0; i < episode->vcpus; i++)
		episode->ids[i] = ids ? ids[i] : i;

	episode->enabled = episode->disabled = 0;
	if (once_in(random, 3))
		episode->enabled |= 1UL << KVM_RISCV_SBI_EXT_DBCN;
	if (once_in(random, 3))
		episode->enabled |= 1UL << KVM_RISCV_SBI_EXT_MPXY;
	/* A hart that resumes has lost more on the C than on the Rust. */
	if (episode->lanes == 1 && once_in(random, 8)) {
		episode->enabled |= 1UL << KVM_RISCV_SBI_EXT_SUSP;
		episode->disabled |= 1UL << KVM_RISCV_SBI_EXT_PMU;
		if (!once_in(random, 16))
			episode->disabled |= 1UL << KVM_RISCV_SBI_EXT_FWFT;
	}
	if (once_in(random, 3)) {
		u64 bit = 1UL << below(random, KVM_RISCV_SBI_EXT_MAX);

		if (!(episode->enabled & bit))
			episode->disabled |= bit;
	}
}

void generate_episode(struct episode *episode, u64 seed, u64 number)
{
	struct random random = { .state = mix(seed) + mix(number * 2 + 1) };
	unsigned int i, j;

	episode->seed = seed;
	episode->number = number;
	generate_vm(&random, episode);
	current = episode;
	generate_pmu_begin();
	for (i = 0; i < episode->lanes; i++) {
		episode->count[i] = EPISODE_STEPS / episode->lanes;
		for (j = 0; j < episode->count[i]; j++)
			generate_step(&random, &episode->steps[i][j], any_group(&random), i);
	}
}
