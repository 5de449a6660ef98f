-- Sends the requests that a plan names in the name of one caller after another, and compares every answer, byte for
-- byte, with the only right one; the same as `Conversation` in plan.js. Each thread has one connection, so that an
-- answer belongs to the request before it, and callers of its own, so that it knows what they changed.
--
-- What to send is a Lua table in the file that BENCH_PLAN names; wrk.js writes it.

local plan = dofile(os.getenv("BENCH_PLAN"))

local threads = {}

function setup(thread)
  local target = plan.targets[#threads % #plan.targets + 1]
  thread.addr = wrk.lookup(target.host, target.port)[1]
  thread:set("id", #threads)
  threads[#threads + 1] = thread
end

right, changes, wrong, example = 0, 0, 0, nil

local steps, callers, turn = {}, {}, 0
local caller, step

-- A template becomes a list of texts and, at each second place, names of placeholders.
local function compiled(template)
  local parts = {}
  local from = 1
  while true do
    local start, finish, name = template:find("<(%a+)>", from)
    if not start then break end
    parts[#parts + 1] = template:sub(from, start - 1)
    parts[#parts + 1] = name
    from = finish + 1
  end
  parts[#parts + 1] = template:sub(from)
  return parts
end

local function filled(parts)
  if #parts == 1 then return parts[1] end
  local texts = {}
  for place = 1, #parts, 2 do
    texts[place] = parts[place]
    local name = parts[place + 1]
    if name then texts[place + 1] = caller[name] end
  end
  return table.concat(texts)
end

function init()
  for line in io.lines(plan.callers .. "/" .. id) do
    local token, organization, name, etag = line:match("(.-)\t(.-)\t(.-)\t(.*)")
    callers[#callers + 1] = { token = token, organization = organization, name = name, etag = etag }
  end
  for place, one in ipairs(plan.steps) do
    for _, template in ipairs({ "head", "body", "answer", "answerOnceUpdated" }) do
      one[template] = compiled(one[template])
    end
    steps[place] = one
  end
end

function request()
  local index = (plan.first + turn) % #callers
  local pass = math.floor(turn / #callers)
  caller = callers[index + 1]
  caller.number = string.format("%d", plan.first + turn * plan.threads + id)
  caller.pass = string.format("%02d", pass)
  step = steps[(index + pass) % #steps + 1]
  turn = turn + 1
  local head = filled(step.head)
  local body = filled(step.body)
  if body == "" then return head .. "\r\n" end
  return head .. "Content-Length: " .. #body .. "\r\n\r\n" .. body
end

function response(status, headers, body)
  local answer = caller.last and step.answerOnceUpdated or step.answer
  if status ~= step.status or body ~= filled(answer) then
    wrong = wrong + 1
    example = example or string.format("%s was answered %d %s", step.method, status, body:sub(1, 300))
    return
  end
  right = right + 1
  if step.isChange then changes = changes + 1 end
  if step.isUpdate then caller.last = caller.number end
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(character) return string.format("\\u%04x", character:byte()) end) .. '"'
end

function done(summary)
  local sum = { right = 0, changes = 0, wrong = 0 }
  local first
  for _, thread in ipairs(threads) do
    for name in pairs(sum) do sum[name] = sum[name] + thread:get(name) end
    first = first or thread:get("example")
  end
  local errors = summary.errors
  io.write(string.format(
    '{"seconds":%f,"right":%d,"changes":%d,"wrong":%d,"example":%s,"failed":%d}\n',
    summary.duration / 1e6, sum.right, sum.changes, sum.wrong, quoted(first or ""),
    errors.connect + errors.read + errors.write + errors.timeout
  ))
end
