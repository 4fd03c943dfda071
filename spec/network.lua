-- Networks for specs: hosts that are network namespaces, in a row, each joined to the next by a
-- pair of virtual Ethernet interfaces. Nothing of them is seen or heard outside.
--
--    local net, why = network.new(2)       -- nil and why where that isn't allowed
--    net:run(1, "ip address")              -- as support.run
--    net:close()
--
-- Between hosts i and i + 1, the interfaces are "right" of host i, 02:00:00:00:0i:01 with
-- 10.201.i.1, and "left" of host i + 1, 02:00:00:00:0i:02 with 10.201.i.2. IPv6 is off, so that
-- nothing is sent but what a spec sends.

local support = require "spec.support"

local quote, run = support.quote, support.run

local network = {}

local Network = {}
Network.__index = Network

local function unique_name()
  local file = assert(io.open("/dev/urandom", "rb"))
  local bytes = file:read(5)
  file:close()
  return "luapkt-" .. support.hex(bytes)
end

function network.mac(i, side) return ("02:00:00:00:%02x:%02x"):format(i, side) end
function network.ip(i, side) return ("10.201.%d.%d"):format(i, side) end

--- The words to put in front of a command that is to run on a host.
function Network:at(host) return "ip netns exec " .. self.names[host] end

--- The same as a function that returns a new list of them.
function Network:words(host)
  return function() return { "ip", "netns", "exec", self.names[host] } end
end

--- Run a shell command on a host, as `support.run` does.
function Network:run(host, command)
  return run(("%s sh -c %s"):format(self:at(host), quote(command)))
end

-- A host's sockets that see frames, by their inodes: those of packet(7) that are bound to a type.
local function sockets(net, host)
  local _, text = net:run(host, "cat /proc/net/packet")
  local set = {}
  for kind, inode in text:gmatch "\n%x+ +%d+ +%d+ +(%x+)[^\n]* (%d+)%f[^%d]" do
    if kind ~= "0000" then set[inode] = true end
  end
  return set
end

-- Is there one that wasn't there before? (One that was may still go, some time after its program.)
local function has_more(net, host, before)
  for inode in pairs(sockets(net, host)) do
    if not before[inode] then return true end
  end
  return false
end

--- Start a command that receives frames in the background, and wait until it does.
-- @return a pipe to read to its end what it prints; after a minute it is ended
function Network:start(host, command)
  local before = sockets(self, host)
  local pipe = assert(io.popen(("echo $$; exec %s timeout 60 %s </dev/null"):format(self:at(host),
    command)))
  self.pids[pipe] = pipe:read "l"
  for _ = 1, 500 do
    if has_more(self, host, before) then return pipe end
    os.execute "sleep 0.02"
  end
  pipe:close()
  error("it doesn't receive: " .. command)
end

--- End what `start` started.
function Network:stop(pipe)
  os.execute("kill " .. self.pids[pipe])
  pipe:close()
end

local function must(...)
  local ok, _, err = ...
  if not ok then error(err, 0) end
end

local function add_host(net)
  local name = unique_name()
  must(run("ip netns add " .. name))
  table.insert(net.names, name)
  must(net:run(#net.names, "ip link set lo up && for f in all default; do "
    .. "echo 1 >/proc/sys/net/ipv6/conf/$f/disable_ipv6; done 2>/dev/null; true"))
end

local function set_up(net, host, name, i, side)
  must(net:run(host, ("ip link set %s address %s up && ip address add %s/24 dev %s"):format(name,
    network.mac(i, side), network.ip(i, side), name)))
end

local function join(net, i)
  must(run(("ip link add name right netns %s type veth peer name left netns %s"):format(
    net.names[i], net.names[i + 1])))
  set_up(net, i, "right", i, 1)
  set_up(net, i + 1, "left", i, 2)
end

-- Those between the ends pass packets on.
local function route(net)
  local count = #net.names
  for i = 1, count do
    must(net:run(i, "echo 1 >/proc/sys/net/ipv4/ip_forward"))
    if i < count then must(net:run(i, "ip route add default via " .. network.ip(i, 2))) end
    for far = 1, i - 2 do
      must(net:run(i, ("ip route add 10.201.%d.0/24 via %s"):format(far, network.ip(i - 1, 1))))
    end
  end
end

local made = setmetatable({}, {
  __gc = function(all) for net in pairs(all) do net:close() end end,
})

--- A network of so many hosts. Or nil and why there can be none here.
function network.new(count)
  local net = setmetatable({ names = {}, pids = {} }, Network)
  made[net] = true
  local ok, why = pcall(function()
    for _ = 1, count do add_host(net) end
    for i = 1, count - 1 do join(net, i) end
    route(net)
  end)
  if ok then return net end
  net:close()
  return nil, "network namespaces aren't allowed here: " .. tostring(why):match "[^\n]*"
end

--- Remove it; once more does nothing.
function Network:close()
  for _, name in ipairs(self.names) do run("ip netns delete " .. name) end
  self.names = {}
end

--- Describe what happens in a network of so many hosts, made once for all of it.
-- @tparam function body called with a function to use in place of `it`, whose tests are called with
--   the network; where there can be none, they are skipped, and it is said why
function network.describe(name, count, body)
  local busted = require "busted"
  local skip = require "busted.core"().pending -- what 'pending' is within a test
  busted.describe(name, function()
    local net, why
    busted.setup(function() net, why = network.new(count) end)
    busted.teardown(function() if net then net:close() end end)
    body(function(what, test)
      busted.it(what, function()
        if not net then skip(why) end
        test(net)
      end)
    end)
  end)
end

return network
