-- The recorded requests of ../shared/conformance, asked of the server without its socket: all but
-- those that end the server.

local luapkt  = require "luapkt"
local replay  = require "spec.replay"
local support = require "spec.support"

local groups = {
  "definitions-all", "definitions", "payload-classes", "tree", "version", "methods", "handle",
  "protocol-errors", "pcap", "get-all", "db-check", "templates", "build-pkt-ex",
  "build-pkt-ex-errors", "decompile-vm-raw", "load-instruction-parameter-values",
}
table.move(replay.OF_PACKETS, 1, #replay.OF_PACKETS, #groups + 1, groups)

-- Recordings that are answered otherwise, and how.
local answered_otherwise = {
  ["there are more templates"] = {
    "templates",
  },
  ["a DNS message whose record is cut is one, as far as it goes, and not Raw"] = {
    "stack-ether-ip-udp-bift-bier-ip",
  },
  ["a default address is written as any other, in lower case (RFC 5952 section 4.3)"] = {
    "stack-ether-ipv6-icmpv6mrd_termination",
  },
  ["an address family without a name is a number, not an object of the host's Python"] = {
    "stack-loopback-ipv6",
  },
  ["the length before a DNS message over TCP is there: it is shown, and counts"] = {
    "build-ether-ip-tcp-dport-53-dns",
    "garbage-tcp-port-53",
    "rebuild-value-ether-ip-tcp-dport-53-dns",
    "roundtrip-ether-ip-tcp-dport-53-dns",
    "stack-ether-ip-tcp-dns",
  },
  ["a label of 64 bytes is an error (RFC 1035 section 2.3.4)"] = {
    "build-ether-ip-udp-dns-qd-e-dnsqr-qname-a-64-.com",
  },
  ["an integer is the address, of which 1 has its last bit set, and not its first byte"] = {
    "value-ether.dst-n1",
  },
  ["an address has the bytes that hwlen says, also where that is worked out"] = {
    "edit-eth-arp-arp.hwlen-n8",
    "value-arp.hwsrc-s-empty",
    "value-arp.hwsrc-s-zz",
  },
  ["a part of a second is taken"] = {
    "value-stp.age-s-0.5",
  },
  ["a date that is shown is taken"] = {
    "rebuild-hvalue-stack-ether-dot1q-ip-udp-ntp",
  },
  ["offsets count the padding of the options"] = {
    "build-ether-ip-ihl-5-options-e-ipoption_nop-udp",
    "build-ether-ip-ihl-7-options-e-ipoption_nop-udp-raw-load-abcdefgh",
    "edit-eth-ip-tcp-raw-ip.options-expression-ipoption_nop",
    "edit-eth-ip-tcp-raw-ip.options-expression-ipoption_rr-cb4f8b",
  },
  ["a record of which there is no byte is neither shown nor counted in offsets"] = {
    "build-ether-ip-udp-dns-qdcount-2-qd-e-dnsqr-qname-example.com",
    "roundtrip-ether-ip-udp-dns-qdcount-2-qd-e-dnsqr-qname-example.com",
  },
  ["a section that is not there begins where its bytes would, not behind the message's end"] = {
    "roundtrip-payload-random-bytes-seed-0",
    "roundtrip-payload-text-aaaaaaaaaaaaaaaaaaaaaaa-003ef1",
    "roundtrip-payload-text-get-http-1.0",
  },
  ["bytes that stand for a name, and are none, are shown: the reference loses two of them"] = {
    "roundtrip-stack-ether-ip-udp-nbnsnodestatusresponse-nbnsnodestatusresponseservice",
    "roundtrip-stack-ether-ip-udp-nbnsnodestatusresponse" ..
    "-nbnsnodestatusresponseservice-nbnsnodestatusresponseend",
  },
  ["padding lies behind all layers, also those above it, and so does its offset"] = {
    "build-ether-padding-load-pad-ip",
  },
  ["a chunk of SCTP that says DATA is read as that, which the reference can't show"] = {
    "build-ether-ip-sctp-tcp",
  },
  ['a field may be called by "vtype", as the document shows it'] = {
    "model-document-example-1-literal-vtype-field",
  },
  ["what the reference shows is taken, also where it doesn't take it itself"] = {
    "rebuild-value-ether-ip-gre-proto-0x1234-raw-load-x",
    "rebuild-value-ether-ip-udp-sport-68-dport-67-bootp-dhcp-options-e-message-type-8-hostname-b" ..
    "-myhos-ac0771",
    "rebuild-value-ether-ipv6-ipv6exthdrsegmentrouting-tlv_objects-e" ..
    "-ipv6exthdrsegmentroutingtlvingres-ee7575",
  },
  ["the check sum behind a PDU of Bluetooth Low Energy counts in no offset"] = {
    "stack-btle_rf-btle-btle_adv-btle_adv_nonconn_ind",
    "stack-btle_rf-btle-btle_adv-btle_adv_scan_ind",
    "stack-btle_rf-btle-btle_adv-btle_scan_rsp",
  },
  ["an encrypted body has the field that its definition has: as Raw it couldn't be set"] = {
    "default-dot11encrypted",
  },
  ["what is shown is what the bytes say: an acknowledgment has no addresses"] = {
    "stack-dot15d4-dot15d4ack",
  },
  ["an address of a mesh header has 8 or 2 bytes (RFC 4944 section 5.2)"] = {
    "default-lowpanmesh",
  },
}

local exceptions = {} -- reason by name
for reason, names in pairs(answered_otherwise) do
  for _, name in ipairs(names) do exceptions[name] = reason end
end

local handle = "gCpT7kGF+TG7Jmm90XmxdQ=="

local shared = support.shared_dir()

local function is_known(id)
  return luapkt.generation().ids[id] ~= nil
end

describe("the recorded requests", function()
  if not shared then
    pending "are skipped: there is no ../shared/conformance"
    return
  end

  local service

  setup(function() service = support.service() end)
  teardown(function() service:close() end)

  -- How the answer differs from the recorded one; that it is none is no difference but a mistake.
  local function ask(vector)
    local sums = replay.has_sums(vector) and service:call "get_all" or nil
    local reply = service:send(replay.request(vector, handle, vector.name, sums))
    assert.is_nil(replay.malformed(reply))
    return replay.compare(vector, reply, vector.name)
  end

  local used = {}

  for _, group in ipairs(groups) do
    describe("of " .. group, function()
      for _, vector in ipairs(replay.load(("%s/conformance/%s.jsonl"):format(shared, group))) do
        local reason = exceptions[vector.name]
        if reason then
          used[vector.name] = true
          it(("%s is answered otherwise: %s"):format(vector.name, reason), function()
            local diffs = ask(replay.narrow(vector, is_known))
            assert.is_true(#diffs > 0, "it is answered as recorded: it is no exception any more")
          end)
        elseif not vector.terminates then
          it(vector.name .. " is answered as recorded", function()
            local diffs = ask(replay.narrow(vector, is_known))
            assert(#diffs == 0, table.concat(diffs, "\n", 1, math.min(#diffs, 6)))
          end)
        end
      end
    end)
  end

  it("are those of all files but the recorded session of the editor, see editor_spec", function()
    local listed, there = { ["editor-traffic"] = true }, {}
    for _, group in ipairs(groups) do listed[group] = true end
    local _, names = support.run("ls " .. support.quote(shared .. "/conformance"))
    for name in names:gmatch "(%S+)%.jsonl\n" do there[name] = true end
    assert.same(listed, there)
  end)

  it("are there under the names that the list of exceptions has", function()
    for name in pairs(exceptions) do assert.is_true(used[name], name) end
  end)
end)
