import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import type { Tse } from '../../../drivers/ports/tse.ts'
import { Pkcs11Tse } from '../../../drivers/tse-pkcs11/driver.ts'
import { describeTse } from '../../contracts/tse.ts'
import type { TokenBench } from '../native/soft-token.ts'
import { softhsm, tokenBench } from '../native/soft-token.ts'
import { WriteAheadStore } from './write-ahead-store.ts'

const pin = '493817'
const maxOpenTransactions = 12
let bench: TokenBench
let tokens = 0

beforeAll(async () => {
  bench = await tokenBench()
})

afterAll(() => bench.remove())

describeTse('a SoftHSM2 token', { faults: false, replyMs: 5000 }, async () => {
  tokens += 1
  const token = `edge-${tokens}`
  await bench.makeToken(token, pin)
  const directory = await mkdtemp(join(bench.folder, 'state-'))
  const opened: Tse[] = []
  const reopen = async () => {
    const tse = new Pkcs11Tse({
      id: 'tse-1',
      module: softhsm,
      token,
      pin: async () => pin,
      store: new WriteAheadStore(directory),
      directory,
      clock: systemClock,
      limits: { openTransactions: maxOpenTransactions },
    })
    opened.push(tse)
    return tse
  }
  const tse = await reopen()
  await tse.initialise()
  return {
    tse,
    reopen,
    maxOpenTransactions,
    destroy: async () => {
      for (const one of opened) await one.close()
    },
  }
})
