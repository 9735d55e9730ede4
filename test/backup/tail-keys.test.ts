import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EVER } from '../../agent/cli/arguments/range.ts'
import { Bench } from '../e2e/bench.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { backUp, restore } from './parts.ts'

test('a restore names the valid keys that came only from a tail, and no key of the backup', async () => {
  const folder = await temporaryDirectory()
  await using bench = await Bench.open()
  const { administration } = bench.agent
  const register = await bench.till()
  const { file } = await backUp(bench.config.state, folder)
  // A person with the machine's own key can add such events to a copy on a stick.
  const added = await administration.createKey('platform')
  const atTill = await administration.createKey('register', register.id)
  const revoked = await administration.createKey('platform')
  await administration.revokeKey(revoked.id)
  const tail = join(folder, 'tail.ndjson')
  await administration.exportTo('journal', EVER, tail)
  await bench.stop()

  expect(await restore(join(folder, 'alone'), file)).toMatchObject({ filled: 0, keys_of_tails: [] })
  const { keys_of_tails: keys } = await restore(join(folder, 'filled'), file, { tails: [tail] })
  expect(keys).toEqual([
    { id: added.id, kind: 'platform', register: null, created_at: expect.any(String) },
    { id: atTill.id, kind: 'register', register: register.id, created_at: expect.any(String) },
  ])
})
