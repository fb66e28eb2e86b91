/** Of one queue's schedules each has a key, or none. No name holds a colon, so the first one divides the two. */
export function scheduleIdOf(queue: string, key: unknown): string {
  return typeof key === 'string' && key !== '' ? `${queue}:${key}` : queue;
}

export function queueOfSchedule(scheduleId: string | undefined): string | undefined {
  return scheduleId?.split(':', 1)[0];
}
