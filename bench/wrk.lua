--  wrk's side of bench/run: posts a file, prints one line of JSON.
--  wrk ... -s wrk.lua URL -- BODYFILE

function init (args)
    local file = assert (io.open (args[1], "rb"))
    wrk.method = "POST"
    wrk.headers["content-type"] = "application/json"
    wrk.body = file:read ("*a")
    file:close ()
end

function done (summary, latency, requests)
    local seconds = summary.duration / 1e6
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status
        + errors.timeout
    io.write (string.format ('{"requests":%d,"rps":%.1f,"errors":%d,'
        .. '"latency_p50_us":%d,"latency_p99_us":%d,"latency_p999_us":%d}\n',
        summary.requests, summary.requests / seconds, failed,
        latency:percentile (50), latency:percentile (99), latency:percentile (99.9)))
end
