//  slip: the stops of a call, up and down.

#include <assert.h>

#include "broker/core/msg.h"
#include "broker/core/slip.h"

static void
s_put (br_buf_t *buf, uint32_t number)
{
    uint8_t room[4] = { (uint8_t) (number >> 24), (uint8_t) (number >> 16),
                        (uint8_t) (number >> 8), (uint8_t) number };
    br_buf_add (buf, room, sizeof room);
}

static uint32_t
s_get (const uint8_t *at)
{
    return (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 | (uint32_t) at[2] << 8
           | at[3];
}

static void
s_put_stops (br_buf_t *buf, const br_addr_t *stops, uint8_t size)
{
    assert (size <= BR_SLIP_STOPS_MAX);
    br_buf_add (buf, &size, 1);
    for (uint8_t i = 0; i < size; i++) {
        s_put (buf, stops[i].host);
        s_put (buf, stops[i].life);
        s_put (buf, stops[i].actor);
    }
}

void
br_slip_encode (const br_slip_t *self, br_buf_t *buf)
{
    s_put_stops (buf, self->up, self->up_size);
    s_put_stops (buf, self->down, self->down_size);
}

//  Reads one list at *at; -1 when it is not whole.
static int
s_get_stops (br_bytes_t bytes, size_t *at, br_addr_t *ret_stops, uint8_t *ret_size)
{
    if (*at >= bytes.size)
        return -1;
    uint8_t size = bytes.data[(*at)++];
    if (size > BR_SLIP_STOPS_MAX || bytes.size - *at < size * 12u)
        return -1;
    for (uint8_t i = 0; i < size; i++, *at += 12) {
        const uint8_t *from = bytes.data + *at;
        ret_stops[i] = (br_addr_t) { s_get (from), s_get (from + 4), s_get (from + 8) };
    }
    *ret_size = size;
    return 0;
}

int
br_slip_decode (br_bytes_t bytes, br_slip_t *ret_slip)
{
    br_slip_t slip = { .up_size = 0 };
    size_t at = 0;
    int rc = s_get_stops (bytes, &at, slip.up, &slip.up_size);
    if (rc == 0)
        rc = s_get_stops (bytes, &at, slip.down, &slip.down_size);
    if (rc || at != bytes.size)
        return -1;
    *ret_slip = slip;
    return 0;
}

static br_addr_t
s_behind (const br_addr_t *stops, uint8_t size, br_addr_t self_addr)
{
    uint8_t next = 0;
    for (uint8_t i = 0; i < size; i++)
        if (br_addr_is (stops[i], self_addr))
            next = i + 1;
    return next < size ? stops[next] : (br_addr_t) { .host = 0 };
}

br_addr_t
br_slip_up (const br_slip_t *self, br_addr_t self_addr)
{
    return s_behind (self->up, self->up_size, self_addr);
}

br_addr_t
br_slip_down (const br_slip_t *self, br_addr_t self_addr)
{
    return s_behind (self->down, self->down_size, self_addr);
}
