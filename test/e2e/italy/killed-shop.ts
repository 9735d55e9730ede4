import { dirname, join } from 'node:path'
import { fiskalEdge, ownTill, runDaemon } from '../../cli/command.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { looked } from '../../waits.ts'
import type { Answer, Call } from '../client.ts'
import { Client } from '../client.ts'
import { event } from '../goods.ts'
import type { PrinterBeside } from './printer-beside.ts'
import type { SimulatedPrinter } from './printer-families.ts'
import { LOCATION, MERCHANT } from './shop.ts'

type Daemon = Awaited<ReturnType<typeof runDaemon>>

/** A daemon at a printer that outlives it, with one register in session. */
export class KilledShop {
  readonly office: Client
  readonly id: string
  readonly #config: string
  readonly #daemon: { current: Daemon }

  private constructor(office: Client, id: string, config: string, daemon: { current: Daemon }) {
    this.office = office
    this.id = id
    this.#config = config
    this.#daemon = daemon
  }

  /** With 50.00 in the drawer. */
  static async open(printer: PrinterBeside<SimulatedPrinter>): Promise<KilledShop> {
    // With the deadlines of a shop: a fast one would pass on a busy machine before its command is done.
    const { timeouts: _fast, ...device } = printer.device()
    const config = ownTill([device])
    const daemon = { current: await runDaemon(config) }
    const { out } = await fiskalEdge('key', 'create', 'platform', '--json', '--config', config)
    const { key } = JSON.parse(out) as { key: string }
    const office = new Client(() => daemon.current.url, { Authorization: `Bearer ${key}` })
    await office.post('/v1/merchants', MERCHANT)
    const { id: location_id } = await office.post('/v1/locations', LOCATION)
    const id = String((await office.post('/v1/registers', { location_id, name: 'Cassa' }))['id'])
    await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
    await office.create(event('session_open', id, { opening_balance_amount: '50.00' }))
    return new KilledShop(office, id, config, daemon)
  }

  /** How many documents the operation has asked the printer for. */
  async intents(operation: string): Promise<number> {
    const events = (await this.office.list('/v1/journal?limit=200')) as readonly { op: string; body: string }[]
    return events.filter(({ op, body }) => op === operation && body.includes('"name":"print"')).length
  }

  async kill(): Promise<void> {
    const { pid, ended } = this.#daemon.current
    process.kill(pid, 'SIGKILL')
    await ended
  }

  /**
   * Sends the request; once the printer came so far, agent and printer lose their power, and both start again. The status
   * of an answer before that, else 0.
   */
  async killedDuring(
    call: Call,
    printer: PrinterBeside<SimulatedPrinter>,
    isSoFar: () => Promise<boolean>,
  ): Promise<number> {
    const lost = this.office.call(call).then(
      (answer) => answer.status,
      () => 0,
    )
    await until(isSoFar)
    await this.kill()
    const status = await lost
    await printer.unplug()
    await printer.plugIn()
    await this.restart()
    return status
  }

  async restart(): Promise<void> {
    this.#daemon.current = await runDaemon(this.#config)
  }

  verify(): ReturnType<typeof verifyJournal> {
    return verifyJournal(join(dirname(this.#config), 'state'))
  }
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  if ((await looked(isSo)) === undefined) throw new Error('it never came so far')
}

/** Repeats the request until its final answer, like a till. */
export async function answered(office: Client, call: Call): Promise<Answer> {
  let last: Answer | undefined
  const answer = await looked(async () => {
    last = await office.call(call)
    return last.status < 300 && last
  })
  if (answer === undefined) throw new Error(`no answer: ${last?.text}`)
  return answer
}
