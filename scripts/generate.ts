// Writes the pages that are made from the sources: `node scripts/generate.ts [--check]`.
// With --check nothing is written: it names the pages that are stale, and exits with 1 if there are any.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApi } from './openapi/document.ts';
import { cliPage } from './pages/cli.ts';
import { conformancePage } from './pages/conformance.ts';
import { errorsPage } from './pages/errors.ts';
import { metricsPage } from './pages/metrics.ts';
import { rulesPage } from './pages/rules.ts';

const PAGES: Readonly<Record<string, () => string>> = {
  'docs/cli.md': cliPage,
  'docs/conformance.md': conformancePage,
  'docs/errors.md': errorsPage,
  'docs/metrics.md': metricsPage,
  'docs/rules.md': rulesPage,
  'packages/ledger/src/server/openapi.json': openApi,
};

const root = join(import.meta.dirname, '..');
const isCheck = process.argv.includes('--check');

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // not made yet
  }
}

for (const [page, make] of Object.entries(PAGES)) {
  const file = join(root, page);
  const text = make();
  if (read(file) === text) continue;
  if (isCheck) {
    console.error(`${page} is stale. Make it anew: npm run generate`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log(`${page} is made anew.`);
  }
}
