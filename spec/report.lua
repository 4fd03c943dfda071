-- A busted output handler: one line per spec file, each failure in full below it, and a log of
-- every test, with the seconds it took, for spec/run to count from.

local base = require "busted.outputHandlers.base"

-- The log is written out after every line, so that it is whole up to a crash.
local log = io.open(os.getenv "SPEC_LOG" or "/dev/null", "a")
log:setvbuf("no")

local MARK = { success = "passed", pending = "skipped", failure = "failed", error = "failed" }

local MOST = 1000 -- bytes of a line: more of them nobody reads

-- What people can read of a line: bytes that are no text as \xff, and not all of a long one.
local function readable(line)
  if #line > MOST then line = ("%s... (%d bytes more)"):format(line:sub(1, MOST), #line - MOST) end
  local escaped = line:gsub("%c", function(c) return ("\\x%02x"):format(c:byte()) end)
  if utf8.len(escaped) then return escaped end
  return (escaped:gsub("[\x80-\xff]", function(c) return ("\\x%02x"):format(c:byte()) end))
end

local function message_of(failure)
  local message = failure.message
  if type(message) ~= "string" then message = require("pl.pretty").write(message) end
  return (message:gsub("[^\n]+", readable))
end

-- Other processes print too: what belongs together is written at once.
local function print_at_once(lines)
  io.stdout:write(table.concat(lines, "\n"), "\n")
  io.stdout:flush()
end

local function add_failure(lines, failure)
  local trace = failure.trace or {}
  local where = trace.short_src and ("%s:%d: "):format(trace.short_src, trace.currentline) or ""
  table.insert(lines, ("  FAILED %s%s"):format(where, failure.name))
  table.insert(lines, "    " .. message_of(failure):gsub("\n", "\n    "))
  if failure.isError and trace.traceback then
    table.insert(lines, "    " .. trace.traceback:gsub("^\n", ""):gsub("\n", "\n    "))
  end
end

return function()
  local busted = require "busted"
  local handler = base()
  local file_counts, file_failures, file_skipped

  -- Something outside a test went wrong: a file that doesn't load, a setup that raises.
  local function count_failure(failure)
    log:write("failed\n")
    if file_counts then
      file_counts.failed = file_counts.failed + 1
      table.insert(file_failures, failure)
    else
      local lines = {}
      add_failure(lines, failure)
      print_at_once(lines)
    end
  end

  local function on_trouble(is_error)
    return function(element, parent, message, debug)
      local failure = handler.format(element, parent, message, debug, is_error)
      if element.descriptor == "it" then
        table.insert(file_failures, failure) -- counted when the test ends
      else
        count_failure(failure)
      end
      return nil, true
    end
  end

  function handler.fileStart()
    file_counts, file_failures = { passed = 0, failed = 0, skipped = 0 }, {}
    file_skipped = {}
    return nil, true
  end

  function handler.testStart(element)
    log:write("start ", (handler.getFullName(element):gsub("\n", " ")), "\n")
    return nil, true
  end

  function handler.testEnd(element, _, status)
    local mark = MARK[status]
    file_counts[mark] = file_counts[mark] + 1
    if mark == "skipped" then table.insert(file_skipped, handler.getFullName(element)) end
    log:write(("%s %.3f %s\n"):format(mark, element.duration or 0,
      (handler.getFullName(element):gsub("\n", " "))))
    return nil, true
  end

  function handler.fileEnd(element)
    local c = file_counts
    local verdict = c.failed > 0 and "FAIL" or "ok"
    local line = ("%-4s %s: %d passed"):format(verdict, element.name, c.passed)
    if c.failed > 0 then line = line .. (", %d failed"):format(c.failed) end
    if c.skipped > 0 then line = line .. (", %d skipped"):format(c.skipped) end
    if element.duration then line = line .. (", %.1f s"):format(element.duration) end
    local lines = { line }
    for _, name in ipairs(file_skipped) do table.insert(lines, "  skipped " .. name) end
    for _, failure in ipairs(file_failures) do add_failure(lines, failure) end
    print_at_once(lines)
    file_counts, file_failures, file_skipped = nil, nil, nil
    return nil, true
  end

  function handler.suiteEnd()
    log:write("end\n")
    return nil, true
  end

  busted.subscribe({ "file", "start" }, handler.fileStart)
  busted.subscribe({ "file", "end" }, handler.fileEnd)
  busted.subscribe({ "test", "start" }, handler.testStart)
  busted.subscribe({ "test", "end" }, handler.testEnd)
  busted.subscribe({ "suite", "end" }, handler.suiteEnd)
  busted.subscribe({ "failure" }, on_trouble(false))
  busted.subscribe({ "error" }, on_trouble(true))
  return handler
end
