import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];

// A hook of the file, so it runs after those of every `describe`: the programs that worked in the folders have ended.
afterAll(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** Returns the path of a new, empty folder. It is removed, with all that is in it, after the test file. */
export async function createTemporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stock-tracker-'));
  folders.push(folder);
  return folder;
}
