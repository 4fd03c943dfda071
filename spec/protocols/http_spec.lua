local luapkt = require "luapkt"

local function header(name, value)
  return { id = "HTTP_Header", fields = { name = name, value = value } }
end

describe("HTTP", function()
  -- The examples of RFC 9110 section 3.9.
  local request = "GET /hello.txt HTTP/1.1\r\nUser-Agent: curl/7.64.1\r\n"
    .. "Host: www.example.com\r\nAccept-Language: en, mi\r\n\r\n"
  local response = "HTTP/1.1 200 OK\r\nServer: Apache\r\nContent-Length: 13\r\n\r\nHello World!\n"

  local function read(bytes) return luapkt.dissect(bytes, "HTTP")[1] end

  -- The bytes as their fields have them, not as they were read.
  local function rebuilt(bytes) return luapkt.generation().core:rebuild(bytes, "HTTP", true) end

  it("builds a request", function()
    assert.equal(request, luapkt.build { { "HTTP_Request", { uri = "/hello.txt", headers = {
      header("User-Agent", "curl/7.64.1"), header("Host", "www.example.com"),
      header("Accept-Language", "en, mi") } } } })
  end)

  it("builds a response", function()
    assert.equal(response, luapkt.build { { "HTTP_Response", {
      headers = { header("Server", "Apache"), header("Content-Length", "13") },
      body = "Hello World!\n" } } })
  end)

  -- RFC 9110 section 8.6: the size of the body, as a decimal number of octets
  describe("with a Content-Length that isn't set", function()
    local function message(body, fields)
      return luapkt.HTTP_Response{ body = body, headers = {
        luapkt.HTTP_Header{ name = "Server", value = "Apache" },
        luapkt.HTTP_ContentLength(fields or {}),
      } }
    end

    it("works it out", function()
      assert.equal(response, message("Hello World!\n"):bytes())
      assert.truthy(message(("x"):rep(1000)):bytes():find("Content-Length: 1000\r\n\r\nx", 1, true))
      assert.truthy(message(nil):bytes():find("Content%-Length: 0\r\n\r\n$"))
      assert.equal(response:gsub("Content%-Length", "content-length"),
        message("Hello World!\n", { name = "content-length" }):bytes())
    end)

    it("follows the body", function()
      local p = luapkt.IP{} / luapkt.TCP{} / message "Hello World!\n"
      assert.equal(response, p:bytes():sub(41))
      p.HTTP_Response.body = "Hi"
      assert.equal("Content-Length: 2\r\n\r\nHi", p:bytes():sub(-23))
      assert.equal("Content-Length: 2\r\n\r\nHi", p:copy():bytes():sub(-23))
      assert.is_true(p:check().right)
    end)

    it("keeps one that is set, or that was read until it is recomputed", function()
      assert.truthy(message("abc", { value = "7" }):bytes():find("Content-Length: 7\r\n", 1, true))
      local p = luapkt.packet(response, "HTTP")
      assert.equal("HTTP_ContentLength", p[1].headers[2].id)
      p[1].body = "Hi"
      assert.truthy(p:bytes():find("Content-Length: 13\r\n\r\nHi", 1, true))
      assert.truthy(p:recompute():bytes():find("Content-Length: 2\r\n\r\nHi", 1, true))
    end)
  end)

  it("reads a request", function()
    local layer = read(request)
    assert.equal("HTTP_Request", layer.id)
    assert.equal("GET", layer.fields.method)
    assert.equal("/hello.txt", layer.fields.uri)
    assert.equal("HTTP/1.1", layer.fields.version)
    assert.equal(3, #layer.fields.headers)
    assert.equal("Host", layer.fields.headers[2].fields.name)
    assert.equal("www.example.com", layer.fields.headers[2].fields.value)
  end)

  it("reads a response", function()
    local layer = read(response)
    assert.equal("HTTP_Response", layer.id)
    assert.equal("200", layer.fields.status)
    assert.equal("OK", layer.fields.reason)
    assert.equal("Hello World!\n", layer.fields.body)
  end)

  it("writes any message as it was read", function()
    for _, bytes in ipairs {
      request, response, "GET /\n\n", "GET / HTTP/1.0\nHost:x\nOdd\n folded: x\r\n\nbody",
      "GET /  HTTP/1.1\r\n\r\n", "HTTP/1.1 204\r\n\r\n", "GET / HTTP/1.1\r\nHost: cut of",
      "POST / HTTP/1.1\r\nA:  b \r\n\r\n\r\n\r\n", "GET ", "HTTP/", "GET / HTTP/1.1\r", "\r\n",
    } do
      assert.equal(bytes, rebuilt(bytes))
    end
  end)

  it("takes a blank line for the end of the headers, whatever ends lines", function()
    assert.equal("b", read("GET / HTTP/1.0\nA: 1\n\nb").fields.body)
    assert.equal("b", read("GET / HTTP/1.0\r\n\r\nb").fields.body)
    assert.equal("\nb", read("GET / HTTP/1.0\r\n\r\n\nb").fields.body)
  end)

  it("is told by how it begins", function()
    local ip = { "IP", { src = "10.0.0.1", dst = "10.0.0.2" } }
    local function third(load)
      local bytes = luapkt.build { ip, { "TCP", { dport = 8080 } }, { "Raw", { load = load } } }
      return luapkt.dissect(bytes, "IP")[3].id
    end
    assert.equal("HTTP_Request", third(request))
    assert.equal("HTTP_Response", third(response))
    assert.equal("Raw", third "GOT / HTTP/1.1\r\n\r\n")
    assert.equal("Raw", third "GET")
    assert.equal("Raw", third "the middle of a body")
  end)

  it("has 4096 headers at most: then comes the body", function()
    local bytes = "GET / HTTP/1.1\r\n" .. ("a: b\r\n"):rep(5000) .. "\r\n"
    local fields = read(bytes).fields
    assert.equal(4096, #fields.headers)
    assert.equal(904 * 6 + 2, #fields.body)
    assert.equal(bytes, rebuilt(bytes))
  end)
end)
