//  ingress_identity: a word of the owner, kept.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/ingress/ingress_identity.h"

static struct br_auth_told
s_told (void)
{
    return (struct br_auth_told) {
        .error = "", .account = "acme", .key = "k1", .models = "", .tools = ""
    };
}

static void
it_is_what_was_told (void **state)
{
    (void) state;
    struct br_auth_told told = s_told ();
    told.scope = BR_SCOPE_ADMIN;
    told.models = "[\"openai:*\",\"gpt-4o\"]";
    told.budgeted = 1;
    told.budget_nusd = 5;
    told.budget_extent = 7;
    told.expires_s = 9;
    ingress_identity_t *self = ingress_identity_new (&told);
    assert_string_equal (self->account, "acme");
    assert_string_equal (self->key, "k1");
    assert_string_equal (self->caller, "acme/k1");
    assert_true (self->is_admin && self->budgeted);
    assert_int_equal (self->budget_nusd, 5);
    assert_int_equal (self->budget_extent, 7);
    assert_int_equal (self->expires_s, 9);
    assert_string_equal (self->models[1], "gpt-4o");
    assert_null (self->models[2]);
    assert_true (ingress_identity_is_bounded (self));
    assert_false (ingress_identity_has_limits (self));
    ingress_identity_let_go (&self);
    assert_null (self);
}

static void
it_lives_as_long_as_somebody_holds_it (void **state)
{
    (void) state;
    struct br_auth_told told = s_told ();
    told.concurrency = 1;
    ingress_identity_t *self = ingress_identity_new (&told);
    ingress_identity_t *other = ingress_identity_ref (self);
    ingress_identity_let_go (&self);
    assert_string_equal (other->account, "acme");
    assert_false (ingress_identity_is_bounded (other));
    assert_true (ingress_identity_has_limits (other));
    ingress_identity_let_go (&other);
    ingress_identity_let_go (&other);
    assert_null (ingress_identity_ref (NULL));
    assert_false (ingress_identity_is_bounded (NULL)
                  || ingress_identity_has_limits (NULL));
}

static void
a_list_that_is_none_permits_nothing (void **state)
{
    (void) state;
    static const char *const lists[] = { "{", "{}", "\"*\"", "[1]", "[\"a\",null]" };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct br_auth_told told = s_told ();
        told.models = lists[i];
        assert_null (ingress_identity_new (&told));
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (it_is_what_was_told),
        cmocka_unit_test (it_lives_as_long_as_somebody_holds_it),
        cmocka_unit_test (a_list_that_is_none_permits_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
