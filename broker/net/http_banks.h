//  http_banks: the banks of one client, and which of them a transfer goes to: one with a
//  kept connection to its origin, else one with room, else a new one. What a request costs
//  does not grow with the number of transfers.

#ifndef BR_HTTP_BANKS_H
#define BR_HTTP_BANKS_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/error.h"
#include "broker/core/loop.h"
#include "broker/net/http_bank.h"
#include "broker/net/http_client.h"
#include "broker/net/http_sockets.h"

typedef struct _http_banks_t http_banks_t;

//  Curl has something to do in bank: http_banks_act with the same fd and mask.
typedef void (http_banks_fn) (void *arg, http_bank_t *bank, int fd, int mask);

//  "caller destroys", before sockets.
http_banks_t *http_banks_new (br_loop_t *loop, http_sockets_t *sockets,
                              const http_client_conf_t *conf, http_banks_fn *fn,
                              void *arg);

//  No transfer may be in a bank.
void http_banks_destroy (http_banks_t **self_p);

//  The bank for one more transfer, counted from now on; origin is a hash of scheme, host
//  and port. "owned by self, until http_banks_leave". err: BR_ESYSTEM.
http_bank_t *http_banks_enter (http_banks_t *self, uint64_t origin, br_error_t *reterr);
void http_banks_leave (http_banks_t *self, http_bank_t *bank); //  curl does not have it

//  Lets curl work in bank, within the bound on kept connections.
void http_banks_act (http_banks_t *self, http_bank_t *bank, int fd, int mask);

//  After the transfers that ended in bank have left: it may be gone after this.
void http_banks_tidy (http_banks_t *self, http_bank_t *bank);

unsigned http_banks_count (const http_banks_t *self);

#endif
