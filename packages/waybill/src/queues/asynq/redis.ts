import { createHash } from 'node:crypto';

/** What we need of the app's own Redis client; ioredis fits. Replies are bytes: text would corrupt a task. */
export interface RedisLike {
  callBuffer(command: string, ...args: (string | number | Buffer)[]): Promise<unknown>;
}

/** A Lua script, and the name under which Redis keeps it. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/** Runs a script by its name; the first time, and after Redis was restarted, by its text. */
export async function runScript(
  redis: RedisLike,
  { lua, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.callBuffer('EVALSHA', sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!String(error).includes('NOSCRIPT')) throw error;
    return redis.callBuffer('EVAL', lua, keys.length, ...keys, ...args);
  }
}
