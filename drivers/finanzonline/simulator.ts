import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { getBuiltinModule } from 'node:process'
import type { Clock } from '../../base/clock.ts'
import { rfc3339 } from '../../base/clock.ts'
import type { XmlElement } from '../../base/xml.ts'
import { childOf, childText, readXml, XmlError } from '../../base/xml.ts'
import { listenHere } from '../links/served-line.ts'
import type { AuthorityMode } from '../ports/authority.ts'
import type { Recorded } from './simulator-books.ts'
import { Books } from './simulator-books.ts'
import type { EntryResult, Surroundings } from './simulator-entries.ts'
import { applyEntry, subjectOf } from './simulator-entries.ts'
import type { Struck } from './simulator-faults.ts'
import { ServiceFaults } from './simulator-faults.ts'
import { keyedIn } from './simulator-portal.ts'
import { invalidity, LOGIN, LOGOUT, RKDB, RKDB_NAMESPACE, SESSION_NAMESPACE } from './simulator-schema.ts'
import { answerWith } from './simulator-wire.ts'
import { faultXml, rkdbXml, sessionXml } from './simulator-xml.ts'

export type SimulatedAccount = { readonly participant: string; readonly user: string; readonly pin: string }

/** The account for developers of tills. */
export const SIMULATED_ACCOUNT: SimulatedAccount = { participant: '123456789SIM', user: 'KASSE001', pin: 'Geheim-123' }
export const SIMULATED_MAKER = 'ATU12345678'

export type FinanzOnlineSimulatorOptions = {
  readonly directory: string
  readonly clock: Clock
  readonly accounts?: readonly SimulatedAccount[]
  /** Certificates of a provider by number, base64 of DER; without them each number is taken. */
  readonly certificates?: ReadonlyMap<string, string> | undefined
  readonly isMild?: boolean
  readonly latencyMs?: number
}

const limits = { characters: 1 << 20, elements: 100_000, depth: 32 }
const LOCKED_AFTER = 3
/** Characters of a participant in the record. */
const SHOWN = 3
const PREFIX = 'ns0'
const OTHER_PREFIX = 'ns5'

/** FinanzOnline's services for sessions and registers, for tests and developers. NOT the real service. */
export class FinanzOnlineSimulator {
  readonly #options: FinanzOnlineSimulatorOptions
  readonly #accounts: readonly SimulatedAccount[]
  readonly #books: Books
  readonly #faults = new ServiceFaults()
  readonly #sessions = new Map<string, SimulatedAccount>()
  /** Subjects whose status was asked since their last act. */
  readonly #asked = new Set<string>()
  readonly #packets = new Set<string>()
  readonly #refusedSecrets = new Set<string>()
  #server: Server | undefined
  #calls = 0

  constructor(options: FinanzOnlineSimulatorOptions) {
    this.#options = options
    this.#accounts = options.accounts ?? [SIMULATED_ACCOUNT]
    this.#books = new Books(options.directory)
    for (const line of this.#books.record())
      if (line.what === 'accepted' && line.packet !== undefined) this.#packets.add(`${line.participant}/${line.packet}`)
  }

  /** Requests so far, of every kind. */
  get calls(): number {
    return this.#calls
  }

  /** The participant whose portal a person uses. */
  get #portal(): string {
    return this.#accounts[0]?.participant ?? ''
  }

  /** A fault, `portal …`, or `reset` for users that are locked. Throws `refused`. */
  inject(line: string): void {
    const nowMs = this.#options.clock.now()
    if (line.startsWith('portal ')) {
      const { mode, ...keyed } = keyedIn(line, nowMs, (of) => this.#books.of(this.#portal, of))
      this.#books.save()
      const byHand = { packet: undefined, requestId: undefined, participant: this.#portal.slice(-SHOWN) }
      this.#books.note({ what: 'accepted', at: rfc3339(nowMs), mode, ...byHand, ...keyed })
      return
    }
    if (line === 'reset') {
      for (const account of this.#accounts) this.#books.setWrongPins(nameOf(account), 0)
      this.#refusedSecrets.clear()
      return
    }
    this.#faults.inject(line)
  }

  clearFaults(): void {
    this.#faults.clear()
  }

  /** Acts that took effect, and those that no client may do, in order. */
  record(): readonly Recorded[] {
    return this.#books.record()
  }

  /** 0 takes a free port, which is returned. */
  async serve(port: number): Promise<number> {
    const server = getBuiltinModule('node:http').createServer((request, response) => {
      void this.#taken(request, response).catch(() => response.destroy())
    })
    this.#server = server
    return await listenHere(server, port)
  }

  async close(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  async #taken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    this.#calls += 1
    const read = readRequest(request, Buffer.concat(chunks))
    if (typeof read === 'string') return void response.writeHead(500, XML).end(faultXml(read))
    const struck = this.#faults.strike(read.operation)
    if (struck.names.has('lost-request')) return void response.destroy()
    const answer = this.#answer(read, struck)
    await answerWith(response, answer, struck, { clock: this.#options.clock, latencyMs: this.#options.latencyMs ?? 0 })
  }

  #answer({ service, operation, request }: ReadRequest, struck: Struck): string {
    const prefix = struck.names.has('other-prefix') ? OTHER_PREFIX : PREFIX
    const general = struck.names.has('maintenance') ? '-2' : struck.names.has('technical') ? '-3' : undefined
    if (service === 'rkdb') return this.#packet(operation, request, struck, prefix, general)
    if (operation === 'logout') {
      this.#sessions.delete(childText(request, 'id') ?? '')
      return sessionXml(prefix, 'logout', general ?? '0', '')
    }
    const rc = general ?? this.#loginCode(request, struck)
    return rc === '0'
      ? sessionXml(prefix, 'login', rc, '', this.#newSession(request))
      : sessionXml(prefix, 'login', rc, 'Die Anmeldung ist nicht möglich.')
  }

  #loginCode(request: XmlElement, { names }: Struck): string {
    const sent = accountIn(request)
    const secret = JSON.stringify(sent)
    const known = this.#accounts.find(({ participant, user }) => participant === sent.participant && user === sent.user)
    const name = nameOf(sent)
    if (this.#refusedSecrets.has(secret))
      this.#forbid('refused_secrets_again', 'login', `…${sent.participant.slice(-SHOWN)}`)
    const wrong = this.#books.wrongPins(name)
    const isWrong = known?.pin !== sent.pin
    const isLocked = names.has('locked') || (known !== undefined && wrong >= LOCKED_AFTER)
    const rc = isLocked ? '-5' : isWrong ? '-4' : '0'
    if (known !== undefined) this.#books.setWrongPins(name, rc === '0' ? 0 : isWrong ? wrong + 1 : wrong)
    if (rc === '0') this.#refusedSecrets.delete(secret)
    else this.#refusedSecrets.add(secret)
    return rc
  }

  #newSession(request: XmlElement): string {
    const id = randomBytes(6).toString('hex').toUpperCase()
    this.#sessions.set(id, accountIn(request))
    return id
  }

  #packet(operation: string, request: XmlElement, struck: Struck, prefix: string, general: string | undefined): string {
    const what = request.children.at(-1)
    const mode = childText(request, 'art_uebermittlung') === 'P' ? 'P' : 'T'
    const packet = childText(what, 'paket_nr') ?? ''
    const id = childText(request, 'id') ?? ''
    if (struck.names.has('session-gone')) this.#sessions.delete(id)
    const session = this.#sessions.get(id)
    const isOurs = session?.participant === childText(request, 'tid') && session?.user === childText(request, 'benid')
    const entry = what?.name === 'rkdb' ? what.children.at(-1) : what
    const result =
      general !== undefined
        ? { rc: general, message: 'Das Service ist derzeit nicht verfügbar.', isDone: false }
        : session === undefined || !isOurs || entry === undefined
          ? { rc: '-1', message: 'Die Session ID ist ungültig oder abgelaufen.', isDone: false }
          : this.#entry(operation, entry, packet, mode, session, struck)
    const number = childText(entry, 'satznr') ?? '1'
    return rkdbXml({
      ...{ prefix, mode, nowMs: this.#options.clock.now() },
      packet: struck.names.has('other-packet') ? String(Number(packet) + 1) : packet,
      results: [{ number, requestId: childText(entry, 'kundeninfo'), result }],
    })
  }

  #entry(
    operation: string,
    entry: XmlElement,
    packet: string,
    mode: AuthorityMode,
    session: SimulatedAccount,
    struck: Struck,
  ): EntryResult {
    const subject = subjectOf(operation, entry)
    const isQuestion = operation.startsWith('status_')
    this.#watch(operation, subject, packet, session)
    if (struck.names.has('no-right'))
      return { rc: '-4', message: 'Keine Berechtigung für das Registrierkassen-Webservice.', isDone: false }
    if (struck.names.has('b38')) return { rc: 'B38', message: 'Die Prüfung ist heute nicht möglich.', isDone: false }
    if (struck.names.has('wrong-state'))
      return { rc: isQuestion ? 'B22' : 'B2', message: 'Der Zustand lässt es nicht zu.', isDone: false }
    if (struck.names.has('no-effect') && !isQuestion) return { rc: '0', message: '', isDone: true }
    const book = this.#books.of(session.participant, mode)
    const result = applyEntry(operation, entry, book, this.#around(struck))
    if (isQuestion || !result.isDone) return result
    this.#books.save()
    this.#books.note({
      ...{ what: 'accepted', at: rfc3339(this.#options.clock.now()), mode, operation, subject },
      ...{ packet: Number(packet), requestId: childText(entry, 'kundeninfo') },
      participant: session.participant.slice(-SHOWN),
    })
    return result
  }

  #around({ lateMs }: Struck): Surroundings {
    const { clock, certificates, isMild = false } = this.#options
    return { nowMs: clock.now(), certificates, isMild, lateMs }
  }

  /** Notes what no client may do: an act that was not asked about just before, and a packet number for two acts. */
  #watch(operation: string, subject: string, packet: string, { participant }: SimulatedAccount): void {
    const asked = `${participant}/${subject}`
    if (operation.startsWith('status_')) return void this.#asked.add(asked)
    const isAsked = this.#asked.delete(asked)
    if (!isAsked && operation !== 'belegpruefung') this.#forbid('not_asked', operation, subject)
    const name = `${participant.slice(-SHOWN)}/${packet}`
    if (this.#packets.has(name)) this.#forbid('packet_twice', operation, subject)
    this.#packets.add(name)
  }

  #forbid(rule: Extract<Recorded, { what: 'forbidden' }>['rule'], operation: string, subject: string): void {
    this.#books.note({ what: 'forbidden', at: rfc3339(this.#options.clock.now()), rule, operation, subject })
  }
}

const XML = { 'Content-Type': 'text/xml; charset=utf-8' }

type ReadRequest = { service: 'session' | 'rkdb'; operation: string; request: XmlElement }

/** The request of a service, or the text of its fault. */
function readRequest(message: IncomingMessage, body: Uint8Array): ReadRequest | string {
  const service = serviceAt(message)
  if (service === undefined) return 'there is no such service'
  try {
    const root = readXml(body, limits)
    const request = root.name === 'Envelope' ? childOf(root, 'Body')?.children[0] : undefined
    return request === undefined ? 'there is no request in an envelope' : validated(service, request, message)
  } catch (error) {
    if (error instanceof XmlError) return error.message
    throw error
  }
}

function serviceAt({ method, url }: IncomingMessage): ReadRequest['service'] | undefined {
  if (method !== 'POST') return undefined
  return url === '/fonws/ws/session' ? 'session' : url === '/fonws/ws/rkdb' ? 'rkdb' : undefined
}

function validated(
  service: ReadRequest['service'],
  request: XmlElement,
  { headers }: IncomingMessage,
): ReadRequest | string {
  const form = formOf(service, request.name)
  if (form === undefined) return `cvc-elt.1: Cannot find the declaration of element '${request.name}'.`
  const name = request.name.replace(/Request$/, '')
  if (headers['soapaction'] !== `"${name}"`) return `the SOAPAction does not belong to ${request.name}`
  const wrong = invalidity(request, form, service === 'rkdb' ? RKDB_NAMESPACE : SESSION_NAMESPACE)
  if (wrong !== undefined) return wrong
  return { service, request, operation: service === 'rkdb' ? operationIn(request) : name }
}

function formOf(service: ReadRequest['service'], name: string) {
  if (service === 'rkdb') return name === 'rkdbRequest' ? RKDB : undefined
  return name === 'loginRequest' ? LOGIN : name === 'logoutRequest' ? LOGOUT : undefined
}

function operationIn(request: XmlElement): string {
  const what = request.children.at(-1)
  return (what?.name === 'rkdb' ? what.children.at(-1)?.name : what?.name) ?? ''
}

function accountIn(request: XmlElement): SimulatedAccount {
  const read = (name: string) => childText(request, name) ?? ''
  return { participant: read('tid'), user: read('benid'), pin: read('pin') }
}

function nameOf({ participant, user }: SimulatedAccount): string {
  return `${participant}/${user}`
}
