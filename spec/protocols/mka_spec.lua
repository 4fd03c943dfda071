local luapkt = require "luapkt"
local unhex  = require("spec.support").unhex

describe("MKA", function()
  local basic = unhex "01 10 e0 1c 0200000000010001" .. ("m"):rep(12) .. unhex "00000001 0080c201"
  local icv   = unhex "ff 00 0010" .. ("i"):rep(16)

  it("is a basic parameter set and others behind it", function()
    local layer = luapkt.dissect(unhex "01 05 0034" .. basic .. icv, "EAPOL")[2]
    assert.equal("MKAPDU", layer.id)
    local set = layer.fields.basic_param_set[1]
    assert.equal(28, set.fields.param_set_body_len)
    assert.equal("02:00:00:00:00:01", set.fields.SCI[1].fields.system_identifier)
    assert.equal("MKAICVSet", layer.fields.parameter_sets[1].id)
    assert.equal(("i"):rep(16), layer.fields.parameter_sets[1].fields.icv)
  end)

  it("is built from them", function()
    assert.equal(basic .. icv, luapkt.build { { "MKAPDU", {
      basic_param_set = { id = "MKABasicParamSet", fields = {
        mka_version_id = 1, key_server_priority = 16, key_server = 1, macsec_desired = 1,
        macsec_capability = 2, param_set_body_len = 28, actor_member_id = ("m"):rep(12),
        actor_message_number = 1, algorithm_agility = 0x0080c201,
        SCI = { id = "MACsecSCI", fields = { system_identifier = "02:00:00:00:00:01",
                                             port_identifier = 1 } },
      } },
      parameter_sets = { { id = "MKAICVSet", fields = { param_set_body_len = 16,
                                                        icv = ("i"):rep(16) } } },
    } } })
  end)

  it("lists peers of 16 bytes", function()
    local list = unhex "01 00 0020" .. ("a"):rep(32)
    local layer = luapkt.dissect(unhex "01 05 0040" .. basic .. list, "EAPOL")[2]
    assert.equal(2, #layer.fields.parameter_sets[1].fields.member_id_message_num)
  end)
end)
