/**
 * Unpublished values, or ones that differ by model and firmware: the configuration may override each. The other values
 * of the protocol are in frame.ts.
 */
export type RchProfile = {
  /** Address the host sends; replies carry 01. */
  address: string
  protocol: string
  /** A NAK counts only if nothing else follows it within this time: it may be noise. */
  nakQuietMs: number
  /** A frame refused with NAK was not executed; it is sent again up to this often. */
  repeats: number
  busyPauseMs: number
  busyMs: number
  /** Time between two polls of paper, cover or an unreachable line. */
  pollMs: number
  /** How long a document that has not begun waits for paper. */
  paperWaitMs: number
  textMax: number
  nonFiscalTextMax: number
  /** Last payment of the table: the printer takes higher numbers as the last one, without an error. */
  tenderCount: number
  /**
   * Replaces the serial number if a return names no document: the word itself, or the first five characters of the printer's
   * own serial and zeros; `none` refuses such a return.
   */
  evidence: 'letters' | 'zeros' | 'none'
  /** Payments that may exceed the rest. The printer gives change for tickets (5) too, which the law forbids. */
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
  tenderCount: 11,
  evidence: 'letters',
  changeTenders: [1, 3],
}

/** The printer takes a number beyond the table as the last one, without an error. */
export function hasTender({ tenderCount }: RchProfile, tender: number): boolean {
  return Number.isInteger(tender) && tender >= 1 && tender <= tenderCount
}

/** Timeouts of the configuration. */
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

/** Limit for the reply to a command. */
export function replyMsOf(command: string, timeouts: RchTimeouts): number {
  if (begins(command, longCommands)) return timeouts.longMs
  if (begins(command, printingCommands)) return timeouts.printMs
  return timeouts.replyMs
}

/**
 * True for commands that are harmless if they are sent twice, so that the driver does not wait for their reply without an ACK:
 * enquiries, clear, key, end of document, texts of the memory, subtotal.
 */
export function needsNoReply(command: string): boolean {
  return command.startsWith('<</?') || /^=(K|C[0-5]|c|x|S)$/.test(command) || /^=C45\d\/\$0/.test(command)
}
