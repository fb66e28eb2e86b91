// The compiler leaves .sql files behind; the built ledger reads them beside its modules.
import { cpSync, globSync } from 'node:fs';

for (const file of globSync('packages/*/src/**/*.sql')) cpSync(file, file.replace(/([/\\])src([/\\])/, '$1dist$2'));
