import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { systemClock } from '../../../base/clock.ts'
import { FinanzOnlineSimulator, SIMULATED_ACCOUNT, SIMULATED_MAKER } from '../../../drivers/finanzonline/simulator.ts'
import type { AuthorityTiming } from '../../../drivers/ports/authority.ts'
import { AES_KEY } from '../../drivers/finanzonline/opened.ts'
import type { Bench } from '../bench.ts'

/** Pauses for tests; all files of a process share them. */
export const TIMING: AuthorityTiming = {
  ...{ callMs: 2000, retryMinMs: 20, retryMaxMs: 200, askMs: 20, visibleMs: 400, checkAgainMs: 500 },
}

/** Another participant of the same service, which knows nothing of the shop. */
export const SECOND = { ...SIMULATED_ACCOUNT, participant: '987654321SIM' }

/** A simulated service, and the configuration of a shop that uses it. */
export async function finanzonline(mode: 'T' | 'P' = 'T', clock: Clock = systemClock, of = SIMULATED_ACCOUNT) {
  const folder = mkdtempSync(join(tmpdir(), 'finanzonline-'))
  const simulator = new FinanzOnlineSimulator({ directory: folder, clock, accounts: [of, SECOND] })
  const url = `http://127.0.0.1:${await simulator.serve(0)}`
  onTestFinished(async () => {
    await simulator.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const file = (name: string) => join(folder, name)
  const write = (name: 'participant' | 'user' | 'pin', content: string) =>
    writeFileSync(file(name), content, { mode: 0o600 })
  for (const name of ['participant', 'user', 'pin'] as const) write(name, of[name])
  const account = { participantFile: file('participant'), userFile: file('user'), pinFile: file('pin') }
  const authorities = {
    finanzonline: { mode, url, relay: mode === 'P', makerVatId: SIMULATED_MAKER, accounts: [account], timing: TIMING },
  }
  return { simulator, authorities, write, folder }
}

type Progress = { state: string; reason?: string; attempts: number; confirmed_by?: string }

/** The progress of each duty in a mode, by the operation of its task. */
export function progress(bench: Bench, mode: 'T' | 'P' = 'T'): Readonly<Record<string, Progress>> {
  const all: Record<string, Progress> = {}
  for (const { kind, body } of bench.journal()) {
    if (!kind.startsWith('duty.')) continue
    const { set } = JSON.parse(body) as { set: { id: string } & Record<string, Progress> }
    const of = set[mode]
    const name =
      /^(finanzonline-unit|finanzonline-register-end|finanzonline-register|startbeleg-check|outage-end|outage)/.exec(
        set.id,
      )?.[0]
    if (of !== undefined) all[name ?? set.id] = of
  }
  return all
}

/** The acts that took effect at the service, in order. */
export function accepted({ simulator }: { simulator: FinanzOnlineSimulator }): string[] {
  return simulator.record().flatMap((line) => (line.what === 'accepted' ? [line.operation] : []))
}

export function forbidden({ simulator }: { simulator: FinanzOnlineSimulator }): string[] {
  return simulator.record().flatMap((line) => (line.what === 'forbidden' ? [line.rule] : []))
}

/** The portal has the register of the shop with another key; the agent gets the service with its next start. */
export async function registeredWithAnotherKey(bench: Bench, service: Awaited<ReturnType<typeof finanzonline>>) {
  const tasks = bench.agent.administration.listTasks() as readonly { id: string; instructions: string[] }[]
  const task = tasks.find(({ id }) => id.startsWith('finanzonline-register-'))
  const cashBoxId = /Kassenidentifikationsnummer: (.+?)\. /.exec(task?.instructions.join(' ') ?? '')?.[1] ?? ''
  service.simulator.inject(`portal register ${cashBoxId} ${AES_KEY} T`)
  await bench.restart(async () => void Object.assign(bench.config, { authorities: service.authorities }))
}
