// @module-tag heavy
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { readChains } from '../../agent/journal/chains.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { withSqlite } from '../edited-states.ts'
import { configOf, tillOf } from './insider.ts'

test('an attacker without checkpoint.key cuts a sale and signs the rest with his own key', async () => {
  await using bench = await Bench.open()
  const sell = await tillOf(bench)
  await sell('1.00')
  await sell('2.00')
  const cut = bench.journal().find(({ body }) => body.includes('"2.00"'))?.seq ?? 0
  await bench.stop()
  const config = await configOf(bench)

  const stranger = checkpointSigner(generateKeyPairSync('ed25519').privateKey)
  withSqlite(bench.config.state, (db) => {
    db.prepare('DELETE FROM event WHERE seq >= ?').run(cut)
    db.exec('DELETE FROM checkpoint')
    db.exec("UPDATE meta SET value = '0' WHERE name = 'projection_version'")
    const [{ id, epoch }] = readChains(db)
    const head = db
      .prepare<[number], Buffer>('SELECT hash FROM event WHERE seq = ?')
      .pluck()
      .get(cut - 1)
    const { kid, sig } = stranger.sign(id, epoch, cut - 1, head ?? Buffer.alloc(0))
    db.prepare('INSERT INTO checkpoint VALUES (?, ?, ?, ?)').run(cut - 1, head, kid, sig)
  })
  await rebuildProjections(bench.config.state)

  const verified = await fiskalEdge('journal', 'verify', '--json', '--config', config)
  expect([verified.code, JSON.parse(verified.out)]).toMatchObject([
    1,
    { valid: false, codes: [{ code: 'head_unsigned', level: 'error', seq: cut - 1 }] },
  ])
  const started = await fiskalEdge('run', '--config', config)
  expect([started.code, started.out + started.err]).toEqual([1, expect.stringContaining('journal_unsigned')])

  // His signatures stay, as evidence, and block nothing once a person has continued.
  expect((await fiskalEdge('journal', 'reopen', '--config', config)).code).toBe(0)
  await bench.restart()
  await bench.stop()
  const later = await fiskalEdge('journal', 'verify', '--json', '--config', config)
  expect([later.code, JSON.parse(later.out)]).toMatchObject([
    0,
    {
      valid: true,
      codes: [
        { level: 'note', seq: cut - 1 },
        { level: 'note', seq: 1 },
        // The TSE knows of the sale: the number that is on its paper is not given again.
        { code: 'bon_numbers_set_aside', level: 'note' },
        { code: 'z_numbers_set_aside', level: 'note' },
        { code: 'restore_unexplained', level: 'note', put_back: true },
      ],
    },
  ])
})
