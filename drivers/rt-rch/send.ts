import { pause } from '../delay.ts'
import { DeviceError } from '../errors.ts'
import type { RtBaseline } from '../ports/rt-printer.ts'
import type { RtSent } from '../rt/unit.ts'
import type { DocumentPlan } from './document-commands.ts'
import { isPaperOrCover, rchRefusal } from './failures.ts'
import { nameOf } from './line.ts'
import type { RchOutcome } from './reply.ts'
import type { RchSession } from './session.ts'

/** Sends all commands of a document, in order. A lost reply is `unclear`; throws effect `none` if nothing was begun. */
export async function sendDocument(
  session: RchSession,
  plan: DocumentPlan,
  fresh: RtBaseline,
  signal: AbortSignal,
): Promise<RtSent> {
  const sent = await sendCommands(session, plan, fresh, signal)
  const { evidence } = plan
  if (evidence === undefined || sent.end !== 'refused' || sent.isBegun) return sent
  // Firmwares may not take the form in which a return names evidence.
  const message = `${sent.error.message}: its evidence was sent as ${evidence} (profile.evidence)`
  return { ...sent, error: sent.error.toldAs({ message }) }
}

async function sendCommands(
  session: RchSession,
  { commands, totalCents }: DocumentPlan,
  fresh: RtBaseline,
  signal: AbortSignal,
): Promise<RtSent> {
  const firstPayment = commands.findIndex((command) => command.startsWith('=T'))
  for (const [index, command] of commands.entries()) {
    const isBegun = index > 0
    try {
      if (index === firstPayment && !(await isWhole(session, totalCents, fresh, signal))) return { end: 'unclear' }
      const outcome = await runWithPaper(session, command, isBegun, signal)
      if (outcome.done) continue
      // A document of one command: its outcome is asked, whatever the refusal says.
      return endAfter(command, outcome, isBegun || commands.length === 1)
    } catch (error) {
      if (!(error instanceof DeviceError) || (!isBegun && error.effect === 'none')) throw error
      return { end: 'unclear' }
    }
  }
  return { end: 'done' }
}

/**
 * A power blink between two commands loses the open document without any lost reply, and the next line silently opens
 * another one. So before the payment the subtotal and the power losses must match.
 */
async function isWhole(
  session: RchSession,
  totalCents: bigint,
  fresh: RtBaseline,
  signal: AbortSignal,
): Promise<boolean> {
  const subtotal = (await session.ask('S', signal)).trim()
  if (!/^-?\d{1,12}$/.test(subtotal) || BigInt(subtotal) !== totalCents) return false
  return (await session.count('0', signal)) === fresh.restores
}

function endAfter(command: string, outcome: RchOutcome, isBegun: boolean): RtSent {
  if (mustBeAsked(command, outcome)) return { end: 'unclear' }
  return { end: 'refused', error: rchRefusal(outcome, nameOf(command)), isBegun: isBegun }
}

/** EG0005 in the middle of our list: the open document vanished. A closing payment at paper end may still be printed. */
function mustBeAsked(command: string, outcome: RchOutcome): boolean {
  return outcome.code === 'EG0005' || outcome.code === 'EG0051' || (command.startsWith('=T') && isPaperOrCover(outcome))
}

/**
 * A command without paper or with an open cover was not executed: it is repeated after the printer is ready. Waits
 * until cancelled once the document has begun.
 */
async function runWithPaper(
  session: RchSession,
  command: string,
  isBegun: boolean,
  signal: AbortSignal,
): Promise<RchOutcome> {
  const { pollMs, paperWaitMs } = session.profile
  let outcome = await runAfterTransmission(session, command, signal)
  for (let waitedMs = 0; !outcome.done && isPaperOrCover(outcome) && !command.startsWith('=T'); waitedMs += pollMs) {
    if (!isBegun && waitedMs >= paperWaitMs) break
    await pause(session.clock, pollMs, signal)
    if (await session.obstacle(signal)) continue
    await session.order('=K', signal)
    outcome = await session.run(command, signal)
  }
  return outcome
}

/** Too many files are waiting for the tax office: they are sent once, then the command is repeated. */
async function runAfterTransmission(session: RchSession, command: string, signal: AbortSignal): Promise<RchOutcome> {
  const outcome = await session.run(command, signal)
  if (outcome.code !== 'ES0031') return outcome
  await session.transmit(signal)
  return await session.run(command, signal)
}
