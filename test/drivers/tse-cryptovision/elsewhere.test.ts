import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { mountedWith } from '../../../drivers/links/mounts.ts'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import { CryptovisionTse } from '../../../drivers/tse-cryptovision/driver.ts'
import { CryptovisionSimulator } from '../../../drivers/tse-cryptovision/simulator.ts'
import { sell } from '../../contracts/tse-checks.ts'
import { patientClock } from '../../patient-clock.ts'

const digits: DeviceSecrets['provide'] = async (name, count) => (name.startsWith('admin') ? '1' : '2').repeat(count)
const secrets: DeviceSecrets = { read: (name) => digits(name, name.endsWith('Puk') ? 10 : 8), provide: digits }

test('a card that was put back elsewhere is found by its serial number; another one is left alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cv-'))
  const at = (place: string): string => join(folder, place)
  const card = (name: string, place: string) =>
    new CryptovisionSimulator({ directory: at(name), mount: at(place), clock: systemClock })
  const [ours, stranger] = [card('ours', 'usb-1'), card('stranger', 'usb-2')]
  let enrolled: string | undefined
  const options = { path: at('usb-1'), secrets, clock: patientClock, enrolledSerial: () => enrolled }
  const tse = new CryptovisionTse({
    ...{ ...options, id: 'tse-1', timeouts: { replyMs: 1000, longMs: 5000 } },
    mounts: async () => [at('no-card'), at('usb-2'), at('usb-1'), at('usb-3')],
  })
  onTestFinished(async () => {
    await tse.close()
    for (const unit of [stranger, ...places]) await unit.pullOut()
    await rm(folder, { recursive: true })
  })
  const places = [ours]
  await ours.plugIn()
  await stranger.plugIn()
  await tse.open()
  await tse.initialise()
  await tse.registerClient('till-1')
  expect(await sell(tse, 1)).toBe(1)
  const { serial } = await tse.identity()
  await ours.pullOut()
  const moved = card('ours', 'usb-3')
  places.push(moved)
  await moved.plugIn()
  await expect(tse.start('till-1')).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
  // The shop's card is still unknown; then it is a card that is not connected.
  for (enrolled of [undefined, 'ab'.repeat(32)])
    await expect(tse.open()).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
  enrolled = serial
  await tse.open()
  expect((await tse.identity()).serial).toBe(serial)
  expect(await sell(tse, 1)).toBe(2)
})

test('drives are looked for among the plugged-in ones, without those that are open already', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cv-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'TSE-IO.bin'), '')
  // A folder is not a separate drive.
  expect(await mountedWith('TSE-IO.bin')).not.toContain(folder)
})
