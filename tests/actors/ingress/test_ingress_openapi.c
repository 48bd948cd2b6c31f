//  ingress_openapi: the description and the tables that it describes tell the same.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_openapi.h"
#include "broker/core/alloc.h"
#include "broker/core/conf_overlay.h"
#include "broker/core/door.h"
#include "broker/core/version.h"
#include "broker/proto/surface.h"

static int
s_setup (void **state)
{
    br_blob_t *blob = ingress_openapi_new ();
    *state = cJSON_ParseWithLength ((const char *) br_blob_data (blob),
                                    br_blob_size (blob));
    br_blob_destroy (&blob);
    return *state ? 0 : -1;
}

static int
s_teardown (void **state)
{
    cJSON_Delete (*state);
    return 0;
}

static const cJSON *
s_at (const cJSON *node, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive (node, key);
}

//  A method as the description spells it.
static const char *
s_low (const char *method, char room[16])
{
    size_t i = 0;
    for (; method[i] && i < 15; i++)
        room[i] = (char) tolower ((unsigned char) method[i]);
    room[i] = 0;
    return room;
}

static void
given_the_version_then_it_is_the_programs (void **state)
{
    const cJSON *info = s_at (*state, "info");
    assert_string_equal (s_at (info, "version")->valuestring, BR_VERSION);
    assert_string_equal (s_at (*state, "openapi")->valuestring, "3.1.0");
}

static void
given_a_surface_then_it_is_described (void **state)
{
    const cJSON *paths = s_at (*state, "paths");
    for (unsigned i = BR_SURFACE_NONE + 1; i < BR_SURFACE_COUNT; i++) {
        const br_surface_row_t *row = br_surface_row (i);
        char method[16];
        if (!s_at (s_at (paths, row->path), s_low (row->method, method)))
            fail_msg ("not described: %s %s", row->method, row->path);
    }
}

static void
given_an_operation_then_it_is_a_surface (void **state)
{
    unsigned count = 0;
    const cJSON *path;
    cJSON_ArrayForEach (path, s_at (*state, "paths"))
    {
        const cJSON *operation;
        cJSON_ArrayForEach (operation, path)
        {
            bool found = false;
            for (unsigned i = BR_SURFACE_NONE + 1; i < BR_SURFACE_COUNT && !found; i++) {
                const br_surface_row_t *row = br_surface_row (i);
                char method[16];
                found = strcmp (row->path, path->string) == 0
                        && strcmp (s_low (row->method, method), operation->string) == 0;
            }
            if (!found)
                fail_msg ("nobody answers: %s %s", operation->string, path->string);
            count++;
        }
    }
    assert_int_equal (count, BR_SURFACE_COUNT - 1);
}

static const cJSON *
s_schema (const cJSON *root, const char *name)
{
    return s_at (s_at (s_at (root, "components"), "schemas"), name);
}

//  Whether the door takes a route with one more member, in it or in its endpoint.
static int
s_take (const char *member, const char *value, bool in_endpoint)
{
    char *more = br_strf (",\"%s\":%s", member, value);
    char *json = br_strf ("{\"name\":\"r\",\"endpoints\":[{\"provider\":\"p\","
                          "\"service_id\":\"m\"%s}]%s}",
                          in_endpoint ? more : "", in_endpoint ? "" : more);
    br_conf_overlay_t *overlay = br_conf_overlay_new ();
    char *name = NULL;
    int rc = br_conf_overlay_add (overlay, json, &name, NULL);
    br_conf_overlay_destroy (&overlay);
    free (name);
    free (json);
    free (more);
    return rc;
}

//  What may be said of a route that is added, and its bounds.
static void
given_a_route_as_it_is_described_then_the_door_takes_it (void **state)
{
    const cJSON *route = s_at (s_schema (*state, "AdminRouteAdd"), "properties");
    const cJSON *list = s_at (route, "endpoints");
    const cJSON *endpoint = s_at (s_at (list, "items"), "properties");
    assert_int_equal (s_at (s_at (route, "name"), "maxLength")->valueint,
                      BR_CONF_OVERLAY_NAME_MAX);
    assert_int_equal (s_at (s_at (endpoint, "service_id"), "maxLength")->valueint,
                      BR_CONF_OVERLAY_TEXT_MAX);
    assert_int_equal (s_at (list, "maxItems")->valueint, BR_CONF_OVERLAY_ENDPOINTS);
    static const struct {
        const char *member;
        const char *value;
        bool in_endpoint;
    } rows[] = {
        { "model", "\"r\"", false },
        { "kind", "\"model\"", false },
        { "strategy", "\"priority\"", false },
        { "model_id", "\"m\"", true },
        { "api_protocol", "\"openai\"", true },
        { "weight", "2", true },
    };
    size_t count = sizeof rows / sizeof *rows;
    for (size_t i = 0; i < count; i++) {
        assert_non_null (s_at (rows[i].in_endpoint ? endpoint : route, rows[i].member));
        if (s_take (rows[i].member, rows[i].value, rows[i].in_endpoint))
            fail_msg ("not taken: %s", rows[i].member);
    }
    //  all but name, endpoints, provider and service_id stand above
    assert_int_equal (cJSON_GetArraySize (route) + cJSON_GetArraySize (endpoint),
                      count + 4);
    const cJSON *kind;
    cJSON_ArrayForEach (kind, s_at (s_at (route, "kind"), "enum"))
    {
        char *value = cJSON_PrintUnformatted (kind);
        assert_int_equal (s_take ("kind", value, false), 0);
        cJSON_free (value);
    }
    assert_int_equal (s_take ("other", "1", false), -1);
    assert_int_equal (s_take ("other", "1", true), -1);
}

//  The names that a path of the admin door may have.
static const cJSON *
s_commands (const cJSON *root, const char *method)
{
    const cJSON *operation = s_at (s_at (s_at (root, "paths"), "/admin/{id}"), method);
    const cJSON *id = cJSON_GetArrayItem (s_at (operation, "parameters"), 0);
    return s_at (s_at (id, "schema"), "enum");
}

static bool
s_lists (const cJSON *list, const char *name)
{
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        if (strcmp (item->valuestring, name) == 0)
            return true;
    }
    return false;
}

//  Those with a path of their own are described there.
static void
given_a_command_then_it_is_listed_where_it_may_be_asked (void **state)
{
    static const struct {
        const char *method;
        const char *verb;
        br_surface_t surface;
    } rows[] = { { "get", "GET", BR_SURFACE_ADMIN_READ },
                 { "post", "POST", BR_SURFACE_ADMIN_ASK } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cJSON *list = s_commands (*state, rows[i].method);
        int count = 0;
        for (size_t k = 0; br_admin_row (k); k++) {
            const br_admin_row_t *row = br_admin_row (k);
            char path[200] = "/admin/";
            strcat (path, row->name);
            bool known;
            bool own = br_surface_of (rows[i].verb, path, &known) != rows[i].surface;
            bool may = rows[i].surface == BR_SURFACE_ADMIN_ASK
                       || row->effect == BR_ADMIN_READS;
            if (s_lists (list, row->name) != (!own && may))
                fail_msg ("%s %s", rows[i].verb, path);
            count += !own && may;
        }
        assert_int_equal (cJSON_GetArraySize (list), count);
    }
}

//  What a reference names, or NULL.
static const cJSON *
s_follow (const cJSON *root, const char *ref)
{
    const cJSON *node = strncmp (ref, "#/", 2) == 0 ? root : NULL;
    char name[200];
    for (const char *at = ref + 1; node && *at == '/';) {
        size_t size = strcspn (at + 1, "/");
        assert_true (size < sizeof name);
        memcpy (name, at + 1, size);
        name[size] = 0;
        node = s_at (node, name);
        at += size + 1;
    }
    return node;
}

static unsigned
s_count_references (const cJSON *root, const cJSON *node)
{
    unsigned count = 0;
    const cJSON *child;
    cJSON_ArrayForEach (child, node)
    {
        bool is_ref = child->string && strcmp (child->string, "$ref") == 0;
        if (is_ref && !s_follow (root, child->valuestring))
            fail_msg ("there is no %s", child->valuestring);
        count += is_ref ? 1 : s_count_references (root, child);
    }
    return count;
}

static void
given_a_reference_then_it_leads_somewhere (void **state)
{
    assert_true (s_count_references (*state, *state) > 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_the_version_then_it_is_the_programs),
        TEST (given_a_surface_then_it_is_described),
        TEST (given_an_operation_then_it_is_a_surface),
        TEST (given_a_route_as_it_is_described_then_the_door_takes_it),
        TEST (given_a_command_then_it_is_listed_where_it_may_be_asked),
        TEST (given_a_reference_then_it_leads_somewhere),
    };
    return cmocka_run_group_tests_name ("ingress_openapi", tests, NULL, NULL);
}
