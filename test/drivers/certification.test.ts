import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { TcpLink } from '../../drivers/links/tcp.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import { bsiIdIn } from '../../drivers/tr03151/bsi-id.ts'
import { CryptovisionTse } from '../../drivers/tse-cryptovision/driver.ts'
import { CryptovisionSimulator } from '../../drivers/tse-cryptovision/simulator.ts'
import { EpsonTse } from '../../drivers/tse-epson/driver.ts'
import { EpsonSimulator } from '../../drivers/tse-epson/simulator.ts'
import { SwissbitTse } from '../../drivers/tse-swissbit/driver.ts'
import { compileStub } from '../../drivers/tse-swissbit/stub-library.ts'
import { patientClock as clock } from '../patient-clock.ts'
import { heavy } from '../tags.ts'
import { optionsOn, unitIn } from './tse-swissbit/bench.ts'

async function secretOf(name: string): Promise<string> {
  return name.endsWith('Puk') ? '0123456789' : '22222222'
}

const secrets = { read: secretOf, provide: secretOf }
const timeouts = { replyMs: 2000, longMs: 20_000 }

const makers: Readonly<Record<string, (folder: string, certification?: string) => Promise<Tse>>> = {
  'a CryptoVision card': async (folder, certification) => {
    const mount = join(folder, 'media')
    const options = {
      directory: join(folder, 'card'),
      mount,
      clock,
      ...(certification !== undefined && { certification }),
    }
    const card = new CryptovisionSimulator(options)
    await card.plugIn()
    onTestFinished(() => card.pullOut())
    return new CryptovisionTse({ id: 'tse-1', path: mount, secrets, clock, timeouts })
  },
  'an Epson TSE': async (folder, certification) => {
    const options = { directory: join(folder, 'unit'), clock, ...(certification !== undefined && { certification }) }
    const unit = new EpsonSimulator(options)
    const link = new TcpLink({ host: '127.0.0.1', port: await unit.serveTcp(0), clock })
    onTestFinished(() => unit.close())
    const directory = join(folder, 'driver')
    await mkdir(directory)
    return new EpsonTse({ id: 'tse-1', link, directory, secrets, clock, timeouts })
  },
  'a Swissbit TSE': async (folder, certification) => {
    const unit = unitIn({ path: folder }, 'unit', certification === undefined ? {} : { certification })
    await unit.plugIn()
    onTestFinished(() => unit.pullOut())
    return new SwissbitTse(optionsOn(folder, await compileStub(folder)))
  },
}

test.each(Object.keys(makers))(
  '%s reports the number of its certification, and without one there is none',
  heavy(),
  async (name) => {
    const numbers: (string | undefined)[] = []
    for (const certification of ['BSI-K-TR-0374-2020', undefined]) {
      const folder = await mkdtemp(join(tmpdir(), 'certified-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      const tse = await makers[name]?.(folder, certification)
      if (tse === undefined) throw new Error(name)
      onTestFinished(() => tse.close())
      await tse.open()
      numbers.push((await tse.identity()).bsiId)
    }
    expect(numbers).toEqual(['0374-2020', undefined])
  },
)

test.each([
  ['BSI-K-TR-0374-2020', '0374-2020'],
  [' 0412-2020\n', '0412-2020'],
  ['Epson TSE, BSI-K-TR-0373-2019 (2 GB)', '0373-2019'],
  ['BSI-K-TR-0373-20190', undefined],
  ['made 2019-1218 in Berlin', undefined],
  ['', undefined],
])('the text %j of a unit has the certification %s', (text, number) => {
  expect(bsiIdIn(text)).toBe(number)
})
