import type { SandboxedJob } from 'bullmq';
import { createWaybill, current, logFields, memoryRecorder } from '../../../src/index.ts';
import { wrapProcessor } from '../../../src/queues/bullmq/bullmq.ts';

const recorder = memoryRecorder();
const waybill = createWaybill({ service: 'sandbox', recorder });

/** A processor file: BullMQ runs it in a process or thread of its own. It answers with what it saw there. */
// biome-ignore lint/style/noDefaultExport: what BullMQ looks for in a processor file.
export default wrapProcessor(async function answerWhatItSaw(job: SandboxedJob, _token?: string, signal?: AbortSignal) {
  const context = current();
  return {
    messageId: context?.messageId,
    executionId: context?.executionId,
    order: logFields()['order_id'],
    facts: recorder.facts.map(({ kind }) => kind),
    hasSignal: signal !== undefined,
    keys: Object.keys(job).filter((key) => key.startsWith('waybill')),
  };
}, waybill);
