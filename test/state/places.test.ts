import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { PlaceWatch } from '../../agent/state/place-watch.ts'
import { Places } from '../../agent/state/places.ts'
import { ManualClock } from '../manual-clock.ts'

/** A state directory and a folder for a stick; `disks` sets the disk of each. */
function shop() {
  const root = mkdtempSync(join(tmpdir(), 'places-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const [state, stick] = [join(root, 'state'), join(root, 'stick')]
  for (const folder of [state, stick]) mkdirSync(folder)
  const disks = { stick: 'own', file: 'own' }
  const look = {
    ofPath: async (path: string): Promise<string> => {
      if (!existsSync(path)) throw Object.assign(new Error(path), { code: 'ENOENT' })
      return path === stick ? disks.stick : 'own'
    },
    ofFile: async (): Promise<string> => disks.file,
  }
  return { state, stick, disks, places: () => new Places(state, { look }) }
}

const OUT = { code: 'backup_disk_missing' }

test('a folder that was always on the disk of the journal may be written', async () => {
  const { stick, places } = shop()
  expect(await places().stateOf(stick)).toBe('shared')
  await places().demand(stick)
})

test('a folder that was on another disk may not be written while it is on that of the journal, also after a restart', async () => {
  const { stick, disks, places } = shop()
  disks.stick = 'usb 1'
  await places().remember(stick)
  disks.stick = 'own'
  expect(await places().stateOf(stick)).toBe('backup_disk_missing')
  await expect(places().demand(stick)).rejects.toMatchObject(OUT)
  // Numbers change with each plug.
  disks.stick = 'usb 2'
  expect(await places().stateOf(stick)).toBe('apart')
  await places().demand(stick)
})

test('a folder that was removed with its stick is not made on the disk of the journal', async () => {
  const { stick, disks, places } = shop()
  rmSync(stick, { recursive: true })
  expect(await places().stateOf(stick)).toBe('gone')
  await places().demand(stick)
  mkdirSync(stick)
  disks.stick = 'usb 1'
  await places().remember(stick)
  rmSync(stick, { recursive: true })
  await expect(places().demand(stick)).rejects.toMatchObject(OUT)
})

test('a made file identifies its disk: a stick that was pulled out in between, and one that came', async () => {
  const { state, stick, disks, places } = shop()
  const path = join(stick, 'made')
  await using file = await open(path, 'w')
  await places().demandFile(stick, file)
  expect(existsSync(join(state, 'places.json'))).toBe(false)
  disks.file = 'usb 1'
  await places().demandFile(stick, file)
  expect(JSON.parse(readFileSync(join(state, 'places.json'), 'utf8'))).toEqual({ v: 1, elsewhere: [stick] })
  disks.file = 'own'
  await expect(places().demandFile(stick, file)).rejects.toMatchObject(OUT)
})

test('a torn memory file is written again', async () => {
  const { state, stick, disks, places } = shop()
  writeFileSync(join(state, 'places.json'), '{')
  disks.stick = 'usb 1'
  await places().remember(stick)
  disks.stick = 'own'
  expect(await places().stateOf(stick)).toBe('backup_disk_missing')
})

test('the watch looks at the start and each hour, and remembers its results', async () => {
  const { state, stick, disks, places } = shop()
  const [clock, lines] = [new ManualClock(), [] as string[]]
  const note = (level: string) => (fields: object, message: string) =>
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
  const log = { info: note('info'), warn: note('warn'), error: note('error') }
  let kind: 'volatile' | 'emptied' | 'unseen' | undefined
  const volatilityOf = async (folder: string) =>
    kind === undefined ? undefined : { kind, why: `${folder} is ${kind}` }
  const watch = new PlaceWatch({ stateDirectory: state, folders: [stick], places: places(), volatilityOf, clock, log })
  onTestFinished(() => watch.stop())
  const seen = () => [watch.volatile, watch.folders('apart'), watch.folders('backup_disk_missing')]
  disks.stick = 'usb 1'
  watch.start()
  await expect.poll(seen).toEqual([undefined, [stick], []])
  ;[disks.stick, kind] = ['own', 'volatile']
  await clock.advance(3_600_000)
  await expect.poll(seen).toEqual([`${state} is volatile`, [], [stick]])
  kind = 'emptied'
  await clock.advance(3_600_000)
  await expect.poll(seen).toEqual([`${state} is emptied`, [], [stick]])
  kind = 'unseen'
  await clock.advance(3_600_000)
  await expect.poll(seen).toEqual([undefined, [], [stick]])
  await clock.advance(3_600_000)
  expect(lines).toEqual([])
})
