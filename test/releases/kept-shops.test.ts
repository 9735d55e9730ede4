// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { ProvenShop } from '../../scripts/releases/kept-shop.ts'
import { JOURNALS, SHOPS } from '../../scripts/releases/release-folder.ts'
import { tryShop } from '../../scripts/releases/trial.ts'
import { heavy, smoke } from '../tags.ts'
import { RELEASES } from './former-program.ts'

/** This program makes of the shop what its own made of it: it verifies, starts, repeats, exports and sells. */
async function demandSame({ exchanges, findings, exports, sold, ...shop }: ProvenShop): Promise<void> {
  const trial = await tryShop({ ...shop, exchanges })
  const { name } = shop
  for (const [at, { path, body, status, answer }] of exchanges.entries())
    expect([name, path, body, trial.answers[at]]).toEqual([name, path, body, { status, answer, isReplay: true }])
  expect({ name, findings: trial.findings, exports: trial.exports }).toEqual({ name, findings, exports })
  // A device may be reached that was not.
  if (sold) expect([name, trial.sold]).toEqual([name, true])
}

describe.each(RELEASES.all().map((release, at) => ({ at, ...release })))('$version', ({ version, at }) => {
  test.each(Object.entries(SHOPS))(
    'its shop in %s continues, with the same answers and files',
    at === 0 ? smoke() : heavy(),
    async (_law, file) => {
      const shops = RELEASES.shops(version, file)
      expect(shops.flatMap(({ exchanges }) => exchanges).length).toBeGreaterThan(10)
      for (const shop of shops) await demandSame(shop)
    },
  )

  test('the journals of its tests continue, with the same answers and files', heavy(), async () => {
    const journals = RELEASES.shops(version, JOURNALS)
    expect(journals.length).toBeGreaterThan(10)
    for (const journal of journals) await demandSame(journal)
  })
})
