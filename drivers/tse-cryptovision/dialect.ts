import type { Dialect } from '../recording/dialect.ts'
import type { Parameter } from './codec.ts'
import {
  commandCode,
  decodeCommand,
  decodeRequest,
  dropBlocks,
  encodeCommand,
  nextBlock,
  responseMode,
} from './codec.ts'

/** Commands that read. Exports are not among them: they end that of another program. */
const READING: ReadonlySet<number> = new Set([
  commandCode.start,
  commandCode.getPinStates,
  commandCode.getSerialNumbers,
  commandCode.getCertificates,
  commandCode.readLogMessage,
  commandCode.getConfigData,
  commandCode.getStatus,
  commandCode.getErsMappings,
  commandCode.getKeyData,
])

/** Commands whose bytes are PINs and PUKs. */
const SECRET: ReadonlySet<number> = new Set([
  commandCode.initializePins,
  commandCode.authenticateUser,
  commandCode.unblockUser,
])

const SECTOR_BYTES = 512

export const CRYPTOVISION_DIALECT: Dialect = {
  reads: (sent) => {
    const request = requestIn(sent)
    // The block that clears the file.
    if (request === undefined) return sent === ''
    const { mode, data } = request
    const command = decodeCommand(data)
    if (command !== undefined) return READING.has(command.code)
    return mode === responseMode.disableSuspend || data.equals(nextBlock) || data.equals(dropBlocks)
  },
  answers: (recorded, heard, asked) => (wishOf(recorded) === wishOf(asked) ? heard : undefined),
  redacted: (text) => withoutBytes(text, SECRET),
}

/** Two times that are set are one question. */
function wishOf(text: string): string {
  return withoutBytes(text, new Set([...SECRET, commandCode.updateTime]))
}

/** The request with zeros for the bytes in its parameters, if it is one of those commands. */
function withoutBytes(text: string, commands: ReadonlySet<number>): string {
  const request = requestIn(text)
  const command = request && decodeCommand(request.data)
  if (request === undefined || command === undefined || !commands.has(command.code)) return text
  const data = encodeCommand(command.code, command.parameters.map(zeroed)).toString('latin1')
  return text.slice(0, text.length - request.data.length) + data
}

function zeroed(parameter: Parameter): Parameter {
  return parameter.type === 'bytes' ? { type: 'bytes', value: Buffer.alloc(parameter.value.length, '0') } : parameter
}

/** Undefined for an answer, which begins in the same way. */
function requestIn(text: string): ReturnType<typeof decodeRequest> {
  return decodeRequest(Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(SECTOR_BYTES)]))
}
