//  rate_cpu: how much CPU time groups of processes used: /proc/PID/task/*/schedstat.

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/rate_cpu.h"

int
rate_cpu_add (rate_cpu_t *self, const char *text)
{
    const char *value = strchr (text, '=');
    if (!value || self->groups_size == RATE_GROUPS_MAX)
        return -1;
    rate_group_t *group = &self->groups[self->groups_size];
    size_t size = (size_t) (value - text);
    if (size == 0 || size >= sizeof group->name)
        return -1;
    memcpy (group->name, text, size);
    while (*value) {
        char *end;
        long pid = strtol (value + 1, &end, 10);
        if (end == value + 1 || (*end && *end != ',') || pid <= 0
            || group->pids_size == RATE_PIDS_MAX)
            return -1;
        group->pids[group->pids_size++] = (pid_t) pid;
        value = end;
    }
    self->groups_size++;
    return 0;
}

static uint64_t
s_thread_ns (pid_t pid, const char *thread)
{
    char path[320];
    snprintf (path, sizeof path, "/proc/%d/task/%s/schedstat", (int) pid, thread);
    FILE *file = fopen (path, "r");
    if (!file)
        return 0;
    unsigned long long ns = 0;
    if (fscanf (file, "%llu", &ns) != 1)
        ns = 0;
    fclose (file);
    return ns;
}

uint64_t
rate_cpu_of (pid_t pid)
{
    char path[64];
    snprintf (path, sizeof path, "/proc/%d/task", (int) pid);
    DIR *folder = opendir (path);
    if (!folder)
        return 0;
    uint64_t sum = 0;
    for (struct dirent *entry = readdir (folder); entry; entry = readdir (folder))
        if (entry->d_name[0] != '.')
            sum += s_thread_ns (pid, entry->d_name);
    closedir (folder);
    return sum;
}

static uint64_t
s_group_ns (const rate_group_t *group)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < group->pids_size; i++)
        sum += rate_cpu_of (group->pids[i]);
    return sum;
}

void
rate_cpu_start (rate_cpu_t *self)
{
    for (size_t i = 0; i < self->groups_size; i++)
        self->groups[i].from_ns = s_group_ns (&self->groups[i]);
}

void
rate_cpu_stop (rate_cpu_t *self)
{
    for (size_t i = 0; i < self->groups_size; i++) {
        uint64_t now_ns = s_group_ns (&self->groups[i]);
        rate_group_t *group = &self->groups[i];
        group->used_ns = now_ns > group->from_ns ? now_ns - group->from_ns : 0;
    }
}
