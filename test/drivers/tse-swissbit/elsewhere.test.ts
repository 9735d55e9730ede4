// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import { SwissbitTse } from '../../../drivers/tse-swissbit/driver.ts'
import { SwissbitSimulator } from '../../../drivers/tse-swissbit/simulator.ts'
import { compileStub } from '../../../drivers/tse-swissbit/stub-library.ts'
import { sell } from '../../contracts/tse-checks.ts'
import { patientClock } from '../../patient-clock.ts'

const pins: Readonly<Record<string, string>> = { puk: '123456', adminPin: '12345', timeAdminPin: '54321' }
const secrets: DeviceSecrets = { read: async (name) => pins[name] ?? '', provide: async (name) => pins[name] ?? '' }

test('a unit on another mount is found by its serial number; another unit is left alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sb-'))
  const at = (place: string): string => join(folder, place)
  const unit = (name: string, place: string) =>
    new SwissbitSimulator({ directory: at(name), mount: at(place), clock: patientClock })
  const plugged = [unit('ours', '1'), unit('stranger', '2')]
  let enrolled: string | undefined
  const tse = new SwissbitTse({
    ...{
      id: 'tse-1',
      path: at('1'),
      library: await compileStub(folder),
      directory: at('spool'),
      secrets,
      seed: 'SwissbitSwissbit',
    },
    ...{ clock: patientClock, timeouts: { replyMs: 1000, longMs: 10_000 } },
    enrolledSerial: () => enrolled,
    mounts: async () => [at('none'), at('2'), at('1'), at('3')],
  })
  onTestFinished(async () => {
    await tse.close()
    for (const one of plugged) await one.pullOut()
    await rm(folder, { recursive: true })
  })
  for (const one of plugged) await one.plugIn()
  await tse.open()
  await tse.initialise()
  await tse.registerClient('till-1')
  expect(await sell(tse, 1)).toBe(1)
  const { serial } = await tse.identity()
  const before = await tse.look()
  await plugged[0]?.pullOut()
  expect(await tse.look()).not.toBe(before)
  const moved = unit('ours', '3')
  plugged.push(moved)
  await moved.plugIn()
  // The shop's unit is still unknown; then it is one that is not connected.
  for (enrolled of [undefined, 'ab'.repeat(32)])
    await expect(tse.open()).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
  enrolled = serial
  await tse.open()
  expect((await tse.identity()).serial).toBe(serial)
  expect(await sell(tse, 1)).toBe(2)
})
