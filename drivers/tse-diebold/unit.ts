import type { Clock } from '../../base/clock.ts'
import type { TseUnit } from '../called-tse.ts'
import { DeviceError, withEffect } from '../errors.ts'
import type { DeviceSecrets } from '../ports/secrets.ts'
import type { RefusedPin, TseIdentity, TseSignature } from '../ports/tse.ts'
import { unlessEnded, unlessRefused } from '../refusals.ts'
import { RefusedPins } from '../refused-pins.ts'
import { plainSignature, pointOfKey, serialOfPoint } from '../tr03151/ecdsa.ts'
import { parseLogMessage } from '../tr03151/log-message.ts'
import { logTimeFormatIn } from '../tr03151/log-time.ts'
import { chainIn } from '../tr03151/recall.ts'
import type { DieboldBox } from './box.ts'
import { command, decodeBase64, decodeDate, decodeNumber, encodeDate } from './codec.ts'
import type { DieboldLine, SlotAccess } from './line.ts'
import type { SlotInfo } from './slot-info.ts'
import { slotInfoIn } from './slot-info.ts'

/** Lists and exports use different buffers, so that neither overwrites the other. */
const LIST_BUFFER = 2
const DATA_BYTES = 512
/**
 * The client under which the agent logs in; the unit requires one for every command. Each slot has its own, because in
 * a command without a slot the client identifies the slot.
 */
function managementClientOf(slot: string): string {
  return slot === '1' ? 'fiskal-edge' : `fiskal-edge-${slot}`
}
const MANAGEMENT_CLIENT = /^fiskal-edge(-\d+)?$/
/** The format of every unit seen so far. */
const USUAL_TIME_FORMAT = 'unixTime'
/** The answer to a login with the right PIN. */
const LOGGED_IN = [Buffer.from('0')]
/** A client of the production, in each unit as delivered. */
const FACTORY_CLIENT = 'DN TSEProduction ef82abcedf'
/** The list of clients is the admin's on some firmwares. */
const FOR_ADMIN: ReadonlySet<string | undefined> = new Set(['0110', '0111'])
const users = { admin: '1', timeAdmin: '2' } as const
type User = keyof typeof users
const pinNames = { admin: 'adminPin', timeAdmin: 'timeAdminPin' } as const

/** The commands of the unit with their values. */
export class DieboldUnit implements TseUnit {
  readonly #line: DieboldLine
  readonly #slot: string
  readonly #secrets: DeviceSecrets
  readonly #refusedPins: RefusedPins
  readonly #box: DieboldBox
  readonly #managementClient: string
  #serial: string | undefined
  #isListForAdmin = false

  constructor(
    { line, box, slot }: SlotAccess,
    secrets: DeviceSecrets,
    directory: string | undefined,
    clock: Pick<Clock, 'mono'>,
  ) {
    this.#refusedPins = new RefusedPins(directory, secrets, clock, (user) =>
      user === 'admin' ? pinNames.admin : pinNames.timeAdmin,
    )
    this.#line = line
    this.#box = box
    this.#slot = slot
    this.#managementClient = managementClientOf(slot)
    this.#secrets = secrets
  }

  /** Serial number in hex as of the last {@link identity} on this connection: no other unit may sign. */
  get serial(): string | undefined {
    return this.#serial
  }

  /** For a new connection: another unit may be in the slot. */
  forget(): void {
    this.#serial = undefined
  }

  async release(): Promise<boolean> {
    await this.giveUp()
    await this.#line.resetExport(this.#slot)
    return true
  }

  async restoreClient(clientId: string): Promise<boolean> {
    await this.setClient()
    if (!(await this.clients()).includes(clientId)) await this.registerClient(clientId)
    return true
  }

  /** For questions that the unit answers only with a client set: after power-up no client is set. */
  async setClient(): Promise<void> {
    this.#box.client = undefined
    await this.#useClient(this.#managementClient)
  }

  /**
   * The client stays until another is set, even by another slot. A box with several slots gets the slot named first: no
   * source documents whether a command without a slot goes to that of the client or to the one named last, so both must
   * match.
   */
  async #useClient(clientId: string): Promise<void> {
    if (this.#box.client === clientId) return
    this.#box.client = undefined
    if (this.#box.isShared && !this.#box.isNamed) await this.slotInfo()
    await this.#line.ask(command.setClientId, [clientId])
    this.#box.client = clientId
  }

  /** Before a question that names no slot. */
  async #useSlot(): Promise<void> {
    if (this.#box.isShared && this.#box.client === undefined) await this.setClient()
  }

  /** Starts a transaction without data, as DSFinV-K describes. */
  async start(clientId: string): Promise<TseSignature> {
    await this.#prepare(clientId, command.startInit, ['0', '', '0'], new Uint8Array())
    const [logTime, number, signer, counter, signature] = await this.#line.ask(command.startEnd)
    const signedBy = decodeBase64(signer).toString('hex')
    if (this.#serial !== undefined && this.#serial !== signedBy)
      throw new DeviceError('foreign', 'unknown', `${clientId} was signed for by the unit ${signedBy} of another slot`)
    return signed(decodeNumber(number), logTime, counter, signature)
  }

  async finish(transaction: number, clientId: string, processType: string, data: Uint8Array): Promise<TseSignature> {
    const parameters = [String(transaction), String(data.length), processType, '0']
    await this.#prepare(clientId, command.finishInit, parameters, data)
    const [logTime, counter, signature] = await this.#line.ask(command.finishEnd)
    return signed(transaction, logTime, counter, signature)
  }

  /**
   * The parts of a transaction command that sign nothing. If one is lost, the command is cancelled and begun again,
   * once. A failure here had no effect.
   */
  async #prepare(clientId: string, name: string, parameters: readonly string[], data: Uint8Array): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#useClient(clientId)
        await this.#line.ask(name, parameters)
        await this.#sendData(data)
        return
      } catch (error) {
        await this.giveUp()
        const isLost = error instanceof DeviceError && (error.code === 'timeout' || error.code === 'garbled')
        if (!isLost || tries > 1) throw withEffect(error, 'none')
      }
    }
  }

  async #sendData(data: Uint8Array): Promise<void> {
    for (let packet = 0; packet * DATA_BYTES < data.length; packet += 1) {
      const part = data.subarray(packet * DATA_BYTES, (packet + 1) * DATA_BYTES)
      await this.#line.ask(command.transactionData, [String(packet), Buffer.from(part).toString('base64')])
    }
  }

  /** Cancels a failed transaction command, so that the next one can begin. */
  async giveUp(): Promise<void> {
    this.#box.client = undefined
    if (this.#line.connected) await this.#line.voidOpenCommand().catch(() => undefined)
  }

  async openTransactions(clientId: string | undefined): Promise<readonly number[]> {
    await this.#useSlot()
    const parameters = clientId === undefined ? [] : [clientId]
    const values = await this.#line.askBuffered(command.getStartedTransactions, parameters, LIST_BUFFER)
    return values.filter((value) => value.toString('latin1').trim() !== '').map((value) => decodeNumber(value))
  }

  async clients(): Promise<readonly string[]> {
    if (this.#isListForAdmin) return this.#as('admin', () => this.#listed())
    try {
      return await this.#listed()
    } catch (error) {
      this.#isListForAdmin = error instanceof DeviceError && FOR_ADMIN.has(error.deviceCode)
      if (!this.#isListForAdmin) throw error
      return this.#as('admin', () => this.#listed())
    }
  }

  /** Without the client of the production. */
  async #listed(): Promise<readonly string[]> {
    const values = await this.#line.askBuffered(command.getRegisteredClients, [this.#slot], LIST_BUFFER)
    const clients = values.map((value) => value.toString('latin1').trimEnd())
    return clients.filter((client) => client !== '' && client !== FACTORY_CLIENT)
  }

  /** Without the agent's own client. */
  async tills(): Promise<readonly string[]> {
    return (await this.clients()).filter((client) => !MANAGEMENT_CLIENT.test(client))
  }

  /** Throws `unavailable` none for an empty slot. */
  async slotInfo(): Promise<SlotInfo> {
    const info = slotInfoIn(await this.#line.ask(command.getSlotInfo, [this.#slot]), this.#slot)
    this.#box.named()
    return info
  }

  async transactionCounts(): Promise<{ max: number; open: number }> {
    await this.#useSlot()
    const [max, open] = await this.#line.ask(command.getTransactionCount)
    return { max: decodeNumber(max), open: decodeNumber(open) }
  }

  async selfTestDueInMs(): Promise<number> {
    await this.#useSlot()
    const [seconds] = await this.#line.ask(command.getNextSelfTest)
    return decodeNumber(seconds) * 1000
  }

  async isSelfTestDue(): Promise<boolean> {
    return (await this.selfTestDueInMs()) <= 0
  }

  async identity(): Promise<TseIdentity> {
    const { algorithm } = await this.slotInfo()
    const key = await this.#line.askBuffered(command.getPublicKey, [this.#slot], LIST_BUFFER)
    const publicKey = pointOfKey(decodeBase64(key[1] ?? key[0]))
    const certificates = await this.#unlessRefused(command.getCertificates)
    const log = await this.#unlessRefused(command.getLastLog)
    this.#serial = serialOfPoint(publicKey).toString('hex')
    return {
      serial: this.#serial,
      publicKey,
      algorithm,
      // No command reports the time format of the logs: the last one shows it.
      timeFormat: log === undefined ? USUAL_TIME_FORMAT : logTimeFormatIn(parseLogMessage(log).time),
      certificates: certificates === undefined ? [] : await chainIn(certificates, publicKey),
    }
  }

  /** The last log of any kind, if it belongs to the transaction or is a start of the client. */
  async lastLog(transaction: number | undefined, client: string): Promise<TseSignature | undefined> {
    const log = await this.#unlessRefused(command.getLastLog)
    const message = log && parseLogMessage(log)
    if (message?.transaction === undefined) return undefined
    if (transaction === undefined ? message.clientId !== client : message.transaction !== transaction) return undefined
    return {
      transaction: message.transaction,
      signatureCounter: message.counter,
      logTimeMs: message.time.ms,
      signature: message.signature,
    }
  }

  /** Does not run a self-test to get the value, because the unit may belong to someone else. */
  #unlessRefused(name: string): Promise<Buffer | undefined> {
    return unlessRefused(async () => {
      const [value] = await this.#line.askBuffered(name, [this.#slot], LIST_BUFFER)
      return decodeBase64(value)
    })
  }

  async registerClient(clientId: string): Promise<void> {
    await this.#as('admin', async () => {
      await this.#useClient(clientId)
      await this.#line.ask(command.registerClient, [this.#slot])
    })
  }

  async deregisterClient(clientId: string): Promise<void> {
    await this.#as('admin', async () => {
      await this.#useClient(clientId)
      await this.#line.ask(command.deregisterClient, [this.#slot])
    })
  }

  /** Deletes the archive of that size, which must be the last export. */
  async deleteExported(archiveBytes: number): Promise<void> {
    await this.#as('admin', () => this.#line.askWatched(command.deleteExportedData, [this.#slot, String(archiveBytes)]))
  }

  async setTime(nowMs: number): Promise<void> {
    const setTime = () => this.#line.askSlow(command.updateTime, [encodeDate(nowMs)])
    await this.#as('timeAdmin', () => unlessEnded(setTime))
  }

  /** Registers its client first if it never was, if `registers` permits. */
  async selfTest(registers = true): Promise<void> {
    await this.#useClient(this.#managementClient)
    const [result] = await this.#line.askLong(command.runSelfTest, [this.#slot])
    if (decodeNumber(result) === 3 && registers) {
      await this.#as('admin', () => this.#line.ask(command.registerClient, [this.#slot]))
      return this.selfTest(false)
    }
    if (decodeNumber(result) !== 1) throw new DeviceError('out_of_service', 'none', 'the self-test of the unit failed')
  }

  admit<T>(command: () => Promise<T>, isInit: boolean): Promise<T> {
    return this.#refusedPins.admit(command, () => isInit)
  }

  /**
   * Sets up a new unit, or continues an interrupted set-up. False for an initialised one, which gets one login only.
   */
  async initialise(nowMs: number): Promise<boolean> {
    const { isInitialised } = await this.slotInfo()
    await this.#as('admin', async () => {
      if (isInitialised) return this.#introduce()
      await this.#line.ask(command.registerClient, [this.#slot])
      await this.selfTest()
      await this.#line.askLong(command.initialize, [this.#slot, ''])
      await this.#line.askSlow(command.updateTime, [encodeDate(nowMs)])
    })
    return !isInitialised
  }

  /** In a box with several slots each unit must know its own client, even if another program initialised it. */
  async #introduce(): Promise<void> {
    if (!this.#box.isShared || (await this.#listed()).includes(this.#managementClient)) return
    await this.#useClient(this.#managementClient)
    await this.#line.ask(command.registerClient, [this.#slot])
  }

  /** Logs in for one act and out again. */
  async #as<T>(user: User, act: () => Promise<T>): Promise<T> {
    await this.#logIn(user)
    try {
      return await act()
    } finally {
      await this.#logOut(user)
    }
  }

  logInTimeAdmin(): Promise<void> {
    return this.#logIn('timeAdmin')
  }

  logInAdmin(): Promise<void> {
    return this.#logIn('admin')
  }

  async logOut(): Promise<void> {
    await this.#logOut('timeAdmin')
    await this.#logOut('admin')
  }

  /** A refused PIN is not tried again, because the unit counts tries. */
  async #logIn(user: User): Promise<void> {
    const pin = await this.#secrets.read(pinNames[user])
    const setClient = () => this.#useClient(this.#managementClient)
    await this.#refusedPins.prepareAndLogIn(user, pin, setClient, async () => {
      const ask = () => this.#line.ask(command.login, [this.#slot, users[user], pin])
      const [result, triesLeft] = (await unlessEnded(ask)) ?? LOGGED_IN
      if (decodeNumber(result) > 1) throw loginError(user, decodeNumber(triesLeft))
    })
  }

  refusedPin(): Promise<RefusedPin | undefined> {
    const { read } = this.#secrets
    return this.#refusedPins.standing({ admin: () => read(pinNames.admin), timeAdmin: () => read(pinNames.timeAdmin) })
  }

  async #logOut(user: User): Promise<void> {
    await this.#useClient(this.#managementClient).catch(() => undefined)
    await this.#line.ask(command.logout, [this.#slot, users[user]]).catch(() => undefined)
  }
}

function loginError(user: string, triesLeft: number): DeviceError {
  return triesLeft === 0
    ? new DeviceError('pin_locked', 'none', `the PIN of ${user} is blocked: unblock it with the PUK`)
    : new DeviceError('pin_wrong', 'none', `the unit refused the PIN of ${user}: ${triesLeft} tries are left`)
}

function signed(
  transaction: number,
  logTime: Buffer | undefined,
  counter: Buffer | undefined,
  signature: Buffer | undefined,
): TseSignature {
  return {
    transaction,
    signatureCounter: decodeNumber(counter),
    logTimeMs: decodeDate(logTime),
    signature: plainSignature(decodeBase64(signature)),
  }
}
