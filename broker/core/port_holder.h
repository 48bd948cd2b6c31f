//  port_holder: which process listens on a TCP port of this machine, as far as /proc tells.

#ifndef BR_PORT_HOLDER_H
#define BR_PORT_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BR_PORT_HOLDER_NAME 32 //  bytes, with its end

typedef struct _br_port_holder_t {
    pid_t pid; //  0 = a process of another user, or of another container
    char name[BR_PORT_HOLDER_NAME]; //  one printable line; empty when pid is 0
} br_port_holder_t;

//  Whether some process listens on the port, on any address; and who.
bool br_port_holder_find (uint16_t port, br_port_holder_t *ret_holder);

//  The same as words: "it is held by nginx (pid 42)", or what to look with. Written even
//  when nobody listens any more.
void br_port_holder_say (uint16_t port, char *text, size_t size);

#endif
