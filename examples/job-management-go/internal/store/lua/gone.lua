-- Jobs that should have expired, and a window over all that goes on from call to call, because a key
-- may go before its time. KEYS expiries · ARGV offset window · next offset, then jobIds
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local offset, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local gone, seen = {}, {}
local function look(jobIds)
  for _, jobId in ipairs(jobIds) do
    local key = 'job:{' .. jobId .. '}'
    if not seen[jobId] and redis.call('EXISTS', key) == 0 then
      if redis.call('EXISTS', key .. ':record') == 1 then
        gone[#gone + 1] = jobId
      else
        redis.call('ZREM', KEYS[1], jobId)
      end
    end
    seen[jobId] = true
  end
end
look(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, window))
local part = redis.call('ZRANGE', KEYS[1], offset, offset + window - 1)
look(part)
return { #part < window and 0 or offset + window - #gone, unpack(gone) }
