-- luapkt.message and 'luapkt msg --reliable': messages over virtual wires, good and bad ones.

local message = require "luapkt.message"
local network = require "spec.network"
local support = require "spec.support"

local quote = support.quote
local program = quote(support.program())

local A, B = network.mac(1, 1), network.mac(2, 2)

local function random_bytes(n)
  local file = assert(io.open("/dev/urandom", "rb"))
  local bytes = file:read(n)
  file:close()
  return bytes
end

-- Host 1 is joined to host 3 by host 2 alone, which passes on no frame of itself.
network.describe("a message over a wire with faults", 3, function(its)
  local folder = support.tmpdir()
  local input, output = folder .. "/in", folder .. "/out"

  -- Run `test` while host 2 is a relay with these faults.
  local function with_relay(net, faults, test)
    local relay = net:start(2, ("%s run spec/relay.lua %s"):format(program, faults))
    local ok, err = pcall(test)
    net:stop(relay)
    if not ok then error(err, 0) end
  end

  local function send(net, options)
    return net:run(1, ("timeout 30 %s msg --reliable send %s right %s %s"):format(program, options,
      A, B))
  end

  local function try(net, faults, sizes)
    with_relay(net, faults, function()
      for _, size in ipairs(sizes) do
        local sent = random_bytes(size) or ""
        support.write_file(input, sent)
        os.remove(output)
        local receiver = net:start(3, ("%s msg --reliable recv left -o %s"):format(program, output))
        local ok, _, err = send(net, "-f " .. input)
        assert(ok, err)
        receiver:close()
        assert.is_true(support.read_file(output) == sent, size)
      end
    end)
  end

  its("arrives where there are none", function(net)
    try(net, "1 0 0 0 0", { 0, 1, 1446, 1447, 100000, 1 << 20 })
  end)

  its("arrives where frames are lost", function(net) try(net, "2 0.2 0 0 0", { 100, 300000 }) end)

  its("arrives where frames come twice", function(net) try(net, "3 0 0.5 0 0", { 100, 300000 }) end)

  its("arrives where frames are late", function(net) try(net, "4 0 0 0.3 0", { 100, 300000 }) end)

  its("arrives where frames are bad", function(net) try(net, "5 0 0 0 0.2", { 100, 300000 }) end)

  its("of 1 MiB arrives where all of that happens", function(net)
    try(net, "6 0.1 0.1 0.1 0.1", { 1 << 20 })
  end)

  its("is told not to have arrived where nothing gets through", function(net)
    with_relay(net, "7 1 0 0 0", function()
      local ok, out, err, status = net:run(1,
        ("timeout 20 %s msg -r --timeout 0.5 send right %s %s hello"):format(program, A, B))
      assert.is_false(ok)
      assert.same({ "", 1 }, { out, status })
      assert.equal("luapkt msg: message 1: nobody answered\n", err)
    end)
  end)

  its("comes once each, in order, from one sender to one receiver", function(net)
    support.write_file(folder .. "/send.lua", ([[
      local message = require "luapkt.message"
      local sender <close> = assert(message.sender { interface = "right", to = "%s" })
      for i = 1, 30 do assert(sender:send(("message %%d "):format(i):rep(i * 20))) end
      print "sent"]]):format(B))
    support.write_file(folder .. "/receive.lua", [[
      local message = require "luapkt.message"
      local receiver <close> = assert(message.receiver { interface = "left" })
      local right = 0
      local taken = assert(receiver:serve(function(text, about)
        if text == ("message %d "):format(about.message):rep(about.message * 20) then
          right = right + 1
        end
        return about.message == right
      end, { count = 30, timeout = 20 }))
      print(taken, right)]])
    with_relay(net, "8 0.1 0.2 0.1 0.1", function()
      local receiver = net:start(3, ("%s run %s/receive.lua"):format(program, folder))
      local ok, out, err = net:run(1, ("timeout 30 %s run %s/send.lua"):format(program, folder))
      assert(ok, err)
      assert.equal("sent\n", out)
      assert.equal("30\t30\n", receiver:read "a")
      receiver:close()
    end)
  end)

  its("is printed as a message of one frame is", function(net)
    with_relay(net, "9 0 0 0 0", function()
      local receiver = net:start(3, program .. " msg --reliable recv left")
      assert(net:run(1, ("timeout 20 %s msg -r send right %s %s %s"):format(program, A, B,
        quote "it's \\ \"\t\xff")))
      assert.equal("length=10\n020000000202\n020000000101\n4321\nb'it\\'s \\\\ \"\\t\\xff'\n",
        receiver:read "a")
      receiver:close()
    end)
  end)

  its("isn't said to have arrived where it couldn't be written", function(net)
    with_relay(net, "9 0 0 0 0", function()
      local receiver = net:start(3, program .. " msg --reliable recv left -o /dev/full 2>&1")
      local _, _, err, status = net:run(1, ("timeout 20 %s msg -r send right %s %s x"):format(
        program, A, B))
      assert.equal(1, status)
      assert.equal("luapkt msg: message 1: the receiver's program didn't take the message\n", err)
      assert.equal("luapkt msg: /dev/full can't be written: No space left on device\n",
        receiver:read "a")
      receiver:close()
    end)
  end)

  its("isn't said to have arrived where its receiver can't print", function(net)
    with_relay(net, "9 0 0 0 0", function()
      local receiver = net:start(3, "sh -c " .. support.quote(program
        .. " msg -r recv left 2>&1 >&-"))
      local _, _, err = net:run(1, ("timeout 20 %s msg -r send right %s %s x"):format(program, A,
        B))
      assert.equal("luapkt msg: message 1: the receiver's program didn't take the message\n", err)
      assert.equal("luapkt msg: the standard output can't be written: Bad file descriptor\n",
        receiver:read "a")
      receiver:close()
    end)
  end)

  its("is read from a file as far as one may go", function(net)
    for name, complaint in pairs {
      ["/dev/zero"] = "/dev/zero: a message has at most 16777216 bytes",
      ["/"] = "/: Is a directory",
      ["/nowhere/at/all"] = "/nowhere/at/all: No such file or directory",
    } do
      local _, _, err, status = net:run(1, ("timeout 20 %s msg -r send -f %s right %s %s"):format(
        program, name, A, B))
      assert.same({ ("luapkt msg: %s\n"):format(complaint), 1 }, { err, status })
    end
  end)

  its("isn't waited for longer than is said", function(net)
    local _, _, err, status = net:run(3, ("timeout 20 %s msg -r --timeout 0.1 recv left"):format(
      program))
    assert.equal(1, status)
    assert.equal("luapkt msg: no message came in time\n", err)
  end)
end)

describe("luapkt.message", function()
  it("raises for wrong calls", function()
    local function raises(pattern, f, ...)
      local ok, err = pcall(f, ...)
      assert.is_false(ok)
      assert.matches(pattern, err)
    end
    raises("bad argument #1 to 'sender' %(table with 'interface' expected%)", message.sender)
    raises("'to': a MAC address expected, got nil", message.sender, { interface = "lo" })
    raises("'to': a MAC address expected, got \"1:2\"", message.sender,
      { interface = "lo", to = "1:2" })
    raises("bad argument #1 to 'receiver'", message.receiver, {})
    raises("'from': a MAC address expected, got \"1:2\"", message.sender,
      { interface = "lo", to = A, from = "1:2" })
    raises("bad argument #1 to 'sender' %(there is no option 'patiense'%)", message.sender,
      { interface = "lo", to = A, patiense = 5 })
    raises("bad argument #1 to 'sender' %('mtu': count expected, got string%)", message.sender,
      { interface = "lo", to = A, mtu = "1500" })
    raises("bad argument #1 to 'receiver' %(there is no option 'size'%)", message.receiver,
      { interface = "lo", size = 5 })
  end)

  it("answers what can't be", function()
    local sender, err = message.sender { interface = "none", to = A }
    assert.is_nil(sender)
    assert.equal("unknown", err.code)
    sender, err = message.sender { interface = "lo", to = "ff:ff:ff:ff:ff:ff" }
    assert.is_nil(sender)
    assert.equal("a group can't acknowledge what it receives", err.message)
  end)
end)
