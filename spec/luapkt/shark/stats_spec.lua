-- The tables that 'shark --stats' prints. What they count is counted here by hand;
-- spec/shark_captures_spec.lua has tshark count.

local stream  = require "spec.stream"
local support = require "spec.support"

local quote = support.quote

-- What is printed of a capture in which so many connections have a packet each, three seconds later
-- so many of them another one.
local function stats_of(connections, again)
  local frames, path = {}, support.tmpname()
  local function send(n)
    for i = 1, n do
      frames[#frames + 1] = stream.connection(53, { client = 1000 + i }):send "x"
    end
  end
  send(connections)
  frames[#frames + 1] = 3
  send(again)
  support.write_file(path, stream.pcap(frames))
  local ok, out, err = support.run(("%s shark --stats %s"):format(quote(support.program()),
    quote(path)))
  assert(ok, err)
  return out
end

describe("the statistics of a capture", function()
  it("name 20 conversations, and say how many more there are, if any", function()
    local function lines_of(connections)
      local out = stats_of(connections, 0)
      return select(2, out:gsub("10%.0%.0%.1:%d+ +10%.0%.0%.2:53 ", "")), out:match "%.%.%. [^\n]*"
    end
    assert.same({ 19 }, { lines_of(19) })
    assert.same({ 20 }, { lines_of(20) })
    assert.same({ 20, "... and 1 more" }, { lines_of(21) })
    assert.same({ 20, "... and 30 more" }, { lines_of(50) })
  end)

  it("have a bar of 50 characters for the most packets, and for fewer as many as they have part",
    function()
      for again, bar in pairs { [20] = 50, [10] = 25, [5] = 13, [1] = 3 } do -- 12.5 and 2.5
        local rows = {}
        for second, packets, marks in stats_of(20, again):gmatch "\n +(%d+) s +(%d+) *(#*)" do
          rows[#rows + 1] = ("%d: %d, %d"):format(second, packets, #marks)
        end
        assert.same({ "0: 20, 50", "1: 0, 0", "2: 0, 0", ("3: %d, %d"):format(again, bar) }, rows)
      end
    end)
end)
