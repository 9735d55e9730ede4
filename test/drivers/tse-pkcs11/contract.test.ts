// @module-tag heavy
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../../base/clock.ts'
import type { Tse } from '../../../drivers/ports/tse.ts'
import { Pkcs11Tse } from '../../../drivers/tse-pkcs11/driver.ts'
import { describeTse } from '../../contracts/tse.ts'
import { SOFTHSM, tokensOfFile } from '../native/soft-token.ts'
import { WriteAheadStore } from './write-ahead-store.ts'

const PIN = '493817'
const MAX_OPEN_TRANSACTIONS = 12
const bench = tokensOfFile()
let tokens = 0

describeTse('a SoftHSM2 token', { faults: false, replyMs: 5000 }, async () => {
  tokens += 1
  const token = `edge-${tokens}`
  await bench.makeToken(token, PIN)
  const directory = await mkdtemp(join(bench.folder, 'state-'))
  const opened: Tse[] = []
  const reopen = async () => {
    const tse = new Pkcs11Tse({
      id: 'tse-1',
      module: SOFTHSM,
      token,
      pin: async () => PIN,
      store: new WriteAheadStore(directory),
      directory,
      clock: systemClock,
      limits: { openTransactions: MAX_OPEN_TRANSACTIONS },
    })
    opened.push(tse)
    return tse
  }
  const tse = await reopen()
  await tse.initialise()
  return {
    tse,
    reopen,
    maxOpenTransactions: MAX_OPEN_TRANSACTIONS,
    destroy: async () => {
      for (const one of opened) await one.close()
    },
  }
})
