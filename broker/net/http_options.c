//  http_options: options of a curl handle that never change.

#include "broker/net/http_options.h"

//  An empty proxy keeps curl from asking the environment at each request.
static void
s_set_network (CURL *easy, const http_client_conf_t *conf)
{
    curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt (easy, CURLOPT_QUICK_EXIT, 1L); //  never wait for a resolver thread
    curl_easy_setopt (easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt (easy, CURLOPT_PROXY, conf->proxy ? conf->proxy : "");
    curl_easy_setopt (easy, CURLOPT_NOPROXY, conf->no_proxy ? conf->no_proxy : "");
    curl_easy_setopt (easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt (easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    curl_easy_setopt (easy, CURLOPT_BUFFERSIZE, (long) HTTP_OPTIONS_RECEIVE_BYTES);
    curl_easy_setopt (easy, CURLOPT_UPLOAD_BUFFERSIZE, (long) HTTP_OPTIONS_SEND_BYTES);
    curl_easy_setopt (easy, CURLOPT_MAXAGE_CONN, (long) ((conf->idle_ms + 999) / 1000));
    if (!conf->idle_max)
        curl_easy_setopt (easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt (
        easy, CURLOPT_HTTP_VERSION,
        (long) (conf->http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    curl_easy_setopt (easy, CURLOPT_PIPEWAIT, conf->http2 ? 1L : 0L);
}

static void
s_set_tls (CURL *easy, const http_client_conf_t *conf)
{
    curl_easy_setopt (easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
    if (conf->ca_file) {
        curl_easy_setopt (easy, CURLOPT_CAINFO, conf->ca_file);
        curl_easy_setopt (easy, CURLOPT_CAPATH, NULL);
    }
    if (conf->cert_file)
        curl_easy_setopt (easy, CURLOPT_SSLCERT, conf->cert_file);
    if (conf->key_file)
        curl_easy_setopt (easy, CURLOPT_SSLKEY, conf->key_file);
}

void
http_options_set (CURL *easy, const http_client_conf_t *conf)
{
    s_set_network (easy, conf);
    s_set_tls (easy, conf);
}

//  Setting its size frees it (lib/setopt.c of 7.88); a new one is made when needed.
void
http_options_free_send (CURL *easy)
{
    curl_easy_setopt (easy, CURLOPT_UPLOAD_BUFFERSIZE, (long) HTTP_OPTIONS_SEND_BYTES);
}
