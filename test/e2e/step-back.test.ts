// @module-tag heavy
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LATER_VERSION, laterProgram, THIS } from './later-program.ts'
import { stepBack } from './step-back.ts'
import { COUNTRIES, Shop } from './stepping-shop.ts'

test.each(COUNTRIES)(
  '%s: a shop steps back from a later program, sells, closes, and steps forward again',
  (law, country) => stepBack(THIS, law, country),
)

test('a journal that asks for a newer version is opened and restored by no older one, also from a tail', async () => {
  const [, germany] = COUNTRIES[0] ?? []
  if (germany === undefined) throw new Error('no country')
  const later = laterProgram(LATER_VERSION)
  const shop = new Shop(germany)
  await shop.open(THIS)
  const before = join(shop.state, '../before.backup')
  expect((await shop.run(THIS, 'backup', before, '--no-secrets')).code).toBe(0)
  await shop.stop('SIGTERM')
  expect((await shop.run(THIS, 'journal', 'check')).code).toBe(0)

  await shop.serve(later)
  await shop.sell()
  const [after, tail] = [join(shop.state, '../after.backup'), join(shop.state, '../tail.ndjson')]
  expect((await shop.run(later, 'backup', after, '--no-secrets')).code).toBe(0)
  expect((await shop.run(later, 'export', 'journal', '--out', tail)).code).toBe(0)
  await shop.stop('SIGTERM')
  expect(readFileSync(join(shop.state, 'journal.version'), 'utf8')).toContain(`min_safe_version ${LATER_VERSION}`)

  await expect(shop.serve(THIS)).rejects.toThrow('journal_too_new')
  for (const args of [
    ['journal', 'check'],
    ['restore', after, '--no-secrets', '--unsealed'],
    ['restore', before, '--no-secrets', '--unsealed', '--tail', tail],
  ]) {
    const other = new Shop(germany)
    const { code, err, out } = await (args[0] === 'restore' ? other : shop).run(THIS, ...args)
    expect([args, code, `${out}${err}`]).toEqual([args, 1, expect.stringContaining('journal_too_new')])
    expect(existsSync(join(other.state, 'journal.db'))).toBe(false)
  }
  const restored = new Shop(germany)
  const done = await restored.run(later, 'restore', after, '--no-secrets', '--unsealed')
  expect([done.code, done.err]).toEqual([0, ''])
})
