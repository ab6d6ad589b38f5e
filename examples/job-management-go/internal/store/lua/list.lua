-- Newest first, after a position; drops from the list those that are gone.
-- KEYS list · ARGV limit afterScore|+inf afterJob scannedMax · records and times to live, in turn
local entries = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[2], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
local found = {}
for i = 1, #entries, 2 do
  if #found >= 2 * tonumber(ARGV[1]) then break end
  local jobId = entries[i]
  if not (entries[i + 1] == ARGV[2] and jobId >= ARGV[3]) then
    local key = 'job:{' .. jobId .. '}'
    local ttl = redis.call('PTTL', key)
    local record = redis.call('GET', key .. ':record')
    if ttl < 0 or not record then
      redis.call('ZREM', KEYS[1], jobId)
    else
      found[#found + 1] = record
      found[#found + 1] = ttl
    end
  end
end
return found
