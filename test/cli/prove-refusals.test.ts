import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { checkConfig } from '../../agent/agent-config.ts'
import { refuseUsed } from '../../agent/cli/device/prove-refusals.ts'
import { removedLater } from './command.ts'

const entry = { id: 'tse-1', driver: 'tse-diebold', serial: { path: '/dev/none' } }
const [device] = checkConfig('agent.json', { version: 1, state: 'state', listen: {}, devices: [entry] }, '/').devices
if (device === undefined) throw new Error('no device')

function asUser(uid: number): void {
  vi.spyOn(process, 'getuid').mockReturnValue(uid)
}

afterEach(() => {
  vi.restoreAllMocks()
})

test('device prove refuses a user who does not see whether the agent of another one runs', async () => {
  const state = removedLater(mkdtempSync(join(tmpdir(), 'state-')))
  asUser(12_345)
  await expect(refuseUsed(state, device)).rejects.toMatchObject({ code: 'state_unreachable' })
})

test('device prove asks a person whether a port is free, unless root can see that', async () => {
  asUser(12_345)
  await expect(refuseUsed('/none', device)).rejects.toMatchObject({ code: 'not_confirmed' })
  asUser(0)
  await refuseUsed('/none', device)
})
