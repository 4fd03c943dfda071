--- The methods about the databases of protocols and of fields' classes, which clients keep.
-- @module luapkt.methods.databases

local answer = require "luapkt.answer"

local fail = answer.fail

-- Are a client's copies, known by their sums, still those of this generation?
local function check(state, db_md5, field_md5)
  local current = state:databases()
  if field_md5 ~= current.fields_md5 then return fail "Fields DB is not up to date" end
  if db_md5 ~= current.db_md5 then return fail "Protocol DB is not up to date" end
  return true
end

return {
  get_all = {
    handle = true,
    params = {},
    run = function(state) return state:databases():all() end,
  },
  check_update        = { handle = true, params = { "db_md5", "field_md5" }, run = check },
  check_update_of_dbs = { handle = true, params = { "db_md5", "field_md5" }, run = check },
}
