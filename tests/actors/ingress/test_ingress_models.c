//  ingress_models: the list, whole and filtered.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <stdbool.h>
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
    br_blob_t *list = ingress_models_list (models, BR_PROTOCOL_CHAT, query, NULL, NULL,
                                           NULL);
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
    s_is (*state, "supports_vision=true",
          "deepseek:chat openai:gpt-4 openai:gpt-4o smart ");
    s_is (*state, "supports_json=true", "");
    s_is (*state, "input_modality=image&id=gpt", "");
    br_error_t error;
    assert_null (ingress_models_list (*state, BR_PROTOCOL_CHAT, "supports_tools=x", NULL,
                                      NULL, &error));
    assert_int_equal (error.code, BR_EINVALID);
}

static void
a_row_has_all_members (void **state)
{
    br_blob_t *list = ingress_models_list (*state, BR_PROTOCOL_CHAT, "id=gpt-4o", NULL,
                                           NULL, NULL);
    char *text = br_strndup ((const char *) br_blob_data (list), br_blob_size (list));
    assert_string_equal (
        text, "{\"object\":\"list\",\"data\":[{\"id\":\"openai:gpt-4o\","
              "\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"openai\","
              "\"providers\":[\"openai\"],\"name\":\"GPT-4o\","
              "\"max_input_tokens\":128000}]}");
    free (text);
    br_blob_destroy (&list);
    list = ingress_models_list (*state, BR_PROTOCOL_CHAT, "id=smart", NULL, NULL, NULL);
    text = br_strndup ((const char *) br_blob_data (list), br_blob_size (list));
    assert_non_null (strstr (text, "\"owned_by\":\"bitrouter\",\"providers\":[\"openai\","
                                   "\"deepseek\"],\"description\":\"d\"}"));
    free (text);
    br_blob_destroy (&list);
}

static void
s_page_is (const ingress_models_t *models, br_protocol_t wire, const char *query,
           const char *list)
{
    br_blob_t *blob = ingress_models_list (models, wire, query, NULL, NULL, NULL);
    assert_non_null (blob);
    char *text = br_strndup ((const char *) br_blob_data (blob), br_blob_size (blob));
    cJSON *root = cJSON_Parse (text);
    char got[1000] = "";
    const cJSON *row;
    bool google = wire == BR_PROTOCOL_GOOGLE;
    cJSON_ArrayForEach (row, cJSON_GetObjectItem (root, google ? "models" : "data"))
    {
        strcat (got, cJSON_GetObjectItem (row, google ? "name" : "id")->valuestring);
        strcat (got, " ");
    }
    const cJSON *token = cJSON_GetObjectItem (root, "nextPageToken");
    if (token || cJSON_IsTrue (cJSON_GetObjectItem (root, "has_more")))
        strcat (got, "...");
    assert_string_equal (got, list);
    cJSON_Delete (root);
    free (text);
    br_blob_destroy (&blob);
}

static void
pages_are_cut_in_the_protocols_way (void **state)
{
    static const br_protocol_t M = BR_PROTOCOL_MESSAGES;
    static const br_protocol_t G = BR_PROTOCOL_GOOGLE;
    s_page_is (*state, M, NULL, "deepseek:chat openai:gpt-4 openai:gpt-4o smart ");
    s_page_is (*state, M, "limit=2", "deepseek:chat openai:gpt-4 ...");
    s_page_is (*state, M, "limit=2&after_id=openai%3Agpt-4", "openai:gpt-4o smart ");
    s_page_is (*state, M, "limit=1&after_id=openai:gpt-4", "openai:gpt-4o ...");
    s_page_is (*state, M, "after_id=smart", "");
    s_page_is (*state, M, "before_id=smart&limit=2", "openai:gpt-4 openai:gpt-4o ...");
    s_page_is (*state, M, "before_id=openai:gpt-4&limit=2", "deepseek:chat ");
    s_page_is (*state, M, "before_id=openai:gpt-4&after_id=smart", "");
    s_page_is (*state, M, "limit=4&pageSize=1",
               "deepseek:chat openai:gpt-4 openai:gpt-4o smart ");
    s_page_is (*state, M, "limit=5000&provider=deepseek", "deepseek:chat smart ");
    s_page_is (*state, G, "pageSize=1", "models/deepseek:chat ...");
    s_page_is (*state, G, "pageSize=3&pageToken=deepseek:chat",
               "models/openai:gpt-4 models/openai:gpt-4o models/smart ");
}

static void
a_page_that_makes_no_sense_is_refused (void **state)
{
    static const char *const bad[] = {
        "limit=0",  "limit=-1",        "limit=x",
        "limit=1x", "after_id=nobody", "before_id=nobody"
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        br_error_t error;
        assert_null (ingress_models_list (*state, BR_PROTOCOL_MESSAGES, bad[i], NULL,
                                          NULL, &error));
        assert_int_equal (error.code, BR_EINVALID);
    }
    br_blob_t *list = ingress_models_list (*state, BR_PROTOCOL_CHAT, "limit=x", NULL,
                                           NULL, NULL);
    assert_non_null (list);
    br_blob_destroy (&list);
}

static void
one_model_is_found_by_any_of_its_names (void **state)
{
    static const char *const rows[][2] = {
        { "smart", "\"id\":\"smart\"" },
        { "openai:gpt-4", "\"id\":\"openai:gpt-4\"" },
        { "openai/gpt-4o", "\"id\":\"openai:gpt-4o\"" },
        { "gpt-4o", "\"id\":\"openai:gpt-4o\"" },
        { "gpt", NULL },
        { "openai:", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_blob_t *one = ingress_models_one (*state, BR_PROTOCOL_CHAT, rows[i][0], NULL,
                                             NULL);
        assert_int_equal (one != NULL, rows[i][1] != NULL);
        if (!one)
            continue;
        char *text = br_strndup ((const char *) br_blob_data (one), br_blob_size (one));
        assert_non_null (strstr (text, rows[i][1]));
        free (text);
        br_blob_destroy (&one);
    }
    br_blob_t *one = ingress_models_one (*state, BR_PROTOCOL_GOOGLE, "gpt-4o", NULL,
                                         NULL);
    assert_memory_equal (br_blob_data (one), "{\"name\":\"models/openai:gpt-4o\"", 30);
    br_blob_destroy (&one);
}

static void
the_whole_list_is_prepared (void **state)
{
    br_blob_t *one = ingress_models_list (*state, BR_PROTOCOL_CHAT, NULL, NULL, NULL,
                                          NULL);
    br_blob_t *other = ingress_models_list (*state, BR_PROTOCOL_CHAT, NULL, NULL, NULL,
                                            NULL);
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
        TEST (pages_are_cut_in_the_protocols_way),
        TEST (a_page_that_makes_no_sense_is_refused),
        TEST (one_model_is_found_by_any_of_its_names),
        TEST (the_whole_list_is_prepared),
        TEST (odd_slices_do_not_hurt),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
