//  Pictures of all panes in three sizes, as tests/data/tui/WIDTHxHEIGHT.txt has them. With
//  BR_TUI_PICTURES=FOLDER they are written there instead: look at each change of them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "tests/tui/scene.h"

#define PICTURES_MAX (1 << 20) //  bytes

static void
s_tell_events (scene_t *scene)
{
    scene_call (scene, "id-1", "plan");
    scene_call (scene, "id-2", "code");
    scene_tell (
        scene,
        "{\"event\":\"call.started\",\"host\":\"shard-1\",\"time\":1750000001000,"
        "\"call\":\"id-3\",\"route\":\"smart\",\"session\":\"s1\",\"agent\":\"worker\"}",
        "{\"event\":\"attempt.started\",\"time\":1750000001000,\"call\":\"id-3\","
        "\"attempt\":1,\"provider\":\"alpha\",\"model\":\"m\"}",
        "{\"event\":\"attempt.failed\",\"time\":1750000001300,\"call\":\"id-3\","
        "\"attempt\":1,\"provider\":\"alpha\",\"error_type\":\"upstream_timeout\","
        "\"error\":\"no answer\"}",
        "{\"event\":\"attempt.started\",\"time\":1750000001300,\"call\":\"id-3\","
        "\"attempt\":2,\"provider\":\"beta\",\"model\":\"\xe9\x95\xbf\"}",
        "{\"event\":\"call.started\",\"time\":1750000002000,\"call\":\"id-4\","
        "\"route\":\"dear\",\"account_id\":\"acme\"}",
        "{\"event\":\"call.settled\",\"time\":1750000003500,\"call\":\"id-4\","
        "\"route\":\"dear\",\"provider\":\"alpha\",\"model\":\"m\",\"latency_ms\":1500,"
        "\"error_type\":\"upstream_bad_gateway\",\"success\":0,\"account_id\":\"acme\"}",
        "{\"event\":\"breaker.changed\",\"time\":1750000003600,\"provider\":\"alpha\","
        "\"state\":\"open\",\"for_ms\":15000,\"reason\":\"5 in a row\"}",
        "{\"event\":\"guard.finding\",\"time\":1750000003700,\"call\":\"id-1\","
        "\"direction\":\"upgoing\",\"place\":\"user message\",\"family\":\"api_keys\","
        "\"pattern\":\"sk_key\",\"action\":\"warn\",\"masked\":\"sk-a(47)\",\"count\":2}",
        NULL);
}

static void
s_set_up (scene_t *scene)
{
    scene_begin (scene, NULL);
    s_tell_events (scene);
    tui_model_tick (scene->model, SCENE_NOW + 5000);
    scene_answer (
        scene, TUI_SNAPSHOT,
        "{\"version\":\"1.2.3\",\"pid\":42,\"providers\":[\"alpha\",\"beta\"]}");
    scene_answer (scene, TUI_CALLS, "{\"listen\":[\"127.0.0.1:8787\"],\"open_calls\":1}");
    scene_answer (scene, TUI_LEDGER, "{\"rows\":3,\"cost_nusd\":2500000000}");
    scene_answer (scene, TUI_HEALTH,
                  "[{\"provider\":\"alpha\",\"endpoint\":\"\",\"ok\":3,\"fail\":7,"
                  "\"under_way\":1,\"first_ms\":40},"
                  "{\"provider\":\"beta\",\"endpoint\":\"\",\"ok\":1}]");
    scene_answer (scene, TUI_BREAKERS,
                  "[{\"provider\":\"alpha\",\"endpoint\":\"\",\"model\":\"\","
                  "\"state\":\"open\",\"reason\":\"5 in a row\",\"for_ms\":15000}]");
    scene_answer (scene, TUI_ROUTES,
                  "[{\"name\":\"smart\",\"strategy\":\"priority\",\"source\":\"config\","
                  "\"endpoints\":[{\"provider\":\"alpha\",\"service_id\":\"m\"},"
                  "{\"provider\":\"beta\",\"service_id\":\"long\"}]}]");
}

//  Adds a picture behind its name.
static void
s_add (scene_t *scene, const char *name, char **text_p)
{
    char *text = br_strf ("%s==== %s\n%s", *text_p, name, scene_show (scene));
    free (*text_p);
    *text_p = text;
}

//  All of a size. "caller frees"
static char *
s_pictures (int width, int height)
{
    scene_t scene;
    char *text = br_strdup ("");
    s_set_up (&scene);
    scene.width = width;
    scene.height = height;
    for (char pane = '1'; pane <= '8'; pane++) {
        char name[] = "pane ?";
        name[5] = pane;
        scene_press (&scene, (uint32_t) pane);
        s_add (&scene, name, &text);
    }
    scene_type (&scene, "2jj\r");
    s_add (&scene, "detail of a call", &text);
    scene_press (&scene, TUI_KEY_ESCAPE);
    scene_type (&scene, "/co");
    s_add (&scene, "a filter is typed", &text);
    scene_type (&scene, "\rp?");
    s_add (&scene, "help, and a pause", &text);
    scene_end (&scene);
    return text;
}

//  "caller frees"
static char *
s_path (const char *folder, int width, int height)
{
    return br_strf ("%s/%dx%d.txt", folder, width, height);
}

//  Tells the first line that is another.
static void
s_compare (const char *path, const char *wanted, const char *text)
{
    for (unsigned line = 1; *wanted || *text; line++) {
        size_t size = strcspn (wanted, "\n"), other = strcspn (text, "\n");
        if (size != other || memcmp (wanted, text, size) != 0)
            fail_msg ("%s:%u:\n  wanted |%.*s\n  is     |%.*s", path, line, (int) size,
                      wanted, (int) other, text);
        wanted += size + (wanted[size] != 0);
        text += other + (text[other] != 0);
    }
}

static void
all_panes_look_as_they_did (void **state)
{
    (void) state;
    static const int s_sizes[][2] = { { 60, 16 }, { 80, 24 }, { 200, 50 } };
    const char *source = getenv ("BR_SOURCE_DIR");
    const char *to = getenv ("BR_TUI_PICTURES");
    char *folder = br_strf ("%s/tests/data/tui", source ? source : ".");
    for (size_t i = 0; i < sizeof s_sizes / sizeof *s_sizes; i++) {
        char *text = s_pictures (s_sizes[i][0], s_sizes[i][1]);
        char *path = s_path (to ? to : folder, s_sizes[i][0], s_sizes[i][1]);
        FILE *file = to ? fopen (path, "w") : NULL;
        size_t size = 0;
        char *wanted = to ? NULL : br_conf_file_read (path, PICTURES_MAX, &size, NULL);
        if (file) {
            fputs (text, file);
            fclose (file);
        } else {
            assert_non_null (wanted);
            s_compare (path, wanted, text);
        }
        free (wanted);
        free (path);
        free (text);
    }
    free (folder);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (all_panes_look_as_they_did),
    };
    setenv ("TZ", "UTC0", 1);
    tzset ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
