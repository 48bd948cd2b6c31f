//  ingress_idem: calls with an Idempotency-Key through real sockets, their owner played by
//  the test.

#include "tests/actors/ingress/idem.h"

//  ---- keys

static void
a_call_without_a_key_or_an_owner_is_not_claimed (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    close (fd);
    world->has_keys = false;
    fd = world_connect (world);
    world_post (world, fd, KEY, BODY);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    assert_int_equal (world_count (world, BR_IDEM_CLAIM), 0);
    close (fd);
}

static void
a_key_that_is_none_is_refused_by_name (void **state)
{
    world_t *world = *state;
    char *longer = malloc (INGRESS_IDEM_KEY_MAX + 2);
    memset (longer, 'k', INGRESS_IDEM_KEY_MAX + 1);
    longer[INGRESS_IDEM_KEY_MAX + 1] = 0;
    const char *keys[] = { "", "two words", "\xc3\xa4", longer };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char *header = br_strf ("Connection: close\r\nIdempotency-Key: %s\r\n", keys[i]);
        int fd = world_connect (world);
        world_post (world, fd, header, BODY);
        const char *got = world_read_all (world, fd);
        world_has (got, "HTTP/1.1 400");
        world_has (got, "idempotency-key");
        close (fd);
        free (header);
    }
    free (longer);
    assert_int_equal (world_count (world, BR_IDEM_CLAIM), 0);
}

//  How many claims a request makes.
static size_t
s_claims (world_t *world, const char *target, const char *body)
{
    char *text = br_strf ("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n" KEY
                          "Content-Length: %zu\r\n\r\n%s",
                          target, strlen (body), body);
    size_t before = world_count (world, BR_IDEM_CLAIM);
    int fd = world_connect (world);
    world_write (world, fd, text);
    size_t after = world_count (world, BR_IDEM_CLAIM);
    close (fd);
    free (text);
    return after - before;
}

static void
talk_and_what_passes_is_claimed_but_no_count_of_tokens (void **state)
{
    world_t *world = *state;
    const char *body = "{\"model\":\"smart\",\"input\":\"x\",\"messages\":[]}";
    assert_int_equal (s_claims (world, "/v1/responses", body), 1);
    assert_int_equal (s_claims (world, "/v1/messages", body), 1);
    assert_int_equal (s_claims (world, "/v1/embeddings", body), 1);
    assert_int_equal (
        s_claims (world, "/v1beta/models/smart:generateContent", "{\"contents\":[]}"), 1);
    assert_int_equal (s_claims (world, "/v1/messages/count_tokens", body), 0);
}

static void
the_fingerprint_is_that_of_method_path_query_and_body (void **state)
{
    world_t *world = *state;
    static const struct {
        const char *target;
        const char *body;
        bool same;
    } rows[] = {
        { "/v1/chat/completions", BODY, true },
        { "/v1/chat/completions", BODY, true },
        { "/v1/chat/completions?key=secret", BODY, true },
        { "/v1/chat/completions?a=1", BODY, false },
        { "/chat/completions", BODY, false },
        { "/v1/chat/completions", BODY " ", false },
    };
    uint8_t print[32];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = br_strf ("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n" KEY
                              "Content-Length: %zu\r\n\r\n%s",
                              rows[i].target, strlen (rows[i].body), rows[i].body);
        int fd = world_connect (world);
        world_write (world, fd, text);
        const br_msg_t *msg = world_expect (world, BR_IDEM_CLAIM);
        assert_non_null (msg);
        const struct br_idem_claim *claim = br_msg_fields (msg);
        assert_string_equal (claim->key, "k-1");
        assert_string_equal (claim->scope, "");
        assert_int_equal (claim->fingerprint.size, sizeof print);
        if (i == 0)
            memcpy (print, claim->fingerprint.data, sizeof print);
        assert_int_equal (memcmp (print, claim->fingerprint.data, sizeof print) == 0,
                          rows[i].same);
        free (text);
        close (fd);
    }
}

static void
a_large_request_is_hashed_in_slices (void **state)
{
    world_t *world = *state;
    size_t size = 3 * INGRESS_IDEM_SLICE_BYTES;
    char *pad = malloc (size + 1);
    memset (pad, 'x', size);
    pad[size] = 0;
    char *body = br_strf ("{\"model\":\"smart\",\"messages\":[],\"x\":\"%s\"}", pad);
    br_id_t id;
    int fd = s_first (world, body, &id);
    close (fd);
    //  One that leaves before it is hashed.
    fd = world_connect (world);
    world_post (world, fd, KEY, body);
    close (fd);
    world_turn (world);
    free (body);
    free (pad);
}

//  ---- the first one

static void
a_single_answer_is_told_whole (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_first (world, BODY, &id);
    world_head (world, id, "application/json", "{\"a\":1}");
    world_end (world, id, 1);
    const char *got = world_read (world, fd, "{\"a\":1}");
    assert_null (strcasestr (got, "x-bitrouter-replayed"));
    const struct br_idem_head *head = br_msg_fields (world_expect (world, BR_IDEM_HEAD));
    assert_int_equal (head->status, 200);
    assert_string_equal (head->content_type, "application/json");
    assert_string_equal (head->provider, "openai");
    assert_string_equal (head->model, "gpt-4o");
    const br_msg_t *part = world_expect (world, BR_IDEM_PART);
    assert_memory_equal (br_blob_data (part->body), "{\"a\":1}", 7);
    s_ended (world, 1);
    close (fd);
}

static void
a_stream_is_told_as_it_was_written (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_first (world, STREAM, &id);
    world_head (world, id, SSE, "data: 1\n\n");
    world_delta (world, id, 1, "data: [DO");
    world_delta (world, id, 2, "NE]\n\n");
    world_end (world, id, 3);
    world_has (world_read (world, fd, "0\r\n\r\n"), "data: [DONE]");
    const br_msg_t *part = world_expect (world, BR_IDEM_PART);
    assert_int_equal (br_blob_size (part->body), 23);
    assert_memory_equal (br_blob_data (part->body), "data: 1\n\ndata: [DONE]\n\n", 23);
    s_ended (world, 1);
    assert_int_equal (world_count (world, BR_IDEM_PART), 1);
    close (fd);
}

static void
many_bytes_are_told_in_large_pieces (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_first (world, BODY, &id);
    size_t size = 2 * INGRESS_IDEM_TELL_BYTES + 5;
    char *text = malloc (size + 1);
    memset (text, 'x', size);
    text[size] = 0;
    world_head (world, id, "application/json", text);
    free (text);
    world_end (world, id, 1);
    size_t told = 0;
    for (int i = 0; i < 3; i++)
        told += br_blob_size (world_expect (world, BR_IDEM_PART)->body);
    assert_int_equal (told, size);
    s_ended (world, 1);
    close (fd);
}

static void
what_the_owner_would_not_keep_is_not_told (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, STREAM, &id);
    s_go (world, id, 12);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    world_head (world, id, SSE, "data: 1\n\n");
    world_delta (world, id, 1, "data: 2\n\n");
    world_end (world, id, 2);
    world_has (world_read (world, fd, "0\r\n\r\n"), "data: 2");
    s_ended (world, 0);
    assert_int_equal (world_count (world, BR_IDEM_PART), 0);
    close (fd);
}

static void
an_error_is_no_answer_to_keep (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_first (world, BODY, &id);
    struct br_reply_error error = { .code = BR_EUPLIMIT, .error = "wait" };
    world_send (world, world_router, BR_REPLY_ERROR, id, 1, &error, NULL);
    world_has (world_read (world, fd, "wait"), "HTTP/1.1 429");
    s_ended (world, 0);
    assert_int_equal (world_count (world, BR_IDEM_HEAD), 0);
    close (fd);
}

static void
a_cut_stream_is_no_answer_to_keep (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_first (world, STREAM, &id);
    world_head (world, id, SSE, "data: 1\n\n");
    struct br_reply_error error = { .seq = 1, .code = BR_EUPCUT, .error = "cut" };
    world_send (world, world_upstream, BR_REPLY_ERROR, id, 1, &error, NULL);
    world_has (world_read_all (world, fd), "cut");
    s_ended (world, 0);
    close (fd);
}

static void
a_first_one_whose_client_leaves_has_no_answer (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_first (world, STREAM, &id);
    close (fd);
    assert_non_null (world_expect (world, BR_CALL_CANCEL));
    s_ended (world, 0);
}

static void
a_first_one_that_cannot_be_opened_ends_too (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, "{\"model\":\"nobody\"}", &id);
    s_go (world, id, 100);
    world_has (world_read (world, fd, "nobody"), "HTTP/1.1 404");
    s_ended (world, 0);
    close (fd);
}

static void
a_second_go_changes_nothing (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_first (world, BODY, &id);
    s_go (world, id, 100);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 1);
    world_head (world, id, "application/json", "{}");
    world_end (world, id, 1);
    world_has (world_read (world, fd, "{}"), "HTTP/1.1 200");
    s_ended (world, 1);
    s_go (world, id, 100);
    close (fd);
}

static void
an_owner_that_is_gone_stops_nobody (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_first (world, STREAM, &id);
    world_head (world, id, SSE, "data: 1\n\n");
    struct br_sys_gone gone = { .host = WORLD_KEYS_HOST, .life = 1 };
    br_ctx_send (world->ctx, br_ctx_self (world->ctx), BR_SYS_GONE, (br_id_t) { 0, 0 }, 0,
                 &gone, NULL);
    world_turn (world);
    world_delta (world, id, 1, "data: 2\n\n");
    world_end (world, id, 2);
    world_has (world_read (world, fd, "0\r\n\r\n"), "data: 2");
    assert_int_equal (world_count (world, BR_IDEM_END), 0);
    close (fd);
}

//  ---- those that wait

static void
an_answer_is_heard_again (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, BODY, &id);
    s_replay (world, id, "application/json", "{\"a\":1}");
    s_replay_end (world, id, 1);
    const char *got = world_read (world, fd, "{\"a\":1}");
    world_has (got, "HTTP/1.1 200");
    world_has (got, "x-bitrouter-replayed: true");
    world_has (got, "x-bitrouter-provider: openai");
    world_has (got, "content-length: 7");
    char text[BR_ID_TEXT];
    world_has (got, br_id_text (id, text));
    assert_int_equal (world_count (world, BR_IDEM_LEAVE), 0);
    s_hear_nothing_of (world);
    close (fd);
}

static void
a_stream_is_heard_again_as_a_stream (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, STREAM, &id);
    s_replay (world, id, SSE, "data: 1\n\n");
    struct br_reply_delta delta = { .seq = 1, .upto = 100u << 10 };
    char *text = br_strf ("data: %0*d\n\n", 100 << 10, 2);
    world_send (world, world_keys, BR_REPLY_DELTA, id, 1, &delta, text);
    free (text);
    s_replay_end (world, id, 2);
    const char *got = world_read (world, fd, "0\r\n\r\n");
    world_has (got, "transfer-encoding: chunked");
    world_has (got, "x-bitrouter-replayed: true");
    world_has (got, "data: 1\n\n");
    const br_msg_t *credit = world_expect (world, BR_REPLY_CREDIT);
    assert_non_null (credit);
    assert_true (br_addr_is (credit->to, world_keys));
    s_hear_nothing_of (world);
    assert_int_equal (world_count (world, BR_IDEM_LEAVE), 0);
    close (fd);
}

static void
a_conflict_is_told (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, BODY, &id);
    struct br_idem_refuse refuse = { .code = BR_ECONFLICT, .error = "another request" };
    world_send (world, world_keys, BR_IDEM_REFUSE, id, 0, &refuse, NULL);
    world_has (world_read (world, fd, "another request"), "HTTP/1.1 409");
    s_hear_nothing_of (world);
    assert_int_equal (world_count (world, BR_IDEM_LEAVE), 0);
    close (fd);
}

static void
a_code_that_is_none_is_a_fault_of_ours (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, BODY, &id);
    struct br_idem_refuse refuse = { .code = 1u << 20, .error = "x" };
    world_send (world, world_keys, BR_IDEM_REFUSE, id, 0, &refuse, NULL);
    world_has (world_read (world, fd, "\"x\""), "HTTP/1.1 500");
    close (fd);
}

static void
a_client_that_waits_may_leave (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, BODY, &id);
    close (fd);
    const br_msg_t *leave = world_expect (world, BR_IDEM_LEAVE);
    assert_non_null (leave);
    assert_true (br_id_is (leave->call, id));
    s_hear_nothing_of (world);
    s_go (world, id, 100); //  it was on its way
    s_hear_nothing_of (world);
}

static void
a_client_that_hears_an_answer_may_leave (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, STREAM, &id);
    s_replay (world, id, SSE, "data: 1\n\n");
    world_read (world, fd, "data: 1");
    close (fd);
    assert_non_null (world_expect (world, BR_IDEM_LEAVE));
    s_hear_nothing_of (world);
}

static void
who_waits_for_an_owner_that_is_gone_gets_an_error (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, BODY, &id);
    struct br_sys_gone gone = { .host = WORLD_KEYS_HOST, .life = 1 };
    br_ctx_send (world->ctx, br_ctx_self (world->ctx), BR_SYS_GONE, (br_id_t) { 0, 0 }, 0,
                 &gone, NULL);
    world_has (world_read (world, fd, "}"), "HTTP/1.1 503");
    s_hear_nothing_of (world);
    close (fd);
}

static void
an_owner_that_is_gone_in_the_middle_cuts_the_stream (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, STREAM, &id);
    s_replay (world, id, SSE, "data: 1\n\n");
    world_read (world, fd, "data: 1");
    struct br_sys_gone gone = { .host = WORLD_KEYS_HOST, .life = 1 };
    br_ctx_send (world->ctx, br_ctx_self (world->ctx), BR_SYS_GONE, (br_id_t) { 0, 0 }, 0,
                 &gone, NULL);
    world_has (world_read_all (world, fd), "error");
    s_hear_nothing_of (world);
    close (fd);
}

static void
a_stop_ends_those_that_wait (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim (world, BODY, &id);
    br_ingress_actor.stop (world->ctx->state, 100);
    world_wait (world, 101);
    world_has (world_read (world, fd, "}"), "HTTP/1.1 503");
    assert_non_null (world_expect (world, BR_IDEM_LEAVE));
    s_hear_nothing_of (world);
    close (fd);
}

//  ---- words that cannot be sent

static void
a_claim_that_cannot_be_sent_is_sent_later (void **state)
{
    world_t *world = *state;
    world->refuses = true;
    int fd = world_connect (world);
    world_post (world, fd, KEY, BODY);
    world_wait (world, INGRESS_IDEM_AGAIN_MS + 1);
    assert_int_equal (world_count (world, BR_IDEM_CLAIM), 0);
    world->refuses = false;
    world_wait (world, INGRESS_IDEM_AGAIN_MS + 1);
    assert_int_equal (world_count (world, BR_IDEM_CLAIM), 1);
    close (fd);
}

static void
a_claim_that_nobody_will_take_fails (void **state)
{
    world_t *world = *state;
    world->refuses = true;
    int fd = world_connect (world);
    world_post (world, fd, KEY, BODY);
    world->has_keys = false;
    world_wait (world, INGRESS_IDEM_AGAIN_MS + 1);
    world_has (world_read (world, fd, "}"), "HTTP/1.1 503");
    close (fd);
}

static void
an_end_that_cannot_be_sent_is_sent_later (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_first (world, BODY, &id);
    world_head (world, id, "application/json", "{\"a\":1}");
    world->refuses = true;
    world_end (world, id, 1);
    world_has (world_read (world, fd, "{\"a\":1}"), "HTTP/1.1 200");
    close (fd);
    world_turn (world);
    world->refuses = false;
    world_wait (world, INGRESS_IDEM_AGAIN_MS + 1);
    s_ended (world, 0); //  its head was not told
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_call_without_a_key_or_an_owner_is_not_claimed),
        TEST (a_key_that_is_none_is_refused_by_name),
        TEST (talk_and_what_passes_is_claimed_but_no_count_of_tokens),
        TEST (the_fingerprint_is_that_of_method_path_query_and_body),
        TEST (a_large_request_is_hashed_in_slices),
        TEST (a_single_answer_is_told_whole),
        TEST (a_stream_is_told_as_it_was_written),
        TEST (many_bytes_are_told_in_large_pieces),
        TEST (what_the_owner_would_not_keep_is_not_told),
        TEST (an_error_is_no_answer_to_keep),
        TEST (a_cut_stream_is_no_answer_to_keep),
        TEST (a_first_one_whose_client_leaves_has_no_answer),
        TEST (a_first_one_that_cannot_be_opened_ends_too),
        TEST (a_second_go_changes_nothing),
        TEST (an_owner_that_is_gone_stops_nobody),
        TEST (an_answer_is_heard_again),
        TEST (a_stream_is_heard_again_as_a_stream),
        TEST (a_conflict_is_told),
        TEST (a_code_that_is_none_is_a_fault_of_ours),
        TEST (a_client_that_waits_may_leave),
        TEST (a_client_that_hears_an_answer_may_leave),
        TEST (who_waits_for_an_owner_that_is_gone_gets_an_error),
        TEST (an_owner_that_is_gone_in_the_middle_cuts_the_stream),
        TEST (a_stop_ends_those_that_wait),
        TEST (a_claim_that_cannot_be_sent_is_sent_later),
        TEST (a_claim_that_nobody_will_take_fails),
        TEST (an_end_that_cannot_be_sent_is_sent_later),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
