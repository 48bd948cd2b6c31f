//  directory: who is where. The broker writes it, every host gets the whole of it, and
//  both sides of a link read from it whether the link is needed.

#ifndef BR_DIRECTORY_H
#define BR_DIRECTORY_H

#include "broker/core/host.h"

#define BR_ENDPOINT_MAX 256
#define BR_DIRECTORY_MAX (1u << 20) //  bytes, encoded

typedef struct _br_peer_t {
    uint32_t host; //  number
    uint32_t life;
    char name[BR_NAME_MAX];
    char endpoint[BR_ENDPOINT_MAX];
    char public_key[41]; //  CURVE, Z85; empty without
} br_peer_t;

typedef struct _br_place_t {
    br_addr_t addr;
    br_role_t role;
    bool open; //  every host knows it and it has its configuration: calls may go there
    char name[BR_NAME_MAX];
} br_place_t;

typedef struct _br_directory_t {
    uint64_t version;
    br_peer_t *peers; //  owned
    size_t peers_size;
    br_place_t *places; //  actors; owned
    size_t places_size;
} br_directory_t;

void br_directory_init (br_directory_t *self);
void br_directory_clear (br_directory_t *self);
void br_directory_add_peer (br_directory_t *self, const br_peer_t *peer);
void br_directory_add_place (br_directory_t *self, const br_place_t *place);

//  Takes a host and its actors out.
void br_directory_remove (br_directory_t *self, uint32_t host);
void br_directory_remove_place (br_directory_t *self, br_addr_t addr);

//  Appends the encoded rows.
void br_directory_encode (const br_directory_t *self, br_buf_t *buf);

//  Reads them into an initialised directory. 0, or -1 when they are malformed; the
//  directory is then what it was.
int br_directory_decode (br_directory_t *self, uint64_t version, br_bytes_t rows);

const br_peer_t *br_directory_peer (const br_directory_t *self, uint32_t host);
const br_place_t *br_directory_place (const br_directory_t *self, br_addr_t addr);

//  The first open actor of this name, or NULL.
const br_place_t *br_directory_find (const br_directory_t *self, const char *name);

//  Whether two hosts need a link: some actor of one talks to one of the other, and has
//  none of that kind at home. The broker's host needs all.
bool br_directory_needs_link (const br_directory_t *self, uint32_t a, uint32_t b);

#endif
