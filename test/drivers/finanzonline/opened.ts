import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { systemClock } from '../../../base/clock.ts'
import { secretIn } from '../../../base/secret-file.ts'
import type { FinanzOnlineSettings } from '../../../drivers/finanzonline/driver.ts'
import { openFinanzOnline } from '../../../drivers/finanzonline/driver.ts'
import type { FinanzOnlineSimulatorOptions } from '../../../drivers/finanzonline/simulator.ts'
import { FinanzOnlineSimulator, SIMULATED_ACCOUNT, SIMULATED_MAKER } from '../../../drivers/finanzonline/simulator.ts'
import type { AuthorityAccount, AuthorityAnswer } from '../../../drivers/ports/authority.ts'
import type { RkdbRequest } from '../../../drivers/ports/finanzonline.ts'
import { AES_KEY, REGISTER, START_CODE, UNIT } from './subjects.ts'

export { AES_KEY, REGISTER, UNIT }

export const timing = {
  callMs: 5000,
  retryMinMs: 60_000,
  retryMaxMs: 3_600_000,
  askMs: 60_000,
  visibleMs: 900_000,
  checkAgainMs: 86_400_000,
}

export type Changes = {
  clock?: Clock
  callMs?: number
  url?: string
  settings?: Partial<Omit<FinanzOnlineSettings, 'finanzonline'>>
  simulator?: Partial<FinanzOnlineSimulatorOptions>
}

/**
 * A simulator with an account of it, whose files a test may change. `again`: the account of the next process, of that
 * merchant.
 */
export async function opened(changes: Changes = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'finanzonline-'))
  const file = (name: string) => join(folder, name)
  const write = (name: 'participant' | 'user' | 'pin', content: string) => writeFileSync(file(name), content)
  for (const name of ['participant', 'user', 'pin'] as const) write(name, `${SIMULATED_ACCOUNT[name]}\n`)
  const { clock = systemClock, callMs = timing.callMs } = changes
  const simulator = new FinanzOnlineSimulator({ directory: folder, clock, ...changes.simulator })
  const url = changes.url ?? `http://127.0.0.1:${await simulator.serve(0)}`
  onTestFinished(async () => {
    await simulator.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const again = (merchant?: string): AuthorityAccount => {
    const files = { merchant, participantFile: file('participant'), userFile: file('user'), pinFile: file('pin') }
    const finanzonline = {
      ...{ mode: 'P' as const, url, makerVatId: SIMULATED_MAKER },
      accounts: [files],
      timing: { ...timing, callMs },
    }
    const authority = openFinanzOnline(
      { ...changes.settings, finanzonline },
      {
        clock,
        readSecret: async (path) => secretIn(await readFile(path), path),
        readFile,
        directory: join(folder, 'prints'),
        fingerprint: (text) => createHmac('sha256', 'key').update(text).digest('hex'),
      },
    )
    return authority.accounts[0] as AuthorityAccount
  }
  return { simulator, account: again(), again, write, folder, url }
}

const never = new AbortController().signal

/** The calls of an account, with its next packets. */
export function calls(account: AuthorityAccount) {
  let packet = 100
  const next = () => {
    packet += 1
    return packet
  }
  return {
    ask: (subject: Parameters<AuthorityAccount['ask']>[0]): Promise<AuthorityAnswer> =>
      account.ask(subject, next(), never),
    send: (request: RkdbRequest): Promise<AuthorityAnswer> => {
      const number = next()
      return account.send(request, number, `fo_${number}`, never)
    },
    check: () => account.check(never),
  }
}

export const registerUnit = { operation: 'registrierung_se', vdaId: 'AT1', unit: { serial: UNIT.serial } } as const
export const registerTill = {
  operation: 'registrierung_kasse',
  cashBoxId: REGISTER.cashBoxId,
  aesKey: AES_KEY,
} as const
export const checkStart = { operation: 'belegpruefung', code: START_CODE } as const
