-- The databases of get_all: classes and defaults as the reference has them in its recorded answer,
-- and the sums by which clients know their copies.

local core      = require "luapkt.core"
local databases = require "luapkt.databases"
local f         = require "luapkt.field"
local luapkt    = require "luapkt"
local registry  = require "luapkt.registry"
local replay    = require "spec.replay"
local support   = require "spec.support"

local array, decode = core.json.array, core.json.decode

-- The databases of these protocols and the two that every generation has.
local function made(...)
  local decls = {
    { id = "Raw", fields = { f.bytes "load" } },
    { id = "Padding", base = "Raw" },
    ...,
  }
  for _, decl in ipairs(decls) do decl.file = "spec" end
  return databases.new(assert(registry.compile(decls)))
end

-- What is listed of one field, whose rules may refer to 'n' and 'list'.
local function listed(field)
  local fields = { f.u8 "n", f.list("list", f.u8()), field }
  local rest = field.bitfield and -field.width % 8 or 0
  if rest > 0 then fields[4] = f.bits("rest", rest) end
  return made({ id = "X", fields = fields }).db.X[3]
end

describe("a field's class", function()
  local function class_is(class, field) assert.equal(class, listed(field)[2]) end

  it("is the integer's width, sign, byte order and form", function()
    class_is("ByteField", f.u8 "a")
    class_is("ShortField", f.u16 "a")
    class_is("ThreeBytesField", f.u24 "a")
    class_is("X3BytesField", f.u24("a", { show = "hex" }))
    class_is("XShortEnumField", f.u16("a", { show = "hex", names = "ethertypes" }))
    class_is("LEIntField", f.le32 "a")
    class_is("XLEShortField", f.le16("a", { show = "hex" }))
    class_is("SignedByteField", f.s8 "a")
    class_is("LESignedIntField", f.sle32 "a")
    class_is("UTCTimeField", f.u32("a", { show = "utc" }))
  end)

  it("has the width of bits, and what they are", function()
    class_is("BitField (1 bit)", f.bits("a", 1))
    class_is("BitField (12 bits)", f.bits("a", 12))
    class_is("BitEnumField (4 bits)", f.bits("a", 4, { names = { [0] = "x" } }))
    class_is("FlagsField (3 bits)", f.flags("a", 3, "xyz"))
    class_is("XBitField (7 bits)", f.bits("a", 7, { show = "hex" }))
    class_is("BitFieldLenField (4 bits)", f.bits("a", 4, { auto = f.count "list" }))
  end)

  it("tells a number that measures a field from others that are worked out", function()
    class_is("FieldLenField", f.u16("a", { auto = f.size "list" + 4 }))
    class_is("FieldLenField", f.u8("a", { auto = f.count "list" }))
    class_is("ShortField", f.u16("a", { auto = f.header() + f.payload() }))
    class_is("XShortField", f.u16("a", { show = "hex", auto = f.checksum "inet" }))
  end)

  it("says on what it depends", function()
    class_is("ShortField (Cond)", f.u16("a", { when = f.ref("n"):eq(1) }))
    class_is("BitField (Cond) (3 bits)", f.bits("a", 3, { when = f.ref("n"):eq(1) }))
    class_is("MultiEnumField (Depends on n)", f.u8("a", { names_by = { ref = "n", { "x" } } }))
  end)

  it("is that of the kind where it is no number", function()
    class_is("MACField", f.mac "a")
    class_is("IPField", f.ipv4 "a")
    class_is("IP6Field", f.ipv6 "a")
    class_is("StrField", f.bytes "a")
    class_is("StrFixedLenField", f.bytes("a", { size = 4 }))
    class_is("StrLenField", f.bytes("a", { size = f.ref "n" }))
    class_is("XStrFixedLenField", f.bytes("a", { size = 4, show = "hex" }))
    class_is("PadField", f.bytes("a", { size = f.ref "n", align = 4 }))
    class_is("DNSStrField", f.name "a")
    class_is("IP6ListField", f.list("a", f.ipv6()))
    class_is("FieldListField", f.list("a", f.ipv4()))
    class_is("PacketListField", f.layers("a", { of = "Raw" }))
    class_is("PacketField", f.layer("a", { of = "Raw" }))
    class_is("MultipleTypeField", f.choice("a", { { f.ipv4() } }))
  end)

  it("is what the author says", function()
    class_is("LenField", f.u16("a", { when = f.ref("n"):eq(1), class = "LenField" }))
  end)

  it("is listed for each form that stands apart", function()
    local fields = made({ id = "X", fields = { f.u8 "n", f.choice("a", {
      { when = f.ref("n"):eq(6), f.ipv6(nil, { default = "::1" }) },
      { f.ipv4(nil, { default = "127.0.0.1" }) },
    }, { listed_apart = true }) } }).db.X
    assert.same({ "a", "IPField (Cond)", "('127.0.0.1')" }, fields[2])
    assert.same({ "a", "IP6Field (Cond)", "('::1')" }, fields[3])
  end)
end)

describe("a field's default", function()
  local function default_is(text, field) assert.equal(text, listed(field)[3]) end

  it("is printed as python prints it", function()
    default_is("(0)", f.u8 "a")
    default_is("(53)", f.u16("a", { default = 53, names = { [53] = "domain" } }))
    default_is("('00:00:00:00:00:00')", f.mac "a")
    default_is("('16.0.0.1')", f.ipv4("a", { default = "16.0.0.1" }))
    default_is("('::')", f.ipv6 "a")
    default_is("(b'')", f.bytes "a")
    default_is([[(b'a\\b\n\x00\xff')]], f.bytes("a", { default = "a\\b\n\0\xff" }))
    default_is([[(b"it's")]], f.bytes("a", { default = "it's" }))
    default_is([[(b'"it\'s"')]], f.bytes("a", { default = [["it's"]] }))
    default_is("(b'www.example.com')", f.name("a", { default = "www.example.com" }))
    default_is("([])", f.list("a", f.u8()))
    default_is("([23, 24])", f.list("a", f.u8(), { default = { 23, 24 } }))
    default_is("(['::1'])", f.list("a", f.ipv6(), { default = { "::1" } }))
    default_is("(<Raw  |>)", f.layer("a", { of = "Raw" }))
  end)

  it("shows flags by number and name", function()
    default_is("(<Flag 0 ()>)", f.flags("a", 3, { "MF", "DF", "evil" }))
    default_is("(<Flag 3 (MF+DF)>)", f.flags("a", 3, { "MF", "DF", "evil" }, { default = 3 }))
    default_is("(<Flag 2 (S)>)", f.flags("a", 9, "FSRPAUECN", { default = "S" }))
    default_is("(<Flag 18 (SA)>)", f.flags("a", 9, "FSRPAUECN", { default = "SA" }))
  end)

  it("is None where it is worked out or there is none", function()
    default_is("(None)", f.u16("a", { auto = f.size "list" }))
    default_is("(None)", f.u16("a", { auto = f.checksum "inet" }))
    default_is("(None)", f.bytes("a", { default = f.none }))
    default_is("(7)", f.u16("a", { auto = f.size "list", default = 7 }))
  end)

  it("is what the author says, taken apart at colons as the reference does", function()
    default_is("(<RandBin>)", f.bytes("a", { printed = "<RandBin>" }))
    assert.same({ "a", "ByteField", "({0", "'x', 1", "'y'})" },
      listed(f.u8("a", { printed = "{0: 'x', 1: 'y'}" })))
  end)
end)

describe("the databases", function()
  it("have no fields for names with an underscore", function()
    assert.same({}, made({ id = "A_B", fields = { f.u8 "n" } }).db.A_B)
  end)

  it("leave out what is not listed", function()
    assert.is_nil(made({ id = "A", unlisted = true, fields = { f.u8 "n" } }).db.A)
  end)

  it("have a regular expression for every class, and none besides", function()
    local fields = made({ id = "A", fields = { f.ipv4 "a", f.u8 "n" } }).fields
    assert.same({ "^(25[0-5]", "empty", "empty" },
      { fields.IPField:sub(1, 9), fields.ByteField, fields.StrField })
    assert.is_nil(fields.MACField)
  end)

  it("have the sums of their JSON texts", function()
    local base64, md5 = core.wire.base64, core.wire.md5
    local made_one = made({ id = "A", fields = { f.u8 "n" } })
    local text = decode(made_one:text())
    assert.equal(base64(md5(core.json.encode(text.db))), text.db_md5)
    assert.equal(base64(md5(core.json.encode(text.fields))), text.fields_md5)
    assert.equal(text.db_md5, made({ id = "A", fields = { f.u8 "n" } }).db_md5)
  end)

  it("have other sums when a field changes", function()
    local one = made { id = "A", fields = { f.u8 "n" } }
    local other = made { id = "A", fields = { f.u8("n", { default = 1 }) } }
    local third = made { id = "A", fields = { f.u16 "n" } }
    assert.is_true(one.db_md5 ~= other.db_md5)
    assert.equal(one.fields_md5, other.fields_md5)
    assert.is_true(one.fields_md5 ~= third.fields_md5)
  end)

  -- The reference's defaults of time stamps, ICMP's and those of SNMP's traps, are its clock.
  it("list each protocol as the reference does", function()
    local shared = support.shared_dir()
    if not shared then pending "there is no ../shared/conformance" end
    local all = replay.load(shared .. "/conformance/get-all.jsonl")[1].expect.result
    local recorded, ours = all.db, databases.new(luapkt.generation())
    local db = ours.db
    local clock = { ts_ori = true, ts_rx = true, ts_tx = true, ["SNMPtrapv1.time_stamp"] = true }
    for id, fields in pairs(db) do
      for i, field in ipairs(recorded[id] or {}) do
        local is_clock = clock[field[1]] or clock[id .. "." .. field[1]]
        local want = is_clock and { field[1], field[2], fields[i][3] } or field
        assert.same({ id, core.json.encode(array(want)) }, { id, core.json.encode(fields[i]) })
      end
      assert.same({ id, recorded[id] and #recorded[id] }, { id, #fields })
    end
    assert.same(all.fields, ours.fields) -- each class with its regular expression
  end)
end)

describe("get_all and check_update", function()
  local service

  setup(function() service = support.service() end)
  teardown(function() service:close() end)

  for _, method in ipairs { "check_update", "check_update_of_dbs" } do
    it("agree about the sums: " .. method, function()
      local all = service:call "get_all"
      assert.is_true(service:call(method, all.db_md5, all.fields_md5))
      local function refused(message, ...)
        local _, err = service:call(method, ...)
        assert.same({ code = -32098, message = "Scapy Server: " .. message }, err)
      end
      refused("Fields DB is not up to date", all.db_md5, "old")
      refused("Fields DB is not up to date", "old", "old")
      refused("Fields DB is not up to date", all.db_md5, 1)
      refused("Protocol DB is not up to date", "old", all.fields_md5)
    end)
  end

  it("take a handle, and no wrong one", function()
    local handle = service:call("get_version_handler", "1", "02")
    local all = service:call("get_all", handle)
    assert.same(all, service:call "get_all")
    assert.is_true(service:call("check_update", handle, all.db_md5, all.fields_md5))
    local _, err = service:call("get_all", "bad")
    assert.equal(-32098, err.code)
    _, err = service:call("check_update", "bad", all.db_md5, all.fields_md5)
    assert.equal(-32098, err.code)
    _, err = service:call("check_update", all.db_md5)
    assert.equal(-32603, err.code)
  end)
end)
