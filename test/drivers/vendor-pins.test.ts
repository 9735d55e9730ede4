import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makeDriver, pinsOf, vendorTses } from '../contracts/vendor-tses.ts'
import { patientClock } from '../patient-clock.ts'
import { heavy } from '../tags.ts'

async function made(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pin-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** A unit of that kind, and the folder of its driver. */
async function vendorUnit(name: string) {
  const folder = await made()
  const directory = join(folder, 'driver')
  await mkdir(directory)
  const vendor = await vendorTses[name]?.open(folder, 0)
  if (vendor === undefined) throw new Error(name)
  onTestFinished(() => vendor.close())
  return { vendor, directory }
}

describe.each(Object.keys(vendorTses))('%s', (name) => {
  test(
    'a wrong PIN costs one try, and a technician one more, for any question and any number of starts',
    heavy(),
    async () => {
      const { vendor, directory } = await vendorUnit(name)
      const pins = pinsOf(name)
      const first = await makeDriver(vendor.device, pins, directory)
      await first.open()
      await first.initialise()
      await first.close()
      const mistaken = { ...pins, adminPin: String(pins['adminPin']).replaceAll(/./g, '9') }
      // Three tries would lock it.
      for (let starts = 0; starts < 5; starts += 1) {
        const tse = await makeDriver(vendor.device, mistaken, directory)
        await tse.open()
        await expect(tse.registerClient('till-1')).rejects.toMatchObject({ code: 'pin_wrong', effect: 'none' })
        await expect(tse.initialise()).rejects.toMatchObject({ code: 'pin_wrong' })
        await tse.close()
      }
      const corrected = await makeDriver(vendor.device, pins, directory)
      await corrected.open()
      await corrected.registerClient('till-1')
      expect(await corrected.clients()).toContain('till-1')
      await corrected.close()
    },
  )

  test(
    "a technician's set-time logs in with an uncertain PIN, and a success removes the uncertainty",
    heavy(),
    async () => {
      const { vendor, directory } = await vendorUnit(name)
      const tse = await makeDriver(vendor.device, pinsOf(name), directory)
      onTestFinished(() => tse.close())
      await tse.open()
      await tse.initialise()
      vendor.unit.inject(`error@${vendorTses[name]?.login}#1-2`)
      const byTechnician = () => tse.admit?.(() => tse.setTime(), false)
      await expect(tse.setTime()).rejects.toMatchObject({ code: 'refused' })
      await expect(byTechnician()).rejects.toMatchObject({ code: 'refused' })
      await expect(tse.setTime()).rejects.toThrow('until its file holds another one')
      await byTechnician()
      await tse.setTime()
      expect(await readdir(directory)).not.toContain('pin-refused.json')
    },
  )
})

test(
  'tse-swissbit: a wrong PIN that is refused in unknown words is not shown again once one try is left',
  heavy(),
  async () => {
    const name = 'tse-swissbit'
    const { vendor, directory } = await vendorUnit(name)
    const first = await makeDriver(vendor.device, pinsOf(name), directory)
    await first.open()
    await first.initialise()
    await first.close()
    let skippedNs = 0n
    const clock = { ...patientClock, mono: () => patientClock.mono() + skippedNs }
    const mistaken = { ...pinsOf(name), timeAdminPin: '99999' }
    const tse = await makeDriver(vendor.device, mistaken, directory, clock)
    onTestFinished(() => tse.close())
    await tse.open()
    vendor.unit.inject('error-done=7777@login#*')
    await expect(tse.setTime()).rejects.toThrow('2 tries are left')
    skippedNs += 61_000_000_000n
    await expect(tse.setTime()).rejects.toMatchObject({ code: 'pin_wrong', deviceCode: '7777' })
    await expect(tse.admit?.(() => tse.setTime(), false)).rejects.toThrow(
      '1 tries are left: the same PIN is not tried again',
    )
  },
)
