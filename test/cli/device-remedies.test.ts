import { expect, test } from 'vitest'
import { readConfig } from '../../agent/agent-config.ts'
import { deviceFindings } from '../../agent/cli/checks/devices.ts'
import type { Technician } from '../../agent/cli/daemon/admin-client.ts'
import { ownConfig } from './command.ts'

type Reported = { driver: string; code: string; message?: string; module?: string; description?: string }

/** What `doctor` says to do about a device with that warning. */
async function remedyOf({ driver, code, message = 'a word', module, description }: Reported): Promise<string> {
  const { config } = readConfig(ownConfig())
  const reported = { id: 'device-1', driver, state: 'down', warnings: [{ code, message }], health: { description } }
  const asked = { devices: async () => [reported], deviceAct: async () => null }
  const technician = { ...asked, installation: async () => ({ registers: [] }) } as unknown as Technician
  const device = { id: 'device-1', driver, module } as unknown as (typeof config)['devices'][number]
  const [finding] = await deviceFindings(technician, { ...config, devices: [device] })
  return finding?.remedy ?? ''
}

test('a drive that came back read-only is not a matter of cable and power', async () => {
  const message = '/media/tse/TSE-IO.bin cannot be opened (EROFS): it is read-only: look at "dmesg"'
  const remedy = await remedyOf({ driver: 'tse-cryptovision', code: 'device_unavailable', message })
  expect(remedy).toMatch(/^Do what the message says\. The agent retries automatically\./)
  const other = await remedyOf({ driver: 'tse-cryptovision', code: 'device_unavailable', message: 'no answer' })
  expect(other).toContain('Check cable and power')
})
