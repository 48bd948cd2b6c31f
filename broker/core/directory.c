//  directory: who is where.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/directory.h"
#include "broker/core/pairs.h"

void
br_directory_init (br_directory_t *self)
{
    *self = (br_directory_t) { .version = 0 };
}

void
br_directory_clear (br_directory_t *self)
{
    free (self->peers);
    free (self->places);
    br_directory_init (self);
}

void
br_directory_add_peer (br_directory_t *self, const br_peer_t *peer)
{
    size_t size = (self->peers_size + 1) * sizeof *peer;
    self->peers = br_realloc (self->peers, size);
    self->peers[self->peers_size++] = *peer;
}

void
br_directory_add_place (br_directory_t *self, const br_place_t *place)
{
    size_t size = (self->places_size + 1) * sizeof *place;
    self->places = br_realloc (self->places, size);
    self->places[self->places_size++] = *place;
}

void
br_directory_remove (br_directory_t *self, uint32_t host)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->peers_size; i++)
        if (self->peers[i].host != host)
            self->peers[kept++] = self->peers[i];
    self->peers_size = kept;
    kept = 0;
    for (size_t i = 0; i < self->places_size; i++)
        if (self->places[i].addr.host != host)
            self->places[kept++] = self->places[i];
    self->places_size = kept;
}

void
br_directory_remove_place (br_directory_t *self, br_addr_t addr)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->places_size; i++)
        if (!br_addr_is (self->places[i].addr, addr))
            self->places[kept++] = self->places[i];
    self->places_size = kept;
}

//  ---- the wire: pairs, "host" and "actor" rows, numbers in the first, names in the second

void
br_directory_encode (const br_directory_t *self, br_buf_t *buf)
{
    char row[96];
    for (size_t i = 0; i < self->peers_size; i++) {
        const br_peer_t *peer = &self->peers[i];
        snprintf (row, sizeof row, "host %u %u", peer->host, peer->life);
        br_pairs_add (buf, row, peer->name);
        br_pairs_add (buf, peer->endpoint, peer->public_key);
    }
    for (size_t i = 0; i < self->places_size; i++) {
        const br_place_t *place = &self->places[i];
        snprintf (row, sizeof row, "actor %u %u %u %u %u", place->addr.host,
                  place->addr.life, place->addr.actor, (unsigned) place->role,
                  (unsigned) place->open);
        br_pairs_add (buf, row, place->name);
    }
}

static int
s_read_peer (br_directory_t *self, const char *row, const char *name, br_bytes_t rows,
             size_t *cursor)
{
    br_peer_t peer = { .host = 0 };
    const char *endpoint;
    const char *key;
    if (sscanf (row, "host %u %u", &peer.host, &peer.life) != 2
        || !br_pairs_next (rows, cursor, &endpoint, &key)
        || strlen (name) >= sizeof peer.name || strlen (endpoint) >= sizeof peer.endpoint
        || strlen (key) >= sizeof peer.public_key)
        return -1;
    strcpy (peer.name, name);
    strcpy (peer.endpoint, endpoint);
    strcpy (peer.public_key, key);
    br_directory_add_peer (self, &peer);
    return 0;
}

static int
s_read_place (br_directory_t *self, const char *row, const char *name)
{
    br_place_t place = { .role = BR_ROLE_ANY };
    unsigned role, open;
    if (sscanf (row, "actor %u %u %u %u %u", &place.addr.host, &place.addr.life,
                &place.addr.actor, &role, &open)
            != 5
        || role >= BR_ROLE_COUNT || strlen (name) >= sizeof place.name)
        return -1;
    place.role = (br_role_t) role;
    place.open = open != 0;
    strcpy (place.name, name);
    br_directory_add_place (self, &place);
    return 0;
}

int
br_directory_decode (br_directory_t *self, uint64_t version, br_bytes_t rows)
{
    br_directory_t fresh;
    br_directory_init (&fresh);
    fresh.version = version;
    size_t cursor = 0;
    int rc = 0;
    while (rc == 0 && cursor < rows.size) {
        const char *row;
        const char *name;
        if (!br_pairs_next (rows, &cursor, &row, &name))
            rc = -1;
        else if (strncmp (row, "host ", 5) == 0)
            rc = s_read_peer (&fresh, row, name, rows, &cursor);
        else
            rc = s_read_place (&fresh, row, name);
    }
    if (rc) {
        br_directory_clear (&fresh);
        return -1;
    }
    br_directory_clear (self);
    *self = fresh;
    return 0;
}

//  ---- looking up

const br_peer_t *
br_directory_peer (const br_directory_t *self, uint32_t host)
{
    for (size_t i = 0; i < self->peers_size; i++)
        if (self->peers[i].host == host)
            return &self->peers[i];
    return NULL;
}

const br_place_t *
br_directory_place (const br_directory_t *self, br_addr_t addr)
{
    for (size_t i = 0; i < self->places_size; i++)
        if (br_addr_is (self->places[i].addr, addr))
            return &self->places[i];
    return NULL;
}

const br_place_t *
br_directory_find (const br_directory_t *self, const char *name)
{
    for (size_t i = 0; i < self->places_size; i++)
        if (self->places[i].open && strcmp (self->places[i].name, name) == 0)
            return &self->places[i];
    return NULL;
}

//  Whether `host` has an actor that does for it what `place` does elsewhere.
static bool
s_has_at_home (const br_directory_t *self, uint32_t host, const br_place_t *place)
{
    for (size_t i = 0; i < self->places_size; i++) {
        const br_place_t *own = &self->places[i];
        if (own->addr.host == host && strcmp (own->name, place->name) == 0)
            return true;
    }
    return false;
}

static bool
s_talks (const br_directory_t *self, uint32_t from, uint32_t to)
{
    for (size_t i = 0; i < self->places_size; i++) {
        const br_place_t *sender = &self->places[i];
        if (sender->addr.host != from)
            continue;
        for (size_t k = 0; k < self->places_size; k++) {
            const br_place_t *receiver = &self->places[k];
            if (receiver->addr.host == to
                && br_role_talks_to (sender->role, receiver->role)
                && !s_has_at_home (self, from, receiver))
                return true;
        }
    }
    return false;
}

bool
br_directory_needs_link (const br_directory_t *self, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < self->places_size; i++)
        if (self->places[i].role == BR_ROLE_BROKER
            && (self->places[i].addr.host == a || self->places[i].addr.host == b))
            return true;
    return s_talks (self, a, b) || s_talks (self, b, a);
}
