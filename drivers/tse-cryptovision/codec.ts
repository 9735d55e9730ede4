import { DeviceError } from '../errors.ts'

/** Size of one exchange, read at offset 0 of `TSE-IO.bin`. Writes are multiples of the sector. */
export const BLOCK_BYTES = 8192
const SECTOR_BYTES = 512
const header = Buffer.from('AdVancED SeCuRe SD/MMC CArd\u0001', 'latin1')
/** The token area of a request; the card overwrites it with zeros when it has answered. */
const TOKEN = 0xdeadbeef
const REQUEST_START = 36
const ANSWER_START = 34
/** Data in one answer block; a longer answer continues in further blocks. */
export const ANSWER_DATA_MAX = BLOCK_BYTES - ANSWER_START
const COMMAND_DATA_MAX = BLOCK_BYTES - REQUEST_START
const COMMAND_MARK = 0x5c54
const BUSY = 0xffff
const ARCHIVE_MARK = 0x9000

export const responseMode = { normal: 0x0000, disableSuspend: 0x5344, enableSuspend: 0x5345 } as const

/** Data of exchanges that are not commands: fetch the next block of an answer, or drop the rest. */
export const nextBlock: Uint8Array = Uint8Array.of(0xc5)
export const dropBlocks: Uint8Array = Uint8Array.of(0xc4)
/** Wakes the card together with response mode "disable suspend". */
export const wakeData: Uint8Array = Uint8Array.of(0, 0)

export const commandCode = {
  start: 0x0000,
  getPinStates: 0x0001,
  initializePins: 0x0002,
  authenticateUser: 0x0003,
  unblockUser: 0x0004,
  logout: 0x0005,
  initialize: 0x0006,
  updateTime: 0x0007,
  getSerialNumbers: 0x0008,
  mapErsToKey: 0x0009,
  startTransaction: 0x000a,
  updateTransaction: 0x000b,
  finishTransaction: 0x000c,
  exportData: 0x000d,
  getCertificates: 0x000e,
  readLogMessage: 0x000f,
  erase: 0x0010,
  getConfigData: 0x0011,
  getStatus: 0x0012,
  exportMoreData: 0x0016,
  getErsMappings: 0x0017,
  getKeyData: 0x0018,
  deleteDataUpTo: 0x001b,
} as const

/** One parameter of a command or answer. Numbers wider than a SHORT travel as byte arrays. */
export type Parameter =
  | { type: 'byte'; value: number }
  | { type: 'bytes'; value: Uint8Array }
  | { type: 'short'; value: number }
  | { type: 'text'; value: string }
  | { type: 'longs'; value: readonly number[] }
  /** A type that only newer firmware has; it is skipped. */
  | { type: 'other'; value: Uint8Array }

const parameterTypes = { 1: 'byte', 2: 'bytes', 3: 'short', 4: 'text', 5: 'longs' } as const

/** The block of a request, padded to whole sectors. Throws `data_too_long`. */
export function encodeRequest(data: Uint8Array, mode: number = responseMode.normal): Buffer {
  if (data.length > COMMAND_DATA_MAX)
    throw new DeviceError('data_too_long', 'none', `a command holds at most ${COMMAND_DATA_MAX} bytes`)
  const block = Buffer.alloc(Math.ceil((REQUEST_START + data.length) / SECTOR_BYTES) * SECTOR_BYTES)
  header.copy(block)
  block.writeUInt32BE(TOKEN, 28)
  block.writeUInt16BE(data.length, 32)
  block.writeUInt16BE(mode, 34)
  block.set(data, REQUEST_START)
  return block
}

/** The request in the card's file; undefined if there is no request. */
export function decodeRequest(block: Uint8Array): { mode: number; data: Buffer } | undefined {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength)
  if (bytes.length < SECTOR_BYTES || !bytes.subarray(0, 28).equals(header)) return undefined
  if (bytes.readUInt32BE(28) === 0) return undefined
  const length = bytes.readUInt16BE(32)
  if (REQUEST_START + length > bytes.length) return undefined
  return { mode: bytes.readUInt16BE(34), data: Buffer.from(bytes.subarray(REQUEST_START, REQUEST_START + length)) }
}

/** The card's answer, written over the block of the request, whose own bytes follow it. */
export function encodeAnswer(request: Uint8Array, answer: Uint8Array | 'busy'): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES)
  block.set(request.subarray(0, BLOCK_BYTES))
  header.copy(block)
  block.writeUInt32BE(0, 28)
  block.writeUInt16BE(answer === 'busy' ? BUSY : answer.length, 32)
  if (answer !== 'busy') block.set(answer, ANSWER_START)
  return block
}

/** The announced parts of blocks, for a recording: the rest is padding, and older bytes. */
export const announced = {
  /** Empty for the block that clears the file. */
  sent: (block: Buffer): Buffer => {
    const isRequest = block.subarray(0, header.length).equals(header)
    return block.subarray(0, isRequest ? REQUEST_START + block.readUInt16BE(32) : 0)
  },
  /** Undefined for a pending answer. The first sector of an invalid block. */
  heard: (block: Buffer): Buffer | undefined => {
    const head = block.subarray(0, header.length)
    if (head.every((byte) => byte === 0)) return undefined
    if (!head.equals(header)) return block.subarray(0, SECTOR_BYTES)
    const length = block.readUInt16BE(32)
    if (block.readUInt32BE(28) === TOKEN || length === BUSY) return undefined
    return block.subarray(0, ANSWER_START + (length > ANSWER_DATA_MAX ? 0 : length))
  },
}

/** A block as read: nothing yet, or the data of an answer. Throws for errors of the card's controller. */
export function decodeAnswer(block: Buffer): 'pending' | Buffer {
  const head = block.subarray(0, 28)
  if (head.every((byte) => byte === 0)) return 'pending'
  if (!head.equals(header)) throw new DeviceError('garbled', 'unknown', 'the block has not the header of the card')
  if (block.readUInt32BE(28) === TOKEN) return 'pending'
  const length = block.readUInt16BE(32)
  if (length === BUSY) return 'pending'
  if (length === 0xff45) throw new DeviceError('timeout', 'unknown', 'the card waited in vain for its TSE', 'ff45')
  if (length > ANSWER_DATA_MAX)
    throw new DeviceError('unavailable', 'unknown', 'the controller of the card reports an error', hex4(length))
  return block.subarray(ANSWER_START, ANSWER_START + length)
}

export function encodeCommand(code: number, parameters: readonly Parameter[] = []): Buffer {
  const encoded = encodeParameters(parameters)
  const head = Buffer.alloc(6)
  head.writeUInt16BE(COMMAND_MARK, 0)
  head.writeUInt16BE(code, 2)
  head.writeUInt16BE(encoded.length, 4)
  return Buffer.concat([head, encoded])
}

/** Undefined if the bytes are not a command. */
export function decodeCommand(data: Buffer): { code: number; parameters: readonly Parameter[] } | undefined {
  if (data.length < 6 || data.readUInt16BE(0) !== COMMAND_MARK) return undefined
  const length = data.readUInt16BE(4)
  if (length !== data.length - 6) return undefined
  return { code: data.readUInt16BE(2), parameters: decodeParameters(data.subarray(6)) }
}

/** The continuation of an answer after its first block. */
export type AnswerHead =
  | { kind: 'error'; code: number }
  | { kind: 'parameters'; bytes: number }
  | { kind: 'archive'; bytes: number }

/** Reads the beginning of an answer; `bytes` is the whole answer from its first byte, over all blocks. */
export function readAnswerHead(first: Buffer): AnswerHead {
  if (first.length === 0) return { kind: 'parameters', bytes: 0 }
  if (first.length < 2) throw new DeviceError('garbled', 'unknown', 'an answer of one byte')
  const code = first.readUInt16BE(0)
  if (code < 0x8000) return { kind: 'parameters', bytes: 2 + code }
  if (code !== ARCHIVE_MARK) return { kind: 'error', code }
  if (first.length < 10) throw new DeviceError('garbled', 'unknown', 'an archive without its length')
  return { kind: 'archive', bytes: 10 + Number(first.readBigUInt64BE(2)) }
}

export const ARCHIVE_HEAD_BYTES = 10

export function encodeParametersAnswer(parameters: readonly Parameter[]): Buffer {
  const encoded = encodeParameters(parameters)
  return Buffer.concat([u16(encoded.length), encoded])
}

export function encodeErrorAnswer(code: number): Buffer {
  return u16(code)
}

export function encodeArchiveHead(bytes: number): Buffer {
  const head = Buffer.alloc(ARCHIVE_HEAD_BYTES)
  head.writeUInt16BE(ARCHIVE_MARK, 0)
  head.writeBigUInt64BE(BigInt(bytes), 2)
  return head
}

function encodeParameters(parameters: readonly Parameter[]): Buffer {
  return Buffer.concat(parameters.flatMap((parameter) => encodeParameter(parameter)))
}

function encodeParameter(parameter: Parameter): Buffer[] {
  switch (parameter.type) {
    case 'byte':
      return framed(1, Uint8Array.of(parameter.value))
    case 'bytes':
      return framed(2, parameter.value)
    case 'short':
      return framed(3, u16(parameter.value))
    case 'text':
      return framed(4, Buffer.from(parameter.value, 'latin1'))
    case 'other':
      return framed(0, parameter.value)
    case 'longs':
      return framed(5, Buffer.concat(parameter.value.map((value) => u32(value))))
  }
}

function framed(type: number, value: Uint8Array): Buffer[] {
  return [Buffer.of(type), u16(value.length), Buffer.from(value.buffer, value.byteOffset, value.byteLength)]
}

/**
 * The parameters in these bytes. A last list whose announced length exceeds the data is cut, because GetStatus 2
 * announces wrong lengths. Throws `garbled` for a partial signature.
 */
export function decodeParameters(bytes: Buffer): readonly Parameter[] {
  const parameters: Parameter[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + 3 > bytes.length) break
    const type = parameterTypes[bytes[at] as keyof typeof parameterTypes] ?? 'other'
    const { valueAt, length } =
      type === 'longs' ? listAt(bytes, at) : { valueAt: at + 3, length: bytes.readUInt16BE(at + 1) }
    const value = bytes.subarray(valueAt, valueAt + length)
    if (value.length < length && type !== 'longs')
      throw new DeviceError('garbled', 'unknown', 'a parameter is longer than the answer')
    parameters.push(decodeParameter(type, value))
    at = valueAt + length
  }
  return parameters
}

/**
 * No list has two bytes: an announced length of two is followed by the length of the list, as another project for the
 * card reads it.
 */
function listAt(bytes: Buffer, at: number): { valueAt: number; length: number } {
  const length = bytes.readUInt16BE(at + 1)
  if (length !== 2 || at + 5 > bytes.length) return { valueAt: at + 3, length }
  return { valueAt: at + 5, length: bytes.readUInt16BE(at + 3) }
}

function decodeParameter(type: Parameter['type'], value: Buffer): Parameter {
  switch (type) {
    case 'byte':
      return { type, value: value[0] ?? 0 }
    case 'bytes':
    case 'other':
      return { type, value }
    case 'short':
      return { type, value: value.length < 2 ? 0 : value.readUInt16BE(0) }
    case 'text':
      return { type, value: value.toString('latin1') }
    case 'longs':
      return { type, value: Array.from({ length: Math.floor(value.length / 4) }, (_, i) => value.readUInt32BE(4 * i)) }
  }
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

export function hex4(value: number): string {
  return value.toString(16).padStart(4, '0')
}
