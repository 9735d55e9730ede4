/**
 * What nobody publishes, or what differs by model and firmware: a shop may override each value. The other values of
 * the protocol are in the codec.
 */
export type RchProfile = {
  /** Address the host sends; replies carry 01. */
  address: string
  protocol: string
  /** A NAK is believed only when nothing else follows it within this time: it may be noise. */
  nakQuietMs: number
  /** A frame that was refused with NAK was not executed and is sent again this often. */
  repeats: number
  busyPauseMs: number
  busyMs: number
  /** Between two looks at paper, cover or an unreachable line. */
  pollMs: number
  /** How long a document that has not begun waits for paper. */
  paperWaitMs: number
  textMax: number
  nonFiscalTextMax: number
  /** Last payment of the table: numbers beyond it would fall on it without an error. */
  tenders: number
  /** Payments that may exceed the rest. */
  changeTenders: readonly number[]
}

export const defaultProfile: RchProfile = {
  address: '01',
  protocol: 'N',
  nakQuietMs: 50,
  repeats: 3,
  busyPauseMs: 500,
  busyMs: 30_000,
  pollMs: 200,
  paperWaitMs: 3000,
  textMax: 36,
  nonFiscalTextMax: 48,
  tenders: 11,
  changeTenders: [1, 3, 5],
}

/** Beyond the last of the table a number would fall on the last one, without an error. */
export function hasTender({ tenders }: RchProfile, tender: number): boolean {
  return Number.isInteger(tender) && tender >= 1 && tender <= tenders
}

/** Time-outs of the configuration. */
export type RchTimeouts = { ackMs: number; replyMs: number; printMs: number; longMs: number; gapMs: number }

export const defaultTimeouts: RchTimeouts = {
  ackMs: 1000,
  replyMs: 5000,
  printMs: 30_000,
  longMs: 180_000,
  gapMs: 10_000,
}

const longCommands = ['=r', '=k', '=C10', '=C4', '=C8', '=x']
const printingCommands = ['=T', '=c', '=o', '=e', '=p']

function begins(command: string, beginnings: readonly string[]): boolean {
  return beginnings.some((beginning) => command.startsWith(beginning))
}

/** How long the reply to a command may take. */
export function replyMsOf(command: string, timeouts: RchTimeouts): number {
  if (begins(command, longCommands)) return timeouts.longMs
  if (begins(command, printingCommands)) return timeouts.printMs
  return timeouts.replyMs
}

/** True for commands that may be sent twice: enquiries, clear, key, end of document, texts of the memory, subtotal. */
export function isRepeatable(command: string): boolean {
  return command.startsWith('<</?') || /^=(K|C[0-5]|c|x|S)$/.test(command) || /^=C45\d\/\$0/.test(command)
}
