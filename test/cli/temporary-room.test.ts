import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { STEPS, shopHistory } from '../journal/projection-events.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { heavy } from '../tags.ts'
import { ROOT } from './command.ts'

test('a verification names the full folder of temporary files, not the disk of the journal', heavy(), async () => {
  const state = await temporaryDirectory()
  const journal = await openJournal(state)
  const history = Array.from({ length: 40 }, (_, index) => STEPS.map((step) => [step, index] as const)).flat()
  await journal.commit('intent', (_view, seq) => ({ events: shopHistory(seq, history), result: undefined }))
  await journal.close()
  const config = join(state, 'agent.json')
  writeFileSync(config, JSON.stringify({ version: 1, state, listen: { port: 0 }, devices: [] }))
  const folder = await temporaryDirectory()
  const disk = `mount -t tmpfs -o size=16k small ${folder}; head -c 20k /dev/zero >${folder}/fill; exec "$@"`
  const verify = [process.execPath, join(ROOT, 'bin/fiskal-edge.cjs'), 'journal', 'verify', '--config', config]
  const env = { ...process.env, TMPDIR: folder }
  const verifying = promisify(execFile)('unshare', ['-rm', 'sh', '-c', disk, 'sh', ...verify], { env })
  await expect(verifying).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      `\nfiskal-edge: storage_unavailable: The folder of temporary files, ${folder}, has no room `,
    ),
  })
})
