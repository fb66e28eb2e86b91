// The compiler leaves behind what is no module; the built ledger reads it beside its modules.
import { cpSync, globSync } from 'node:fs';

for (const file of globSync('packages/*/src/**/*.{sql,json}'))
  cpSync(file, file.replace(/([/\\])src([/\\])/, '$1dist$2'));
