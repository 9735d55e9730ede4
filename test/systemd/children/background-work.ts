import { getPriority } from 'node:os'
import type { LastBackup } from '../../../agent/backup/last.ts'
import { verifyInChild } from '../../../agent/proof/in-child.ts'
import { runInChild } from '../../../base/child/run.ts'
import { takeLowestPriority } from '../../../base/lowest-priority.ts'
import { BUILD_LIMIT_MS } from '../../waits.ts'

// The background work of a running agent, for a state directory: prints its result.
const [stateDirectory = '', path = ''] = process.argv.slice(2)
const { signal } = new AbortController()
const { valid } = await verifyInChild(stateDirectory, signal)
const keep = { daily: 1, weekly: 0, monthly: 0 }
const entry = new URL('../../../agent/backup/daily-child.ts', import.meta.url)
const task = { stateDirectory, path, passphrase: undefined, program: 'test', keep, nowMs: Date.now() }
const backup = await runInChild<LastBackup>(
  { name: 'backup', entry, heapMb: 64, limitMs: BUILD_LIMIT_MS },
  task,
  signal,
).then(
  (made) => (made.file === '' ? 'no file' : 'made'),
  (error: unknown) => String(error),
)
takeLowestPriority()
process.stdout.write(JSON.stringify({ valid, backup, priority: getPriority() }))
