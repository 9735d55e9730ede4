// @module-tag heavy
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDriver, pinsOf, vendorTses } from '../../contracts/vendor-tses.ts'
import { patientClock } from '../../patient-clock.ts'
import { Bench } from '../bench.ts'

test('a unit of another program is looked at without a self-test: its certificate is recorded after the first one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'v-'))
  const vendor = await vendorTses['tse-swissbit']?.open(folder, 0)
  if (vendor === undefined) throw new Error('no unit')
  const pins = pinsOf('tse-swissbit')
  const elsewhere = await makeDriver(vendor.device, pins, folder)
  await elsewhere.open()
  await elsewhere.initialise()
  await elsewhere.close()
  await vendor.unit.pullOut()
  await vendor.unit.plugIn()
  const files: Record<string, string> = {}
  for (const [name, pin] of Object.entries(pins)) {
    files[`${name}File`] = join(folder, name)
    await writeFile(join(folder, name), String(pin), { mode: 0o600 })
  }
  const device = { ...vendor.device, ...files }
  const bench = await Bench.open({ clock: patientClock, config: { devices: [device], deadlineMs: 20_000 } })
  const recorded = () => bench.journal().filter(({ kind }) => kind === 'tse.facts_recorded')
  expect(bench.agent.application.devices()).toMatchObject([{ state: 'ready' }])
  expect(recorded()).toEqual([])
  await bench.till('0.00')
  await bench.until(() => recorded().length === 1)
  await bench[Symbol.asyncDispose]()
  await vendor.close()
  await rm(folder, { recursive: true })
})
