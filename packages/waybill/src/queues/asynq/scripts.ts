import { script } from './redis.ts';

// Each step of a task's life is one script, so that no other worker sees it half done.

/**
 * KEYS: task, pending or scheduled, and for a unique task its lock.
 * ARGV: id, message, due second ('' for now), now in ns, lock's seconds.
 * Answers 1; 0 where the id is taken; the id that holds the lock.
 */
export const ENQUEUE = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
if KEYS[3] then
  if not redis.call('SET', KEYS[3], ARGV[1], 'NX', 'EX', ARGV[5]) then return redis.call('GET', KEYS[3]) end
  redis.call('HSET', KEYS[1], 'unique_key', KEYS[3])
end
if ARGV[3] == '' then
  redis.call('HSET', KEYS[1], 'msg', ARGV[2], 'state', 'pending', 'pending_since', ARGV[4])
  redis.call('LPUSH', KEYS[2], ARGV[1])
else
  redis.call('HSET', KEYS[1], 'msg', ARGV[2], 'state', 'scheduled')
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
end
return 1`);

/**
 * KEYS: pending, paused, active, lease. ARGV: the lease's last second, prefix of task keys.
 * Answers the message and since when it was pending, in ns; nil where nothing is to be had.
 */
export const DEQUEUE = script(`
if redis.call('EXISTS', KEYS[2]) == 1 then return nil end
local id = redis.call('RPOPLPUSH', KEYS[1], KEYS[3])
if not id then return nil end
local task = ARGV[2] .. id
local kept = redis.call('HMGET', task, 'msg', 'pending_since')
if not kept[1] then
  redis.call('LREM', KEYS[3], 0, id)
  return nil
end
redis.call('HSET', task, 'state', 'active')
redis.call('HDEL', task, 'pending_since')
redis.call('ZADD', KEYS[4], ARGV[1], id)
return kept`);

// KEYS 1 to 3 are lease, active and task, ARGV[1] the id. 0: somebody else has ended it, and nothing is changed.
const RELEASE = `
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('LREM', KEYS[2], 0, ARGV[1])`;

// Of the day and of all days. ARGV[2]: when the day's is forgotten. After the largest number comes 1, as in Asynq.
const COUNT = `
local function count(day, total)
  if redis.call('INCR', day) == 1 then redis.call('EXPIREAT', day, ARGV[2]) end
  if redis.call('GET', total) == '9223372036854775807' then redis.call('SET', total, 0) end
  redis.call('INCR', total)
end`;

/** KEYS: lease, active, task, processed of the day, processed, and a unique task's lock. ARGV: id, expiry of counters. */
export const DONE = script(`${COUNT}${RELEASE}
redis.call('DEL', KEYS[3])
count(KEYS[4], KEYS[5])
if KEYS[6] and redis.call('GET', KEYS[6]) == ARGV[1] then redis.call('DEL', KEYS[6]) end
return 1`);

/**
 * KEYS: lease, active, task, processed of the day, processed, completed, and a unique task's lock.
 * ARGV: id, expiry of counters, the last second for which it is kept, message.
 */
export const COMPLETE = script(`${COUNT}${RELEASE}
redis.call('ZADD', KEYS[6], ARGV[3], ARGV[1])
redis.call('HSET', KEYS[3], 'msg', ARGV[4], 'state', 'completed')
count(KEYS[4], KEYS[5])
if KEYS[7] and redis.call('GET', KEYS[7]) == ARGV[1] then redis.call('DEL', KEYS[7]) end
return 1`);

/**
 * KEYS: lease, active, task, processed of the day, processed, failed of the day, failed, retry.
 * ARGV: id, expiry of counters, due second, message, 1 where it counts as a failure.
 */
export const RETRY = script(`${COUNT}${RELEASE}
redis.call('ZADD', KEYS[8], ARGV[3], ARGV[1])
redis.call('HSET', KEYS[3], 'msg', ARGV[4], 'state', 'retry')
if ARGV[5] == '1' then
  count(KEYS[4], KEYS[5])
  count(KEYS[6], KEYS[7])
end
return 1`);

/**
 * KEYS: lease, active, task, processed of the day, processed, failed of the day, failed, archived.
 * ARGV: id, expiry of counters, now, message, the second up to which old ones are forgotten, how many are kept.
 */
export const ARCHIVE = script(`${COUNT}${RELEASE}
redis.call('ZADD', KEYS[8], ARGV[3], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[8], '-inf', ARGV[5])
redis.call('ZREMRANGEBYRANK', KEYS[8], 0, -1 - ARGV[6])
redis.call('HSET', KEYS[3], 'msg', ARGV[4], 'state', 'archived')
count(KEYS[4], KEYS[5])
count(KEYS[6], KEYS[7])
return 1`);

/** KEYS: lease, active, task, pending. ARGV: id. To the head of the queue: it was its turn. */
export const REQUEUE = script(`${RELEASE}
redis.call('RPUSH', KEYS[4], ARGV[1])
redis.call('HSET', KEYS[3], 'state', 'pending')
return 1`);

/**
 * KEYS: scheduled or retry, pending. ARGV: now, now in ns, prefix of task keys, prefix of group keys, how many at most.
 * Answers how many were due. A task of a group goes to its group, where a Go server gathers it.
 */
export const FORWARD = script(`
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[5])
for _, id in ipairs(ids) do
  local task = ARGV[3] .. id
  local group = redis.call('HGET', task, 'group')
  if group and group ~= '' then
    redis.call('ZADD', ARGV[4] .. group, ARGV[1], id)
    redis.call('HSET', task, 'state', 'aggregating')
  else
    redis.call('LPUSH', KEYS[2], id)
    redis.call('HSET', task, 'state', 'pending', 'pending_since', ARGV[2])
  end
  redis.call('ZREM', KEYS[1], id)
end
return #ids`);

/** KEYS: lease. ARGV: the second up to which leases have run out, prefix of task keys. Answers the messages. */
export const LIST_EXPIRED = script(`
local messages = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])) do
  local message = redis.call('HGET', ARGV[2] .. id, 'msg')
  if message then table.insert(messages, message) end
end
return messages`);

/** KEYS: completed. ARGV: now, prefix of task keys, how many at most. Answers how many were deleted. */
export const SWEEP = script(`
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  redis.call('DEL', ARGV[2] .. id)
  redis.call('ZREM', KEYS[1], id)
end
return #ids`);

/** KEYS: pending. ARGV: prefix of task keys. Answers how many are pending, and since when the next one is, in ns. */
export const LOOK = script(`
local next = redis.call('LINDEX', KEYS[1], -1)
return {redis.call('LLEN', KEYS[1]), next and redis.call('HGET', ARGV[1] .. next, 'pending_since')}`);
