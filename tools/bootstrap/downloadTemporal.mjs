// Lets the Temporal SDK download the CLI that it was tested with: node downloadTemporal.mjs <target>
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';

const target = process.argv[2];
const folder = mkdtempSync(join(dirname(target), 'download-'));
try {
  const environment = await TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', downloadDir: folder } } });
  await environment.teardown();
  const [binary] = readdirSync(folder).filter((name) => name.startsWith('temporal'));
  renameSync(join(folder, binary), target);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
