import { SERVERS_KEY, serverKey } from './keys.ts';
import type { RedisLike } from './redis.ts';
import { encodeServerInfo, type ServerInfo, servedQueues } from './server-info.ts';

/** Two of its heartbeats. */
const KEPT_SECONDS = 10;

const secondOf = (ms: number): number => Math.floor(ms / 1000);

/** Lists a server among those that are there; it has to say so again before it is forgotten. */
export async function announceServer(redis: RedisLike, server: ServerInfo, now: number): Promise<void> {
  const key = serverKey(server.host, server.pid, server.serverId);
  await redis.callBuffer('ZADD', SERVERS_KEY, secondOf(now) + KEPT_SECONDS, key);
  await redis.callBuffer('SETEX', key, KEPT_SECONDS, encodeServerInfo(server));
}

export async function retireServer(redis: RedisLike, { host, pid, serverId }: ServerInfo): Promise<void> {
  const key = serverKey(host, pid, serverId);
  await redis.callBuffer('ZREM', SERVERS_KEY, key);
  await redis.callBuffer('DEL', key);
}

/** The queues that servers take from; one that several serve comes several times. */
export async function listServed(redis: RedisLike, now: number): Promise<string[]> {
  const keys = await redis.callBuffer('ZRANGEBYSCORE', SERVERS_KEY, secondOf(now), '+inf');
  // Sound: what these commands answer. Asked one by one: in a cluster they lie on different nodes.
  const asked = (keys as Buffer[]).map((key) => redis.callBuffer('GET', key) as Promise<Buffer | null>);
  return (await Promise.all(asked)).flatMap((bytes) => (bytes === null ? [] : servedQueues(bytes)));
}
