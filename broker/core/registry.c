//  registry: the broker's book of hosts and actors.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/registry.h"

#define FIRST_NUMBER 2 //  1 is the broker

void
br_registry_init (br_registry_t *self, const br_topology_t *topology)
{
    self->size = topology->hosts_count;
    self->rows = br_alloc (self->size, sizeof *self->rows);
    for (size_t i = 0; i < self->size; i++) {
        self->rows[i].host = &topology->hosts[i];
        self->rows[i].number = (uint32_t) i + FIRST_NUMBER;
    }
}

void
br_registry_free (br_registry_t *self)
{
    for (size_t i = 0; i < self->size; i++)
        free (self->rows[i].seats);
    free (self->rows);
    *self = (br_registry_t) { .size = 0 };
}

br_member_row_t *
br_registry_by_name (br_registry_t *self, const char *name)
{
    for (size_t i = 0; i < self->size; i++)
        if (strcmp (self->rows[i].host->name, name) == 0)
            return &self->rows[i];
    return NULL;
}

br_member_row_t *
br_registry_by_life (br_registry_t *self, uint32_t number, uint32_t life)
{
    for (size_t i = 0; i < self->size; i++)
        if (self->rows[i].number == number && self->rows[i].life == life && life)
            return &self->rows[i];
    return NULL;
}

br_seat_t *
br_member_row_seat (br_member_row_t *row, const char *name)
{
    for (size_t i = 0; i < row->seats_size; i++)
        if (strcmp (row->seats[i].name, name) == 0)
            return &row->seats[i];
    return NULL;
}

br_seat_t *
br_registry_seat (br_registry_t *self, br_addr_t addr)
{
    br_member_row_t *row = br_registry_by_life (self, addr.host, addr.life);
    for (size_t i = 0; row && i < row->seats_size; i++)
        if (br_addr_is (row->seats[i].addr, addr))
            return &row->seats[i];
    return NULL;
}

static br_role_t
s_role (const char *name, const br_actor_t *const *kinds)
{
    size_t size = strcspn (name, "/");
    for (; *kinds; kinds++)
        if (strlen ((*kinds)->name) == size && strncmp ((*kinds)->name, name, size) == 0)
            return (*kinds)->role;
    return BR_ROLE_COUNT;
}

static void
s_want (br_member_row_t *row, const char *name, const br_actor_t *const *kinds)
{
    br_role_t role = s_role (name, kinds);
    if (role == BR_ROLE_COUNT || strlen (name) >= BR_NAME_MAX
        || !br_topology_runs (row->host, name))
        return;
    br_seat_t *seat = br_member_row_seat (row, name);
    if (!seat) {
        row->seats = br_realloc (row->seats, (row->seats_size + 1) * sizeof *row->seats);
        seat = &row->seats[row->seats_size++];
        *seat = (br_seat_t) { .role = role };
        strcpy (seat->name, name);
    }
    seat->wanted = true;
}

void
br_registry_want (br_registry_t *self, const char *const *names,
                  const br_actor_t *const *kinds)
{
    for (size_t i = 0; i < self->size; i++) {
        br_member_row_t *row = &self->rows[i];
        for (size_t k = 0; k < row->seats_size; k++)
            row->seats[k].wanted = false;
        for (const char *const *name = names; *name; name++)
            s_want (row, *name, kinds);
    }
}

void
br_seat_reset (br_seat_t *self)
{
    br_seat_t fresh = { .role = self->role, .wanted = self->wanted };
    memcpy (fresh.name, self->name, sizeof fresh.name);
    *self = fresh;
}

void
br_member_row_reset (br_member_row_t *row)
{
    row->life = 0;
    row->linked_version = 0;
    row->told_up = false;
    row->ending = false;
    row->lost = 0;
    row->longest_us = 0;
    row->p999_us = 0;
    row->slow = 0;
    size_t kept = 0;
    for (size_t i = 0; i < row->seats_size; i++) {
        br_seat_reset (&row->seats[i]);
        if (row->seats[i].wanted)
            row->seats[kept++] = row->seats[i];
    }
    row->seats_size = kept;
}

bool
br_registry_all_gone (const br_registry_t *self)
{
    for (size_t i = 0; i < self->size; i++)
        if (self->rows[i].life)
            return false;
    return true;
}

bool
br_registry_all_joined (const br_registry_t *self)
{
    for (size_t i = 0; i < self->size; i++)
        if (!self->rows[i].life)
            return false;
    return true;
}

bool
br_registry_all_started (const br_registry_t *self)
{
    for (size_t i = 0; i < self->size; i++) {
        const br_member_row_t *row = &self->rows[i];
        for (size_t k = 0; row->life && k < row->seats_size; k++)
            if (row->seats[k].wanted && !br_addr_is_set (row->seats[k].addr))
                return false;
    }
    return true;
}

bool
br_registry_all_linked (const br_registry_t *self, uint64_t version)
{
    for (size_t i = 0; i < self->size; i++)
        if (self->rows[i].life && self->rows[i].linked_version != version)
            return false;
    return true;
}

size_t
br_registry_open (br_registry_t *self, uint64_t generation, br_role_t but)
{
    size_t opened = 0;
    for (size_t i = 0; i < self->size; i++) {
        br_member_row_t *row = &self->rows[i];
        for (size_t k = 0; row->life && k < row->seats_size; k++) {
            br_seat_t *seat = &row->seats[k];
            if (seat->open || !seat->wanted || seat->role == but
                || seat->taken != generation)
                continue;
            seat->open = true;
            opened++;
        }
    }
    return opened;
}

void
br_registry_fill (const br_registry_t *self, const br_peer_t *broker,
                  br_addr_t broker_addr, br_directory_t *ret_directory)
{
    br_place_t place = { .addr = broker_addr, .role = BR_ROLE_BROKER, .name = "broker" };
    place.open = true;
    br_directory_add_peer (ret_directory, broker);
    br_directory_add_place (ret_directory, &place);
    for (size_t i = 0; i < self->size; i++) {
        const br_member_row_t *row = &self->rows[i];
        if (!row->life)
            continue;
        br_peer_t peer = { .host = row->number, .life = row->life };
        strncpy (peer.name, row->host->name, sizeof peer.name - 1);
        strcpy (peer.endpoint, row->endpoint);
        strcpy (peer.public_key, row->public_key);
        br_directory_add_peer (ret_directory, &peer);
        for (size_t k = 0; k < row->seats_size; k++) {
            const br_seat_t *seat = &row->seats[k];
            if (!br_addr_is_set (seat->addr))
                continue;
            br_place_t at = { .addr = seat->addr, .role = seat->role };
            at.open = seat->open;
            strcpy (at.name, seat->name);
            br_directory_add_place (ret_directory, &at);
        }
    }
}
