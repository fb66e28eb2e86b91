import { type Envelope, type Gap, isEnvelope } from '../../core/envelope.ts';
import { envelopeOf, type Job } from './job.ts';

/** Where jobs lie: in a Redis, or since version 6 in whatever a backend has. */
export interface Store {
  readonly client?: Promise<{ hmget(key: string, ...fields: string[]): Promise<(string | null)[]> }>;
  getBackend?(): Store & {
    parseNodeKey(key: string): { readonly prefix: string; readonly queueName: string; readonly id: string };
    forQueue(queueName: string, prefix: string): { getJobData(id: string): Promise<Partial<Job> | undefined> };
  };
}

interface StoredJob {
  readonly envelope: Envelope | Gap;
  readonly messageId: string | undefined;
  readonly finishedOn: number;
}

/** What is stored of a job. Never rejects: it is asked for a fact, not for the work. */
export async function storedJob(store: Store, key: string): Promise<StoredJob | undefined> {
  try {
    const backend = store.getBackend?.();
    const client = await (backend ?? store).client;
    const [text, finished] = (await client?.hmget(key, 'opts', 'finishedOn')) ?? [];
    const place = client === undefined ? backend?.parseNodeKey(key) : undefined;
    const data = place && (await backend?.forQueue(place.queueName, place.prefix).getJobData(place.id));
    const opts = data?.opts ?? JSON.parse(text ?? 'null');
    if (opts === null) return undefined;
    const envelope = envelopeOf(opts);
    const messageId = isEnvelope(envelope) ? envelope.messageId : undefined;
    return { envelope, messageId, finishedOn: data?.finishedOn ?? Number(finished) };
  } catch {
    return undefined;
  }
}
