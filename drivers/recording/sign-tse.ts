import { DeviceError } from '../errors.ts'
import type { TimeGate } from '../ports/time-gate.ts'
import type { Tse, TseIdentity, TseSignature } from '../ports/tse.ts'
import type { Say } from './step.ts'
import { step } from './step.ts'
import { isTestUnit } from './test-unit.ts'

/** Not the client of a register, whose logs an audit compares. */
const TEST_CLIENT = 'fiskal-edge-test'
/** The driver's own client on some units. */
const OWN_CLIENTS: ReadonlySet<string> = new Set([TEST_CLIENT, 'fiskal-edge'])

type Text = { processType: string; processData: Uint8Array }
type SignedText = Text & { start: TseSignature; finish: TseSignature }

/** The signed texts, and the unit that signed them. */
export type TseProof = { identity: TseIdentity; clientId: string; signed: readonly SignedText[] }

const OTHER_PROCESS = 'SonstigerVorgang'
const TEXTS = {
  plain: text('fiskal-edge device prove: no receipt, no sale'),
  umlauts: text('fiskal-edge device prove: kein Beleg, äöüß €'),
  long: text('fiskal-edge device prove: no receipt, no sale. '.repeat(20)),
  empty: { processType: '', processData: new Uint8Array() },
}

/**
 * The reason why this unit must not sign here; undefined if it may. An audit of the shop would report the log of a
 * transaction that no journal has, so only units without clients sign, and test units.
 */
export async function refusalToSign(unit: Tse, identity: TseIdentity, nowMs: number): Promise<string | undefined> {
  const { initialised, disabled, certificateExpiresAtMs } = await unit.health()
  if (!initialised) return 'the unit was not set up'
  if (disabled) return 'the unit was decommissioned'
  if (isTestUnit(identity)) return undefined
  if (identity.certificates.length === 0)
    return 'it shows no certificate before its self-test: let the till test it first'
  if (unit.keepsClients === true) return 'it removes no client: only test units of its kind are signed with'
  if (certificateExpiresAtMs < nowMs) return 'its certificate has ended'
  const client = (await unit.clients()).find((id) => !OWN_CLIENTS.has(id))
  if (client !== undefined) return 'it has a client: it belongs to a shop'
  for await (const transaction of foreignOpen(unit)) return `transaction ${transaction} is open`
  return undefined
}

/**
 * Signs eight times under a separate client, finishes each transaction and removes the client. The caller has opened
 * the unit, asked {@link refusalToSign}, and for a unit that is not for tests a person. After `stop` nothing is begun.
 */
export async function signTse(unit: Tse, time: TimeGate, say: Say, stop?: AbortSignal): Promise<TseProof> {
  const identity = await unit.identity()
  time.certified(identity.certificates, (await unit.health()).certificateExpiresAtMs)
  const signed: SignedText[] = []
  const others = new Set<number>()
  for await (const transaction of foreignOpen(unit)) others.add(transaction)
  if (stop?.aborted === true) throw new DeviceError('aborted', 'none', 'stopped before the first signature')
  await step(say, 'registers a client of this test', async (tell) => {
    await unit.registerClient(TEST_CLIENT)
    tell(TEST_CLIENT)
  })
  const sign = (words: string, act: () => Promise<readonly SignedText[]>) =>
    step(say, words, async (tell) => {
      if (stop?.aborted === true) return tell('stopped')
      const texts = await act()
      signed.push(...texts)
      for (const { start, finish } of texts)
        tell(`transaction ${start.transaction}, signatures ${start.signatureCounter} and ${finish.signatureCounter}`)
    })
  try {
    await sign('signs one transaction', async () => [await signedText(unit, TEXTS.plain)])
    await sign('signs two transactions at once', () => signedAtOnce(unit))
    await sign('signs one without data', async () => [await signedText(unit, TEXTS.empty)])
    await step(say, 'reads one again', (tell) => recalled(unit, signed, tell))
    if (!archivesAtOnce(unit)) await step(say, 'reads one from an archive', (tell) => archived(unit, signed, tell))
  } finally {
    await step(say, 'finishes what is open, and removes the client', (tell) => cleanUp(unit, others, tell))
  }
  return { identity, clientId: TEST_CLIENT, signed }
}

async function signedText(unit: Tse, { processType, processData }: Text): Promise<SignedText> {
  const start = await unit.start(TEST_CLIENT)
  const finish = await unit.finish(start.transaction, TEST_CLIENT, processType, processData)
  return { processType, processData, start, finish }
}

/** The second one is finished first. */
async function signedAtOnce(unit: Tse): Promise<readonly SignedText[]> {
  const [one, other] = [await unit.start(TEST_CLIENT), await unit.start(TEST_CLIENT)]
  const { umlauts, long } = TEXTS
  const otherEnd = await unit.finish(other.transaction, TEST_CLIENT, long.processType, long.processData)
  const oneEnd = await unit.finish(one.transaction, TEST_CLIENT, umlauts.processType, umlauts.processData)
  return [
    { ...long, start: other, finish: otherEnd },
    { ...umlauts, start: one, finish: oneEnd },
  ]
}

function archivesAtOnce({ exportsExclusively, resumesExports }: Tse): boolean {
  return exportsExclusively !== true || resumesExports === true
}

/** The question that settles an outcome after a lost answer: an archive, or the last log if an archive holds the unit. */
async function recalled(unit: Tse, signed: readonly SignedText[], tell: Say): Promise<void> {
  const isArchive = archivesAtOnce(unit)
  const finish = isArchive ? signed[0]?.finish : signed.at(-1)?.finish
  if (finish === undefined) return tell('nothing was signed')
  const log = isArchive
    ? (await unit.recall(finish.transaction, TEST_CLIENT))?.finish
    : await unit.lastLog?.(finish.transaction, TEST_CLIENT)
  tell(verdictOn(log, finish))
}

/** Written as measured, which is not compared: Swissbit's library writes the archive into a file, not over the line. */
async function archived(unit: Tse, [first]: readonly SignedText[], tell: Say): Promise<void> {
  if (first === undefined) return tell('measured: nothing was signed')
  try {
    const log = (await unit.recall(first.finish.transaction, TEST_CLIENT))?.finish
    tell(`measured: ${verdictOn(log, first.finish)}`)
  } catch (error) {
    if (error instanceof DeviceError && error.code === 'unavailable') throw error
    tell(`measured: ${error instanceof DeviceError ? error.code : 'no archive'}`)
  }
}

/** Open transactions that are not of this test; one of an interrupted test is finished with its own. */
async function* foreignOpen(unit: Tse): AsyncGenerator<number> {
  for (const transaction of await unit.openTransactions())
    if ((await unit.recall(transaction))?.clientId !== TEST_CLIENT) yield transaction
}

async function cleanUp(unit: Tse, others: ReadonlySet<number>, tell: Say): Promise<void> {
  const { processType, processData } = TEXTS.plain
  for (const transaction of await unit.openTransactions(TEST_CLIENT))
    if (!others.has(transaction)) await unit.finish(transaction, TEST_CLIENT, processType, processData)
  await unit.deregisterClient(TEST_CLIENT)
  if (unit.addedClient !== undefined) await unit.deregisterClient(unit.addedClient)
  tell(`open now: ${(await unit.openTransactions()).length}`)
}

function text(words: string): Text {
  return { processType: OTHER_PROCESS, processData: Buffer.from(words, 'utf8') }
}

function verdictOn(log: Pick<TseSignature, 'signature'> | undefined, { signature }: TseSignature): string {
  const isSame = log !== undefined && Buffer.from(log.signature).equals(signature)
  return isSame ? 'the same signature' : 'another one, or none'
}
