//  ingress_models: the list, whole and filtered.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_models.h"
#include "broker/core/alloc.h"

static const char s_slice[] =
    "{\"providers\":{\"openai\":{\"models\":{\"gpt-4o\":{\"name\":\"GPT-4o\","
    "\"max_input_tokens\":128000,\"id\":\"evil\"},\"gpt-4\":{}}},"
    "\"lent\":{\"routes_only\":true,\"models\":{\"x\":{}}},"
    "\"deepseek\":{\"models\":{\"chat\":{}}}},"
    "\"models\":{\"smart\":{\"strategy\":\"priority\",\"description\":\"d\","
    "\"endpoints\":[{\"provider\":\"openai\",\"model\":\"a\"},"
    "{\"provider\":\"deepseek\",\"model\":\"b\"},"
    "{\"provider\":\"openai\",\"model\":\"c\"}]},\"none\":{\"endpoints\":[]}}}";

static int
s_setup (void **state)
{
    *state = ingress_models_new (s_slice, 1700000000, NULL);
    return *state ? 0 : -1;
}

static int
s_teardown (void **state)
{
    ingress_models_t *models = *state;
    ingress_models_destroy (&models);
    return 0;
}

//  The ids of a list, each with a space behind it.
static void
s_is (const ingress_models_t *models, const char *query, const char *ids)
{
    br_blob_t *list = ingress_models_list (models, query);
    char *text = br_strndup ((const char *) br_blob_data (list), br_blob_size (list));
    cJSON *root = cJSON_Parse (text);
    assert_non_null (root);
    assert_string_equal (cJSON_GetObjectItem (root, "object")->valuestring, "list");
    char got[1000] = "";
    const cJSON *row;
    cJSON_ArrayForEach (row, cJSON_GetObjectItem (root, "data"))
    {
        strcat (got, cJSON_GetObjectItem (row, "id")->valuestring);
        strcat (got, " ");
    }
    assert_string_equal (got, ids);
    cJSON_Delete (root);
    free (text);
    br_blob_destroy (&list);
}

static void
routes_and_models_of_providers_are_listed_by_id (void **state)
{
    s_is (*state, NULL, "deepseek:chat openai:gpt-4 openai:gpt-4o smart ");
    s_is (*state, "limit=3", "deepseek:chat openai:gpt-4 openai:gpt-4o smart ");
}

static void
filters_are_joined (void **state)
{
    s_is (*state, "provider=openai", "openai:gpt-4 openai:gpt-4o smart ");
    s_is (*state, "provider=deepseek", "deepseek:chat smart ");
    s_is (*state, "provider=open", "");
    s_is (*state, "id=GPT-4O", "openai:gpt-4o ");
    s_is (*state, "id=%3agpt&provider=openai", "openai:gpt-4 openai:gpt-4o ");
    s_is (*state, "id=chat&provider=openai", "");
}

static void
a_row_has_all_members (void **state)
{
    br_blob_t *list = ingress_models_list (*state, "id=gpt-4o");
    char *text = br_strndup ((const char *) br_blob_data (list), br_blob_size (list));
    assert_string_equal (
        text, "{\"object\":\"list\",\"data\":[{\"id\":\"openai:gpt-4o\","
              "\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"openai\","
              "\"providers\":[\"openai\"],\"name\":\"GPT-4o\","
              "\"max_input_tokens\":128000}]}");
    free (text);
    br_blob_destroy (&list);
    list = ingress_models_list (*state, "id=smart");
    text = br_strndup ((const char *) br_blob_data (list), br_blob_size (list));
    assert_non_null (strstr (text, "\"owned_by\":\"bitrouter\",\"providers\":[\"openai\","
                                   "\"deepseek\"],\"description\":\"d\"}"));
    free (text);
    br_blob_destroy (&list);
}

static void
the_whole_list_is_prepared (void **state)
{
    br_blob_t *one = ingress_models_list (*state, NULL);
    br_blob_t *other = ingress_models_list (*state, NULL);
    assert_ptr_equal (one, other);
    br_blob_destroy (&one);
    br_blob_destroy (&other);
}

static void
odd_slices_do_not_hurt (void **state)
{
    (void) state;
    br_error_t error;
    assert_null (ingress_models_new ("[", 0, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    ingress_models_t *models = ingress_models_new (
        "{\"models\":{\"a\":{\"endpoints\":[1]}}}", 0, NULL);
    s_is (models, NULL, "a ");
    ingress_models_destroy (&models);
    models = ingress_models_new ("{}", 0, NULL);
    s_is (models, NULL, "");
    ingress_models_destroy (&models);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (routes_and_models_of_providers_are_listed_by_id),
        TEST (filters_are_joined),
        TEST (a_row_has_all_members),
        TEST (the_whole_list_is_prepared),
        TEST (odd_slices_do_not_hurt),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
