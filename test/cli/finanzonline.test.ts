import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../agent/agent-config.ts'
import { checkAuthorities } from '../../agent/cli/checks/authorities.ts'
import { systemClock } from '../../base/clock.ts'
import { FinanzOnlineSimulator, SIMULATED_ACCOUNT, SIMULATED_MAKER } from '../../drivers/finanzonline/simulator.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, removedLater } from './command.ts'

/** A configuration with that account at a simulator; `write` changes a file. */
async function shop(more: object = {}) {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'finanzonline-')))
  const simulator = new FinanzOnlineSimulator({ directory: folder, clock: systemClock })
  onTestFinished(() => simulator.close())
  const url = `http://127.0.0.1:${await simulator.serve(0)}`
  const write = (name: 'participant' | 'user' | 'pin', content: string) =>
    writeFileSync(join(folder, name), content, { mode: 0o600 })
  for (const name of ['participant', 'user', 'pin'] as const) write(name, `${SIMULATED_ACCOUNT[name]}\n`)
  const account = { merchant: 'ATU12345678', participantFile: 'participant', userFile: 'user', pinFile: 'pin' }
  const finanzonline = { mode: 'T', url, makerVatId: SIMULATED_MAKER, accounts: [account], ...more }
  const config = join(folder, 'agent.json')
  const state = join(folder, 'state')
  writeFileSync(config, JSON.stringify({ version: 1, state, listen: {}, devices: [], authorities: { finanzonline } }))
  return { config, state, simulator, write }
}

test(
  'finanzonline check logs in and out, and says what the service said; refused files are tried once',
  heavy(),
  async () => {
    const { config, state, simulator, write } = await shop()
    const check = (...more: string[]) => fiskalEdge('finanzonline', 'check', '--config', config, ...more)
    const good = await check()
    expect(good).toMatchObject({ code: 0, out: 'ATU12345678 …SIM: login and logout succeeded\n' })
    write('pin', 'wrong-pin')
    const refused = await check()
    expect(refused.code).toBe(1)
    expect(refused.out).toMatch(/^ATU12345678 …SIM: credentials were refused \(rc −4\): /)
    const calls = simulator.calls
    for (const output of [await check(), await check('--merchant', 'ATU12345678')])
      expect(output).toMatchObject({
        code: 1,
        out: 'ATU12345678 …SIM: credentials were refused (rc −4) and have not changed since\n',
      })
    expect(simulator.calls).toBe(calls)
    expect(JSON.parse((await check('--json')).out)).toEqual([
      {
        ...{ merchant: 'ATU12345678', participant: '…SIM', mode: 'T', ok: false, rc: '-4' },
        result: 'credentials were refused (rc −4) and have not changed since',
      },
    ])
    const { participant, user, pin } = SIMULATED_ACCOUNT
    for (const path of filesBelow(state))
      for (const secret of [participant, user, pin, 'wrong-pin'])
        expect(readFileSync(path).includes(secret), path).toBe(false)
  },
)

test('finanzonline check says what is missing', heavy(), async () => {
  const { config } = await shop()
  const check = (...more: string[]) => fiskalEdge('finanzonline', 'check', '--config', config, ...more)
  expect(await check('--merchant', 'ATU87654321')).toMatchObject({
    code: 1,
    err: expect.stringContaining('No account of FinanzOnline is configured for the merchant ATU87654321.'),
  })
  writeFileSync(config, readFileSync(config, 'utf8').replace(/,"authorities".*$/, '}'))
  expect(await check()).toMatchObject({ code: 1, err: expect.stringContaining('FinanzOnline is not configured') })
})

test('doctor reads the files, reaches the service, and tries no login', async () => {
  const { config, simulator, write } = await shop()
  const look = async () =>
    (await checkAuthorities(readConfig(config).config)).map(({ state, message }) => [state, message])
  expect(await look()).toEqual([
    ['ok', 'credentials of ATU12345678: readable'],
    ['ok', expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+: reached$/)],
  ])
  write('participant', 'short')
  await simulator.close()
  expect(await look()).toEqual([
    ['failure', expect.stringMatching(/participantFile: .* must have 8 to 12 letters and digits/)],
    ['failure', expect.stringContaining('connect: ')],
  ])
  expect(simulator.calls).toBe(0)
})

function filesBelow(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path) : [path]))
}
