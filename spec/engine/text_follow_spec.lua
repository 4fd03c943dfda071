-- Messages that are lines of text, in streams: a head, and a body of as many bytes as a header
-- says (RFC 9112 sections 2 and 6, RFC 3261 section 18.3).

local capture = require "spec.capture"
local stream  = require "spec.stream"
local support = require "spec.support"

local quote = support.quote

local protocols = { HTTP = 80, SIP = 5060 }

local function bytes_of(layer) return layer:bytes() end

-- The messages of protocol `id` in segments of these bytes, as they are found.
local function found(id, segments)
  local client, frames = stream.connection(protocols[id]), {}
  for i, bytes in ipairs(segments) do frames[i] = client:send(bytes) end
  return stream.messages(frames, id, bytes_of)
end

local function parts(bytes, size)
  local list = {}
  for at = 1, #bytes, size do list[#list + 1] = bytes:sub(at, at + size - 1) end
  return list
end

local function get(path) return ("GET /%s HTTP/1.1\r\nHost: example.com\r\n\r\n"):format(path) end

local function post(body, name)
  return ("POST /form HTTP/1.1\r\nHost: example.com\r\n%s: %d\r\nAccept: */*\r\n\r\n%s"):format(
    name or "Content-Length", #body, body)
end

local function ok(body)
  return ("HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body)
end

-- RFC 9112 section 7.1: chunks of these bytes.
local function chunks(...)
  local list = {}
  for i, bytes in ipairs { ... } do list[i] = ("%x\r\n%s\r\n"):format(#bytes, bytes) end
  return table.concat(list)
end

-- A response whose body is these chunks, and a trailer section.
local function chunked(body, trailer)
  return ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n%s0\r\n%s\r\n")
    :format(body, trailer or "")
end

local function invite(body, line)
  return ("INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP a.example.com\r\n%s\r\n\r\n%s")
    :format(line or "Content-Length: " .. #body, body)
end

local function ringing(body)
  return ("SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\nl:%d\r\n\r\n%s"):format(#body, body)
end

-- Messages of a client and of its server, in the order in which they are sent, in segments of this
-- size; and both.
local function segments_of(list, size)
  local client, server = stream.connection(80)
  local frames = {}
  for _, message in ipairs(list) do
    local side = message:find "^HTTP" and server or client
    for _, part in ipairs(parts(message, size)) do frames[#frames + 1] = side:send(part) end
  end
  return frames, client, server
end

local function head(path) return ("HEAD /%s HTTP/1.1\r\nHost: example.com\r\n\r\n"):format(path) end
local headers = ok(("x"):rep(500)):match "^.-\r\n\r\n"
local continue = "HTTP/1.1 100 Continue\r\n\r\n"

local function finds(list, frames, what)
  assert.same(list, stream.messages(frames, "HTTP", bytes_of), what)
end

local messages = {
  HTTP = { get "a", post "one=1&two=2", ok(("body\r\n\r\n"):rep(40)), get "b", ok "", post "",
    chunked(chunks("hello", "\r\n0\r\n\r\n", ("x"):rep(80)), "Digest: x\r\n"), chunked "",
    get "c" },
  SIP = { invite(("v=0\r\n"):rep(9)), ringing "", ringing "abc", invite "",
    "BYE sip:bob@example.com SIP/2.0\r\nCSeq: 2 BYE\r\n\r\n", invite "v=0\r\n" },
}

describe("a stream's messages of text", function()
  for id, list in pairs(messages) do
    local bytes = table.concat(list)

    it("come whole from segments of any size: " .. id, function()
      for size = 1, #bytes do
        if size < 60 or size % 23 == 0 then
          assert.same(list, found(id, parts(bytes, size)), "segments of " .. size)
        end
      end
    end)

    it("come whole from two segments, wherever they are parted: " .. id, function()
      for cut = 4, #bytes - 1, 3 do
        assert.same(list, found(id, { bytes:sub(1, cut), bytes:sub(cut + 1) }), "at " .. cut)
      end
    end)

    it("come all from one segment: " .. id, function()
      assert.same(list, found(id, { bytes }))
    end)

    it("come in order where segments don't: " .. id, function()
      for size = 40, 200, 20 do
        local client, frames = stream.connection(protocols[id]), {}
        for i, part in ipairs(parts(bytes, size)) do frames[i] = client:send(part) end
        for i = 2, #frames - 1, 2 do frames[i], frames[i + 1] = frames[i + 1], frames[i] end
        assert.same(list, stream.messages(frames, id, bytes_of), "segments of " .. size)
      end
    end)
  end

  it("have a body that is longer than its segments", function()
    local body = ("0123456789"):rep(10000)
    assert.same({ ok(body), get "c" }, found("HTTP", parts(ok(body) .. get "c", 1460)))
  end)

  it("are cut where a packet has no room for them, and the next one is found", function()
    local long = ok(("x"):rep(600000))
    local all = found("HTTP", parts(long .. ok "next", 1460))
    assert.equal(2, #all)
    assert.equal(all[1], long:sub(1, #all[1]))
    assert.equal(ok "next", all[2])
  end)

  it("say their length in lines of any case, or that end with LF alone", function()
    for _, name in ipairs { "content-length", "CONTENT-LENGTH", "Content-Length " } do
      local list = { post("body", name), get "d" }
      assert.same(list, found("HTTP", parts(table.concat(list), 30)), name)
    end
    local lines = { "POST / HTTP/1.1\nContent-Length:4\n\nbody", get "e" }
    assert.same(lines, found("HTTP", parts(table.concat(lines), 30)))
    local twice = { invite("abc", "l: 3\r\nContent-Length: 003"), ringing "" }
    assert.same(twice, found("SIP", parts(table.concat(twice), 30)))
  end)

  it("are not taken for longer by lines that only look like it", function()
    local list = {
      "GET / HTTP/1.1\r\nX-Content-Length: 50\r\nContent-Length-X: 50\r\n\r\n",
      "GET / HTTP/1.1\r\nX: Content-Length: 50\r\n\r\n",
      "GET / HTTP/1.1\r\nl: 50\r\n\r\n", post "Content-Length: 50\r\n\r\n", get "f",
    }
    assert.same(list, found("HTTP", parts(table.concat(list), 25)))
  end)

  -- RFC 9112 section 6.3
  it("have no body where their status says so", function()
    for _, status in ipairs { "100 Continue", "101 Switching Protocols", "204 No Content",
      "304 Not Modified" } do
      local list = { ("HTTP/1.1 %s\r\nContent-Length: 500\r\n\r\n"):format(status), ok "yes" }
      assert.same(list, found("HTTP", parts(table.concat(list), 30)), status)
    end
  end)

  it("are what is there of them where the end of their body isn't known", function()
    for _, start in ipairs { "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n ,gzip\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: unchunked\r\n\r\n",
      "POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n" } do
      local all = { start .. "5\r\nhello\r\n" }
      assert.same(all, found("HTTP", { all[1], "5\r\nworld\r\n", "0\r\n\r\n" }), start)
      assert.same(all, found("HTTP", { all[1]:sub(1, 30), all[1]:sub(31), "5\r\nworld\r\n" }))
      assert.same({ all[1], ok "" }, found("HTTP", { all[1], "0\r\n\r\n", ok "" }), start)
      local client = stream.connection(80)
      assert.same({ start:find "^POST" and "HTTP_Request" or "HTTP_Response", "Raw" },
        stream.notes { client:send(all[1]), client:send "5\r\nworld\r\n" })
    end
  end)

  -- RFC 9112 sections 6.1 and 7.1
  it("have bodies in chunks, with whatever stands beside them", function()
    local plain, line = chunked(chunks "hello"), "Transfer%-Encoding: chunked"
    local list = {
      chunked("000a\r\n0123456789\r\n"), chunked("A\r\n0123456789\r\n"),
      chunked(('5;a;b="c;d" \r\nhello\r\n5 \t;x\r\nhello\r\n5 \r\nhello\r\n')),
      plain:gsub("0\r\n\r\n$", "0000;last\r\nA: b\r\nC: d\r\n\r\n"), plain:gsub("\r", ""),
      plain:gsub(line, "Transfer-Encoding:gzip ,\tCHUNKED "),
      plain:gsub(line, "transfer-encoding: gzip\r\ntransfer-encoding: Chunked"),
      (plain:gsub("HTTP/1.1 200 OK", "POST / HTTP/1.1")),
    }
    for i, message in ipairs(list) do
      for _, size in ipairs { 1, 7, 1000 } do
        local all = { message, get "a" }
        assert.same(all, found("HTTP", parts(table.concat(all), size)), i .. ", " .. size)
      end
    end
  end)

  it("are what is there of them where their chunks make no sense", function()
    for _, body in ipairs { "5x\r\nhello", "\r\nhello", "-5\r\nhello", " 5\r\nhello",
      "0x5\r\nhello",
      "5\r\nhello world\r\n", "5\r\nhello\r", "1000000000000000\r\n", "8000000000000000\r\n",
      "10000000000000005\r\nhello", ";a\r\nhello", "5\rhello\n",
    } do
      local message = chunked(body .. "\r\n")
      assert.same({ message, get "g" }, found("HTTP", { message, get "g" }), body)
      local first = chunked "":sub(1, -6) .. "1\r\nx\r\n"
      local list = { first, body .. "\r\n0\r\n\r\n" }
      assert.same({ first .. list[2], get "g" }, found("HTTP", { first, list[2], get "g" }), body)
    end
  end)

  it("are waited for up to chunks of 2^60 - 1 bytes", function()
    for _, size in ipairs { "fffffffffffffff", "0000000000fffffffffffffff", "80000000",
      "100000000" } do
      assert.same({}, found("HTTP", { chunked(size .. "\r\nhello"), get "h" }), size)
    end
  end)

  it("make no sense where a line of a chunk, or their trailer, is longer than 16 KiB", function()
    local function line(n) return chunked("1;" .. ("x"):rep(n - 6) .. "\r\nx\r\n") end
    local function trailer(n) return chunked("", "X: " .. ("x"):rep(n - 7) .. "\r\n") end
    for _, with in ipairs { line, trailer } do
      local most, more, long = with(0x4000), with(0x4001), parts(with(0x5000), 1000)
      assert.same({ most, get "i" }, found("HTTP", parts(most .. get "i", 1000)))
      assert.same({ most, get "j" }, found("HTTP", { most .. get "j" }))
      assert.same({ more .. get "k" }, found("HTTP", { more .. get "k" }))
      table.insert(long, get "l")
      assert.same({ table.concat(long, "", 1, 17), get "l" }, found("HTTP", long))
    end
  end)

  it("have bodies in many small chunks that trickle in", function()
    local message = chunked(chunks("x"):rep(20000))
    assert.same({ message, get "k" }, found("HTTP", parts(message .. get "k", 6)))
  end)

  -- Each size of a chunk has another part of it where the packet's room ends.
  it("are cut where a packet has no room for their chunks, and the next one is found", function()
    for _, size in ipairs { 1, 2, 3, 100, 1000, 65536, 500000 } do
      local long = chunked(chunks(("x"):rep(size)):rep(1 + 500000 // (size + 6)), "A: b\r\n")
      local all = found("HTTP", parts(long .. ok "next" .. chunked(chunks "last"), 1460))
      assert.equal(3, #all)
      assert.equal(262090, #all[1])
      assert.equal(all[1], long:sub(1, #all[1]))
      assert.same({ ok "next", chunked(chunks "last") }, { all[2], all[3] })
    end
  end)

  it("are cut wherever the line before a chunk lies", function()
    local lines = #chunked "" - 5
    for before = 262076 - lines, 262096 - lines do
      local long = chunked(chunks(("x"):rep(before), "yy"))
      local expected = { long:sub(1, 262090), get "l" }
      assert.same(expected, found("HTTP", parts(long .. get "l", 1460)), before)
      assert.same(expected, found("HTTP", parts(long .. get "l", 20000)), before)
    end
  end)

  it("are passed over where a segment within a chunk is missing", function()
    for _, size in ipairs { 10000, 400000 } do
      local message = chunked(chunks(("x"):rep(size), ("y"):rep(200)))
      local client, server = stream.connection(80)
      local frames = { client:send(message:sub(1, 300)) }
      for i, part in ipairs(parts(message:sub(301) .. get "m", 1000)) do
        local frame = client:send(part)
        if i ~= 4 then frames[#frames + 1] = frame end
      end
      frames[#frames + 1] = server:acknowledge()
      assert.same({ get "m" }, stream.messages(frames, "HTTP", bytes_of), size)
    end
  end)

  it("are read as they stand where their length makes no sense", function()
    for _, line in ipairs { "Content-Length: 5x", "Content-Length:", "Content-Length: -1",
      "Content-Length: 4\r\nContent-Length: 5", "Content-Length: 4\r\n 5",
      "Content-Length: 1000000000000000000", "Content-Length: 18446744073709551620" } do
      local message = ("PUT / HTTP/1.1\r\n%s\r\n\r\nbody"):format(line)
      assert.same({ message, get "g" }, found("HTTP", { message, get "g" }), line)
    end
  end)

  it("are waited for up to 999,999,999,999,999,999 bytes", function()
    local message = "PUT / HTTP/1.1\r\nContent-Length: 999999999999999999\r\n\r\nbody"
    assert.same({}, found("HTTP", { message, get "h" }))
  end)

  it("are given up where their head is longer than 16 KiB", function()
    local function with(n) return "GET / HTTP/1.1\r\nX: " .. ("x"):rep(n) .. "\r\n\r\n" end
    local most = 0x4000 - #with(0)
    assert.same({ with(most), get "i" }, found("HTTP", parts(with(most) .. get "i", 1000)))
    local more = found("HTTP", { with(most + 1):sub(1, 9000), with(most + 1):sub(9001), get "j" })
    assert.same({ get "j" }, more)
  end)

  -- RFC 9112 section 6.3
  it("have no body where they answer HEAD", function()
    local list = { head "a", headers, get "b", ok "body", head "c", chunked "":sub(1, -6), head "d",
      headers, post "x", continue, ok "yes", head "e", headers }
    for _, size in ipairs { 1, 20, 50, 1000 } do finds(list, segments_of(list, size), size) end
  end)

  it("answer requests in the order in which they were sent", function()
    local asked = head "a" .. get "b" .. post "x" .. head "c" .. head "d" .. get "e"
    local answers = headers .. ok "one" .. continue .. ok "two" .. headers .. headers
      .. chunked(chunks "hello")
    local list = { head "a", get "b", post "x", head "c", head "d", get "e", headers, ok "one",
      continue, ok "two", headers, headers, chunked(chunks "hello") }
    for _, size in ipairs { 1, 20, 150, 1000 } do
      finds(list, segments_of({ asked, answers }, size), size)
    end
  end)

  it("answer many requests, of which those that come behind 14 others aren't remembered", function()
    for _, count in ipairs { 13, 14, 15, 40, 254 } do
      local list = {}
      for i = 1, count do list[i] = get(i) end
      for i = 1, count do list[count + i] = ok(tostring(i)) end
      list[#list + 1] = head "a"
      list[#list + 1] = headers
      list[#list + 1] = get "b"
      finds(list, segments_of(list, 1000), count)
    end
    local list = {}
    for i = 1, 14 do list[i] = head(i) end
    for i = 1, 14 do list[14 + i] = headers end
    finds(list, segments_of(list, 1000))
    table.insert(list, 15, head(15)) -- its answer is taken to have a body
    local with_one_more = { table.unpack(list) }
    table.insert(with_one_more, headers)
    finds(list, (segments_of(with_one_more, 1000)), "15")
  end)

  it("have a body where it isn't known that they answer HEAD", function()
    local body = ("x"):rep(500)
    finds({ headers .. body, get "a" }, segments_of({ headers .. body, get "a" }, 1000))
  end)

  it("are answered also where that was seen before", function()
    local list = { get "a", ok "one", head "b", headers, get "c", ok "two" }
    local frames = segments_of(list, 1000)
    frames[1], frames[2] = frames[2], frames[1]
    local opening = stream.connection(80, { seq = { 999, 0 } }):send("", stream.SYN)
    finds({ ok "one", get "a", table.unpack(list, 3) }, { opening, table.unpack(frames) })
    local long = post(("x"):rep(50))
    local early = { long:sub(1, -20), ok "no", long:sub(-19), head "b", headers, ok "" }
    finds({ ok "no", long, head "b", headers, ok "" }, segments_of(early, 1000))
  end)

  it("answer none of those that were asked before one that is missing", function()
    local list = { get "a", ok "one", head "b", headers, get "c", ok "two", get "d", ok "three",
      head "e", headers, get "f", ok "four" }
    for lost = 4, 5 do
      local frames = segments_of(list, 1000)
      table.remove(frames, lost)
      local all = stream.messages(frames, "HTTP", bytes_of)
      assert.same({ head "e", headers, get "f", ok "four" }, { table.unpack(all, #all - 3) }, lost)
    end
  end)

  it("answer one request each, also where they are too long for a packet or lack a part", function()
    local list = { get "a", head "b", ok(("x"):rep(300000)), headers, get "c", ok "one" }
    local frames = segments_of(list, 1460)
    local all = stream.messages(frames, "HTTP", bytes_of)
    all[3] = list[3]
    assert.same(list, all)
    local more, client = segments_of(list, 1460)
    table.remove(more, 9)
    more[#more + 1] = client:acknowledge()
    finds({ get "a", head "b", get "c", headers, ok "one" }, more)
  end)

  it("have nothing behind them where they make a tunnel", function()
    local connect = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n"
    local made = "HTTP/1.1 200 Established\r\n\r\n"
    local refused = ok "sorry":gsub("200 OK", "407 Proxy Authentication Required")
    finds({ connect, refused, connect, made }, segments_of({ connect, refused, connect,
      made .. "\22\3\3\0\1x" }, 1000))
    local inner = { connect, made, get "a", ok "one" }
    finds(inner, segments_of(inner, 30))
  end)

  -- RFC 5626 section 3.5.1, which tells pings from pongs by their number of line ends
  it("have keep-alives between them", function()
    local list = { invite "v=0\r\n", "\r\n\r\n", ringing "", "\r\n", ringing "x" }
    assert.same(list, found("SIP", { list[1], table.concat(list, "", 2, 3),
      table.concat(list, "", 4) }))
    local client = stream.connection(5060)
    assert.same({ "SIP_Request", "Raw", "SIP_Request" }, stream.notes { client:send(invite "abc"),
      client:send "\r\n\r\n", client:send(invite "abc") })
  end)
end)

capture.describe_tshark("tshark", function()
  local path = support.tmpdir() .. "/text.pcap"

  it("finds the same answers to HEAD", function()
    local list = {}
    for i, answer in ipairs { headers, ok "body", continue .. ok "", headers, ok "", headers } do
      list[2 * i - 1] = answer == headers and head(i) or post "x"
      list[2 * i] = answer
    end
    for _, size in ipairs { 20, 50, 1000 } do
      local frames = segments_of(list, size)
      support.write_file(path, stream.pcap(frames))
      local _, out = support.run("tshark -n -T fields -e http.request.method -e http.response.code"
        .. " -Y http -r " .. quote(path))
      local theirs = {}
      for word in out:gmatch "%w+" do theirs[#theirs + 1] = word end
      assert.same(theirs, stream.messages(frames, "HTTP", function(layer)
        return layer:bytes():match "^HTTP/1.1 (%d+)" or layer:bytes():match "^%u+"
      end), size)
    end
  end)

  -- The numbers of the messages that it finds, as they stand in a field.
  local function by_tshark(frames, id, field)
    support.write_file(path, stream.pcap(frames))
    local done, out, err = support.run(("tshark -T fields -e %s -Y %s -r %s"):format(field, id,
      quote(path)))
    assert(done, err)
    local numbers = {}
    for number in out:gmatch "number(%d+)" do numbers[#numbers + 1] = number end
    return numbers
  end

  local function with_length(body) return ("Content-Length: %d\r\n\r\n%s"):format(#body, body) end

  local function with_chunks(body)
    return ("Transfer-Encoding: chunked\r\n\r\n%s0\r\n\r\n"):format(
      chunks(table.unpack(parts(body, 20))))
  end

  -- Nine messages that begin so, each with its number, parted into segments.
  local function frames_of(port, start, rest_of, size)
    local client, frames, bytes = stream.connection(port), {}, {}
    for i = 1, 9 do
      local body = ("b\r\n\r\n"):rep(i * 31):sub(1, i * 31)
      bytes[i] = ("%s: number%d\r\n%s"):format(start, i, rest_of(body))
    end
    for i, part in ipairs(parts(table.concat(bytes), size)) do frames[i] = client:send(part) end
    return frames
  end

  for name, as in pairs {
    HTTP = { start = "HTTP/1.1 200 OK\r\nETag", rest_of = with_length,
      field = "http.response.line" },
    -- tshark 4.0 loses some where the line of a chunk is parted twice.
    ["HTTP in chunks"] = { id = "HTTP", start = "HTTP/1.1 200 OK\r\nETag", rest_of = with_chunks,
      field = "http.response.line", least = 120 },
    SIP = { start = "INVITE sip:bob@example.com SIP/2.0\r\nSubject", rest_of = with_length,
      field = "sip.Subject" },
  } do
    local id = as.id or name
    it("finds the same messages, whatever the segments' size: " .. name, function()
      for size = as.least or 20, 620, 100 do
        local frames = frames_of(protocols[id], as.start, as.rest_of, size)
        local ours = stream.messages(frames, id, function(layer)
          return layer:bytes():match "number(%d)"
        end)
        assert.same(by_tshark(frames, id:lower(), as.field), ours, "segments of " .. size)
        assert.equal(9, #ours)
      end
    end)
  end
end)
