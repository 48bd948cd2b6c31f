//  Names of members in the words of the client.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/proto/field.h"

static void
given_a_field_when_named_then_it_is_by_the_clients_protocol (void **state)
{
    (void) state;
    for (unsigned field = 0; field < BR_FIELDS; field++)
        for (unsigned protocol = 0; protocol < BR_PROTOCOL_COUNT; protocol++)
            assert_non_null (br_field_name (field, protocol));
    assert_string_equal (br_field_name (BR_FIELD_STOP, BR_PROTOCOL_MESSAGES),
                         "stop_sequences");
    assert_string_equal (br_field_name (BR_FIELD_TOP_K, BR_PROTOCOL_GOOGLE),
                         "generationConfig.topK");
    assert_string_equal (br_field_name (BR_FIELD_TOP_K, BR_PROTOCOL_RESPONSES), "top_k");
    assert_string_equal (br_field_name (BR_FIELD_MESSAGES, BR_PROTOCOL_COMPLETIONS),
                         "prompt");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_field_when_named_then_it_is_by_the_clients_protocol),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
