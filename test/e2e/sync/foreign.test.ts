// @module-tag heavy
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { removedLater } from '../../cli/command.ts'
import { ForeignReceiver } from '../../sync/foreign-receiver.ts'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { goods, pay } from '../goods.ts'

test('a receiver of another hand, strict by the letter, gets the whole journal of a shop, hash for hash', async () => {
  const receiver = new ForeignReceiver()
  const url = await receiver.listen()
  onTestFinished(() => receiver.close())
  const tokenFile = join(removedLater(mkdtempSync(join(tmpdir(), 'foreign-'))), 'token')
  writeFileSync(tokenFile, 'any-token\n', { mode: 0o600 })
  const targets = [{ id: 'cloud', kind: 'https', url, tokenFile }]
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
  const { id, key } = await bench.till()
  const till = () => bench.client({ 'X-Register-Api-Key': key })
  for (let sale = 0; sale < 20; sale++) {
    const open = await till().create(goods('sale', id, [['3.00', '0.07', { title: `Brötchen "${sale}" \u2028🥐` }]]))
    await till().complete(open, [pay('cash', '3.00')])
  }
  await bench.untilSynced()
  await bench.restart()
  await till().create(goods('sale', id, [['4.00', '0.19']]))
  await bench.untilSynced()
  const hashes = bench.journal().map(({ hash }) => Buffer.from(hash, 'base64url').toString('hex'))
  const [chain] = [...receiver.chains.values()]
  expect(chain?.hashes).toEqual(hashes)
  expect(receiver.complaints).toEqual([])
})
