import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localTime, parseRfc3339, SHOP_ZONE, systemClock } from '../../../base/clock.ts'
import type { RunningSimulator } from '../../../drivers/running-simulator.ts'
import { SIMULATORS } from '../../../drivers/simulators.ts'
import type { Answer, DemoAuthority } from '../../laws/demo-shift.ts'
import { at, DemoError, demand } from '../../laws/demo-shift.ts'
import type { DutyStep } from '../../till/reading/duty-steps.ts'
import type { DemoTechnician } from './agent.ts'
import { showDone, showLines, showSection } from './screen.ts'
import { until } from './until.ts'

/** In a demo a minute is too long. */
const TIMING = { retryMinMs: 200, retryMaxMs: 1000, askMs: 200 }
const FILES = ['participant', 'user', 'pin'] as const

/** The service of a tax office next to the agent of a demo, in test mode. */
export class DemoTaxOffice {
  readonly #simulator: RunningSimulator
  readonly #folder: string
  readonly #authority: DemoAuthority
  /** Its section of agent.json. */
  readonly members: object

  private constructor(simulator: RunningSimulator, folder: string, authority: DemoAuthority, members: object) {
    this.#simulator = simulator
    this.#folder = folder
    this.#authority = authority
    this.members = members
  }

  static async open(folder: string, authority: DemoAuthority): Promise<DemoTaxOffice> {
    const place = join(folder, authority.service)
    await mkdir(place, { recursive: true, mode: 0o700 })
    const common = {
      directory: place,
      clock: systemClock,
      link: undefined,
      port: 0,
      latencyMs: 0,
      show: () => undefined,
    }
    const simulator = await SIMULATORS.get(authority.service)?.open(common)
    if (simulator === undefined || !('service' in simulator))
      throw new DemoError(`no simulator of ${authority.service}`)
    const { service } = simulator
    const file = (name: string): string => join(place, `${name}.secret`)
    for (const name of FILES) await writeFile(file(name), service[name] ?? '', { mode: 0o600 })
    simulator.inject(authority.fault)
    const account = { participantFile: file('participant'), userFile: file('user'), pinFile: file('pin') }
    const { url, makerVatId } = service
    const settings = { mode: 'T', url, makerVatId, accounts: [account], timing: TIMING }
    return new DemoTaxOffice(simulator, place, authority, { authorities: { [authority.service]: settings } })
  }

  /** Waits until the first duties of the register are done, and shows each with its steps. */
  async showDuties(technician: Pick<DemoTechnician, 'listDuties' | 'showDuty'>, stop: AbortSignal): Promise<void> {
    const { title, duties, lost, after } = this.#authority
    showSection(`${title} (simulated), in test mode: sent without a hand`)
    for (const [kind, what, done] of duties) {
      const duty = await until(
        async () => {
          const all = (await technician.listDuties()) as readonly Answer[]
          return all.find((one) => at(one, 'kind') === kind && at(one, 'state') === 'confirmed')
        },
        `${title} did not confirm ${kind}`,
        stop,
      )
      showDone(what, `${done} ${clockTime(at(duty, 'confirmed_at'))}`)
      const { steps } = await technician.showDuty(at(duty, 'id'))
      showLines(steps.map(stepLine))
      if (steps.some((step) => step.lost !== null)) showLines(lost)
    }
    showLines(after)
  }

  /** Shows the record of the service. Throws DemoError if an act is in it twice. */
  async showRecord(): Promise<void> {
    const { title } = this.#authority
    const text = await readFile(join(this.#folder, 'record.jsonl'), 'utf8')
    const lines = text.split('\n').filter(Boolean)
    const record = lines.map((line) => JSON.parse(line) as Answer)
    const accepted = record.filter((line) => at(line, 'what') === 'accepted')
    demand(accepted.length === record.length, `${title} was sent what no client may send`)
    const acts = new Set(accepted.map((line) => `${at(line, 'operation')} ${at(line, 'subject')}`))
    demand(acts.size === accepted.length, `${title} has an act twice`)
    showDone(title, `its own record has ${accepted.length} acts, each once`)
    const lineOf = (line: Answer): string =>
      `${clockTime(at(line, 'at'))}  ${at(line, 'operation').padEnd(20)} ${at(line, 'subject')}`
    showLines(accepted.map(lineOf))
  }

  close(): Promise<void> {
    return this.#simulator.close()
  }
}

function stepLine({ what, operation, packet, rc, status, lost }: DutyStep): string {
  switch (what) {
    case 'sent':
      return `sent      ${operation}, packet ${packet}`
    case 'answered':
      return `answered  ${lost === null ? codesOf(rc) : `no answer: ${lost}`}`
    case 'asked':
      return `asked     ${status ?? codesOf(rc)}`
    case 'queued':
      return 'queued    by a person'
  }
}

function codesOf(codes: readonly string[] | null): string {
  return codes?.join() === '0' ? 'rc 0, accepted' : `rc ${codes?.join(', ')}`
}

function clockTime(text: string): string {
  return localTime(parseRfc3339(text) ?? 0, SHOP_ZONE).slice(11)
}
