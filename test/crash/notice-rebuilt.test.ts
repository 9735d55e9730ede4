// @module-tag heavy
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backUp, restore } from '../backup/parts.ts'
import { fiskalEdge } from '../cli/command.ts'
import type { CertifiedShop } from './certified-shop.ts'
import { certifiedShop, notices } from './certified-shop.ts'
import { administer } from './daemon.ts'

/** The notices as they are listed, and the bytes of file and sheet. */
async function shown(shop: CertifiedShop, name: string) {
  const { place, locationId } = shop
  const out = join(place.folder, name)
  const { code, err } = await fiskalEdge('export', 'elster', '--out', out, '--config', place.config)
  expect([code, err]).toEqual([0, ''])
  const files = ['xml', 'txt'].map((ending) => readFileSync(join(out, `${locationId}.${ending}`), 'utf8'))
  return { duties: await notices(shop), files }
}

/** Life by life: two confirmed notices, and a third one that is due: the place and the number of the TSE changed. */
async function shopWithHistory(): Promise<CertifiedShop> {
  const shop = await certifiedShop(2)
  const { place, office, locationId, registerIds } = shop
  const confirm = async (): Promise<void> => {
    const due = (await notices(shop)).find(({ open }) => open)
    await administer(place.state, 'confirmTask', due?.id ?? '', 'sent in Mein ELSTER')
  }
  await confirm()
  await office.patch(`/v1/registers/${registerIds[1]}`, { inventory: { model: 'Typ 200' } })
  await confirm()
  await shop.kill()
  writeFileSync(place.config, readFileSync(place.config, 'utf8').replace('0412-2020', '0413-2021'))
  await shop.live().ready
  await office.patch(`/v1/registers/${registerIds[0]}`, { inventory: { maker: 'Käse & Söhne <GmbH>' } })
  await office.patch(`/v1/locations/${locationId}`, { name: 'Filiale Nord' })
  return shop
}

test('a journal rebuilt and a backup restored have the same notices, duties and bytes', async () => {
  const shop = await shopWithHistory()
  const { place } = shop
  const before = await shown(shop, 'before')
  expect(before.duties.map(({ state, note }) => [state, note]).toSorted()).toEqual([
    ['confirmed', 'sent in Mein ELSTER'],
    ['confirmed', 'sent in Mein ELSTER'],
    ['due', null],
  ])
  expect(before.files[0]).toContain('<Hersteller>Käse &amp; Söhne &lt;GmbH&gt;</Hersteller>')
  expect(before.files[1]).toContain('BSIID: 0412-2020 → 0413-2021')
  expect(before.files[1]).toMatch(/ {2}Betriebsstätte: .+ → Filiale Nord, since /)

  await shop.kill()
  expect(await fiskalEdge('journal', 'rebuild', '--config', place.config)).toMatchObject({ code: 0 })
  await shop.live().ready
  expect(await shown(shop, 'rebuilt')).toEqual(before)

  await shop.kill()
  const { file } = await backUp(place.state, place.folder)
  rmSync(place.state, { recursive: true })
  await restore(place.state, file)
  await shop.live().ready
  expect(await shown(shop, 'restored')).toEqual(before)
})
