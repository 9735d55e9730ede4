import { expect, test } from 'vitest'
import { askedDevices } from '../../agent/cli/daemon/asked-devices.ts'

test('no command waits endlessly for a device: those that answer are shown as they are now, the silent one as it was', async () => {
  const states = new Map([
    ['tse-1', 'unknown'],
    ['tse-2', 'unknown'],
  ])
  const technician = {
    devices: async () => [...states].map(([id, state]) => ({ id, state })),
    deviceAct: async (id: string) => {
      if (id === 'tse-1') await new Promise(() => undefined)
      states.set(id, 'ready')
      return { id }
    },
  }
  expect(await askedDevices(technician, 10)).toEqual([
    { id: 'tse-1', state: 'unknown' },
    { id: 'tse-2', state: 'ready' },
  ])
})
