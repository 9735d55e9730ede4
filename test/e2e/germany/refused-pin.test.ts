import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deviceFindings } from '../../../agent/cli/checks/devices.ts'
import type { Technician } from '../../../agent/cli/daemon/admin-client.ts'
import type { Warning } from '../../../agent/watch/warnings.ts'
import { vendorTses } from '../../contracts/vendor-tses.ts'
import { patientClock } from '../../patient-clock.ts'
import { heavy } from '../../tags.ts'
import { Bench } from '../bench.ts'

const RIGHT = '54321'
const WRONG = '11111'

test(
  'a TSE that signs on with a refused PIN shows it in device list, doctor and /readyz until it is right',
  heavy(),
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'p-'))
    const vendor = await vendorTses['tse-diebold']?.open(folder, 0)
    if (vendor === undefined) throw new Error('no such family')
    const bench = await Bench.open({ clock: patientClock, config: { devices: [vendor.device], deadlineMs: 20_000 } })
    try {
      const device = () => bench.agent.application.devices()[0]
      const warned = () => JSON.stringify(device()?.['warnings'])
      await bench.agent.administration.deviceAct('tse-1', 'init')
      await bench.untilDevice('ready')
      await bench.till('0.00')
      const file = String(vendor.device['timeAdminPinFile'])
      await writeFile(file, `${WRONG}\n`, { mode: 0o600 })
      // It lost its time with its power: the next one is set after a login.
      await vendor.unit.pullOut()
      await vendor.unit.plugIn()
      await bench.restart()
      await bench.until(() => warned().includes('device_pin_wrong'))
      const ready = bench.agent.application.readiness().warnings as unknown as readonly Warning[]
      expect(ready.find(({ code }) => code === 'device_pin_wrong')).toMatchObject({
        severity: 'alarm',
        device: 'tse-1',
      })
      const technician = {
        devices: async () => bench.agent.application.devices(),
        deviceAct: async () => device(),
        installation: async () => ({ registers: [] }),
      } as unknown as Technician
      const [finding] = await deviceFindings(technician, bench.config)
      expect(finding?.remedy).toContain('Correct the PIN file')
      expect(finding?.message).toContain('refused the PIN')
      // However often it is looked at, the unit has counted once.
      for (let looks = 0; looks < 4; looks += 1) await bench.agent.administration.deviceAct('tse-1', 'status')
      expect(warned()).toContain('2 tries are left')
      await writeFile(file, `${RIGHT}\n`, { mode: 0o600 })
      await bench.until(async () => {
        await bench.agent.administration.deviceAct('tse-1', 'status')
        return device()?.['state'] === 'ready'
      })
    } finally {
      await bench[Symbol.asyncDispose]()
      await vendor.close()
      await rm(folder, { recursive: true })
    }
  },
)
