import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkConfig } from '../../../agent/agent-config.ts'
import { lookContext } from '../../../agent/cli/device/prove-context.ts'
import { signWith } from '../../../agent/cli/device/prove-signing.ts'
import { makeDevice } from '../../../drivers/catalog.ts'
import type { DeviceUnit } from '../../../drivers/ports/device.ts'
import { lookAt } from '../../../drivers/recording/look.ts'
import { CUSTOM } from '../../../drivers/rt-custom/family.ts'
import { EPSON } from '../../../drivers/rt-epson/family.ts'
import { RCH } from '../../../drivers/rt-rch/family.ts'
import { TestTime } from '../../../drivers/test-time.ts'
import { patientClock } from '../../patient-clock.ts'
import { shownBy } from '../../recorded/levels.ts'
import { Tape } from './tape.ts'

const FAMILIES = [RCH, CUSTOM, EPSON]

test.each(FAMILIES.map((family) => [family.driver, family] as const))(
  '%s: a slip is printed, and its recording proves the printer',
  { tags: ['heavy'] },
  async (driver, family) => {
    const directory = await mkdtemp(join(tmpdir(), 'slip'))
    const options = { directory, clock: patientClock, latencyMs: 0, link: undefined, port: 0, show: () => undefined }
    const running = await family.simulator.open(options)
    if (!('device' in running)) throw new Error('not a device')
    onTestFinished(async () => {
      await running.close()
      await rm(directory, { recursive: true })
    })
    const tape = new Tape(await family.dialect(), 'look', driver)
    const entry = { id: 'rt-1', departments: { '0.22': 1 }, ...running.device }
    const used = async <T>(act: (unit: DeviceUnit) => Promise<T>): Promise<T> => {
      const { devices } = checkConfig('agent.json', { version: 1, state: 'state', listen: {}, devices: [entry] }, '/')
      const [device] = devices
      if (device === undefined) throw new Error('no device')
      const { unit } = await makeDevice(device, lookContext(patientClock, tape.recorder, directory))
      try {
        return await act(unit)
      } finally {
        await unit.close()
      }
    }
    const { say } = tape.recorder
    await used((unit) => lookAt(unit, say))
    tape.allowEffects()
    await used((unit) => signWith(unit, { time: new TestTime(patientClock), nowMs: patientClock.now(), say }))
    expect(tape.text).toContain('#   printed\n')
    expect(tape.text).toContain('fiskal-edge device prove')
    expect((await shownBy(tape.text, [])).status).toBe('proven on hardware')
  },
)
