//  rate_cpu: how much CPU time groups of processes used, as the kernel's scheduler counts
//  it, user and system, all threads.

#ifndef RATE_CPU_H
#define RATE_CPU_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RATE_GROUPS_MAX 8
#define RATE_PIDS_MAX 64

typedef struct _rate_group_t {
    char name[32];
    pid_t pids[RATE_PIDS_MAX];
    size_t pids_size;
    uint64_t from_ns; //  at the start of the window
    uint64_t used_ns; //  in the window
} rate_group_t;

//  Zeroed is empty.
typedef struct _rate_cpu_t {
    rate_group_t groups[RATE_GROUPS_MAX];
    size_t groups_size;
} rate_cpu_t;

//  "name=1,2,3". Returns 0, or -1 when it is no such text or over a bound.
int rate_cpu_add (rate_cpu_t *self, const char *text);

//  Nanoseconds that the live threads of a process have run; 0 when it is gone. A thread
//  that ended meanwhile takes its time with it.
uint64_t rate_cpu_of (pid_t pid);

void rate_cpu_start (rate_cpu_t *self);
void rate_cpu_stop (rate_cpu_t *self);

#endif
