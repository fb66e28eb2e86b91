#!/usr/bin/env node
import { isSupported, refusal } from './supported.mjs';

if (isSupported(process.version)) {
  // node:sqlite is what we store in, and says on each start that it is experimental; other warnings are news.
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    const isSqlite = String(warning).includes('SQLite is an experimental feature');
    if (!isSqlite) emitWarning.call(process, warning, ...rest);
  };
  import('#cli').then(({ main }) => main(process.argv.slice(2)));
} else {
  console.error(refusal(process.version));
  process.exitCode = 2;
}
