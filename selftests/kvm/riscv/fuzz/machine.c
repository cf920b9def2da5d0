// SPDX-License-Identifier: GPL-2.0
/*
 * An episode on a machine: user space's side of each exit.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"
#include "vm.h"

/* How long a hart that has stopped may stay in KVM_RUN. */
#define STOPPED_NS		10000000
/* No episode takes so long. */
#define STUCK_SECONDS		30

struct worker {
	const struct episode *episode;
	enum module module;
	unsigned int lane;
	struct machine *machine;
	struct kvm_vcpu *vcpu;
	struct lane *shared;
	struct outcome *outcomes;
	struct dump *dumps;
	/* Of the tables of events that have been answered. */
	u64 events;
	timer_t timer;
	bool has_timer;
};

/* Steps that run without leaving the guest, and where they are in the episode. */
struct batch {
	u32 number, count, indices[LANE_STEPS];
};

/* Set a lane's registers so that it goes on with the step at shared->at. */
static void lane_start(struct worker *worker)
{
	struct kvm_vcpu *vcpu = worker->vcpu;
	unsigned long gp;

	asm volatile("mv %0, gp" : "=r" (gp));
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(satp), worker->machine->satp);
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.gp), gp);
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.sp),
		     worker->machine->lanes[worker->lane].shared_gva + offsetof(struct lane, at));
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.a0),
		     worker->machine->lanes[worker->lane].shared_gva);
	vcpu_set_reg(vcpu, RISCV_CORE_REG(mode), KVM_RISCV_MODE_S);
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(stvec), lane_stvec());
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.pc), (u64)lane_main);
}

static void do_nothing(int signal)
{
}

unsigned int machine_hart;

static sig_atomic_t stuck;

static void is_stuck(int signal)
{
	WRITE_ONCE(stuck, 1);
	/* In case it came before KVM_RUN. */
	alarm(1);
}

/* A signal for this thread, soon and then again: nothing else ends KVM_RUN of a hart that stops. */
static void arm(struct worker *worker, bool on)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec when = {};

	if (!worker->has_timer) {
		if (!on)
			return;
		event._sigev_un._tid = syscall(SYS_gettid);
		signal(SIGUSR1, do_nothing);
		TEST_ASSERT(!timer_create(CLOCK_MONOTONIC, &event, &worker->timer),
			    "timer_create failed");
		worker->has_timer = true;
	}
	if (on)
		when.it_value.tv_nsec = when.it_interval.tv_nsec = STOPPED_NS;
	timer_settime(worker->timer, 0, &when, NULL);
}

static void note(struct outcome *outcome, u32 reason, u64 a, u64 b, u64 c, u64 d)
{
	const u64 exit[] = { a, b, c, d };

	if (outcome->exits++) {
		/* One is usual. */
		outcome->exit[3] ^= mix(outcome->exit_reason + mix(outcome->exit[0]));
		d ^= outcome->exit[3];
	}
	outcome->exit_reason = reason;
	memcpy(outcome->exit, exit, sizeof(exit));
}

static void answer_mmio(struct outcome *outcome, const struct step *step, struct kvm_run *run)
{
	u64 data = 0;

	if (run->mmio.is_write)
		memcpy(&data, run->mmio.data, run->mmio.len);
	note(outcome, KVM_EXIT_MMIO, run->mmio.phys_addr, run->mmio.len,
	     run->mmio.is_write, data);
	if (!run->mmio.is_write)
		memcpy(run->mmio.data, &step->answer, sizeof(step->answer));
}

static void answer_sbi(struct outcome *outcome, const struct step *step, struct kvm_run *run)
{
	note(outcome, KVM_EXIT_RISCV_SBI, run->riscv_sbi.extension_id,
	     run->riscv_sbi.function_id,
	     hash(0, run->riscv_sbi.args, sizeof(run->riscv_sbi.args)),
	     run->riscv_sbi.ret[0] + mix(run->riscv_sbi.ret[1]));
	if (step->answer) {
		run->riscv_sbi.ret[0] = step->answer == 1 ? 0 : step->answer;
		run->riscv_sbi.ret[1] = step->answer;
	}
}

/* All harts have been stopped; the lane goes on behind its call. */
static void survive_reset(struct worker *worker, struct outcome *outcome, struct kvm_run *run)
{
	struct kvm_mp_state state;
	u64 stopped = 0;
	unsigned int i;

	for (i = 0; i < worker->episode->vcpus; i++) {
		vcpu_mp_state_get(worker->machine->vcpus[i], &state);
		stopped |= (u64)(state.mp_state == KVM_MP_STATE_STOPPED) << i;
	}
	note(outcome, KVM_EXIT_SYSTEM_EVENT, run->system_event.type, run->system_event.ndata,
	     run->system_event.data[0], stopped);
	set_mp_state(worker->vcpu, KVM_MP_STATE_RUNNABLE);
	vcpu_set_reg(worker->vcpu, RISCV_CORE_REG(regs.pc),
		     vcpu_get_reg(worker->vcpu, RISCV_CORE_REG(regs.pc)) + 4);
}

static void finish_exit(struct kvm_vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	__vcpu_run(vcpu);
	vcpu->run->immediate_exit = 0;
}

static void land(struct worker *worker, struct outcome *outcome)
{
	outcome->landed = true;
	outcome->a0 = vcpu_get_reg(worker->vcpu, RISCV_CORE_REG(regs.a0));
	outcome->a1 = vcpu_get_reg(worker->vcpu, RISCV_CORE_REG(regs.a1));
	finish_exit(worker->vcpu);
	worker->shared->at++;
	lane_start(worker);
}

/* Run the steps in shared, to their end. @indices: what they are in the episode. */
static void run_shared(struct worker *worker, const u32 indices[], bool stops)
{
	const struct step *steps = worker->episode->steps[worker->lane];
	struct kvm_run *run = worker->vcpu->run;
	struct kvm_mp_state state;

	worker->shared->at = 0;
	if (stops)
		arm(worker, true);
	for (;;) {
		int ret = __vcpu_run(worker->vcpu), error = ret ? errno : 0;
		u64 at = READ_ONCE(worker->shared->at);
		struct outcome *outcome;
		const struct step *step;

		if (!ret && run->exit_reason == KVM_EXIT_MMIO &&
		    run->mmio.phys_addr == DOORBELL_DONE)
			break;
		if (at >= worker->shared->count) {
			TEST_ASSERT(error == EINTR, "exit reason %u, errno %d behind the last step",
				    run->exit_reason, error);
			continue;
		}
		outcome = &worker->outcomes[indices[at]];
		step = &steps[indices[at]];
		if (error == EINTR) {
			if (READ_ONCE(stuck)) {
				report_step(stderr, step);
				TEST_FAIL("\nseed %lu, episode %lu: lane %u does not get past this, its step %u",
					  worker->episode->seed, worker->episode->number,
					  worker->lane, indices[at]);
			}
			vcpu_mp_state_get(worker->vcpu, &state);
			if (state.mp_state == KVM_MP_STATE_STOPPED) {
				note(outcome, KVM_EXIT_INTR, 0, 0, 0, 0);
				set_mp_state(worker->vcpu, KVM_MP_STATE_RUNNABLE);
			}
			continue;
		}
		if (error) {
			outcome->error = error;
			vcpu_set_reg(worker->vcpu, RISCV_CORE_REG(regs.pc),
				     vcpu_get_reg(worker->vcpu, RISCV_CORE_REG(regs.pc)) +
				     step_length(step));
			continue;
		}
		switch (run->exit_reason) {
		case KVM_EXIT_MMIO:
			if (run->mmio.phys_addr == DOORBELL_LANDED)
				land(worker, outcome);
			else
				answer_mmio(outcome, step, run);
			break;
		case KVM_EXIT_RISCV_SBI:
			answer_sbi(outcome, step, run);
			break;
		case KVM_EXIT_RISCV_CSR:
			note(outcome, KVM_EXIT_RISCV_CSR, run->riscv_csr.csr_num,
			     run->riscv_csr.new_value, run->riscv_csr.write_mask, 0);
			run->riscv_csr.ret_value = step->answer;
			break;
		case KVM_EXIT_SYSTEM_EVENT:
			survive_reset(worker, outcome, run);
			break;
		default:
			TEST_FAIL("exit reason %u of a step", run->exit_reason);
		}
	}
	if (stops)
		arm(worker, false);
}

static void put_step(struct worker *worker, unsigned int slot, const struct step *step)
{
	struct guest_step *guest = &worker->shared->slots[slot].step;

	memcpy(guest->x, step->x, sizeof(guest->x));
	guest->peek = step->peek;
	guest->flags = step->flags;
	if (step->flags & STEP_FETCH)
		guest->pc = step->x[0];
	else if (step->insn == ECALL && !(step->flags & STEP_USER))
		guest->pc = (u64)lane_ecall;
	else
		guest->pc = machine_put_code(worker->machine, worker->lane, slot, step);
}

static void take_result(struct worker *worker, unsigned int slot, struct outcome *outcome)
{
	const struct lane_slot *at = &worker->shared->slots[slot];
	const struct guest_result *result = &at->result;

	if (outcome->landed)
		return;
	outcome->a0 = result->a0;
	outcome->a1 = result->a1;
	outcome->cause = result->cause;
	/* A breakpoint says where it is. */
	outcome->tval = result->cause == EXC_BREAKPOINT ? 0 : result->tval;
	outcome->offset = result->pc - at->step.pc;
	outcome->pending = result->pending;
	outcome->others = result->others;
	outcome->peek = result->peek;
}

static bool is_call(const struct step *step, u64 extension, u64 function)
{
	return step->insn == ECALL && !(step->flags & STEP_USER) && step->x[7] == extension &&
	       step->x[6] == function;
}

/* What has started the hart in this batch, or NULL: the first that says so, of its whole id. */
static struct outcome *starter(struct worker *worker, const struct batch *batch, u32 id)
{
	const struct step *steps = worker->episode->steps[worker->lane];
	struct outcome *outcome;
	u32 i;

	for (i = 0; i < batch->count; i++) {
		const struct step *step = &steps[batch->indices[i]];

		outcome = &worker->outcomes[batch->indices[i]];
		if (is_call(step, SBI_EXT_HSM, 0) && step->x[0] == id && !outcome->a0)
			return step->x[1] - LANDING_PAGE < LANDING_SLED ? outcome : NULL;
	}
	return NULL;
}

/* Run a hart that has been started up to where it lands: what it has then is part of the outcome. */
static void run_started(struct worker *worker, const struct batch *batch, unsigned int index)
{
	struct kvm_vcpu *vcpu = worker->machine->vcpus[index];
	struct outcome *outcome = starter(worker, batch, worker->episode->ids[index]);
	struct dump dump = {};

	if (!outcome)
		return;
	TEST_ASSERT(!__vcpu_run(vcpu), "a hart that was started: errno %d", errno);
	finish_exit(vcpu);
	dump_registers(&dump, vcpu, false);
	outcome->started = mix(dump.registers + mix(dump.features + mix(dump.steal_time))) +
			   vcpu->run->exit_reason + mix(vcpu->run->mmio.phys_addr) +
			   mix(dump.deadline);
}

/* Resets stop harts, on the C some that are none on the Rust. */
static bool may_reset(const struct worker *worker, const struct batch *batch)
{
	const struct step *steps = worker->episode->steps[worker->lane];
	u32 i;

	for (i = 0; i < batch->count; i++)
		if (is_call(&steps[batch->indices[i]], SBI_EXT_SRST, 0))
			return true;
	return false;
}

/* The harts that nobody runs are as they were; so are the tables of events. */
static void tidy(struct worker *worker, const struct batch *batch)
{
	const struct episode *episode = worker->episode;
	/* To run a vCPU takes as long as many steps. */
	bool looks = episode->lanes == 1 && batch->number % 8 == episode->number % 8 &&
		     !may_reset(worker, batch);
	struct kvm_mp_state state;
	unsigned int i;

	for (i = episode->lanes; i < episode->vcpus; i++) {
		vcpu_mp_state_get(worker->machine->vcpus[i], &state);
		if (state.mp_state == KVM_MP_STATE_STOPPED)
			continue;
		if (looks)
			run_started(worker, batch, i);
		set_mp_state(worker->machine->vcpus[i], KVM_MP_STATE_STOPPED);
	}
	if (episode->lanes == 1) {
		worker->events = dump_events(worker->machine->vm, worker->events);
		fill_events(worker->machine->vm);
	}
}

/* Nothing of the last step is left in the CSRs that are dumped. */
static const struct step last_step = {
	.insn = ECALL, .x = { [7] = SBI_EXT_BASE },
};

/*
 * A lane stays on its hart: what it maps and unmaps is not the other's business then,
 * and lanes run at the same time.
 */
static void pin(const struct worker *worker)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((machine_hart + worker->lane) % get_nprocs(), &set);
	TEST_ASSERT(!sched_setaffinity(0, sizeof(set), &set), "no hart %u", machine_hart);
}

static void dump_lane(struct worker *worker, unsigned int number)
{
	struct dump *dump = &worker->dumps[number];
	bool alone = worker->episode->lanes == 1;

	put_step(worker, 0, &last_step);
	worker->shared->count = 1;
	run_shared(worker, (const u32[]) { 0 }, false);
	finish_exit(worker->vcpu);
	dump->memory = worker->events;
	dump_registers(dump, worker->vcpu, alone);
	if (alone)
		dump_memory(dump, worker->machine->vm);
}

/* Up to LANE_STEPS steps from @next on. Returns the one behind them. */
static u32 run_batch(struct worker *worker, u32 next)
{
	const struct episode *episode = worker->episode;
	const struct step *steps = episode->steps[worker->lane];
	struct batch batch = { .number = next / LANE_STEPS };
	bool stops = false;
	u32 i;

	for (i = 0; i < LANE_STEPS && next < episode->count[worker->lane]; i++, next++) {
		if (steps[next].rust_only && worker->module == MODULE_C)
			continue;
		stops |= steps[next].flags & STEP_STOPS;
		put_step(worker, batch.count, &steps[next]);
		batch.indices[batch.count++] = next;
	}
	worker->shared->count = batch.count;
	run_shared(worker, batch.indices, stops);
	for (i = 0; i < batch.count; i++)
		take_result(worker, i, &worker->outcomes[batch.indices[i]]);
	if (!worker->lane)
		tidy(worker, &batch);
	return next;
}

static void *run_lane(void *data)
{
	struct worker *worker = data;
	u32 count = worker->episode->count[worker->lane], next = 0;
	unsigned int dumps = 0;

	pin(worker);
	lane_start(worker);
	do {
		next = run_batch(worker, next);
		if (next % DUMP_STEPS == 0 || next == count)
			dump_lane(worker, dumps++);
	} while (next < count);
	if (worker->has_timer)
		timer_delete(worker->timer);
	return NULL;
}

void machine_run(const struct episode *episode, enum module module,
		 struct outcome *outcomes[MAX_LANES], struct dump dumps[MAX_LANES][NR_DUMPS])
{
	struct worker workers[MAX_LANES] = {};
	struct machine *machine = machine_begin(episode);
	pthread_t threads[MAX_LANES];
	unsigned int i;

	signal(SIGALRM, is_stuck);
	alarm(STUCK_SECONDS);
	for (i = 0; i < episode->lanes; i++) {
		struct worker *worker = &workers[i];

		memset(outcomes[i], 0, sizeof(outcomes[i][0]) * episode->count[i]);
		memset(dumps[i], 0, sizeof(dumps[i]));
		worker->episode = episode;
		worker->module = module;
		worker->lane = i;
		worker->machine = machine;
		worker->vcpu = machine->vcpus[i];
		worker->shared = machine->lanes[i].shared;
		worker->outcomes = outcomes[i];
		worker->dumps = dumps[i];
	}
	for (i = 1; i < episode->lanes; i++)
		TEST_ASSERT(!pthread_create(&threads[i], NULL, run_lane, &workers[i]), "no thread");
	run_lane(&workers[0]);
	for (i = 1; i < episode->lanes; i++)
		pthread_join(threads[i], NULL);
	/* Now that nobody writes it. */
	if (episode->lanes > 1)
		dump_memory(&dumps[0][nr_dumps(episode->count[0]) - 1], machine->vm);
	alarm(0);
	machine_end(machine);
}

struct pmu_shape machine_pmu(void)
{
	struct episode *episode = calloc(1, sizeof(*episode));
	struct outcome outcomes[MAX_COUNTERS + 1];
	struct outcome *lanes[MAX_LANES] = { outcomes };
	struct dump dumps[MAX_LANES][NR_DUMPS];
	struct pmu_shape shape = {};
	unsigned int i;

	TEST_ASSERT(episode, "no memory");
	episode->vcpus = episode->lanes = 1;
	episode->count[0] = MAX_COUNTERS + 1;
	for (i = 0; i <= MAX_COUNTERS; i++) {
		struct step *step = &episode->steps[0][i];

		step->insn = ECALL;
		step->x[7] = SBI_EXT_PMU;
		step->x[6] = i ? SBI_EXT_PMU_COUNTER_GET_INFO : SBI_EXT_PMU_NUM_COUNTERS;
		step->x[0] = i - 1;
	}
	machine_run(episode, MODULE_RUST, lanes, dumps);
	free(episode);
	if (outcomes[0].a0)
		return shape;
	shape.all = outcomes[0].a1;
	while (shape.hardware < shape.all && !(outcomes[shape.hardware + 1].a1 >> 63))
		shape.hardware++;
	return shape;
}
