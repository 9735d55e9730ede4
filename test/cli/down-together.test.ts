import { expect, test } from 'vitest'
import { readConfig } from '../../agent/agent-config.ts'
import { deviceFindings } from '../../agent/cli/checks/devices.ts'
import type { Technician } from '../../agent/cli/daemon/admin-client.ts'
import { ownConfig } from './command.ts'

function device(id: string, since: string, code = 'device_unavailable', message = 'no answer') {
  return { id, driver: 'tse-simulator', state: 'down', since, warnings: [{ code, message }] }
}

async function linesOf(...devices: object[]) {
  const technician = {
    devices: async () => devices,
    deviceAct: async () => null,
    installation: async () => ({ registers: [] }),
  } as unknown as Technician
  const findings = await deviceFindings(technician, readConfig(ownConfig()).config)
  return findings.filter(({ check }) => devices.some((one) => check.includes(String((one as { id: string }).id))))
}

test('devices that went down for the same reason within 10 s of each other are one line', async () => {
  const lines = await linesOf(
    device('tse-1', '2026-11-25T10:00:00.000Z'),
    device('tse-4', '2026-11-25T10:05:00.000Z'),
    device('tse-2', '2026-11-25T10:00:16.000Z', 'device_unavailable', 'the port is gone'),
    device('tse-3', '2026-11-25T10:00:08.000Z'),
  )
  expect(lines.map(({ check, state }) => [check, state])).toEqual([
    ['tse-1, tse-2, tse-3', 'failure'],
    ['tse-4', 'failure'],
  ])
  expect(lines[0]?.message).toContain('3 devices are down since 2026-11-25T10:00:00.000Z')
  expect(lines[0]?.message).toContain('the port is gone')
  expect(lines[0]?.remedy).toContain('Check cable and power.')
})

test('a line has the time of the first device, whichever the configuration has first', async () => {
  const [line] = await linesOf(
    device('tse-1', '2026-11-25T10:00:09.000Z'),
    device('tse-2', '2026-11-25T10:00:00.000Z'),
    device('tse-3', '2026-11-25T10:00:18.999Z'),
  )
  expect(line?.check).toBe('tse-1, tse-2, tse-3')
  expect(line?.message).toContain('3 devices are down since 2026-11-25T10:00:00.000Z')
})

test('another reason, or a device that answers, has its own line', async () => {
  const since = '2026-11-25T10:00:00.000Z'
  const lines = await linesOf(
    device('tse-1', since),
    device('tse-2', since, 'device_pin_wrong'),
    { ...device('tse-3', since), state: 'degraded' },
    { ...device('tse-5', since), since: undefined },
  )
  expect(lines.map(({ check }) => check)).toEqual(['tse-1', 'tse-2', 'tse-3', 'tse-5'])
})
