import type { Dialect } from '../recording/dialect.ts'
import type { Request } from './codec.ts'
import { command, decodeRequests, encodeRequest } from './codec.ts'

/**
 * The commands that change no memory of the unit. Exports are not among them: they replace the buffer that a deletion
 * goes by. 509 sets the client of the connection, which questions without a slot need.
 */
const READING: ReadonlySet<string> = new Set([
  command.getMfcStatus,
  command.getCommandResponse,
  command.getSlotInfo,
  command.getCertificates,
  command.getLastLog,
  command.getPublicKey,
  command.getRegisteredClients,
  command.getTransactionCount,
  command.getStartedTransactions,
  command.getNextSelfTest,
  command.setClientId,
])

export const DIEBOLD_DIALECT: Dialect = {
  reads: (sent) => {
    const request = requestIn(sent)
    if (request === undefined) return false
    // Switched on, status messages would reach the next program.
    if (request.command === command.setAsb) return request.parameters[0] === '0'
    return READING.has(request.command)
  },
  answers: (recorded, heard, asked) => {
    const [former, request] = [requestIn(recorded), requestIn(asked)]
    if (former === undefined || request === undefined || wishOf(former) !== wishOf(request)) return undefined
    return [heard.join('').replaceAll(former.id, request.id)]
  },
  redacted: (text) => {
    const request = requestIn(text)
    if (request?.command !== command.login) return text
    const [slot = '', user = '', pin = ''] = request.parameters
    const parameters = [slot, user, '0'.repeat(pin.length)]
    return encodeRequest({ ...request, parameters }).toString('latin1')
  },
}

function requestIn(text: string): Request | undefined {
  return decodeRequests(Buffer.from(text, 'latin1')).requests[0]
}

/** Two times that are set are one question: the clock of a playing test has its own second. */
function wishOf({ command: name, parameters, buffer }: Request): string {
  return JSON.stringify([name, name === command.updateTime ? [] : parameters, buffer])
}
