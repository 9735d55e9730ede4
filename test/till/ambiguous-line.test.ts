import { expect, test } from 'vitest'
import type { DeviceSupervisor } from '../../agent/devices/supervisor.ts'
import type { DeviceActParts } from '../../agent/till/technician/device-acts.ts'
import { actOn } from '../../agent/till/technician/device-acts.ts'

test('a device on a line that may be that of another adapter is not initialised, and nothing is sent to it', async () => {
  const sent: string[] = []
  const unit = new Proxy({}, { get: (_, name) => (name === 'kind' ? 'tse' : () => sent.push(String(name))) })
  const device = { id: 'tse-1', device: { unit } } as unknown as DeviceSupervisor
  const journal = { view: { resources: () => [] } }
  const parts = { journal, laws: [], devices: new Map(), lineTrouble: async () => 'Two are alike.' }
  await expect(actOn(device, 'init', parts as unknown as DeviceActParts)).rejects.toMatchObject({
    code: 'fiscalization_conflict',
    message: 'Two are alike. Nothing was changed.',
  })
  expect(sent).toEqual([])
})
