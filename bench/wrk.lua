-- Sends a request in the name of one user after another. Arguments: a file with a token on each line; the number of
-- the first request; the method; for a request with a body its two parts, between which each request's number goes.

local heads, number, before, after = {}, 0, nil, nil

function init(args)
  number, before, after = tonumber(args[2]), args[4], args[5]
  local body = before and before .. string.format("%d", number) .. after
  for token in io.lines(args[1]) do
    local headers = { Host = wrk.headers["Host"], Authorization = "Bearer " .. token }
    if body then headers["Content-Type"] = "application/json" end
    local request = wrk.format(args[3], nil, headers, body)
    heads[#heads + 1] = body and request:sub(1, -#body - 1) or request
  end
end

function request()
  local head = heads[number % #heads + 1]
  local body = before and before .. string.format("%d", number) .. after or ""
  number = number + 1
  return head .. body
end

-- wrk itself looks at the status of every answer.
function done(summary)
  local errors = summary.errors
  local wrong = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"requests":%d,"seconds":%f,"wrong":%d}\n', summary.requests, summary.duration / 1e6, wrong))
end
