// @module-tag heavy
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readJournal } from '../../agent/journal/reader.ts'
import { fiskalEdge } from '../cli/command.ts'
import { verifyJournal } from '../verified-journal.ts'
import { once } from '../waits.ts'
import type { CertifiedShop } from './certified-shop.ts'
import { certifiedShop, notices } from './certified-shop.ts'
import { administer, spawnNode } from './daemon.ts'

const STEPS_MAX = 20

function changesOf({ place: { state }, registerIds: [id = ''] }: CertifiedShop): number {
  const count = (db: Parameters<Parameters<typeof readJournal>[1]>[0]) =>
    db
      .prepare<[string], number>("SELECT count(*) FROM event WHERE op = ? AND kind = 'register.updated'")
      .pluck()
      .get(id)
  return readJournal(state, count) ?? 0
}

test('killed at each step of a change of an inventory: it is journalled once, and its notice is due', async () => {
  const shop = await certifiedShop()
  const { place, office, registerIds } = shop
  const [first] = await notices(shop)
  await administer(place.state, 'confirmTask', first?.id ?? '')
  await shop.kill()
  const path = `/v1/registers/${registerIds[0]}`
  const change = { method: 'PATCH', path, body: { inventory: { model: 'Typ 200' } }, key: 'inventory-1' } as const
  let kills = 0
  let answer: string | undefined
  while (answer === undefined && kills < STEPS_MAX) {
    const points = ['journal.before-commit', 'journal.after-commit']
    const daemon = shop.live({ points, hit: kills + 1, from: 'ready' })
    await daemon.ready
    answer = (await office.call(change).catch(() => undefined))?.text
    if (answer === undefined) expect((await daemon.ended).signal).toBe('SIGKILL')
    if (answer === undefined) kills += 1
  }
  expect(kills).toBeGreaterThanOrEqual(2)
  // Answered, and its duty was read by no one yet.
  await shop.kill()
  await shop.live().ready
  expect((await office.call(change)).text).toBe(answer)
  const listed = await notices(shop)
  expect(listed.map(({ state }) => state).toSorted()).toEqual(['confirmed', 'due'])
  expect(listed.find(({ open }) => open)?.instructions[0]).toContain('Modell: Typ 100 → Typ 200')
  await shop.kill()
  expect(changesOf(shop)).toBe(1)
  expect(await verifyJournal(place.state)).toMatchObject({ valid: true, books: 'consistent', codes: [] })
})

test('export elster that is killed at each step leaves whole files, and the next one nothing else', async () => {
  const shop = await certifiedShop()
  const { place, office, locationId, registerIds } = shop
  const folder = (name: string): string => join(place.folder, name)
  const exportTo = (out: string) => ['export', 'elster', '--out', folder(out), '--config', place.config]
  const content = (out: string) =>
    ['txt', 'xml'].map((ending) => readFileSync(join(folder(out), `${locationId}.${ending}`), 'utf8'))
  await fiskalEdge(...exportTo('older'))
  await fiskalEdge(...exportTo('out'))
  const older = content('older')
  await office.patch(`/v1/registers/${registerIds[0]}`, { inventory: { model: 'Typ 200' } })
  await fiskalEdge(...exportTo('newer'))
  const newer = content('newer')
  // Each kill finds the files of the one before.
  const strikes = ['txt', 'xml'].flatMap((ending) =>
    ['half', 'written', 'renamed'].map((step) => [ending, step] as const),
  )
  for (const [index, [ending, step]] of strikes.entries()) {
    const child = spawnNode(['test/crash/killed-command.ts', ending, step, ...exportTo('out')])
    expect(await once(child, 'close'), `${ending} ${step}`).toEqual([null, 'SIGKILL'])
    const [sheet, xml] = content('out')
    expect([sheet, xml], `${ending} ${step}`).toEqual([
      index < 2 ? older[0] : newer[0],
      index < 5 ? older[1] : newer[1],
    ])
  }
  expect((await fiskalEdge(...exportTo('out'))).code).toBe(0)
  expect(content('out')).toEqual(newer)
  expect(readdirSync(folder('out')).toSorted()).toEqual([`${locationId}.txt`, `${locationId}.xml`])
})
