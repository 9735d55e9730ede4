import { DeviceError } from '../errors.ts'
import { isoText, readIsoText } from '../tr03151/log-time.ts'

const ESC = 0x1b

function mark(code: number): Buffer {
  return Buffer.of(ESC, code)
}
const requestStart = mark(0x90)
const answerStart = mark(0x91)
const valueStart = mark(0x92)
const idStart = mark(0x99)
const answerNow = mark(0x9d)
const answerIntoBuffer = mark(0x9e)
const frameEnd = mark(0x9f)

/** Commands by their three digits (SingleTSE and ConnectBox command set). */
export const command = {
  getMfcStatus: '001',
  setAsb: '003',
  getCommandResponse: '004',
  initialize: '100',
  updateTime: '101',
  registerClient: '106',
  deregisterClient: '107',
  getSlotInfo: '109',
  runSelfTest: '112',
  startInit: '200',
  startEnd: '201',
  finishInit: '204',
  finishEnd: '205',
  transactionData: '206',
  transactionVoid: '207',
  exportAll: '300',
  exportByTransaction: '301',
  exportByInterval: '302',
  exportByPeriod: '303',
  getCertificates: '304',
  getLastLog: '306',
  deleteExportedData: '307',
  getPublicKey: '308',
  resetExportBuffer: '309',
  login: '400',
  logout: '401',
  getRegisteredClients: '502',
  getTransactionCount: '504',
  getStartedTransactions: '506',
  getNextSelfTest: '508',
  setClientId: '509',
} as const

export type Request = {
  command: string
  parameters: readonly string[]
  /** 36 characters, lower case; the answer repeats it. */
  id: string
  /** Puts the answer into that buffer, to be read in pieces. */
  buffer?: number | undefined
}

export type Answer = { command: string; id: string; values: readonly Buffer[] }

export function encodeRequest({ command, parameters, id, buffer }: Request): Buffer {
  return Buffer.concat([
    requestStart,
    Buffer.from(command, 'latin1'),
    ...parameters.flatMap((value) => [valueStart, Buffer.from(value, 'latin1')]),
    idStart,
    Buffer.from(id, 'latin1'),
    ...(buffer === undefined ? [answerNow] : [answerIntoBuffer, Buffer.from(String(buffer))]),
    frameEnd,
  ])
}

export function encodeAnswer({ command, id, values }: Answer): Buffer {
  return Buffer.concat([
    answerStart,
    Buffer.from(command, 'latin1'),
    ...values.flatMap((value) => [valueStart, value]),
    idStart,
    Buffer.from(id, 'latin1'),
    frameEnd,
  ])
}

/** The complete requests in these bytes, and the rest of an incomplete one. */
export function decodeRequests(bytes: Buffer): { requests: readonly Request[]; rest: Buffer } {
  const requests: Request[] = []
  let rest = bytes
  for (;;) {
    const start = rest.indexOf(requestStart)
    const end = start < 0 ? -1 : rest.indexOf(frameEnd, start)
    // The bytes may end in half a mark.
    if (end < 0)
      return { requests, rest: rest.subarray(start < 0 ? rest.length - (rest.at(-1) === ESC ? 1 : 0) : start) }
    const request = decodeRequest(rest.subarray(start + 2, end))
    if (request !== undefined) requests.push(request)
    rest = rest.subarray(end + 2)
  }
}

function decodeRequest(body: Buffer): Request | undefined {
  const idAt = body.lastIndexOf(idStart)
  if (idAt < 3) return undefined
  const [command = '', ...parameters] = fieldsOf(body.subarray(0, idAt)).map((field) => field.toString('latin1'))
  const tail = body.subarray(idAt + 2)
  const into = tail.indexOf(answerIntoBuffer)
  const now = tail.indexOf(answerNow)
  const id = tail.subarray(0, into >= 0 ? into : now).toString('latin1')
  if (into < 0 && now < 0) return undefined
  return { command, parameters, id, buffer: into < 0 ? undefined : Number(tail.subarray(into + 2).toString('latin1')) }
}

/**
 * The answer with that id, anywhere in the received bytes: earlier status messages, late answers and parts of them are
 * dropped. Undefined while it is incomplete.
 */
export function findAnswer(bytes: Buffer, wanted: string, id: string): { answer: Answer; rest: Buffer } | undefined {
  const tail = Buffer.concat([idStart, Buffer.from(id, 'latin1'), frameEnd])
  if (wanted === command.getCommandResponse) return findPiece(bytes, tail, id)
  const end = bytes.indexOf(tail)
  if (end < 0) return undefined
  const start = bytes.lastIndexOf(answerStart, end)
  if (start < 0) throw new DeviceError('garbled', 'unknown', 'the end of an answer came without its beginning')
  const [name, ...values] = fieldsOf(bytes.subarray(start + 2, end))
  if (name?.toString('latin1') !== wanted)
    throw new DeviceError('garbled', 'unknown', 'the answer is of another command')
  return { answer: { command: wanted, id, values }, rest: bytes.subarray(end + tail.length) }
}

const pieceStart = Buffer.concat([answerStart, Buffer.from(command.getCommandResponse, 'latin1')])

export function isPieceBegun(bytes: Buffer): boolean {
  return bytes.includes(pieceStart)
}

/** A piece of a buffered answer holds raw bytes, which may contain marks: its announced size determines its end. */
function findPiece(bytes: Buffer, tail: Buffer, id: string): { answer: Answer; rest: Buffer } | undefined {
  for (let start = bytes.indexOf(pieceStart); start >= 0; start = bytes.indexOf(pieceStart, start + 1)) {
    const values: Buffer[] = []
    let at = start + pieceStart.length
    for (let field = 0; field < 4 && bytes.subarray(at, at + 2).equals(valueStart); field += 1) {
      const end = bytes.indexOf(valueStart, at + 2)
      if (end < 0) break
      values.push(bytes.subarray(at + 2, end))
      at = end
    }
    const size = Number(values[3]?.toString('latin1'))
    if (!Number.isSafeInteger(size) || values.length !== 4) continue
    const end = at + 2 + size
    if (!bytes.subarray(end, end + tail.length).equals(tail)) continue
    return {
      answer: { command: command.getCommandResponse, id, values: [...values, bytes.subarray(at + 2, end)] },
      rest: bytes.subarray(end + tail.length),
    }
  }
  return undefined
}

/** An answer assembled from its pieces. */
export function decodeBuffered(bytes: Buffer, wanted: string): Answer {
  const start = bytes.indexOf(answerStart)
  const end = bytes.lastIndexOf(idStart)
  const [name, ...values] = start < 0 || end < 0 ? [] : fieldsOf(bytes.subarray(start + 2, end))
  if (name?.toString('latin1') !== wanted)
    throw new DeviceError('garbled', 'unknown', 'the buffered answer is of another command')
  return { command: wanted, id: idIn(bytes.subarray(end)), values }
}

/** The id in the end of a frame, from its mark on. */
function idIn(tail: Buffer): string {
  const end = tail.indexOf(frameEnd)
  return tail.subarray(idStart.length, end < 0 ? tail.length : end).toString('latin1')
}

function fieldsOf(bytes: Buffer): Buffer[] {
  const fields: Buffer[] = []
  let at = 0
  for (let end = bytes.indexOf(valueStart); end >= 0; end = bytes.indexOf(valueStart, at)) {
    fields.push(bytes.subarray(at, end))
    at = end + 2
  }
  fields.push(bytes.subarray(at))
  return fields
}

/**
 * Extracts the base64 of a buffered export from its frame while the pieces arrive, so memory is flat for any archive
 * size. Throws `garbled` for any other frame, and `refused` none for more than one archive: each holds the logs of one
 * key (TR-03153-1 §5.2), and the export writes one file.
 */
export class ArchiveReader {
  readonly #command: string
  #pending: Buffer = Buffer.alloc(0)
  #state: 'head' | 'data' | 'end' = 'head'

  constructor(wanted: string) {
    this.#command = wanted
  }

  read(piece: Buffer): Buffer {
    this.#pending = Buffer.concat([this.#pending, piece])
    if (this.#state === 'head') this.#readHead()
    if (this.#state !== 'data') return Buffer.alloc(0)
    const end = this.#pending.indexOf(ESC)
    const tail = end < 0 ? Buffer.alloc(0) : this.#pending.subarray(end)
    // Some encoders break the base64 into lines.
    const text = this.#pending
      .subarray(0, this.#pending.length - tail.length)
      .toString('latin1')
      .replace(/\s/g, '')
    const have = end < 0 ? text.length - (text.length % 4) : text.length
    const decoded = Buffer.from(text.slice(0, have), 'base64')
    this.#pending = Buffer.concat([Buffer.from(text.slice(have), 'latin1'), tail])
    if (end >= 0) this.#readEnd()
    return decoded
  }

  /** The id of the frame. Throws if the frame is incomplete. */
  finish(): string {
    if (this.#state === 'head') this.#readHead()
    if (this.#state !== 'end') throw new DeviceError('garbled', 'unknown', 'the archive broke off')
    return idIn(this.#pending)
  }

  #readHead(): void {
    const head = Buffer.concat([answerStart, Buffer.from(this.#command, 'latin1'), valueStart])
    const at = this.#pending.indexOf(head)
    if (at < 0) return
    this.#pending = this.#pending.subarray(at + head.length)
    this.#state = 'data'
  }

  #readEnd(): void {
    if (this.#pending.length < 2) return
    if (this.#pending.subarray(0, 2).equals(valueStart))
      throw new DeviceError('refused', 'none', 'the unit holds logs of two keys: the wanted archive is ambiguous')
    if (!this.#pending.subarray(0, 2).equals(idStart))
      throw new DeviceError('garbled', 'unknown', 'the end of the archive is invalid')
    this.#state = 'end'
  }
}

/** `dd.MM.yyyy HH:mm:ss` in UTC. */
export function encodeDate(ms: number): string {
  const [date = '', time = ''] = isoText(Math.floor(ms / 1000) * 1000).split('T')
  return `${date.split('-').reverse().join('.')} ${time.slice(0, 8)}`
}

/** Milliseconds since 1970 UTC. Throws `garbled`. */
export function decodeDate(value: Buffer | undefined): number {
  const match = /^(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)$/.exec(value?.toString('latin1').trim() ?? '')
  if (!match) throw new DeviceError('garbled', 'unknown', 'a date dd.MM.yyyy HH:mm:ss was expected')
  return readIsoText(`${match[3]}-${match[2]}-${match[1]}T${match[4]}Z`)
}

/** A decimal number, with or without leading zeros. Throws `garbled`. */
export function decodeNumber(value: Buffer | undefined): number {
  const digits = value?.toString('latin1').trim() ?? ''
  if (!/^0*\d{1,15}$/.test(digits)) throw new DeviceError('garbled', 'unknown', 'a decimal number was expected')
  return Number(digits)
}

/** Hexadecimal digits in upper or lower case. Throws `garbled`. */
export function decodeHex(value: Buffer | undefined): number {
  const digits = value?.toString('latin1').trim() ?? ''
  if (!/^[0-9a-f]{1,8}$/i.test(digits)) throw new DeviceError('garbled', 'unknown', 'a hexadecimal number was expected')
  return Number.parseInt(digits, 16)
}

export function decodeBase64(value: Buffer | undefined): Buffer {
  // Some encoders break the base64 into lines.
  const text = value?.toString('latin1').replace(/\s/g, '') ?? ''
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new DeviceError('garbled', 'unknown', 'base64 was expected')
  return Buffer.from(text, 'base64')
}
