//  slip: the stops of a call, on the wire and one behind the other.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/msg.h"
#include "broker/core/slip.h"

static br_slip_t
s_slip (uint8_t up, uint8_t down)
{
    br_slip_t slip = { .up_size = up, .down_size = down };
    for (uint32_t i = 0; i < up; i++)
        slip.up[i] = (br_addr_t) { 1, 0x01020304, i + 1 };
    for (uint32_t i = 0; i < down; i++)
        slip.down[i] = (br_addr_t) { 2, 0xfffffffe, i + 1 };
    return slip;
}

static int
s_decode_exact (const uint8_t *bytes, size_t size, br_slip_t *ret_slip)
{
    uint8_t *copy = malloc (size ? size : 1);
    memcpy (copy, bytes, size);
    int rc = br_slip_decode ((br_bytes_t) { copy, size }, ret_slip);
    free (copy);
    return rc;
}

static void
test_slips_of_all_sizes_cross_the_wire (void **state)
{
    (void) state;
    for (uint8_t up = 0; up <= BR_SLIP_STOPS_MAX; up++)
        for (uint8_t down = 0; down <= BR_SLIP_STOPS_MAX; down++) {
            br_slip_t slip = s_slip (up, down);
            br_buf_t buf;
            br_buf_init (&buf, BR_SLIP_BYTES_MAX);
            br_slip_encode (&slip, &buf);
            assert_false (buf.overflow);
            br_slip_t read;
            memset (&read, 0xff, sizeof read);
            assert_int_equal (s_decode_exact (buf.data, buf.size, &read), 0);
            assert_memory_equal (&read, &slip, sizeof slip);
            br_buf_free (&buf);
        }
}

static void
test_what_is_no_slip_is_refused_and_writes_nothing (void **state)
{
    (void) state;
    br_slip_t slip = s_slip (2, 3), read = s_slip (1, 1), before = read;
    br_buf_t buf;
    br_buf_init (&buf, BR_SLIP_BYTES_MAX + 1);
    br_slip_encode (&slip, &buf);
    for (size_t size = 0; size < buf.size; size++)
        assert_int_equal (s_decode_exact (buf.data, size, &read), -1);
    br_buf_addc (&buf, 0);
    assert_int_equal (s_decode_exact (buf.data, buf.size, &read), -1);
    buf.data[0] = BR_SLIP_STOPS_MAX + 1;
    assert_int_equal (s_decode_exact (buf.data, buf.size, &read), -1);
    uint8_t full[2 + 2 * 9 * 12] = { 9 };
    assert_int_equal (s_decode_exact (full, sizeof full, &read), -1);
    assert_memory_equal (&read, &before, sizeof read);
    br_buf_free (&buf);
}

static void
test_each_stop_knows_the_one_behind (void **state)
{
    (void) state;
    br_slip_t slip = s_slip (3, 2);
    br_addr_t stranger = { 9, 9, 9 };
    assert_true (br_addr_is (br_slip_up (&slip, stranger), slip.up[0]));
    assert_true (br_addr_is (br_slip_up (&slip, slip.up[0]), slip.up[1]));
    assert_true (br_addr_is (br_slip_up (&slip, slip.up[1]), slip.up[2]));
    assert_false (br_addr_is_set (br_slip_up (&slip, slip.up[2])));
    assert_true (br_addr_is (br_slip_down (&slip, slip.up[2]), slip.down[0]));
    assert_true (br_addr_is (br_slip_down (&slip, slip.down[0]), slip.down[1]));
    assert_false (br_addr_is_set (br_slip_down (&slip, slip.down[1])));
    br_slip_t none = s_slip (0, 0);
    assert_false (br_addr_is_set (br_slip_up (&none, stranger)));
    assert_false (br_addr_is_set (br_slip_down (&none, stranger)));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_slips_of_all_sizes_cross_the_wire),
        cmocka_unit_test (test_what_is_no_slip_is_refused_and_writes_nothing),
        cmocka_unit_test (test_each_stop_knows_the_one_behind),
    };
    return cmocka_run_group_tests_name ("slip", tests, NULL, NULL);
}
