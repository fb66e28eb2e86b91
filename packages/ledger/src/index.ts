export { type Message, type MessageAtSubscription, reconstruct } from './questions/reconstruct.ts';
export type { TraceAnswer } from './questions/trace/trace.ts';
export type { WhyAnswer } from './questions/why/why.ts';
export { createApp } from './server/app.ts';
export { listen } from './server/listen.ts';
export { openSqliteStore } from './store/sqlite.ts';
export type { Appended, FactStore, Match } from './store/store.ts';
