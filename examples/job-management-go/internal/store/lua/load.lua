-- KEYS job record seen intact · ARGV messageId
-- The record ('' when none), the job's time to live, whether the message was folded in, intact.
return {
  redis.call('GET', KEYS[2]) or '', redis.call('PTTL', KEYS[1]),
  redis.call('ZSCORE', KEYS[3], ARGV[1]) and 1 or 0, redis.call('EXISTS', KEYS[4])
}
