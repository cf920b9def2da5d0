// SPDX-License-Identifier: GPL-2.0
/*
 * Steps and outcomes in words.
 */
#include "fuzz.h"

void report_step(FILE *out, const struct step *step)
{
	const u64 *x = step->x;

	if (step->insn == ECALL && !(step->flags & STEP_USER)) {
		fprintf(out, "SBI call %s 0x%lx/0x%lx (0x%lx, 0x%lx, 0x%lx, 0x%lx, 0x%lx, 0x%lx)",
			group_names[step->group], x[7], x[6], x[0], x[1], x[2], x[3], x[4], x[5]);
	} else {
		fprintf(out, "instruction 0x%0*x in %s (a0 0x%lx, a1 0x%lx, a2 0x%lx, a3 0x%lx, a4 0x%lx, a5 0x%lx, sp 0x%lx)",
			step_length(step) * 2, step->insn, step->flags & STEP_USER ? "VU" : "VS",
			x[0], x[1], x[2], x[3], x[4], x[5], x[STEP_SP]);
	}
	if (step->answer)
		fprintf(out, ", user space answers 0x%lx", step->answer);
	if (step->flags & STEP_NO_SNAPSHOT_BEFORE)
		fprintf(out, ", after the snapshot's memory has been given back");
	if (step->flags & STEP_INTERRUPT)
		fprintf(out, ", with a software interrupt pending");
	if (step->rust_only)
		fprintf(out, ", on the Rust only");
}

void report_outcome(FILE *out, const struct step *step, const struct outcome *outcome)
{
	if (outcome->exits)
		fprintf(out, "exit reason %u (0x%lx, 0x%lx, 0x%lx, 0x%lx)%s, ", outcome->exit_reason,
			outcome->exit[0], outcome->exit[1], outcome->exit[2], outcome->exit[3],
			outcome->exits > 1 ? " and others" : "");
	if (outcome->error)
		fprintf(out, "KVM_RUN fails with errno %d, ", outcome->error);
	if (outcome->landed)
		fprintf(out, "the hart begins anew, ");
	else if (outcome->cause != EXC_BREAKPOINT || outcome->offset != step_length(step))
		fprintf(out, "trap %lu, stval 0x%lx, at +%ld, ", outcome->cause, outcome->tval,
			(long)outcome->offset);
	if (outcome->others)
		fprintf(out, "other registers have changed (%lx), ", outcome->others);
	if (outcome->pending)
		fprintf(out, "pending 0x%lx, ", outcome->pending);
	if (step->peek)
		fprintf(out, "memory 0x%lx, ", outcome->peek);
	fprintf(out, "a0 %ld, a1 0x%lx", (long)outcome->a0, outcome->a1);
}

static const char *const part_names[NR_DUMP_PARTS] = {
	[DUMP_REGISTERS] = "registers", [DUMP_MEMORY] = "memory",
	[DUMP_STEAL_TIME] = "registers of steal time", [DUMP_FEATURES] = "registers of features",
	[DUMP_DEADLINE] = "the timer's deadline",
};

void report_dump(FILE *out, u32 steps, u32 number)
{
	fprintf(out, "%s behind its first %u steps",
		part_names[(number - steps) % NR_DUMP_PARTS], steps_of_dump(steps, number));
}
