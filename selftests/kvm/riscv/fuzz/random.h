/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers that are the same wherever and whenever they are drawn.
 */
#ifndef SELFTEST_KVM_FUZZ_RANDOM_H
#define SELFTEST_KVM_FUZZ_RANDOM_H

#include "kvm_util.h"

struct random {
	u64 state;
};

static inline u64 mix(u64 x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* Of whole words. */
static inline u64 hash(u64 sum, const void *data, u64 size)
{
	const u64 *words = data;

	for (; size; size -= 8)
		sum = mix(sum + *words++) + 1;
	return sum;
}

static inline u64 draw(struct random *random)
{
	random->state += 0x9e3779b97f4a7c15;
	return mix(random->state);
}

/* Below @count. */
static inline u64 below(struct random *random, u64 count)
{
	return (draw(random) >> 11) % count;
}

/* Once in @times. */
static inline bool once_in(struct random *random, u64 times)
{
	return !below(random, times);
}

/* One of an array. */
#define pick(random, array)	((array)[below(random, ARRAY_SIZE(array))])

#endif /* SELFTEST_KVM_FUZZ_RANDOM_H */
