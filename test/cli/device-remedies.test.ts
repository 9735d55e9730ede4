import { expect, test } from 'vitest'
import { readConfig } from '../../agent/agent-config.ts'
import { deviceFindings } from '../../agent/cli/checks/devices.ts'
import type { Technician } from '../../agent/cli/daemon/admin-client.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, ownConfig, ownTill } from './command.ts'

type Finding = Awaited<ReturnType<typeof deviceFindings>>[number]
type Reported = {
  driver: string
  code: string
  message?: string
  module?: string
  description?: string
  certifiedUntil?: string | null
}

/** What `doctor` says of a device with that warning. */
async function findingOf(given: Reported): Promise<Finding | undefined> {
  const { driver, code, message = 'a word', module, description, certifiedUntil } = given
  const { config } = readConfig(ownConfig())
  const reported = { id: 'device-1', driver, state: 'down', warnings: [{ code, message }], health: { description } }
  const asked = { devices: async () => [reported], deviceAct: async () => null }
  const technician = { ...asked, installation: async () => ({ registers: [] }) } as unknown as Technician
  const device = { id: 'device-1', driver, module, certifiedUntil } as unknown as (typeof config)['devices'][number]
  const [finding] = await deviceFindings(technician, { ...config, devices: [device] })
  return finding
}

async function remedyOf(reported: Reported): Promise<string> {
  return (await findingOf(reported))?.remedy ?? ''
}

test('a drive that came back read-only is not a matter of cable and power', async () => {
  const message = '/media/tse/TSE-IO.bin cannot be opened (EROFS): it is read-only: look at "dmesg"'
  const remedy = await remedyOf({ driver: 'tse-cryptovision', code: 'device_unavailable', message })
  expect(remedy).toMatch(/^Do what the message says\. The agent retries automatically\./)
  const other = await remedyOf({ driver: 'tse-cryptovision', code: 'device_unavailable', message: 'no answer' })
  expect(other).toContain('Check cable and power')
})

test.each([
  ['2031-07-08', 'certification by the BSI until 2031-07-08'],
  [null, 'certification by the BSI until a day that is not entered ("certifiedUntil")'],
])('the end of a certification, %s in agent.json, is a fact of the unit', async (certifiedUntil, words) => {
  const finding = await findingOf({ driver: 'tse-swissbit', code: 'device_memory_low', certifiedUntil })
  expect(finding?.message).toContain(words)
})

test('the clock of a printer is set after a closing at the printer, that of a TSE by its command', async () => {
  const ofPrinter = await remedyOf({ driver: 'rt-custom', code: 'device_clock_skew' })
  expect(ofPrinter).toContain("Make the daily closing (Z) first; then set the clock in the printer's menu")
  expect(ofPrinter).not.toContain('set-time')
  expect(await remedyOf({ driver: 'tse-swissbit', code: 'device_clock_skew' })).toContain('device set-time device-1')
})

test('a locked card of A-Trust, which has no PUK, is replaced; another one is unlocked', async () => {
  const locked = { driver: 'card-pkcs11', code: 'device_pin_locked' }
  const ofATrust = await remedyOf({ ...locked, module: '/usr/lib/libasignp11.so' })
  expect(ofATrust).toContain('A card of A-Trust has no PUK: order a new one')
  expect(ofATrust).not.toContain('Unlock')
  expect(await remedyOf({ ...locked, module: '/usr/lib/libopensc.so' })).toContain('Unlock it with its PUK')
})

test('the command that sets a clock names the steps for that of a printer', heavy(), async () => {
  const config = ownTill([{ id: 'rt-1', driver: 'rt-simulator' }])
  const { code, err } = await fiskalEdge('device', 'set-time', 'rt-1', '--config', config)
  expect([code, err]).toEqual([1, expect.stringContaining('Make the daily closing (Z) first')])
})
