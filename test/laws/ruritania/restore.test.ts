// @module-tag heavy
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LAWS } from '../../../agent/laws/laws.ts'
import { backUp, restore } from '../../backup/parts.ts'
import { temporaryDirectory } from '../../journal/temporary-journal.ts'
import { RURITANIA } from './entry.ts'
import { FACTS } from './facts.ts'
import { ruritanianBench, ruritanianTill, sell } from './shop.ts'

const laws = [...LAWS, RURITANIA]

test('a restore asks what may be missing by the rules of the law, and ends its registers', async () => {
  const folder = await temporaryDirectory()
  await using bench = await ruritanianBench()
  const register = await ruritanianTill(bench)
  await sell(register, '11.50')
  const { file } = await backUp(bench.config.state, folder)
  await sell(register, '23.00')
  await bench.stop()

  await expect(restore(join(folder, 'asked'), file, { laws })).rejects.toMatchObject({
    code: 'receipts_may_be_missing',
    message: expect.stringMatching(/^Receipts of Till 1 \(here until receipt [0-9a-f]{8}\) that were made later/),
  })
  expect(await restore(join(folder, 'closed'), file, { laws, word: 'close_registers' })).toMatchObject({
    ...{ closed: [register.id], remedies: ['make a new register, and report it to the Crown.'] },
  })
  // Of a law without such rules it asks nothing.
  const without = [...LAWS, FACTS]
  expect(await restore(join(folder, 'free'), file, { laws: without })).toMatchObject({ closed: [], remedies: [] })
})
