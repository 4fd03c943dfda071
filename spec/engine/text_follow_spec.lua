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

local function invite(body, line)
  return ("INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP a.example.com\r\n%s\r\n\r\n%s")
    :format(line or "Content-Length: " .. #body, body)
end

local function ringing(body)
  return ("SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\nl:%d\r\n\r\n%s"):format(#body, body)
end

local messages = {
  HTTP = { get "a", post "one=1&two=2", ok(("body\r\n\r\n"):rep(40)), get "b", ok "", post "" },
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
    for _, head in ipairs { "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
      "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n" } do
      local all = { head .. "5\r\nhello\r\n" }
      assert.same(all, found("HTTP", { all[1], "5\r\nworld\r\n", "0\r\n\r\n" }), head)
      assert.same(all, found("HTTP", { all[1]:sub(1, 30), all[1]:sub(31), "5\r\nworld\r\n" }))
      assert.same({ all[1], ok "" }, found("HTTP", { all[1], "0\r\n\r\n", ok "" }), head)
      local client = stream.connection(80)
      assert.same({ head:find "^POST" and "HTTP_Request" or "HTTP_Response", "Raw" },
        stream.notes { client:send(all[1]), client:send "5\r\nworld\r\n" })
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

  -- Nine messages that begin so, each with its number, parted into segments.
  local function frames_of(port, start, size)
    local client, frames, bytes = stream.connection(port), {}, {}
    for i = 1, 9 do
      local body = ("b\r\n\r\n"):rep(i * 31):sub(1, i * 31)
      bytes[i] = ("%s: number%d\r\nContent-Length: %d\r\n\r\n%s"):format(start, i, #body, body)
    end
    for i, part in ipairs(parts(table.concat(bytes), size)) do frames[i] = client:send(part) end
    return frames
  end

  for id, as in pairs {
    HTTP = { start = "HTTP/1.1 200 OK\r\nETag", field = "http.response.line" },
    SIP = { start = "INVITE sip:bob@example.com SIP/2.0\r\nSubject", field = "sip.Subject" },
  } do
    it("finds the same messages, whatever the segments' size: " .. id, function()
      for size = 20, 620, 100 do
        local frames = frames_of(protocols[id], as.start, size)
        local ours = stream.messages(frames, id, function(layer)
          return layer:bytes():match "number(%d)"
        end)
        assert.same(by_tshark(frames, id:lower(), as.field), ours, "segments of " .. size)
        assert.equal(9, #ours)
      end
    end)
  end
end)
