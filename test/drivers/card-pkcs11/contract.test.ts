// @module-tag heavy
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../../base/clock.ts'
import { Pkcs11Card } from '../../../drivers/card-pkcs11/driver.ts'
import { describeCard } from '../../contracts/signature-card.ts'
import { SOFTHSM, tokensOfFile } from '../native/soft-token.ts'

const PIN = '123456'
const bench = tokensOfFile()
let tokens = 0

describeCard('a SoftHSM2 token', async () => {
  tokens += 1
  const token = `card-${tokens}`
  await bench.makeToken(token, PIN)
  const directory = await mkdtemp(join(bench.folder, 'state-'))
  const opened: Pkcs11Card[] = []
  const make = () => {
    const settings = { id: 'card-1', module: SOFTHSM, token, directory, vda: 'AT1', clock: systemClock }
    const card = new Pkcs11Card({ ...settings, pin: async () => PIN })
    opened.push(card)
    return card
  }
  return {
    card: make(),
    reopen: async () => make(),
    pull: () => bench.pull(),
    putBack: () => bench.putBack(),
    destroy: async () => {
      for (const card of opened) await card.close()
    },
  }
})
