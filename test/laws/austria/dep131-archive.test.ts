import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StoredEvent } from '../../../agent/journal/events.ts'
import { Dep131Archive } from '../../../agent/laws/austria/dep131-archive.ts'
import { systemClock } from '../../../base/clock.ts'
import { silentLog } from '../../silent-log.ts'

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'dep131-')), 'files')
})
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }))

const DOWN = JSON.stringify({ facts: { state: 'down' } })

/** A journal of outages, and a clock that is moved by hand. */
class Shop {
  now = Date.parse('2026-11-20T22:00:00Z')
  events: readonly StoredEvent[] = []
  keepDays = 2557

  happen(device = 'card-1'): void {
    const seq = this.events.length + 1
    const at = new Date(this.now).toISOString()
    const previous = this.events.at(-1)?.hash ?? ''
    const hash = createHash('sha256').update(previous).update(`${at} ${device}`).digest()
    const event = { seq, kind: 'device.changed', op: device, at, body: DOWN, hash } as StoredEvent
    this.events = [...this.events, event]
  }

  archive(): Dep131Archive {
    return new Dep131Archive({
      demandPlace: async () => undefined,
      folder,
      keepDays: this.keepDays,
      view: {
        portionAfter: (after, limit) => this.events.filter(({ seq }) => seq > after).slice(0, limit),
        document: () => undefined,
        event: (seq) => this.events[seq - 1],
      },
      headSeq: () => this.events.length,
      registers: () => [{ id: 'reg_1', cashBoxId: 'KASSA-1', units: ['card-1'] }],
      clock: { ...systemClock, now: () => this.now },
      log: silentLog,
    })
  }

  /** Without the hash in their names. */
  async files(): Promise<{ name: string; rows: number }[]> {
    const names = (await readdir(folder)).sort()
    return Promise.all(
      names.map(async (name) => {
        const told = name.replace(/-[0-9a-f]{8}\.csv$/, '.csv')
        return { name: told, rows: (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n').length - 1 }
      }),
    )
  }
}

test('each day gets a file with all that came since the file before; a day is written once', async () => {
  const shop = new Shop()
  shop.happen()
  shop.happen()
  const archive = shop.archive()
  await archive.write()
  shop.happen()
  await archive.write()
  expect(await shop.files()).toEqual([{ name: 'dep131-KASSA-1-2026-11-20-000000000002.csv', rows: 2 }])
  // 23:30 UTC is the next day in Vienna.
  shop.now = Date.parse('2026-11-20T23:30:00Z')
  await archive.write()
  expect(await shop.files()).toEqual([
    { name: 'dep131-KASSA-1-2026-11-20-000000000002.csv', rows: 2 },
    { name: 'dep131-KASSA-1-2026-11-21-000000000003.csv', rows: 1 },
  ])
})

test('another start continues at the end of the files, also after weeks; an emptied folder begins again', async () => {
  const shop = new Shop()
  shop.happen()
  await shop.archive().write()
  shop.now += 30 * 86_400_000
  shop.happen()
  await shop.archive().write()
  expect((await shop.files()).map(({ rows }) => rows)).toEqual([1, 1])
  await rm(folder, { recursive: true })
  await shop.archive().write()
  expect((await shop.files()).map(({ rows }) => rows)).toEqual([2])
})

test('a restored journal gets all later events into its files, whatever was written of the lost ones', async () => {
  const shop = new Shop()
  shop.happen()
  await shop.archive().write()
  const backup = shop.events
  shop.now += 86_400_000
  for (let lost = 0; lost < 3; lost++) shop.happen()
  await shop.archive().write()
  shop.events = backup
  for (const more of [1, 4]) {
    shop.now += 86_400_000
    for (let come = 0; come < more; come++) shop.happen()
    await shop.archive().write()
  }
  expect(await shop.files()).toEqual([
    { name: 'dep131-KASSA-1-2026-11-20-000000000001.csv', rows: 1 },
    { name: 'dep131-KASSA-1-2026-11-21-000000000004.csv', rows: 3 },
    { name: 'dep131-KASSA-1-2026-11-22-000000000002.csv', rows: 1 },
    { name: 'dep131-KASSA-1-2026-11-23-000000000006.csv', rows: 4 },
  ])
})

test('files past their years are removed, others are left alone', async () => {
  const shop = new Shop()
  shop.keepDays = 31
  for (let day = 0; day < 40; day++) {
    await shop.archive().write()
    shop.now += 86_400_000
  }
  await writeFile(join(folder, 'notes.txt'), 'x')
  await shop.archive().write()
  const names = (await shop.files()).map(({ name }) => name)
  expect(names).toHaveLength(33)
  expect([names[0], names.at(-1)]).toEqual(['dep131-KASSA-1-2026-11-29-000000000000.csv', 'notes.txt'])
})

test('a clock that ran ahead by years removes no file, and once it is right each day gets its own again', async () => {
  const shop = new Shop()
  shop.happen()
  await shop.archive().write()
  const right = shop.now
  shop.now = Date.parse('2040-01-01T10:00:00Z')
  shop.happen()
  await shop.archive().write()
  shop.now = right + 86_400_000
  shop.happen()
  for (let looks = 0; looks < 2; looks++) await shop.archive().write()
  expect(await shop.files()).toEqual([
    { name: 'dep131-KASSA-1-2026-11-20-000000000001.csv', rows: 1 },
    { name: 'dep131-KASSA-1-2026-11-21-000000000003.csv', rows: 1 },
    { name: 'dep131-KASSA-1-2040-01-01-000000000002.csv', rows: 1 },
  ])
})

test('a folder that cannot be written is a task until it can', async () => {
  const shop = new Shop()
  const parent = join(folder, '..')
  await rm(parent, { recursive: true })
  const archive = shop.archive()
  await archive.write()
  expect(archive.tasks()).toMatchObject([{ id: 'dep131-archive-2026-11-20', due: '2026-11-20' }])
  expect(archive.tasks()[0]?.instructions.join(' ')).toContain(folder)
  await writeFile(parent, 'a file')
  await archive.write()
  expect(archive.tasks()).toHaveLength(1)
  await rm(parent)
  await mkdir(parent)
  await archive.write()
  expect(archive.tasks()).toEqual([])
  expect(await shop.files()).toHaveLength(1)
})

test('an outage of a device that signs for others only does not affect the register', async () => {
  const shop = new Shop()
  shop.happen()
  shop.happen('tse-1')
  await shop.archive().write()
  expect((await shop.files()).map(({ rows }) => rows)).toEqual([1])
})

test('a file with the columns of an earlier version stays; the next one continues after it', async () => {
  const shop = new Shop()
  shop.happen()
  const archive = shop.archive()
  await archive.write()
  const [name = ''] = await readdir(folder)
  const path = join(folder, name)
  const earlier = (await readFile(path, 'utf8')).replace(';discount;', ';').replace(';;;', ';;')
  await writeFile(path, earlier)
  shop.happen()
  shop.now = Date.parse('2026-11-21T22:00:00Z')
  await archive.write()
  expect(await readFile(path, 'utf8')).toBe(earlier)
  const next = (await readdir(folder)).find((one) => one !== name) ?? ''
  const [head, ...rows] = (await readFile(join(folder, next), 'utf8')).trimEnd().split('\n')
  expect(head).toContain(';unit_price;discount;gross;')
  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatch(
    new RegExp(
      `^2;.*;${createHash('sha256')
        .update(head ?? '')
        .digest('hex')}$`,
    ),
  )
})
